"""Placeholders in the sentences and pairs of one translation direction."""

from typing import NamedTuple
from zlib import crc32

from seq2seq.text.known import KnownWords
from seq2seq.text.passages import Masked, More, mask, mask_pair


class Masking(NamedTuple):
    """Puts placeholders into sentences; `known`: words that the model knows, so that they are no rare names."""

    source: str
    target: str
    known: KnownWords

    def sentence(self, text: str) -> Masked:
        """Return a source sentence with placeholders."""
        return mask(text, self.known.names(text), self.source, self.target)

    def pair(self, source: str, target: str, often: int | None = None) -> tuple[str, str]:
        """Return a pair with placeholders for what both sides have in common.

        Half of the amounts of money and hours in words become placeholders, too, by a digest of the source.
        often: a random number, for more placeholders: of frequent names, as names or codes, and of number words.
        """
        names = {span.value for span in self.known.names(source)}
        more = More(amounts=crc32(source.encode("utf-8", "ignore")) % 2 == 0)
        if often is not None:
            names |= self.known.shared_names(source, target)
            more = More(numbers=True, amounts=often % 2 == 0, names_as_codes=often % 4 == 0)
        longest_first = sorted(names, key=lambda name: (-len(name), name))
        return mask_pair(source, target, (self.source, self.target), longest_first, more)
