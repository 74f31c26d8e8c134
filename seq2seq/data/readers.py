"""Readers of published corpora: manythings.org zips and TSV files, Moses file pairs, Multi30K folders.

Every reader yields raw rows in the model's direction; `clean` normalises and drops.
"""

import http.client
import lzma
import re
import struct
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain, zip_longest
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple
from urllib.parse import unquote, urlsplit

from seq2seq.data.languages import ANY, Languages
from seq2seq.data.lines import decode_lines, open_bytes, open_text
from seq2seq.data.pairs import Pair
from seq2seq.data.table import Row, Table, read_rows
from seq2seq.errors import DataError, reason

_URL = re.compile(r"https?://", re.IGNORECASE)
# manythings.org refuses urllib's default user agent.
_USER_AGENT = "Mozilla/5.0 (compatible; seq2seq-toolkit)"
_TIMEOUT = 30.0  # seconds without a response
_ZIP_MAGIC = b"PK\x03\x04"
# What zipfile raises for damaged bytes, a password (RuntimeError), an unknown version, compression or encryption
# (NotImplementedError), or a directory that points before its start (ValueError). They are caught only around code
# that does nothing but read a zip.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)


class Published(NamedTuple):
    """A corpus with a published split: training pairs, and held-out pairs by file name."""

    train: list[Pair]
    held_out: dict[str, list[Pair]]


def corpus_name(corpus: str) -> str:
    """Return the file name of a path or URL, which may be recorded without revealing the location."""
    if _URL.match(corpus):
        parts = urlsplit(corpus)
        return unquote(PurePosixPath(parts.path).name) or (parts.hostname or "download")
    # A file name need not be UTF-8, but the card that it is written into is.
    return Path(corpus).name.encode("utf-8", "replace").decode()


def read_table(
    corpus: str, languages: Languages, columns: Sequence[str] | None = None, *, either: bool = True
) -> Table:
    """Return the pairs of a manythings zip or a table (path or URL), in the direction of `languages`.

    columns, either: as in `read_rows`. A zip from manythings.org has English first, so it needs no `columns`.

    Raises:
        ConfigError: nothing tells which column is which.
        DataError: the corpus is not available, or a line of it is not a row of a table.
    """
    name = corpus_name(corpus)
    stream = _download(corpus) if _URL.match(corpus) else open_bytes(Path(corpus))
    stream, inside = unzipped(stream, name)
    if inside != name and columns is None:
        columns = zip_columns(languages)
    name = inside
    return checked_rows(stream, name, languages, columns, either=either)


def checked_rows(
    stream: IO[bytes],
    name: str,
    languages: Languages,
    columns: Sequence[str] | None = None,
    *,
    either: bool = False,
    most: int | None = None,
) -> Table:
    """Return the pairs of an open table. Raises DataError if it has none, and as `decode_lines` and `read_rows`."""
    table = read_rows(decode_lines(stream, name, most), name, languages, columns, either=either)
    first = next(table.rows, None)
    if first is None:
        raise DataError(f"{name} is empty; name a file with pairs in it.")
    table.rows = chain([first], table.rows)
    return table


def read_pairs(path: Path, languages: Languages = ANY) -> Iterator[Pair]:
    """Return the pairs of a table of source and target, one at a time; nothing is dropped.

    Raises:
        DataError: the file can't be read; later, at the line concerned: it is not a row, or a side is empty.
    """
    rows = read_rows(decode_lines(open_bytes(path), str(path)), str(path), languages).rows
    return (Pair(row.source, row.target) for row in _whole(rows, str(path)))


def read_whole_rows(path: Path, languages: Languages) -> Table:
    """Return the table that `read_pairs` reads, with line numbers and notes on its format.

    Raises DataError as `read_pairs`, and if there is no pair.
    """
    table = checked_rows(open_bytes(path), str(path), languages)
    table.rows = _whole(table.rows, table.name)
    return table


def _whole(rows: Iterator[Row], name: str) -> Iterator[Row]:
    for row in rows:
        for side in ("source", "target"):
            if not getattr(row, side).strip():
                raise DataError(f"{name}, line {row.line} has an empty {side}; fill it or take the line out.")
        yield row


def _download(url: str) -> IO[bytes]:
    """Return the content of `url` as a temporary file (a zip is read from its end)."""
    with ExitStack() as closing:  # on an error; otherwise the caller reads and closes the file
        file = closing.enter_context(tempfile.TemporaryFile())
        try:
            request = urllib.request.Request(url, headers={"User-Agent": _USER_AGENT})
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
                while block := answer.read(1 << 20):
                    file.write(block)
        except urllib.error.HTTPError as failure:
            raise DataError(f"{url} answered {failure.code} {failure.reason}; check the address.") from None
        except (OSError, http.client.HTTPException, ValueError) as failure:
            why = reason(getattr(failure, "reason", failure))
            raise DataError(f"{url} can't be reached ({why}); download the file and give its path.") from None
        file.seek(0)
        closing.pop_all()
    return file


