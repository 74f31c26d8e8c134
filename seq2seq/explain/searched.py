"""What the analyses of a search ask of a model and its source: a translator, or a captioner and its photo."""

from collections.abc import Sequence
from typing import Protocol

from seq2seq.models import Decoder, Memory
from seq2seq.search import ReplacedAttention
from seq2seq.text import Tokenizer
from seq2seq.trace import Edit


class WithTarget(Protocol):
    """A checkpoint, as far as it says things."""

    @property
    def target(self) -> Tokenizer:
        """The vocabulary of the output."""


class Searched(Protocol):
    """A model that can be searched again for what a trace is about."""

    @property
    def checkpoint(self) -> WithTarget:
        """What was loaded."""

    def decoder(self, edits: Sequence[Edit] = ()) -> Decoder | ReplacedAttention:
        """Return the decoder, with attention replaced where the last edit says so."""

    def memory(self, text: str, /) -> Memory:
        """Return what the decoder reads of a source."""

    def text(self, tokens: Sequence[int], /) -> str:
        """Return target tokens as text."""
