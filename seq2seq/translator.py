"""`Translator`: a checkpoint that translates, scores and traces. What `seq2seq.load` returns."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import torch

from seq2seq.checkpoint import Checkpoint, read_checkpoint
from seq2seq.data.batches import padded_runs, source_batch
from seq2seq.errors import ConfigError, EmptySourceError, SourceTooLongError
from seq2seq.folders import as_folder
from seq2seq.models import CachedInputProjections
from seq2seq.models.layout import lay_out_for_steps
from seq2seq.models.quantise import quantised
from seq2seq.scoring import score_pairs
from seq2seq.search import (
    SENTENCE_STRIDE,
    Ensemble,
    Hypothesis,
    Mode,
    SearchOptions,
    forced_log_probs,
    search,
)
from seq2seq.session import Sentence, Session, search_options
from seq2seq.text import END, START, UNKNOWN, Tokenizer, split_sentences, typeset
from seq2seq.text.given import as_lines, as_pairs
from seq2seq.trace import Edit, ModelName, Trace, alignment, text_source
from seq2seq.translation import REFUSED, DecodedHypothesis, Translation, joined

# Longer sources than any training pair only make a recurrent model ramble; they are cut at words, well below
# that, since a rambling search is as long as it is allowed to be.
LONGEST_SOURCE = 100
_CUT_SOURCE = 50
# Whatever has no stop for so many pieces is no sentence of any language, and would take minutes to ramble over.
LONGEST_SENTENCE = 500
_READ_AHEAD = 2048  # lines that are sorted by length together
_BATCH_TOKENS = 2000  # source pieces times slots in one search


class Translator:
    """A translation model with its two tokenizers. It never changes, so threads may share it."""

    def __init__(
        self, checkpoint: Checkpoint, name: str, *, int8: bool = False, others: Sequence[Checkpoint] = ()
    ) -> None:
        """others: models with the same vocabularies that have a say in `translate` and `stream`."""
        self.checkpoint = checkpoint
        self.name = name
        self.config = checkpoint.config
        self.model = checkpoint.model
        decoders = [quantised(each.model.decoder) if int8 else each.model.decoder for each in (checkpoint, *others)]
        self._decoder = decoders[0]
        self._members = list(zip([self.model, *(each.model for each in others)], decoders, strict=True))

    @classmethod
    def load(
        cls, folder: str | Path, device: str = "cpu", *, int8: bool = False, others: Sequence[Path] = ()
    ) -> "Translator":
        """Return the model of a checkpoint folder.

        int8: search with 8-bit products, on the processor alone; scoring and explaining stay float32.
        others: folders of models that translate together with it, by the mean of their probabilities.
        Raises CheckpointError if one can't be read, ConfigError if int8 is not to be had or vocabularies differ.
        """
        folder = as_folder(folder)
        if int8 and device != "cpu":
            raise ConfigError(f"int8 runs on the processor alone, not on {device}; leave one of them out.")
        checkpoints = [read_checkpoint(each) for each in (folder, *others)]
        for path, checkpoint in zip((folder, *others), checkpoints, strict=True):
            if checkpoint.config.vocabulary != checkpoints[0].config.vocabulary:
                raise ConfigError(
                    f"{path} has other vocabularies than {folder}; only models that share them decide together."
                )
            checkpoint.model.to(device)
            if device == "cpu":
                lay_out_for_steps(checkpoint.model.decoder)
        return cls(checkpoints[0], folder.resolve().name, int8=int8, others=checkpoints[1:])

    def options(self, mode: Mode | None = None, **common: int | None) -> SearchOptions:
        """Return search options; the default mode is a beam of 5 with the model's own alpha.

        Raises ConfigError that names what is not possible.
        """
        return search_options(self.config.alpha, mode, **common)

    def translate(self, lines: str | Sequence[str], options: SearchOptions | None = None) -> list[Translation]:
        """Return the best translation of each line; of an empty line an empty one. A lone text is one line.

        A line that is too long to be translated gets an empty translation that is not finished, and a warning.
        Raises ConfigError if a line is no text.
        """
        found = []
        try:
            for best in self.stream(as_lines(lines), options):
                found.append(best[0])
        except SourceTooLongError as problem:  # raised when all others are done
            warnings.warn(str(problem), stacklevel=2)
        return found

    def stream(
        self,
        lines: Iterable[str],
        options: SearchOptions | None = None,
        first_line: int = 0,
        *,
        replace_unknown: bool = False,
    ) -> Iterator[list[Translation]]:
        """Yield the n best translations of each line, in order, holding some thousand lines at a time.

        A line of several sentences is translated sentence by sentence; its k-th translation joins the k-th of
        each. first_line: the number of the first line, for the seed of a sample. replace_unknown: the source word
        that got the most attention stands in for an unknown one (Luong et al. 2015b, section 3.3).
        A sentence of over LONGEST_SENTENCE pieces leaves its line empty and not finished, and when all other lines
        are done SourceTooLongError is raised, which names the first such line.
        Raises ConfigError if a line is no text, or unknown words can't be replaced.
        """
        if replace_unknown:
            self._require_unknowns()
        options = options or self.options()
        remaining = iter(as_lines(lines))
        refused: list[str] = []
        cached = [CachedInputProjections(*member) for member in self._members]
        searcher = _Searcher(cached[0] if len(cached) == 1 else Ensemble(cached), replace_unknown)
        while block := list(islice(remaining, _READ_AHEAD)):
            yield from self._block(block, options, first_line, refused, searcher)
            first_line += len(block)
        if refused:
            raise SourceTooLongError(f"{refused[0]} All other lines are translated.")

    def _block(
        self, lines: Sequence[str], options: SearchOptions, first: int, refused: list[str], searcher: "_Searcher"
    ) -> Iterator[list[Translation]]:
        texts: list[str] = []
        seeds: list[int] = []
        spans: list[tuple[int, int] | None] = []
        for number, line in enumerate(lines, first):
            try:
                segments = self.segments(line)
            except SourceTooLongError as failure:
                refused.append(f"Line {number + 1}: {failure}")
                spans.append(None)
                continue
            spans.append((len(texts), len(texts) + len(segments)))
            texts += segments
            seeds += [number + place * SENTENCE_STRIDE for place in range(len(segments))]
        sources = [self.checkpoint.source.encode(text) for text in texts]
        found: list[list[DecodedHypothesis]] = [[] for _ in sources]
        order = sorted(range(len(sources)), key=lambda i: len(sources[i]))
        for part in padded_runs(order, [len(ids) + 1 for ids in sources], _BATCH_TOKENS // options.width):
            memory = self.encode([sources[i] for i in part], searcher.model)
            results = search(searcher.model, memory, options, lines=[seeds[i] for i in part])
            for index, hypotheses in zip(part, results, strict=True):
                found[index] = [
                    DecodedHypothesis(one, self._shown(one, texts[index], searcher)) for one in hypotheses
                ]
        for span in spans:
            yield [REFUSED] if span is None else joined(found[slice(*span)])

    def segments(self, text: str) -> list[str]:
        """Return the sentences of `text`; one of more than LONGEST_SOURCE pieces is cut at words.

        Raises SourceTooLongError if one has more than LONGEST_SENTENCE pieces.
        """
        cut = []
        for sentence in split_sentences(*as_lines([text])):
            pieces = len(self.checkpoint.source.encode(sentence))
            if pieces > LONGEST_SENTENCE:
                raise SourceTooLongError(
                    f"The sentence “{sentence[:30]}…” has {pieces:,} pieces and {LONGEST_SENTENCE} is the most; "
                    "put stops or line ends into it."
                )
            cut += [sentence] if pieces <= LONGEST_SOURCE else self._cut(sentence)
        return cut

    def too_long(self, lines: Sequence[str]) -> list[int]:
        """Return the places of the lines with a sentence of over LONGEST_SENTENCE pieces."""
        places = []
        for place, line in enumerate(lines):
            try:
                self.segments(line)
            except SourceTooLongError:
                places.append(place)
        return places

    def require_translatable(self, lines: Sequence[str]) -> None:
        """Raise SourceTooLongError for the first line that can't be translated, before any work."""
        for number, line in enumerate(lines, 1):
            try:
                self.segments(line)
            except SourceTooLongError as failure:
                raise SourceTooLongError(f"Line {number}: {failure}") from None

    def _cut(self, sentence: str) -> list[str]:
        if len(self.checkpoint.source.encode(sentence)) <= _CUT_SOURCE:
            return [sentence]
        middle = len(sentence) // 2
        space = sentence.rfind(" ", 1, middle)
        at = space if space > 0 else middle
        # A single character can be several byte pieces, but never as many as _CUT_SOURCE.
        return [
            piece for half in (sentence[:at], sentence[at:]) if half.strip() for piece in self._cut(half.strip())
        ]

    def source_ids(self, text: str) -> list[int]:
        """Return the ids of one sentence, without </s>.

        Raises EmptySourceError without text, and SourceTooLongError over LONGEST_SOURCE pieces.
        """
        (text,) = as_lines([text])
        ids = self.checkpoint.source.encode(text)
        if not ids:
            raise EmptySourceError("There is nothing to translate; type a sentence.")
        if len(ids) > LONGEST_SOURCE:
            raise SourceTooLongError(
                f"The sentence has {len(ids)} pieces, a trace takes {LONGEST_SOURCE}; shorten or split it."
            )
        return ids

    def trace(
        self,
        text: str,
        *,
        beam_size: int = 5,
        alpha: float | None = None,
        options: SearchOptions | None = None,
        edits: Sequence[Edit] = (),
    ) -> Trace:
        """Return everything that a search for one sentence did; beam_size 1 is greedy.

        edits: what is forced, as `Session.trace` has it.
        Raises ConfigError for an impossible beam or edit, EmptySourceError without text, and SourceTooLongError
        over LONGEST_SOURCE pieces.
        """
        if options is None:
            own = self.config.alpha if alpha is None else alpha
            options = search_options(own, None, beam_size, n_best=beam_size)
        return self.session(text).trace(options, edits)

    def session(self, text: str) -> Session:
        """Return one sentence in front of this model, ready to be searched, traced and explained.

        Raises EmptySourceError without text, and SourceTooLongError over LONGEST_SOURCE pieces.
        """
        ids = self.source_ids(text)
        # A lone surrogate (a byte of a command line that is not UTF-8) can't stand in a JSON file.
        text = text.encode("utf-8", "ignore").decode("utf-8")
        return Session(
            self._decoder,
            self.encode([ids]),
            self.checkpoint.target,
            search_options(self.config.alpha, n_best=5),
            text_source(text, self.checkpoint.source.pieces([*ids, END])),
            ModelName(name=self.name, digest=self.checkpoint.fingerprint),
            language=self.config.target,
            sentence=Sentence(tuple(ids), self.checkpoint.source, self.model),
        )

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[list[float]]:
        """Return the natural log-probability of each target token, </s> included, for (source, target) pairs.

        A source of several sentences is read sentence by sentence, as `translate` reads it, each beside its part of
        the target, which ends with a </s> of its own.
        Raises ConfigError if a pair is none, EmptySourceError if a source is empty, and SourceTooLongError if a
        sentence of a source has over LONGEST_SENTENCE pieces, or a part of a target more than any search finds.
        """
        return score_pairs(self, as_pairs(pairs))

    @property
    def vocabularies(self) -> tuple[Tokenizer, Tokenizer]:
        """Of source and target."""
        return self.checkpoint.source, self.checkpoint.target

    def forced(self, sources: Sequence[list[int]], targets: Sequence[list[int]]) -> list[list[float]]:
        """Return the natural log-probability of each token of each target, </s> included, given its source.

        Ids without start and end, on both sides.
        """
        found: list[list[float]] = [[] for _ in targets]
        order = sorted(range(len(targets)), key=lambda i: len(targets[i]))
        for part in padded_runs(order, [len(ids) + 1 for ids in targets], _BATCH_TOKENS):
            memory = self.encode([sources[i] for i in part])
            values = forced_log_probs(self.model.decoder, memory, [targets[i] for i in part])
            for index, row in zip(part, values, strict=True):
                found[index] = row
        return found

    def text(self, tokens: Sequence[int], unknown: Sequence[str] = ()) -> str:
        """Return target tokens as text, with French spacing where the target is French.

        unknown: what stands for each unknown word.
        """
        return typeset(self.checkpoint.target.decode(tokens, unknown), self.config.target)

    @torch.inference_mode()
    def encode(self, sources: Sequence[list[int]], reader: CachedInputProjections | Ensemble | None = None) -> Any:
        """Return what the decoder (or `reader`, in a search) reads; sources: ids of each, without </s>."""
        device = self.model.decoder.embedding.weight.device
        ids, mask = source_batch(sources)
        return (reader or self.model).encode(ids.to(device), mask.to(device))

    def _require_unknowns(self) -> None:
        """Raise ConfigError if the model knows no unknown words, or can't tell which source word stands for one."""
        if self.checkpoint.target.has_bytes:
            raise ConfigError(
                f"{self.name} spells every word from pieces and bytes, so none is unknown; leave --replace-unknown "
                "out."
            )
        if self.model.decoder.attention is None:
            raise ConfigError("This model has no attention to find a word in place of an unknown one by.")

    def _shown(self, found: Hypothesis, source: str, searcher: "_Searcher") -> str:
        """Return the text of what a search has found for one sentence.

        Raises ConfigError if unknown words are to be replaced and the model has no attention.
        """
        if not (searcher.replace_unknown and UNKNOWN in found.tokens):
            return self.text(found.tokens)
        looked = self._looked_at(found.tokens, self.checkpoint.source.encode(source), searcher.model)
        return self._copied(found.tokens, source, looked)

    def with_source_words(self, trace: Trace) -> str | None:
        """Return the text of the winner of a trace of this model, with source words in place of its unknown ones.

        As in `stream`, each is the word that got the most attention. None if no word is unknown, or the model has
        no attention to tell by.
        """
        tokens = [trace.nodes.token[node] for node in trace.path(trace.best.leaf)]
        looked = alignment(trace, words=False)
        if UNKNOWN not in tokens or looked is None:
            return None
        # The last weight of each row is that of </s>.
        return self._copied(tokens, trace.source.text, [row.index(max(row[:-1])) for row in looked.weights])

    def _copied(self, tokens: Sequence[int], source: str, looked: Sequence[int]) -> str:
        """Return the text of `tokens`, each unknown one as the source word that holds the piece it looked at."""
        words = self.checkpoint.source.words(source)
        owner = [word.text for word in words for _ in range(word.first, word.last)]
        places = [i for i, token in enumerate(tokens) if token == UNKNOWN]
        return self.text(tokens, [owner[looked[place]] for place in places])

    @torch.inference_mode()
    def _looked_at(
        self, tokens: Sequence[int], source: list[int], model: CachedInputProjections | Ensemble
    ) -> list[int]:
        """Return for each target token the source piece, </s> aside, that got the most attention."""
        memory = self.encode([source], model)
        state: Any = model.start(memory)
        found = []
        for token in (START, *tokens[:-1]):
            _, state, attention = model.step(torch.tensor([token], device=memory.mask.device), state, memory)
            if attention is None:  # `stream` has refused such a model
                raise ConfigError("This model has no attention to find a word in place of an unknown one by.")
            found.append(int(attention[0, : len(source)].argmax()))
        return found


class _Searcher(NamedTuple):
    """What a stream searches with."""

    model: CachedInputProjections | Ensemble
    replace_unknown: bool
