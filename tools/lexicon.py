"""Write the dictionaries of lexicon/ from tables of Wiktionary's translations.

python tools/lexicon.py OUT TABLE.tsv.gz [TABLE.tsv.gz ...]
A table has lines of English, French and part of speech, separated by tabs; the dictionaries have lines of a word
and its translations, for each direction. What an entry describes rather than translates is left out.
"""

import gzip
import re
import sys
from collections import defaultdict
from pathlib import Path

MOST = 6  # translations of a word
_SPEAKS = re.compile(r"[\w'’-]+( [\w'’-]+){0,3}")
_DESCRIBES = re.compile(
    r"(^| )(given name|surname|feminine|masculine|plural|inflection|obsolete|alternative|type|kind)( |$)"
)


def pairs_of(table: Path) -> list[tuple[str, str]]:
    """Return the pairs of a table, English first, that are translations."""
    with gzip.open(table, "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t")[:2] for line in file]
    found = [(row[0].removeprefix("to "), row[1]) for row in rows if len(row) > 1]
    return [pair for pair in found if all(map(_SPEAKS.fullmatch, pair)) and not _DESCRIBES.search(pair[0])]


def write(path: Path, pairs: list[tuple[str, str]]) -> int:
    """Write a dictionary of (word, translation) pairs; return its number of words."""
    found: dict[str, list[str]] = defaultdict(list)
    for word, other in pairs:
        if " " not in word and other not in found[word] and len(found[word]) < MOST:
            found[word].append(other)
    text = "".join(f"{word}\t{'; '.join(others)}\n" for word, others in sorted(found.items()) if others)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    return len(found)


def main() -> None:
    """Write both directions."""
    out, *tables = map(Path, sys.argv[1:])
    pairs = [pair for table in tables for pair in pairs_of(table)]
    print("en-fr", write(out / "en-fr.tsv.gz", pairs), "words")
    print("fr-en", write(out / "fr-en.tsv.gz", [(french, english) for english, french in pairs]), "words")


if __name__ == "__main__":
    main()
