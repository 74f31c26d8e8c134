"""Two searches side by side: where their outputs diverge, and how each scores the other's word there.

The two may be two models, one model with two settings, or one model with two sources. Models with different
vocabularies are compared by text: each segments the other's words into its own pieces.
"""

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

import torch

from seq2seq.explain.wording import percent, quoted
from seq2seq.search import SearchOptions
from seq2seq.session import Session
from seq2seq.text import END, PAD, START, Word, group_words
from seq2seq.trace import Trace, TraceHypothesis


@dataclass(frozen=True)
class DuelSide:
    """A session (model and source) and the trace of a search, which records the settings."""

    session: Session
    trace: Trace
    place: int = 0
    """Index of the search's output to compare, best first."""

    @property
    def output(self) -> TraceHypothesis:
        """The output to compare."""
        return self.trace.hypotheses[self.place]


class OutputWord(NamedTuple):
    """A word of a side's output; a finished output ends with </s>."""

    text: str
    log_prob: float  # natural log, summed over its pieces, given the prefix
    first_step: int  # counted from 1
    last_step: int


class AlignedWords(NamedTuple):
    """Two aligned words; None where one side has none."""

    one: OutputWord | None
    other: OutputWord | None

    @property
    def same(self) -> bool:
        """Whether both sides have the same word here."""
        return self.one is not None and self.other is not None and self.one.text == self.other.text


class Opinion(NamedTuple):
    """How one side scores both words where the outputs diverge. Log-probabilities are natural.

    The pieces compared are the first ones that differ between this side's word and the other's, in this side's
    vocabulary, given the common prefix.
    """

    own_word: str
    own_piece: str
    own_log_prob: float
    their_word: str
    their_piece: str
    their_log_prob: float
    their_rank: int  # from 1, among all pieces that a search can choose
    own_total: float  # of this side's whole output
    their_total: float  # of the other's whole output, by this side
    what_if: Trace | None  # this side's search with the other's word forced; None if that is longer than allowed


@dataclass(frozen=True)
class Duel:
    """Two outputs, aligned word by word."""

    rows: tuple[AlignedWords, ...]
    divergence: int | None
    """The row of the first word that differs; None if both outputs are the same."""
    common: str
    """Their common prefix."""
    opinions: tuple[Opinion | None, Opinion | None]
    """One for each side; None if one output was cut off, so that there is no word to compare."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """Where they diverge and how each scores the other's word."""
        if self.divergence is None:
            return ("Both say the same.",)
        sides = zip(("the first", "the second"), self.opinions, strict=True)
        where = f"after “{self.common}”" if self.common else "at the first word"
        return (f"They part {where}.", *(_opinion_sentence(name, each) for name, each in sides if each is not None))


@dataclass(frozen=True)
class _Output:
    """A side's output."""

    tokens: list[int]
    words: list[Word]
    output_words: list[OutputWord]


def duel(one: DuelSide, other: DuelSide) -> Duel:
    """Return the outputs of two searches, aligned, and how each side scores both words where they diverge.

    Up to the divergence the rows are paired by position; after it, equal words are aligned.
    Raises TraceError if a trace was made by another model than its side's.
    """
    for side in (one, other):
        side.session.require_own(side.trace)
    said = (_said(one), _said(other))
    texts = [[word.text for word in each.output_words] for each in said]
    same = [a == b for a, b in zip(*texts, strict=False)]
    common = same.index(False) if False in same else len(same)
    rows = _rows(said[0].output_words, said[1].output_words, common)
    if common == len(rows):
        return Duel(rows, None, one.output.text, (None, None))
    before = said[0].tokens[: _start(said[0], common)]
    opinions = (
        _opinion(one, said[0], _retokenised(one, other, said[1], common), common),
        _opinion(other, said[1], _retokenised(other, one, said[0], common), common),
    )
    return Duel(rows, common, one.session.text(before), opinions)


def _said(side: DuelSide) -> _Output:
    trace = side.trace
    path = trace.path(side.output.leaf)
    words = group_words([trace.nodes.piece[n] for n in path]) if path else []
    log_probs = [trace.nodes.log_prob[n] for n in path]
    output_words = [OutputWord(w.text, sum(log_probs[w.first : w.last]), w.first + 1, w.last) for w in words]
    return _Output([trace.nodes.token[n] for n in path], words, output_words)


