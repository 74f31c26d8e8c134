"""`Session`: one source, a sentence or a photo, bound to one model.

Everything about a search goes through it, so that no other code depends on the kind of source.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch

from seq2seq.config import parse
from seq2seq.errors import ConfigError, TraceError
from seq2seq.models import CompiledDecoder, Decoder, Memory
from seq2seq.models.translation import TranslationModel
from seq2seq.search import (
    DecoderEnsemble,
    EnsembleMemory,
    Hypothesis,
    Mode,
    Recorder,
    ReplacedAttention,
    SearchOptions,
    forced_log_probs,
    search,
)
from seq2seq.text import Prepared, Tokenizer, goes_on, shown_pieces, typed_tokens
from seq2seq.trace import Edit, ModelName, Source, Trace, TraceRecorder

AnyDecoder = TypeVar("AnyDecoder", bound=Decoder | CompiledDecoder | DecoderEnsemble)


@dataclass(frozen=True)
class Sentence:
    """A source sentence and its model, for analyses that encode it in a modified way."""

    ids: tuple[int, ...]
    """Without the end token."""
    vocabulary: Tokenizer
    model: TranslationModel


@dataclass(frozen=True)
class Session:
    """One source bound to one model: searches, traces, applies edits and scores forced targets.

    Immutable, so threads may share it. Created by `Translator.session` and `Captioner.session`.
    """

    decoder: Decoder | DecoderEnsemble
    memory: Memory | EnsembleMemory
    """The encoded source, a batch of one."""
    vocabulary: Tokenizer
    """The output tokenizer."""
    options: SearchOptions
    """Default search options: a beam of 5 with the model's own alpha."""
    source: Source
    """The source as recorded in a trace."""
    model: ModelName
    """The model's name, and the fingerprint that identifies this model's traces."""
    prepared: Prepared | None = None
    """The sentence before and after the model; None for a photo."""
    search_decoder: Decoder | CompiledDecoder | DecoderEnsemble | None = None
    """Searches in place of `decoder`: faster, and in 8 bits not quite exact; forced scores use `decoder`."""
    sentence: Sentence | None = None
    """None for a photo."""
    prepare: Callable[[str], str] = str
    """Preprocessing of a caption before tokenization: captioning models are trained on lower case."""

    def search(
        self, options: SearchOptions | None = None, edits: Sequence[Edit] = (), recorder: Recorder | None = None
    ) -> list[Hypothesis]:
        """Return the n best hypotheses; edits: lineage of what-if edits, of which only the last is applied."""
        return search(self.edited_decoder(edits), self.memory, self._edited_options(options, edits), recorder)[0]

    def trace(self, options: SearchOptions | None = None, edits: Sequence[Edit] = ()) -> Trace:
        """Return the trace of a search.

        edits: as in `History.lineage` or another trace; only the last one is applied, and its prefix replaces that
        of the options. Raises ConfigError for an edit that is not possible.
        """
        options = self._edited_options(options, edits)
        recorder = TraceRecorder(self.source, self.model, options)
        hypotheses = self.search(options, edits, recorder)
        return recorder.trace(hypotheses, self.pieces, self.text, edits)

    def _edited_options(self, options: SearchOptions | None, edits: Sequence[Edit]) -> SearchOptions:
        options = options or self.options
        if not edits:
            return options
        edit = edits[-1]
        not_next = self._continuations(edit.prefix) if edit.whole_word and edit.prefix else ()
        return options.model_copy(update={"prefix": edit.prefix, "not_next": not_next})

    def _continuations(self, prefix: Sequence[int]) -> tuple[int, ...]:
        """Return the tokens that would go on with the last word of `prefix`."""
        (last,) = self.vocabulary.pieces(prefix[-1:])
        pieces = self.vocabulary.pieces(range(len(self.vocabulary)))
        return tuple(token for token, piece in enumerate(pieces) if goes_on(last, piece))

    def edited_decoder(
        self, edits: Sequence[Edit] = ()
    ) -> Decoder | CompiledDecoder | DecoderEnsemble | ReplacedAttention:
        """Return the decoder that searches, its attention replaced at the steps that the last edit names."""
        return _edited(self.search_decoder or self.decoder, edits)

    def score(self, targets: Sequence[Sequence[int]], edits: Sequence[Edit] = ()) -> list[list[float]]:
        """Return the natural log-probability of each token of forced targets, the end token included.

        targets: token ids without start and end.
        """
        rows = torch.zeros(len(targets), dtype=torch.long, device=self.memory.mask.device)
        return forced_log_probs(_edited(self.decoder, edits), self.memory.select(rows), targets)

    def require_single(self, what: str) -> tuple[Decoder, Memory]:
        """Return the decoder and its memory. Raises ConfigError naming the analysis `what` if there are several."""
        if isinstance(self.decoder, DecoderEnsemble) or isinstance(self.memory, EnsembleMemory):
            raise ConfigError(
                f"{what} looks into one decoder, and here several decide together; use it on one model."
            )
        return self.decoder, self.memory

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of an output's text, without start and end."""
        return self.vocabulary.encode(self.prepared.reference(text) if self.prepared else self.prepare(text))

    def typed_tokens(self, prefix: Sequence[int], typed: str) -> tuple[int, ...]:
        """Return the tokens of typed text as a continuation of `prefix`; raises ConfigError as `typed_tokens`."""
        return typed_tokens(self.vocabulary, prefix, self.prepared.reference(typed) if self.prepared else typed)

    def pieces(self, tokens: Sequence[int]) -> list[str]:
        """Return tokens as the vocabulary's pieces, and copied passages as they are written in the output."""
        pieces = self.vocabulary.pieces(tokens)
        return shown_pieces(pieces, self.prepared) if self.prepared else pieces

    def text(self, tokens: Sequence[int]) -> str:
        """Return tokens as text."""
        text = self.vocabulary.decode(tokens)
        return self.prepared.output(text) if self.prepared else text

    def require_sentence(self, what: str) -> Sentence:
        """Return the source sentence. Raises ConfigError naming the analysis `what` if it is a photo."""
        if self.sentence is None:
            raise ConfigError(
                f"{what} needs the words of a sentence, and a photo has none; use it on a translation."
            )
        return self.sentence

    def require_own(self, trace: Trace) -> None:
        """Raise TraceError if another model made the trace."""
        if trace.model.digest != self.model.digest:
            raise TraceError(
                f"This trace was made by the model {trace.model.name}, which is not the {self.model.name} at hand; "
                "make the trace again."
            )

    def require_tokens(self, tokens: Sequence[int]) -> None:
        """Raise ConfigError unless all tokens are in the vocabulary of the output."""
        for token in tokens:
            if not 0 <= token < len(self.vocabulary):
                raise ConfigError(
                    f"The output has token {token}, the last one is {len(self.vocabulary) - 1}; take it out."
                )


def _edited(decoder: AnyDecoder, edits: Sequence[Edit]) -> AnyDecoder | ReplacedAttention:
    rows = edits[-1].rows if edits else {}
    return ReplacedAttention(decoder, rows) if rows else decoder


def search_options(
    alpha: float, mode: Mode | None = None, beam_size: int = 5, /, **common: int | None
) -> SearchOptions:
    """Return search options; the default mode is a beam with `alpha`, the model's own.

    Raises ConfigError that names the invalid option.
    """
    chosen = {"kind": "beam", "size": beam_size, "alpha": alpha} if mode is None else mode
    return parse(SearchOptions, {"mode": chosen, **common}, "search options")
