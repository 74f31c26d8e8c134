"""The sentences of a text as a translation model is given them, each of a length that it can translate."""

from typing import NamedTuple

from seq2seq.errors import SourceTooLongError
from seq2seq.text import Prepared, Tokenizer
from seq2seq.text.arguments import as_lines
from seq2seq.text.preparation import Preparation

# On sources longer than any training pair a recurrent model only degenerates; they are split at words into much
# shorter parts, since a degenerate search runs to the maximum output length.
LONGEST_SOURCE = 100
CUT_SOURCE = 50
# Text without a full stop for this many pieces is not a sentence of any language, and would take minutes.
LONGEST_SENTENCE = 500


class Segment(NamedTuple):
    """A sentence, or a part of a long one."""

    text: str
    prepared: Prepared
    ids: list[int]
    """Its pieces, without </s>."""


class Segmenter:
    """Splits text into segments."""

    def __init__(self, preparation: Preparation, tokenizer: Tokenizer) -> None:
        self._preparation = preparation
        self._tokenizer = tokenizer

    def read(self, text: str) -> Segment:
        """Return one sentence as a segment, however long it is."""
        prepared = self._preparation(text)
        return Segment(text, prepared, self._tokenizer.encode(prepared.masked.text))

    def __call__(self, text: str) -> list[Segment]:
        """Return the sentences of `text`; one of more than LONGEST_SOURCE pieces is split at words.

        Raises ConfigError if it is not a string, SourceTooLongError if a sentence has over LONGEST_SENTENCE pieces.
        """
        found: list[Segment] = []
        for sentence in self._preparation.sentences(*as_lines([text])):
            segment = self.read(sentence)
            if len(segment.ids) > LONGEST_SENTENCE:
                raise SourceTooLongError(
                    f"The sentence “{sentence[:30]}…” has {len(segment.ids):,} pieces and {LONGEST_SENTENCE} is "
                    "the most; put stops or line ends into it."
                )
            found += [segment] if len(segment.ids) <= LONGEST_SOURCE else self._cut(segment)
        return found

    def _cut(self, segment: Segment) -> list[Segment]:
        """Return parts of at most CUT_SOURCE pieces."""
        if len(segment.ids) <= CUT_SOURCE:
            return [segment]
        text = segment.text
        middle = len(text) // 2
        space = text.rfind(" ", 1, middle)
        at = space if space > 0 else middle
        # A single character can be several byte pieces, but never as many as CUT_SOURCE.
        halves = (half.strip() for half in (text[:at], text[at:]))
        return [part for half in halves if half for part in self._cut(self.read(half))]
