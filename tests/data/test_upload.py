"""What is handed over to train from: every fault is one sentence that names the line."""

import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.readers import Languages, read_table
from seq2seq.data.upload import LARGEST, LEAST, Uploaded, check_upload
from seq2seq.errors import DataError

GOOD = "".join(f"phrase {n}\tsentence number {n}\n" for n in range(LEAST)).encode()


def test_a_good_file_is_counted() -> None:
    marked = b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n") + b"\n\n"
    assert check_upload(GOOD, "p.tsv") == check_upload(marked, "p.tsv") == Uploaded(LEAST, 3 * LEAST)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\n \r\n\t\n", "is empty"),
        (b"one\ttwo\n", "1 different pair;"),
        (b"one\ttwo\n" * 500, "1 different pair;"),
        (b"one\ttwo\nalone\n", "line 2 has one column"),
        (b"one\ttwo\nein\tdeux\ttres\n", "line 2 has 3 columns"),
        (b"one\ttwo\n\tdeux\n", "line 2 has an empty source"),
        (b"one\ttwo\nun\t \n", "line 2 has an empty target"),
        (b"one\ttwo\n\xe9t\xe9\tsummer\n", "line 2: byte 0xe9 is not UTF-8"),
        (b"one\ttwo\nun\0\tdeux\n", "line 2 holds a null byte"),
        (b"\x89PNG\r\n\x1a\n\0\0", "line 1: byte 0x89"),
        ("un\ttwo\n".encode("utf-16"), "is UTF-16"),
        (b"\x1f\x8b\x08\0", "is packed (gzip)"),
        (b"PK\x03\x04", "is packed (zip)"),
        (GOOD + b"a" * LARGEST, "20.0 MB, and this takes 20 MB"),
    ],
)
def test_each_fault_is_one_sentence_with_its_line(data: bytes, says: str) -> None:
    with pytest.raises(DataError) as caught:
        check_upload(data, "p.tsv")
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
        found = check_upload(data, "p.tsv")
    except DataError as problem:
        says = str(problem)
    if found is None:
        assert says
        assert "\n" not in says
        return
    assert found.pairs == len(_read(data)) >= LEAST


def _read(data: bytes) -> list[object]:
    """Return what `prepare` would read of an accepted file."""
    with tempfile.NamedTemporaryFile(suffix=".tsv") as file:
        file.write(data)
        file.flush()
        both = Languages("fr", "en")
        return list(read_table(file.name, both, both))
