"""`Translator`: a checkpoint that translates, scores and traces. What `seq2seq.load` returns."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import torch

from seq2seq.checkpoint import Checkpoint, read_checkpoint
from seq2seq.data.batches import padded_runs, source_batch
from seq2seq.errors import ConfigError, EmptySourceError, SourceTooLongError
from seq2seq.folders import as_folder
from seq2seq.foreign import language_warning
from seq2seq.models import CachedInputProjections, CompiledDecoder, Decoder, Precision, for_search
from seq2seq.scoring import given_parts, score_pairs
from seq2seq.search import SENTENCE_STRIDE, Ensemble, Hypothesis, Mode, SearchOptions, forced_log_probs, search
from seq2seq.segments import LONGEST_SOURCE, Segment, Segmenter
from seq2seq.session import Sentence, Session, search_options
from seq2seq.text import END, START, UNKNOWN, Prepared, Tokenizer, typeset
from seq2seq.text.arguments import as_lines, as_pairs
from seq2seq.trace import Edit, ModelName, Trace, alignment, text_source
from seq2seq.translation import REFUSED, DecodedHypothesis, Translation, copied, joined

_READ_AHEAD = 2048  # lines that are sorted by length together
_BATCH_TOKENS = 2000  # source pieces times slots in one search


class Translator:
    """A translation model with its two tokenizers. Immutable, so threads may share it.

    On a CPU the first search compiles the model, whose weights and device must then stay as they are.
    """

    def __init__(
        self, checkpoint: Checkpoint, name: str, *, int8: bool = False, others: Sequence[Checkpoint] = ()
    ) -> None:
        """others: ensemble members with the same vocabularies, used in `translate` and `stream`."""
        self.checkpoint = checkpoint
        self.name = name
        self.config = checkpoint.config
        self.model = checkpoint.model
        self._segmenter = Segmenter(checkpoint.preparation, checkpoint.source)
        self._models = [self.model, *(each.model for each in others)]
        self._precision: Precision = "int8" if int8 else "float32"

    @classmethod
    def load(
        cls, folder: str | Path, device: str = "cpu", *, int8: bool = False, others: Sequence[Path] = ()
    ) -> "Translator":
        """Return the model of a checkpoint folder.

        int8: search with 8-bit matrix products, on CPU only; scoring and explaining stay float32. Inputs are
        rounded to one scale for all sentences of a batch, so a translation can depend on its neighbours.
        others: folders of further ensemble members; probabilities are averaged.
        Raises CheckpointError if one can't be read, ConfigError if vocabularies differ or a GPU is to use int8.
        """
        folder = as_folder(folder)
        if int8 and device != "cpu":
            raise ConfigError(f"int8 runs on CPU only, not on {device}; leave one of them out.")
        checkpoints = [read_checkpoint(each) for each in (folder, *others)]
        for path, checkpoint in zip((folder, *others), checkpoints, strict=True):
            if checkpoint.config.vocabulary != checkpoints[0].config.vocabulary:
                raise ConfigError(
                    f"{path} has other vocabularies than {folder}; ensemble only models that share them."
                )
            checkpoint.model.to(device)
        return cls(checkpoints[0], folder.resolve().name, int8=int8, others=checkpoints[1:])

    @cached_property
    def _decoders(self) -> list[Decoder | CompiledDecoder]:
        """The decoders that search, of each member; compiled when the first search needs them."""
        return [for_search(model.decoder, self._precision) for model in self._models]

    @cached_property
    def _cached(self) -> CachedInputProjections | Ensemble:
        """What translates: the model, or all members."""
        cached = [CachedInputProjections(*each) for each in zip(self._models, self._decoders, strict=True)]
        return cached[0] if len(cached) == 1 else Ensemble(cached)

    def options(self, mode: Mode | None = None, **common: int | None) -> SearchOptions:
        """Return search options; the default mode is a beam of 5 with the model's own alpha.

        Raises ConfigError that names the invalid option.
        """
        return search_options(self.config.alpha, mode, **common)

    def translate(self, lines: str | Sequence[str], options: SearchOptions | None = None) -> list[Translation]:
        """Return the best translation of each line; an empty line gives an empty one. A single string is one line.

        A line that is too long to be translated gets an empty translation that is not finished, and a warning.
        Raises ConfigError if a line is not a string.
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
        """Yield the n best translations of each line, in order, reading about two thousand lines ahead.

        A line of several sentences is translated sentence by sentence; its k-th translation joins the k-th of
        each. first_line: the number of the first line, for the seed when sampling. replace_unknown: replace each
        <unk> by the source word with the highest attention weight (Luong et al. 2015b, section 3.3).
        A sentence of over LONGEST_SENTENCE pieces leaves its line empty and not finished; after all other lines
        SourceTooLongError is raised, which names the first such line.
        Raises ConfigError if a line is not a string, or unknown words can't be replaced.
        """
        if replace_unknown:
            self._require_unknowns()
        options = options or self.options()
        remaining = iter(as_lines(lines))
        refused: list[str] = []
        searcher = _Searcher(self._cached, replace_unknown)
        while block := list(islice(remaining, _READ_AHEAD)):
            yield from self._block(block, options, first_line, refused, searcher)
            first_line += len(block)
        if refused:
            raise SourceTooLongError(f"{refused[0]} All other lines are translated.")

    def _block(
        self, lines: Sequence[str], options: SearchOptions, first: int, refused: list[str], searcher: "_Searcher"
    ) -> Iterator[list[Translation]]:
        segments: list[Segment] = []
        seeds: list[int] = []
        spans: list[tuple[int, int] | None] = []
        for number, line in enumerate(lines, first):
            try:
                parts = self._segmenter(line)
            except SourceTooLongError as failure:
                refused.append(f"Line {number + 1}: {failure}")
                spans.append(None)
                continue
            spans.append((len(segments), len(segments) + len(parts)))
            segments += parts
            seeds += [number + place * SENTENCE_STRIDE for place in range(len(parts))]
        found: list[list[DecodedHypothesis]] = [
            [copied(each.prepared.text)] * options.n_best if each.prepared.is_copied else [] for each in segments
        ]
        order = sorted((i for i in range(len(segments)) if not found[i]), key=lambda i: len(segments[i].ids))
        lengths = [len(each.ids) + 1 for each in segments]
        for run in padded_runs(order, lengths, _BATCH_TOKENS // options.width):
            memory = self.encode([segments[i].ids for i in run], searcher.model)
            results = search(searcher.model, memory, options, lines=[seeds[i] for i in run])
            for index, hypotheses in zip(run, results, strict=True):
                found[index] = [self._shown(one, segments[index], searcher) for one in hypotheses]
        for span in spans:
            yield [REFUSED] if span is None else joined(found[slice(*span)])

    def segments(self, text: str) -> list[str]:
        """Return the sentences of `text`; one of more than LONGEST_SOURCE pieces is split at words.

        Raises SourceTooLongError if one has more than LONGEST_SENTENCE pieces.
        """
        return [segment.text for segment in self._segmenter(text)]

    def too_long(self, lines: Sequence[str]) -> list[int]:
        """Return the indices of the lines with a sentence of over LONGEST_SENTENCE pieces."""
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

    def prepared(self, sentence: str) -> Prepared:
        """Return a sentence as the model is given it, and what is put back into its output."""
        return self.checkpoint.preparation(sentence)

    def language_warning(self, text: str) -> str | None:
        """Return a sentence if `text` looks like another language than the model's; None if not, or too short."""
        return language_warning(text, self.config.source, self.checkpoint.known)

    def source_ids(self, text: str) -> list[int]:
        """Return the ids of one sentence as the model is given it, without </s>.

        Raises EmptySourceError without text to translate, and SourceTooLongError over LONGEST_SOURCE pieces.
        """
        (text,) = as_lines([text])
        _, prepared, ids = self._segmenter.read(text)
        if not ids:
            raise EmptySourceError("There is nothing to translate; type a sentence.")
        if prepared.is_copied:
            raise EmptySourceError(
                f"“{prepared.text[:30]}” has no words to translate, so it is copied; type a sentence."
            )
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
        """Return the trace of a search for one sentence; beam_size 1 is greedy.

        edits: what-if edits, as in `Session.trace`.
        Raises ConfigError for an impossible beam or edit, EmptySourceError without text, and SourceTooLongError
        over LONGEST_SOURCE pieces.
        """
        if options is None:
            own = self.config.alpha if alpha is None else alpha
            options = search_options(own, None, beam_size, n_best=beam_size)
        return self.session(text).trace(options, edits)

    def session(self, text: str) -> Session:
        """Return a session of one sentence with this model, ready to be searched, traced and explained.

        Raises EmptySourceError without text, and SourceTooLongError over LONGEST_SOURCE pieces.
        """
        ids = self.source_ids(text)
        # A lone surrogate (a byte of a command line that is not UTF-8) can't be stored in a JSON file.
        text = text.encode("utf-8", "ignore").decode("utf-8")
        prepared = self.prepared(text)
        return Session(
            self.model.decoder,
            self.encode([ids]),
            self.checkpoint.target,
            search_options(self.config.alpha, n_best=5),
            text_source(text, self.checkpoint.source.pieces([*ids, END]), prepared),
            ModelName(name=self.name, digest=self.checkpoint.fingerprint),
            prepared=prepared,
            search_decoder=self._decoders[0],
            sentence=Sentence(tuple(ids), self.checkpoint.source, self.model),
        )

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[list[float]]:
        """Return the natural log-probability of each target token, </s> included, for (source, target) pairs.

        A source of several sentences is split as in `translate`; each sentence is aligned with its part of the
        target, which ends with its own </s>.
        Raises ConfigError if an item is not a pair, EmptySourceError if a source is empty, and SourceTooLongError
        if a source sentence has over LONGEST_SENTENCE pieces, or a target part more than any search outputs.
        """
        return score_pairs(self, as_pairs(pairs))

    def target_pieces(self, source: str, target: str) -> list[str]:
        """Return the pieces of a target as `score` counts them: each part of it with its end token."""
        parts = given_parts(self, source, target)
        tokenizer = self.checkpoint.target
        return [piece for part in parts for piece in [*tokenizer.pieces(tokenizer.encode(part.target)), "</s>"]]

    @property
    def vocabularies(self) -> tuple[Tokenizer, Tokenizer]:
        """The tokenizers of source and target."""
        return self.checkpoint.source, self.checkpoint.target

    def forced(self, sources: Sequence[list[int]], targets: Sequence[list[int]]) -> list[list[float]]:
        """Return the natural log-probability of each token of each target, </s> included, given its source.

        Ids on both sides are without start and end.
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
        """Return target tokens as text, in the typography of the target language; see `Session.text`.

        unknown: the replacement of each unknown word. Placeholders stay.
        """
        return typeset(self.checkpoint.target.decode(tokens, unknown), self.config.target)

    @torch.inference_mode()
    def encode(self, sources: Sequence[list[int]], reader: CachedInputProjections | Ensemble | None = None) -> Any:
        """Return the memory for the decoder (or for `reader`, in a search); sources: ids of each, without </s>."""
        device = self.model.decoder.embedding.weight.device
        ids, mask = source_batch(sources)
        memory = (reader or self.model).encode(ids.to(device), mask.to(device))
        limits = self.checkpoint.limits(sources)
        return memory if limits is None else memory.with_limits(*(each.to(device) for each in limits))

    def _require_unknowns(self) -> None:
        """Raise ConfigError if the vocabulary never yields <unk>, or the model has no attention."""
        if self.checkpoint.target.has_bytes:
            raise ConfigError(
                f"{self.name} spells every word from pieces and bytes, so none is unknown; leave --replace-unknown "
                "out."
            )
        if self.model.decoder.attention is None:
            raise ConfigError("This model has no attention by which to replace unknown words.")

    def _shown(self, found: Hypothesis, source: Segment, searcher: "_Searcher") -> DecodedHypothesis:
        """Return a hypothesis for one sentence with its text, and what is missing in it.

        Raises ConfigError if unknown words are to be replaced and the model has no attention.
        """
        if searcher.replace_unknown and UNKNOWN in found.tokens:
            attended = self._attended_positions(found.tokens, source.ids, searcher.model)
            text = self._copied(found.tokens, source.prepared.masked.text, attended)
        else:
            text = self.checkpoint.target.decode(found.tokens)
        lost = tuple(each.source for each in source.prepared.lost(text))
        return DecodedHypothesis(found, source.prepared.output(text), lost)

    def with_source_words(self, trace: Trace) -> str | None:
        """Return the best output of a trace of this model, with its unknown words replaced by source words.

        As in `stream`, each is the word with the highest attention weight. None if no word is unknown, or the
        model has no attention.
        """
        tokens = [trace.nodes.token[node] for node in trace.path(trace.best.leaf)]
        attended = alignment(trace, words=False)
        if UNKNOWN not in tokens or attended is None:
            return None
        # The last weight of each row is that of </s>.
        source = self.prepared(trace.source.text)
        at = [row.index(max(row[:-1])) for row in attended.weights]
        return source.output(self._copied(tokens, source.masked.text, at))

    def _copied(self, tokens: Sequence[int], source: str, attended: Sequence[int]) -> str:
        """Return `tokens` decoded, each <unk> replaced by the source word of the piece it attends to most."""
        words = self.checkpoint.source.words(source)
        owner = [word.text for word in words for _ in range(word.first, word.last)]
        places = [i for i, token in enumerate(tokens) if token == UNKNOWN]
        return self.checkpoint.target.decode(tokens, [owner[attended[place]] for place in places])

    @torch.inference_mode()
    def _attended_positions(
        self, tokens: Sequence[int], source: list[int], model: CachedInputProjections | Ensemble
    ) -> list[int]:
        """Return for each target token the index of the source piece, except </s>, with the most attention."""
        memory = self.encode([source], model)
        state: Any = model.start(memory)
        found = []
        for token in (START, *tokens[:-1]):
            _, state, attention = model.step(torch.tensor([token], device=memory.mask.device), state, memory)
            if attention is None:  # `stream` has refused such a model
                raise ConfigError("This model has no attention by which to replace unknown words.")
            found.append(int(attention[0, : len(source)].argmax()))
        return found


class _Searcher(NamedTuple):
    """The decoder and settings of a `stream`."""

    model: CachedInputProjections | Ensemble
    replace_unknown: bool
