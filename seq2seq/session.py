"""`Session`: one source, be it a sentence or a photo, in front of one model.

All that is asked about a search goes through it, so that nothing else needs to know what the source is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from seq2seq.config import parse
from seq2seq.errors import ConfigError, TraceError
from seq2seq.models import Decoder, Memory
from seq2seq.models.translation import TranslationModel
from seq2seq.search import (
    Hypothesis,
    Mode,
    Recorder,
    ReplacedAttention,
    SearchOptions,
    forced_log_probs,
    search,
)
from seq2seq.text import Tokenizer, typeset
from seq2seq.trace import Edit, ModelName, Source, Trace, TraceRecorder


@dataclass(frozen=True)
class Sentence:
    """A source sentence and the model that reads it, for analyses that let the model read it otherwise."""

    ids: tuple[int, ...]
    """Without the end token."""
    vocabulary: Tokenizer
    model: TranslationModel


@dataclass(frozen=True)
class Session:
    """One source in front of one model: it searches, traces, continues from edits and scores forced targets.

    It never changes, so threads may share it. `Translator.session` and `Captioner.session` make it.
    """

    decoder: Decoder
    memory: Memory
    """Of this source alone, as the decoder reads it."""
    vocabulary: Tokenizer
    """Of the output."""
    options: SearchOptions
    """Of a search that nothing else is said about: a beam of 5 with the model's own alpha."""
    source: Source
    """How a trace shows the source."""
    model: ModelName
    """The model's name, and the fingerprint that a trace must bear to be this model's."""
    language: str = ""
    """Code of the output's language, whose typography `text` follows."""
    sentence: Sentence | None = None
    """None for a photo."""
    prepare: Callable[[str], str] = str
    """How a text has to be written for this model's vocabulary: captions are learnt in lower case."""

    def search(
        self,
        options: SearchOptions | None = None,
        edits: Sequence[Edit] = (),
        recorder: Recorder | None = None,
    ) -> list[Hypothesis]:
        """Return the n best hypotheses; edits: what is forced, of which the last one is obeyed."""
        return search(self.edited_decoder(edits), self.memory, self._edited(options, edits), recorder)[0]

    def trace(self, options: SearchOptions | None = None, edits: Sequence[Edit] = ()) -> Trace:
        """Return everything that a search did.

        edits: what is forced, as `History.lineage` or another trace has it; the last one is obeyed, and its prefix
        takes the place of the options' own. Raises ConfigError for an edit that is not possible.
        """
        options = self._edited(options, edits)
        recorder = TraceRecorder(self.source, self.model, options)
        hypotheses = self.search(options, edits, recorder)
        return recorder.trace(hypotheses, self.pieces, self.text, edits)

    def _edited(self, options: SearchOptions | None, edits: Sequence[Edit]) -> SearchOptions:
        options = options or self.options
        return options.model_copy(update={"prefix": edits[-1].prefix}) if edits else options

    def edited_decoder(self, edits: Sequence[Edit] = ()) -> Decoder | ReplacedAttention:
        """Return the decoder; where the last of the edits says so, its attention is replaced."""
        rows = edits[-1].rows if edits else {}
        return ReplacedAttention(self.decoder, rows) if rows else self.decoder

    def score(self, targets: Sequence[Sequence[int]], edits: Sequence[Edit] = ()) -> list[list[float]]:
        """Return the natural log-probability of each token of forced targets, the end token included.

        targets: tokens without start and end.
        """
        rows = torch.zeros(len(targets), dtype=torch.long, device=self.memory.mask.device)
        return forced_log_probs(self.edited_decoder(edits), self.memory.select(rows), targets)

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of an output's text, without start and end."""
        return self.vocabulary.encode(self.prepare(text))

    def pieces(self, tokens: Sequence[int]) -> list[str]:
        """Return tokens as the vocabulary's pieces."""
        return self.vocabulary.pieces(tokens)

    def text(self, tokens: Sequence[int]) -> str:
        """Return tokens as text."""
        return typeset(self.vocabulary.decode(tokens), self.language)

    def require_sentence(self, what: str) -> Sentence:
        """Return the source sentence. Raises ConfigError if the source is a photo; what: what needs words."""
        if self.sentence is None:
            raise ConfigError(
                f"{what} needs the words of a sentence, and a photo has none; ask it of a translation."
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


def search_options(
    alpha: float, mode: Mode | None = None, beam_size: int = 5, /, **common: int | None
) -> SearchOptions:
    """Return search options; the default mode is a beam with `alpha`, the model's own.

    Raises ConfigError that names what is not possible.
    """
    chosen = {"kind": "beam", "size": beam_size, "alpha": alpha} if mode is None else mode
    return parse(SearchOptions, {"mode": chosen, **common}, "search options")
