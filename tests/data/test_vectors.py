"""Word vectors in their three text forms, and whatever else may stand in such a file."""

import gzip
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seq2seq.data.vectors import read_vectors
from seq2seq.errors import DataError

# Only blanks, tabs and line ends part a line; fastText's files have words of no-break and other spaces.
WORDS = st.text(
    st.characters(blacklist_categories=("Cc", "Cs"), blacklist_characters=" "), min_size=1, max_size=8
).filter(lambda word: not word.startswith("\ufeff"))
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    data=st.data(),
    width=st.integers(2, 5),
    header=st.booleans(),
    end=st.sampled_from(["", " ", "\r"]),
    packed=st.booleans(),
)
def test_what_was_written_is_read(
    tmp_path: Path, data: st.DataObject, width: int, header: bool, end: str, packed: bool
) -> None:
    vector = st.lists(NUMBERS, min_size=width, max_size=width)
    words = data.draw(st.dictionaries(WORDS, vector, max_size=6))
    lines = [f"{len(words)} {width}"] if header else []
    lines += [f"{word} {' '.join(map(repr, values))}{end}" for word, values in words.items()]
    text = "".join(line + "\n" for line in lines).encode()
    path = tmp_path / "words.vec"
    path.write_bytes(gzip.compress(text) if packed else text)
    wanted = set(list(words)[::2])
    assert read_vectors(path, width, wanted) == {word: words[word] for word in words if word in wanted}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.binary(max_size=200))
def test_any_file_is_read_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "words.vec"
    path.write_bytes(data)
    with suppress(DataError):
        assert set(read_vectors(path, 2, {"a", "b"})) <= {"a", "b"}


def test_words_with_spaces_and_words_that_come_twice(tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    path.write_text(". . . 1 2\nle 3 4\nle 5 6\n12 7 8\n\xa0 0 0\n«\xa0 0 0\n«\t9\t9\n 1 2\n\n")
    wanted = {". . .", "le", "12", "«", ""}
    assert read_vectors(path, 2, wanted) == {". . .": [1, 2], "le": [3, 4], "12": [7, 8], "«": [9, 9]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2 300\nle 1 2\n", "vectors of 300 numbers, the embeddings have 2; set model.embedding = 300"),
        ("le 1\n", "line 1: .* vectors of 1 numbers"),
        ("le 1 2 3\nla 1 2 3\n", "vectors of 3 numbers, the embeddings have 2"),
        ("la 1 2\nle one 2\n", "line 2: the vector of 'le' is not 2 numbers"),
        ("le nan 2\n", "line 1: the vector of 'le' is not 2 numbers"),
    ],
)
def test_a_file_that_does_not_fit_is_a_clear_error(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "words.vec"
    path.write_text(text)
    with pytest.raises(DataError, match=says):
        read_vectors(path, 2, {"le", "la"})
