"""The step before and after a translation model: what it is given of a sentence, and the text of its output.

Text that is no language is copied; a sentence in capitals is translated in its usual case; with a vocabulary that
has placeholders, figures, addresses and rare names pass through by them (`seq2seq.text.passages`).
"""

import html
import re
from collections.abc import Sequence
from typing import NamedTuple

from seq2seq.text.capitals import is_in_capitals, to_capitals
from seq2seq.text.known import KnownWords
from seq2seq.text.masking import Masking
from seq2seq.text.normalise import normalise, typeset, with_ligatures
from seq2seq.text.passages import (
    EMOJI,
    ONE_EMOJI,
    Masked,
    Passage,
    is_copied,
    lost,
    mask_output,
    unmask,
    without_brackets,
)
from seq2seq.text.sentences import split_sentences

# At the ends of a sentence these stay where they are: list numbers, bullets, dashes of dialogue, emoji.
BEFORE = re.compile(rf"(?:[(\[]?\d{{1,3}}[.)]+ +|[-–—•*·>]+ +|{EMOJI} *)+")
# Not EMOJI, whose own repetition inside of another takes exponential time on a row of them that is not at the end.
AFTER = re.compile(rf"(?: *{ONE_EMOJI})+$")


class Prepared(NamedTuple):
    """A sentence before the model, with what is needed to write out its translation."""

    text: str
    """As it was typed, but normalised."""
    masked: Masked
    """What the model is given: the text between `before` and `after`, with placeholders."""
    before: str
    after: str
    is_copied: bool
    """Whether there is nothing to translate, so that the output is the text itself."""
    in_capitals: bool
    language: str
    """Code of the target language, whose typography the output follows."""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """What passes through the model by placeholders."""
        return self.masked.passages

    def output(self, text: str) -> str:
        """Return the output for a decoded text: passages, typography, capitals, and both ends put back."""
        if self.is_copied:
            return self.text
        text = typeset(text, self.language)
        passages = self.passages
        if self.in_capitals:
            text = to_capitals(text)
            passages = tuple(
                passage._replace(target=to_capitals(passage.target)) if passage.kind == "name" else passage
                for passage in passages
            )
        return f"{self.before}{unmask(text, passages)}{self.after}"

    def reference(self, text: str) -> str:
        """Return a translation of the sentence in the form of a decoded text: the inverse of `output`."""
        text = normalise(text)
        if text.startswith(self.before):
            text = text[len(self.before) :]
        if self.after and text.endswith(self.after):
            text = text[: -len(self.after)]
        passages = self.passages
        if self.in_capitals and text.isupper():
            text = text.capitalize()
            passages = tuple(passage._replace(target=passage.target.lower()) for passage in passages)
        return mask_output(text, passages)

    def lost(self, text: str) -> list[Passage]:
        """Return the passages that a decoded text lacks."""
        return [] if self.is_copied else lost(text, self.passages)


def shown_pieces(pieces: Sequence[str], prepared: Prepared, *, source: bool = False) -> list[str]:
    """Return pieces for display, with the passages that placeholders stand for; source: as the source has them."""
    written = {each.placeholder: each.source if source else each.target for each in prepared.passages}
    return [written.get(piece, piece) for piece in pieces]


class Preparation:
    """The step before and after a model, for one translation direction. Immutable, so threads may share it."""

    def __init__(self, source: str, target: str, known: KnownWords | None = None) -> None:
        """known: the words that the model knows; without them it has no placeholders."""
        self.source = source
        self.target = target
        self.known = known
        self._masking = Masking(source, target, known) if known else None

    def sentences(self, text: str) -> list[str]:
        """Return the sentences of a text, as `split_sentences`, with HTML entities replaced by their characters."""
        return split_sentences(html.unescape(text), self.source)

    def __call__(self, sentence: str) -> Prepared:
        """Return a sentence as the model is given it."""
        text = without_brackets(with_ligatures(normalise(html.unescape(sentence)), self.source))
        if is_copied(text, self.source):
            return Prepared(text, Masked(text, ()), "", "", True, False, self.target)
        found = BEFORE.match(text)
        before = found.group() if found else ""
        found = AFTER.search(text)
        after = found.group() if found else ""
        inner = text[len(before) : len(text) - len(after)]
        in_capitals = is_in_capitals(inner)
        if in_capitals:
            inner = self.known.restored(inner) if self.known else _sentence_case(inner)
        masked = self._masking.sentence(inner) if self._masking else Masked(inner, ())
        return Prepared(text, masked, before, after, False, in_capitals, self.target)

    def pair(self, source: str, target: str) -> tuple[str, str]:
        """Return a pair as the model is trained on it."""
        return self._masking.pair(source, target) if self._masking else (source, target)


def _sentence_case(text: str) -> str:
    lowered = text.lower()
    start = next((i for i, character in enumerate(lowered) if character.isalpha()), 0)
    return lowered[:start] + lowered[start : start + 1].upper() + lowered[start + 1 :]
