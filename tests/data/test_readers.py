"""Corpora as others publish them."""

import gzip
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.languages import Languages
from seq2seq.data.readers import corpus_name, read_moses, read_multi30k, read_table
from seq2seq.data.table import Table
from seq2seq.errors import ConfigError, DataError

FR_EN = Languages("fr", "en")
EN_FR = Languages("en", "fr")
MANYTHINGS = b"Go.\tVa !\tCC-BY 2.0 (France)\nHi.\tSalut !\tCC-BY 2.0 (France)\n"


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.txt", content)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server that, like manythings.org, refuses urllib's own name."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == "/fra-eng.zip" and "urllib" not in self.headers["User-Agent"]
            body = zipped(fra=MANYTHINGS, _about=b"about")
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def pairs_of(table: Table) -> list[tuple[str, str]]:
    return [(row.source, row.target) for row in table.rows]


def test_a_manythings_zip_has_english_first(tmp_path: Path) -> None:
    path = tmp_path / "fra-eng.zip"
    path.write_bytes(zipped(_about=b"no tab", fra=MANYTHINGS))
    assert pairs_of(read_table(str(path), FR_EN, None)) == [("Va !", "Go."), ("Salut !", "Hi.")]
    assert pairs_of(read_table(str(path), EN_FR, None)) == [("Go.", "Va !"), ("Hi.", "Salut !")]


def test_a_url_is_read_like_a_file(server: str) -> None:
    assert pairs_of(read_table(f"{server}/fra-eng.zip", EN_FR, None))[0] == ("Go.", "Va !")


def test_an_address_without_a_corpus_is_a_data_error(server: str) -> None:
    with pytest.raises(DataError, match="answered 404"):
        read_table(f"{server}/nothing.zip", FR_EN, None)
    with pytest.raises(DataError, match="can't be reached"):
        read_table("http://127.0.0.1:1/fra-eng.zip", FR_EN, None)
    with pytest.raises(DataError, match="can't be reached"):
        read_table("http://127.0.0.1:port/fra-eng.zip", FR_EN, None)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_columns_say_which_way_a_table_goes(tmp_path: Path, pack: type[bytes]) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_bytes(pack(b"Go.\tVa !\n\nHi.\tSalut !\tmore\n"))
    assert pairs_of(read_table(str(path), FR_EN, EN_FR)) == [("Va !", "Go."), ("Salut !", "Hi.")]
    assert pairs_of(read_table(str(path), FR_EN, FR_EN)) == [("Go.", "Va !"), ("Hi.", "Salut !")]


def test_a_table_that_does_not_name_its_columns_is_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_bytes(MANYTHINGS)
    with pytest.raises(ConfigError, match=r"'Go\.\\tVa !.*--columns fr,en or --columns en,fr"):
        read_table(str(path), FR_EN, None)
    with pytest.raises(ConfigError, match="de,en does not name fr and en"):
        read_table(str(path), FR_EN, Languages("de", "en"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a\tb\nno tab\n", "line 2 has no tab"),
        (zipped(a=b"x\ty", b=b"x\ty"), "needs one .txt file of pairs, but has a.txt, b.txt"),
        (zipped(_about=b"x"), "but has none"),
        (zipped(fra=MANYTHINGS)[:-30], "not a whole zip file"),
        (zipped(fra=b"caf\xe9\tb"), r"fra\.txt, line 1: byte 0xe9 is not UTF-8"),
    ],
)
def test_a_wrong_table_is_a_data_error(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "corpus").write_bytes(content)
    with pytest.raises(DataError, match=message):
        list(read_table(str(tmp_path / "corpus"), FR_EN, EN_FR).rows)


def read_or_message(path: Path) -> str:
    """Read the whole table; return the DataError's text, or nothing."""
    try:
        list(read_table(str(path), FR_EN, EN_FR).rows)
    except DataError as error:
        return str(error)
    return ""


@given(st.binary(max_size=100) | st.binary(max_size=100).map(lambda tail: b"PK\x03\x04" + tail))
def test_any_bytes_are_a_table_or_a_data_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    assert "\n" not in read_or_message(path)


@given(st.data())
def test_a_damaged_zip_is_read_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(zipped(fra=MANYTHINGS))
    content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(content)
    assert "\n" not in read_or_message(path)


def test_a_name_tells_no_path() -> None:
    assert corpus_name("somewhere/fra-eng.zip") == "fra-eng.zip"
    assert corpus_name("https://example.org/anki/fra%20eng.zip?key=1") == "fra eng.zip"
    assert corpus_name("https://example.org/") == "example.org"


def test_moses_files_are_read_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.fr").write_text("Va !\nSalut !", encoding="utf-8")
    (tmp_path / "a.en").write_bytes(gzip.compress(b"Go.\nHi.\n"))
    assert list(read_moses(tmp_path / "a.fr", tmp_path / "a.en")) == [("Va !", "Go.", 1), ("Salut !", "Hi.", 2)]


def test_moses_files_of_different_length_are_named_with_both_counts(tmp_path: Path) -> None:
    (tmp_path / "a.fr").write_text("x\n" * 1200)
    (tmp_path / "a.en").write_text("x\n" * 3)
    with pytest.raises(DataError, match=r"a\.fr has 1,200 lines, but a\.en 3;"):
        list(read_moses(tmp_path / "a.fr", tmp_path / "a.en"))


def test_multi30k_keeps_its_split_and_its_text(tmp_path: Path) -> None:
    for part, text in {"train": "Un  chien .", "val": "L’âne\u00a0!", "test_2016_flickr": "Un chat"}.items():
        (tmp_path / f"{part}.fr.gz").write_bytes(gzip.compress(f"{text} \n".encode()))
        (tmp_path / f"{part}.en").write_text("A line\n")
    (tmp_path / "english.txt.gz").write_bytes(b"no part of the split")
    (tmp_path / "train.de").write_text("other language\n")
    train, held_out = read_multi30k(tmp_path, FR_EN)
    assert [pair.target for pair in train] == ["A line"]
    assert held_out == {
        "valid_multi30k": [("L’âne\u00a0!", "A line")],
        "test_2016_flickr": [("Un chat", "A line")],
    }


def test_a_wrong_multi30k_folder_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not a folder"):
        read_multi30k(tmp_path / "nowhere", FR_EN)
    with pytest.raises(DataError, match="holds no train, val or test"):
        read_multi30k(tmp_path, FR_EN)
    (tmp_path / "val.fr").write_text("un\n\n")
    with pytest.raises(DataError, match=r"no val\.en"):
        read_multi30k(tmp_path, FR_EN)
    (tmp_path / "val.en").write_text("one\ntwo\n")
    with pytest.raises(DataError, match="Line 2 of Multi30K's val is empty"):
        read_multi30k(tmp_path, FR_EN)
