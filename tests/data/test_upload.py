"""What is handed over to train from: every fault is one sentence that names the line."""

import gzip
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.clean import Rules, clean
from seq2seq.data.languages import Languages
from seq2seq.data.pairs import Pair
from seq2seq.data.readers import read_table
from seq2seq.data.upload import LARGEST, LEAST, UploadedFile, check_upload
from seq2seq.errors import DataError

GOOD = "".join(f"phrase {n}\tsentence number {n}\n" for n in range(LEAST)).encode()


BOTH = Languages("fr", "en")


def check(data: bytes, name: str = "p.tsv", languages: Languages = BOTH) -> UploadedFile:
    return check_upload(data, name, languages)


def test_a_good_file_is_counted() -> None:
    marked = b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n") + b"\n\n"
    found = check(GOOD)
    assert found == check(marked) == check(gzip.compress(GOOD)) == check(GOOD.decode().encode("utf-16"))
    assert found.pairs == LEAST
    assert 0 < found.train < LEAST
    assert found.target_words == 3 * found.train


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\n \r\n\t\n", "is empty"),
        (b"one\ttwo\n", "1 different pair;"),
        (b"one\ttwo\n" * 500, "1 different pair;"),
        (b"one\ttwo\nalone\n", "line 2 has no tab"),
        (b"one\ttwo\n\tdeux\n", "empty side 1 (first: line 2"),
        (b"one\ttwo\nun\t \n", "empty side 1 (first: line 2"),
        (b"one\ttwo\n" + b"\tx;" * 30 + b"\n", "line 2 has 31 columns"),
        (b"one\ttwo\n\xe9t\xe9\tsummer\n", "line 2: byte 0xe9 is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "line 1: byte 0x89"),
        ("un\ttwo\n".encode("utf-16")[2:] * 9, "is not UTF-8 text: every other byte"),
        (b"\x1f\x8b\x08\0", "is cut off after line 0"),
        (b"PK\x03\x04", "is not a whole zip file"),
        (b"BZh91AY", "is packed (bzip2)"),
        (b"one\ttwo\n" + b"x" * 2**21, "line 2 has more than 1,048,576 bytes without an end"),
        (GOOD + b"a" * LARGEST, "20.0 MB, and this takes 20 MB"),
    ],
)
def test_each_fault_is_one_sentence_with_its_line(data: bytes, says: str) -> None:
    with pytest.raises(DataError) as caught:
        check(data)
    assert says in str(caught.value)
    assert str(caught.value).startswith("p.tsv")
    assert "\n" not in str(caught.value)


_pieces = st.sampled_from(
    [b"a", b"\t", b"\n", b"\r", b"\0", b"\xc3\xa9", b"\xff", b" ", b"\xe2\x80\xa8", b"x\ty\n"]
)


@given(st.binary(max_size=300) | st.lists(_pieces, max_size=40).map(b"".join), st.booleans())
def test_any_bytes_are_counted_or_refused_in_one_sentence(tail: bytes, after: bool) -> None:
    data = GOOD + tail if after else tail + GOOD
    found, says = None, ""
    try:
        found = check(data)
    except DataError as problem:
        says = str(problem)
    if found is None:
        assert says
        assert "\n" not in says
        return
    assert found.pairs == len(_cleaned(data)) >= LEAST


def _cleaned(data: bytes) -> list[Pair]:
    """Return what `prepare` would keep of an accepted file."""
    with tempfile.NamedTemporaryFile(suffix=".tsv") as file:
        file.write(data)
        file.flush()
        return clean(read_table(file.name, BOTH, BOTH).rows, Rules()).pairs
