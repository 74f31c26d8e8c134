"""Attention surgery: what the output would have been, had the decoder attended elsewhere.

What a changed row affects depends on where the attention is applied. After the cell (Luong et al. 2015, eq. 5) the
context enters only the readout of its own step: without input feeding it never reaches the recurrent state, so
later words change only if another word is chosen at that step. With input feeding (section 3.3) the attentional
vector enters the next cell, and before the cell (Bahdanau et al. 2015, eq. 6) the context enters this one: there
every later step changes, whichever word is chosen. `Surgery.words` measures it under forced decoding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.errors import ConfigError
from seq2seq.explain.weights import renormalised
from seq2seq.explain.wording import percent, quoted
from seq2seq.models import Decoder
from seq2seq.search import ReplacedAttention, SearchOptions
from seq2seq.session import Session
from seq2seq.text import START, group_words
from seq2seq.trace import Trace, make_edit

_CANDIDATES = 6  # of each of the two distributions


class PieceProbability(NamedTuple):
    """A next piece with its natural log-probability before and after the operation."""

    token: int
    piece: str
    old: float
    new: float


class Change(NamedTuple):
    """The effect of the operation on a piece or word of the old translation, by forced decoding."""

    text: str
    first_step: int
    old: float  # natural log-probability before
    new: float  # and after
    divergence: float  # KL(old || new) of the next-piece distributions, nats, summed over a word's pieces


@dataclass(frozen=True)
class Surgery:
    """The effect of replacing attention rows."""

    step: int
    """The first step that was operated on, counted from 1."""
    divergence: float
    """KL(old || new) of its next-piece distribution, in nats."""
    candidates: tuple[PieceProbability, ...]
    """The most likely pieces of that step, before or after, sorted by their old probability."""
    pieces: tuple[Change, ...]
    """Each piece of the old translation from that step on."""
    words: tuple[Change, ...]
    """Each word of the old translation from the one with that step on."""
    old_text: str
    new: Trace
    """The search continued from the kept prefix with the rows replaced."""
    reach: str
    """What a changed row can affect in this kind of decoder, in one sentence."""

    @property
    def new_text(self) -> str:
        """The new translation."""
        return self.new.best.text

    @property
    def sentences(self) -> tuple[str, ...]:
        """What happened at the step, to later words, and to the translation."""
        outcome = (
            f"The translation stays “{self.old_text}”"
            if self.old_text == self.new_text
            else f"“{self.old_text}” becomes “{self.new_text}”"
        )
        return (_at_step(self), self.reach, outcome)


def operate(
    session: Session,
    options: SearchOptions,
    tokens_before: Sequence[int],
    rows: Mapping[int, Sequence[float]],
    old: Sequence[int] | None = None,
) -> Surgery:
    """Return what changes if attention `rows` are replaced and the search continues from `tokens_before`.

    rows: for each step, counted from 1, one weight for each source piece, </s> included; they are renormalised.
    options: their prefix is replaced by `tokens_before`. old: tokens of the translation to compare with, its end
    token included; None: the one that the same search finds with the attention unchanged.
    Raises ConfigError for a model without attention, for invalid rows or steps, and for an `old` that does not
    begin with `tokens_before`.
    """
    decoder, _ = session.require_single("Attention surgery")
    edit = make_edit(tokens_before, _checked(decoder, rows, session.memory.mask.shape[1]))
    options = options.model_copy(update={"prefix": tuple(tokens_before)})
    if old is None:
        before = session.trace(options)
        old = [before.nodes.token[node] for node in before.path(before.best.leaf)]
    step = min(rows)
    if step > len(old) or tuple(old[: len(tokens_before)]) != tuple(tokens_before):
        raise ConfigError(
            f"The old translation has {len(old)} tokens and must begin with the {len(tokens_before)} kept ones and "
            f"reach step {step}, the first to be changed; choose an earlier step or another prefix."
        )
    session.require_tokens(old)
    operated = ReplacedAttention(decoder, edit.rows)
    was, now = _distributions(session, old, (ReplacedAttention(decoder, {}), operated))
    pieces = _changes(session, old, was, now)
    return Surgery(
        step=step,
        divergence=pieces[step - 1].divergence,
        candidates=_candidates(session, was[step - 1], now[step - 1]),
        pieces=tuple(pieces[step - 1 :]),
        words=tuple(_by_word(pieces, step)),
        old_text=session.text(old),
        new=session.trace(options, [edit]),
        reach=_reach(decoder),
    )


def _checked(decoder: Decoder, rows: Mapping[int, Sequence[float]], places: int) -> dict[int, list[float]]:
    if decoder.attention is None:
        raise ConfigError("This model has no attention to operate on; choose one that has.")
    if not rows or min(rows) < 1:
        raise ConfigError(f"Weights are given for the steps {sorted(rows)}; name one, counted from 1.")
    return {step: list(renormalised(row, mask=[True] * places)) for step, row in rows.items()}


@torch.inference_mode()
def _distributions(session: Session, tokens: Sequence[int], decoders: Sequence[ReplacedAttention]) -> list[Tensor]:
    """Return each decoder's log-probabilities (target, vocabulary) at every step of forced tokens.

    All decode step by step, so that where nothing differs the numbers are bit-identical.
    """
    memory = session.memory
    decoder_input = memory.mask.new_tensor([[START, *tokens[:-1]]], dtype=torch.long)
    return [each.unroll(decoder_input, memory).logits[0].double().log_softmax(-1) for each in decoders]


def _changes(session: Session, tokens: Sequence[int], was: Tensor, now: Tensor) -> list[Change]:
    """Return the change of each token, given log-probabilities (target, vocabulary) before and after."""
    # A piece that can't come here has no share in the divergence: 0 log 0 is 0, not nan.
    shares = torch.where(was.isfinite(), was.exp() * (was - now), 0.0)
    # Rounding may give slightly negative values, which a KL divergence can't have.
    divergences = shares.sum(1).clamp_min(0).tolist()
    labels = torch.tensor(tokens, device=was.device)[:, None]
    old, new = (values.gather(1, labels).squeeze(1).tolist() for values in (was, now))
    pieces = session.pieces(tokens)
    return [
        Change(piece, step, *values)
        for step, (piece, *values) in enumerate(zip(pieces, old, new, divergences, strict=True), 1)
    ]


def _by_word(pieces: Sequence[Change], step: int) -> list[Change]:
    """Return the words from the one containing `step` on; each sums its pieces."""
    found = []
    for word in group_words([piece.text for piece in pieces]):
        own = pieces[word.first : word.last]
        if word.last >= step:
            old, new, divergence = (sum(values) for values in zip(*(piece[2:] for piece in own), strict=True))
            found.append(Change(word.text, own[0].first_step, old, new, divergence))
    return found


def _candidates(session: Session, was: Tensor, now: Tensor) -> tuple[PieceProbability, ...]:
    """Return the most likely pieces of either distribution (vocabulary,), by their old probability."""
    tokens = {token for values in (was, now) for token in values.topk(min(_CANDIDATES, len(was))).indices.tolist()}
    ordered = sorted(tokens, key=lambda token: (-float(was[token]), token))
    pieces = session.pieces(ordered)
    return tuple(
        PieceProbability(token, piece, float(was[token]), float(now[token]))
        for token, piece in zip(ordered, pieces, strict=True)
    )


def _reach(decoder: Decoder) -> str:
    if decoder.before:
        return "The context enters the cell, so a changed row changes the state and with it every later step."
    if decoder.input_feeding:
        return "The attentional vector enters the next step, so a changed row changes every later step."
    return (
        "The context enters only this step's readout, never the state, so a changed row changes later words only "
        "through a different word at this step."
    )


def _at_step(surgery: Surgery) -> str:
    """Return a sentence on how the most likely next piece changed."""
    first = max(surgery.candidates, key=lambda one: one.old)
    now = max(surgery.candidates, key=lambda one: one.new)
    moved = f"At step {surgery.step} the next-piece distribution moves by {surgery.divergence:.2f} nats"
    if first == now:
        return f"{moved}; {quoted(first.piece)} stays first, {percent(first.old)} → {percent(first.new)}."
    return (
        f"{moved}; {quoted(first.piece)} goes from {percent(first.old)} to {percent(first.new)}, and "
        f"{quoted(now.piece)} comes first with {percent(now.new)}."
    )