def _rows(one: list[OutputWord], other: list[OutputWord], common: int) -> tuple[AlignedWords, ...]:
    """Return the first `common` words paired by position, and the rest with equal words aligned."""
    rows = [AlignedWords(*pair) for pair in zip(one[:common], other[:common], strict=True)]
    rest = (one[common:], other[common:])
    texts = [[word.text for word in each] for each in rest]
    for _, a, b, c, d in SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_opcodes():
        rows += [AlignedWords(*pair) for pair in zip_longest(rest[0][a:b], rest[1][c:d])]
    return tuple(rows)


def _start(said: _Output, word: int) -> int:
    """Return the number of tokens before a word."""
    return said.words[word].first if word < len(said.words) else len(said.tokens)


def _retokenised(listener: DuelSide, speaker: DuelSide, said: _Output, common: int) -> list[int]:
    """Return the speaker's output from word `common` on, in the listener's tokens."""
    own_vocabulary, other_vocabulary = (side.session.vocabulary for side in (listener, speaker))
    if own_vocabulary.proto == other_vocabulary.proto:
        return said.tokens[_start(said, common) :]
    tokens = listener.session.tokens(speaker.output.text)
    words = group_words(own_vocabulary.pieces(tokens)) if tokens else []
    heard = tokens[words[common].first :] if common < len(words) else []
    return [*heard, END] if speaker.output.finished else heard


def _opinion(side: DuelSide, said: _Output, heard: list[int], common: int) -> Opinion | None:
    """Return how `side` scores the tokens `heard` instead of its own from word `common` on."""
    start = _start(said, common)
    before, own = said.tokens[:start], said.tokens[start:]
    differs = [a != b for a, b in zip(own, heard, strict=False)]
    if True not in differs:  # one of them was cut off, so there is no piece to compare
        return None
    place = differs.index(True)
    pieces = side.session.pieces
    own_words, words = (group_words(pieces(tokens)) for tokens in (own, heard))
    # If the other's whole word is a prefix of this side's, the next piece is what differs.
    forced = [*before, *heard[: max(words[0].last, place + 1)]]
    own_log_probs, their_log_probs, rank = _forced(side, before, own, heard, place)
    own_piece, their_piece = pieces([own[place], heard[place]])
    return Opinion(
        own_word=own_words[0].text,
        own_piece=own_piece,
        own_log_prob=own_log_probs[start + place],
        their_word=words[0].text,
        their_piece=their_piece,
        their_log_prob=their_log_probs[start + place],
        their_rank=rank,
        own_total=sum(own_log_probs),
        their_total=sum(their_log_probs),
        what_if=_continued(side, forced),
    )


@torch.inference_mode()
def _forced(
    side: DuelSide, before: list[int], own: list[int], heard: list[int], place: int
) -> tuple[list[float], list[float], int]:
    """Return the log-probabilities of both outputs, and the rank of heard[place]."""
    decoder, memory = side.session.require_single("A duel")
    values = []
    for tokens in ([*before, *own], [*before, *heard]):
        labels = memory.mask.new_tensor([tokens], dtype=torch.long)
        decoder_input = torch.cat([torch.full_like(labels[:, :1], START), labels[:, :-1]], 1)
        log_probs = decoder.unroll(decoder_input, memory).logits[0].float().log_softmax(-1)
        values.append(log_probs.gather(1, labels[0][:, None]).squeeze(1).tolist())
    row = log_probs[len(before) + place]  # both outputs are identical up to there
    row[[PAD, START]] = float("-inf")
    token = heard[place]
    ahead = (row > row[token]) | ((row == row[token]) & (torch.arange(len(row), device=row.device) < token))
    return values[0], values[1], 1 + int(ahead.sum())


def _continued(side: DuelSide, forced: list[int]) -> Trace | None:
    options: SearchOptions = side.trace.options
    longest = options.max_length or 2 * len(side.trace.source.pieces) + 10
    if len(forced) > longest:
        return None
    options = options.model_copy(update={"prefix": tuple(forced)})
    return side.session.trace(options)


def _opinion_sentence(name: str, opinion: Opinion) -> str:
    """Return a sentence with the probability and rank that one side gives the other's word."""
    whole = opinion.own_word != opinion.own_piece.removeprefix("▁") or (
        opinion.their_word != opinion.their_piece.removeprefix("▁")
    )
    pieces = f", in pieces {quoted(opinion.own_piece)} and {quoted(opinion.their_piece)}" if whole else ""
    return (
        f"Where {name} has {quoted(opinion.own_word)} ({percent(opinion.own_log_prob)}), it gives "
        f"{quoted(opinion.their_word)} {percent(opinion.their_log_prob)} and rank {opinion.their_rank}{pieces}."
    )
