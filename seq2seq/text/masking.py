"""Placeholders in the sentences and pairs of one translation direction."""

from typing import NamedTuple

from seq2seq.text.known import KnownWords
from seq2seq.text.passages import Masked, mask, mask_pair


class Masking(NamedTuple):
    """Puts placeholders into sentences; `known`: words that the model knows, so that they are no rare names."""

    source: str
    target: str
    known: KnownWords

    def sentence(self, text: str) -> Masked:
        """Return a source sentence with placeholders."""
        return mask(text, self.known.names(text), self.source, self.target)

    def pair(self, source: str, target: str, *, often: bool = False) -> tuple[str, str]:
        """Return a pair with placeholders for what both sides have in common.

        often: whether frequent names and number words become placeholders, too, to have enough examples of them.
        """
        names = {span.value for span in self.known.names(source)}
        if often:
            names |= self.known.shared_names(source, target)
        longest_first = sorted(names, key=lambda name: (-len(name), name))
        return mask_pair(source, target, (self.source, self.target), longest_first, words=often)
