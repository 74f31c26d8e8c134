"""Files of captions."""

from pathlib import Path

from seq2seq.data.lines import open_text
from seq2seq.errors import DataError


def read_captions(path: Path) -> dict[str, list[str]]:
    """Return the raw captions of each photo from lines of split<TAB>file<TAB>caption. Raises DataError."""
    rows = [line.split("\t") for line in open_text(path)]
    if not rows:
        raise DataError(f"{path} has no captions; name another file.")
    captions: dict[str, list[str]] = {}
    for number, row in enumerate(rows, 1):
        if len(row) != 3:
            raise DataError(f"{path}, line {number}: not split<TAB>file<TAB>caption; mend it.")
        captions.setdefault(row[1], []).append(row[2])
    return captions