def zip_columns(languages: Languages) -> Sequence[str] | None:
    """Return the languages of the columns of a zip from manythings.org: English first, where it is one of them."""
    return sorted(languages, key=lambda code: code != "en") if "en" in languages else None


def unzipped(stream: IO[bytes], name: str, most: int | None = None) -> tuple[IO[bytes], str]:
    """Return an open file unchanged, or the only table in it if it is a zip; and its name for errors.

    most: the maximum unpacked size of the table in bytes.
    """
    if not stream.seekable():
        return stream, name
    is_zip = stream.read(len(_ZIP_MAGIC)) == _ZIP_MAGIC
    stream.seek(0)
    return _zip_member(stream, name, most) if is_zip else (stream, name)


def _zip_member(stream: IO[bytes], name: str, most: int | None) -> tuple[IO[bytes], str]:
    """Return the unpacked pairs of a manythings zip and their name; closes `stream`.

    Unpacked as a whole, so that a damaged zip is found here, not in the middle of reading.
    """
    with ExitStack() as closing:  # on an error; otherwise the caller reads and closes the file
        file = closing.enter_context(tempfile.TemporaryFile())
        try:
            with stream, zipfile.ZipFile(stream) as archive:
                member = _only_table(archive, name)
                require_plain_packing(archive.getinfo(member), name)
                left = most
                with archive.open(member) as packed:
                    while block := packed.read(2**20):
                        left = None if left is None else left - len(block)
                        if left is not None and left < 0:
                            raise DataError(f"{name} unpacks to over {(most or 0) // 2**20} MB; take a part of it.")
                        file.write(block)
        except (*ZIP_ERRORS, OSError) as failure:
            raise DataError(f"{name} is not a whole zip file ({reason(failure)}); fetch it again.") from None
        file.seek(0)
        closing.pop_all()
    return file, f"{name}/{member}"


def require_plain_packing(member: zipfile.ZipInfo, name: str) -> None:
    """Raise DataError unless a zip member is stored or deflated; other methods unpack in unbounded memory."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"{name} is packed in a way that is not taken here; make a plain zip of it.")


def _only_table(archive: zipfile.ZipFile, name: str) -> str:
    files = [info.filename for info in archive.infolist()]
    tables = [
        file
        for file in files
        if file.lower().endswith((".txt", ".tsv")) and PurePosixPath(file).name != "_about.txt"
    ]
    if len(tables) != 1:
        found = ", ".join(tables) or "none"
        raise DataError(f"{name} needs one .txt file of pairs, but has {found}; unpack it and name one.")
    return tables[0]


def read_moses(source: Path, target: Path) -> Iterator[Row]:
    """Return the rows of two files that are parallel line by line.

    Raises:
        DataError: a file can't be read, or their line counts differ (detected at the end).
    """
    counts = [0, 0]
    for texts in zip_longest(open_text(source), open_text(target)):
        counts = [count + (text is not None) for count, text in zip(counts, texts, strict=True)]
        if None not in texts:
            yield Row(*texts, line=counts[0])
    if counts[0] != counts[1]:
        raise DataError(
            f"{source.name} has {counts[0]:,} lines, but {target.name} {counts[1]:,}; "
            "they are not parallel line by line."
        )


def read_multi30k(folder: Path, languages: Languages) -> Published:
    """Return the published split of a Multi30K folder: files `train.fr`, `val.fr`, `test_*.fr`, `.gz` or not.

    `val` becomes `valid_multi30k`; a test set keeps its published name.

    Raises:
        DataError: there is no such folder, a part lacks a language, or a held-out line is empty.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; name the one that holds train.{languages.source} and others.")
    parts: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir(), reverse=True):  # where both exist, x.fr wins over x.fr.gz
        name, _, language = path.name.removesuffix(".gz").rpartition(".")
        if language in languages and (name in ("train", "val") or name.startswith("test_")):
            parts.setdefault(name, {})[language] = path
    if not parts:
        raise DataError(
            f"{folder} holds no train, val or test_* in {' and '.join(languages)}; check the languages."
        )
    pairs: dict[str, list[Pair]] = {}
    for name, files in sorted(parts.items()):
        for language in languages:
            if language not in files:
                raise DataError(f"{folder} has {name} in one language, but no {name}.{language}; add it.")
        rows = read_moses(files[languages.source], files[languages.target])
        pairs[name] = [Pair(row.source, row.target) for row in rows]
    train = pairs.pop("train", [])
    return Published(train, {_held_out_name(name): _as_published(name, part) for name, part in pairs.items()})


def _held_out_name(name: str) -> str:
    return "valid_multi30k" if name == "val" else name


def _as_published(name: str, pairs: list[Pair]) -> list[Pair]:
    """Return the pairs ready for a TSV, otherwise unchanged: published scores use the published text."""
    tidy = [Pair(*(text.strip().replace("\t", " ") for text in pair)) for pair in pairs]
    for number, pair in enumerate(tidy, 1):
        if not all(pair):
            raise DataError(f"Line {number} of Multi30K's {name} is empty in one language; correct the file.")
    return tidy
