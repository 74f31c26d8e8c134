"""Files of captions."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seq2seq.errors import DataError
from seq2seq.text.captions import normalise_caption
from seq2seq.vision.captions import read_captions


def test_captions_are_read(tmp_path: Path) -> None:
    lines = "train\ta.jpg\tA dog .\ntrain\tb.jpg\tA cat .\ntrain\ta.jpg\tThe dog runs .\n"
    (tmp_path / "plain.tsv").write_text(lines)
    with gzip.open(tmp_path / "packed.tsv.gz", "wt") as file:
        file.write(lines)
    for name in ("plain.tsv", "packed.tsv.gz"):
        assert read_captions(tmp_path / name) == {"a.jpg": ["A dog .", "The dog runs ."], "b.jpg": ["A cat ."]}


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda path: path.write_text("a.jpg\tA dog .\n"), "line 1"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "save it as UTF-8"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_text(""), "no captions"),
    ],
)
def test_bad_caption_files_are_refused(tmp_path: Path, write: Callable[[Path], Any], says: str) -> None:
    write(tmp_path / "captions.tsv")
    with pytest.raises(DataError, match=says):
        read_captions(tmp_path / "captions.tsv")


def test_captions_are_normalised() -> None:
    assert normalise_caption("A man  in a Hat . ") == "a man in a hat"
    assert normalise_caption("Two dogs run.") == "two dogs run"
