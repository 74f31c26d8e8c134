"""Reading and writing `source<TAB>target` files."""

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data import Pair, open_text, read_pairs, write_pairs
from seq2seq.data.lines import decode_lines
from seq2seq.errors import DataError

sides = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\t\r\n\ufeff")).filter(str.strip)
lists_of_pairs = st.lists(st.builds(Pair, sides, sides))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pairs")


@given(lists_of_pairs)
def test_what_was_written_is_read_back(folder: Path, pairs: list[Pair]) -> None:
    write_pairs(folder / "pairs.tsv", pairs)
    assert list(read_pairs(folder / "pairs.tsv")) == pairs


@given(st.binary(max_size=200))
def test_any_bytes_are_pairs_or_one_data_error(folder: Path, content: bytes) -> None:
    (folder / "bytes").write_bytes(content)
    pairs, message = [], ""
    try:
        pairs = list(read_pairs(folder / "bytes"))
    except DataError as error:
        message = str(error)
    assert "\n" not in message
    assert all(pair.source.strip() and pair.target.strip() for pair in pairs)


@given(lists_of_pairs.filter(bool), st.data())
def test_a_gzip_file_cut_anywhere_is_a_data_error(folder: Path, pairs: list[Pair], data: st.DataObject) -> None:
    whole = gzip.compress("".join(f"{a}\t{b}\n" for a, b in pairs).encode())
    # From two bytes on it is known for gzip.
    (folder / "cut.gz").write_bytes(whole[: data.draw(st.integers(2, len(whole) - 1))])
    with pytest.raises(DataError, match="cut off"):
        list(read_pairs(folder / "cut.gz"))


def test_gzip_is_known_by_its_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "packed.tsv").write_bytes(gzip.compress(b"a\tb\n"))
    (tmp_path / "plain.gz").write_bytes(b"a\tb\n")
    assert list(read_pairs(tmp_path / "packed.tsv")) == list(read_pairs(tmp_path / "plain.gz")) == [("a", "b")]


def test_only_newlines_end_lines(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes("un\u2028deux\u0085trois\x0bquatre\r\ncinq\rsix".encode())
    assert list(open_text(path)) == ["un\u2028deux\u0085trois\x0bquatre", "cinq\rsix"]


def test_further_columns_a_byte_order_mark_and_blank_last_lines_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_bytes("\ufeffVa !\tGo.\tCC-BY\tmore\r\n\r\n \t \n".encode())
    assert list(read_pairs(path)) == [("Va !", "Go.")]


def test_blank_lines_are_skipped_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_bytes(b"\na\tb\n\n \nc\td\n\n")
    assert list(read_pairs(tmp_path / "pairs.tsv")) == [("a", "b"), ("c", "d")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\tb\nno tab here\n", r"bad\.tsv, line 2 has no tab: 'no tab here'"),
        (b"a\tb\n \tb\n", r"bad\.tsv, line 2 has an empty source"),
        (b"a\t\n", r"bad\.tsv, line 1 has an empty target"),
        (b"a\tb\na\tb\ncaf\xe9\tb\n", r"bad\.tsv, line 3: byte 0xe9 is not UTF-8"),
        (gzip.compress(b"a\tb\n" * 100)[:-12], r"bad\.tsv is cut off"),
        (b"\x1f\x8bnot a gzip file", r"bad\.tsv is damaged"),
    ],
)
def test_a_wrong_line_is_named_by_file_and_number(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "bad.tsv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        list(read_pairs(tmp_path / "bad.tsv"))


def test_a_missing_file_and_a_folder_are_reported_before_reading(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_pairs(tmp_path / "nowhere.tsv")
    with pytest.raises(DataError, match="is a folder"):
        open_text(tmp_path)
    with pytest.raises(DataError, match="is not a path"):
        open_text(Path("a\0b"))


def test_lines_before_a_wrong_one_come_out_first(tmp_path: Path) -> None:
    (tmp_path / "late.tsv").write_bytes(b"a\tb\n" * 3 + b"wrong\n")
    pairs = read_pairs(tmp_path / "late.tsv")
    assert [next(pairs) for _ in range(3)] == [("a", "b")] * 3


@pytest.mark.parametrize("side", ["", " ", "a\tb", "a\nb", "a\r", "\ufeffa", "\ud800"])
def test_a_pair_that_could_not_be_read_back_is_not_written(tmp_path: Path, side: str) -> None:
    with pytest.raises(DataError, match="Pair 2 does not fit"):
        write_pairs(tmp_path / "pairs.tsv", [Pair("a", "b"), Pair("a", side)])


def test_writing_where_a_folder_stands_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="can't be written"):
        write_pairs(tmp_path, [Pair("a", "b")])


@pytest.mark.parametrize("packed", [False, True])
def test_a_pipe_is_read_like_a_file(packed: bool) -> None:
    content = b"a\tb\nc\td\n"
    out, into = os.pipe()
    with os.fdopen(into, "wb") as stream:
        stream.write(gzip.compress(content) if packed else content)
    assert list(decode_lines(os.fdopen(out, "rb"), "pipe")) == ["a\tb", "c\td"]
