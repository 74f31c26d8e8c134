"""One file of lines, translated by all processes that `torchrun` started."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol

from seq2seq.distributed import Group
from seq2seq.errors import SourceTooLongError
from seq2seq.translation import Translation

_BLOCK = 2048  # lines that a process translates before the next ones are read

Answer = tuple[str, list[Translation]]


class Translated(Protocol):
    """`Translator.stream` with its options."""

    def __call__(self, lines: Iterable[str], *, first_line: int) -> Iterator[list[Translation]]:
        """Yield the n best translations of each line."""


def translate_distributed(translated: Translated, lines: Iterable[str], ranks: Group) -> Iterator[Answer]:
    """Yield the lines with their translations, in order, in the leader; each process takes a share of them.

    Raises SourceTooLongError after the last line if some line could not be translated.
    """
    remaining = iter(lines)
    problems: list[str] = []
    first = 0
    while block := ranks.from_leader(list(islice(remaining, _BLOCK * ranks.world)) if ranks.leads else []):
        start, end = (len(block) * rank // ranks.world for rank in (ranks.rank, ranks.rank + 1))
        found: list[list[Translation]] = []
        problem = ""
        try:
            found.extend(translated(block[start:end], first_line=first + start))
        except SourceTooLongError as failure:
            problem = str(failure)
        shares = ranks.gather((found, problem))
        problems += [each for _, each in shares if each]
        if ranks.leads:
            yield from zip(block, (best for share, _ in shares for best in share), strict=True)
        first += len(block)
    if problems and ranks.leads:
        raise SourceTooLongError(problems[0])
