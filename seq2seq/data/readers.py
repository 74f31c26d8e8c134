"""Corpora as others publish them: manythings.org zips and TSV files, Moses file pairs, Multi30K folders.

Every reader yields pairs in the model's direction, raw: `clean` normalises and drops.
"""

import http.client
import lzma
import re
import shutil
import struct
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain, zip_longest
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple
from urllib.parse import unquote, urlsplit

from seq2seq.data.pairs import Pair, decode_lines, open_bytes, open_text
from seq2seq.errors import ConfigError, DataError

_URL = re.compile(r"https?://", re.IGNORECASE)
# manythings.org refuses urllib's own name.
_USER_AGENT = "Mozilla/5.0 (compatible; seq2seq-toolkit)"
_TIMEOUT = 30.0  # seconds without an answer
_ZIP_MAGIC = b"PK\x03\x04"
# What zipfile raises over damaged bytes, a password (RuntimeError), and a version, compression or encryption
# that it does not know (NotImplementedError, a RuntimeError).
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
)


class Languages(NamedTuple):
    """The codes of what is translated and into what, as in `fr`, `en`."""

    source: str
    target: str


class Published(NamedTuple):
    """A corpus with a split of its own: training pairs, and pairs to measure with by file name."""

    train: list[Pair]
    held_out: dict[str, list[Pair]]


def corpus_name(corpus: str) -> str:
    """Return the file name of a path or URL: what may be written down without telling where it lay."""
    if _URL.match(corpus):
        parts = urlsplit(corpus)
        return unquote(PurePosixPath(parts.path).name) or (parts.hostname or "download")
    # A file name need not be UTF-8, but the card that it is written into is.
    return Path(corpus).name.encode("utf-8", "replace").decode()


def read_table(corpus: str, languages: Languages, columns: Languages | None) -> Iterator[Pair]:
    """Return the pairs of a manythings zip or a TSV file (path or URL), from its first two columns.

    `columns` names the languages of the two columns. A zip from manythings.org has English first, so it can
    do without.

    Raises:
        ConfigError: nothing says which column is which.
        DataError: the corpus can't be had, or a line of it has no tab.
    """
    name = corpus_name(corpus)
    stream = _download(corpus) if _URL.match(corpus) else open_bytes(Path(corpus))
    is_zip = stream.read(len(_ZIP_MAGIC)) == _ZIP_MAGIC
    stream.seek(0)
    if is_zip:
        stream, name = _zip_member(stream, name)
        if columns is None and "en" in languages:
            columns = Languages("en", languages.source if languages.target == "en" else languages.target)
    return _columns(decode_lines(stream, name), name, languages, columns)


def _columns(lines: Iterator[str], name: str, languages: Languages, columns: Languages | None) -> Iterator[Pair]:
    first = next(lines, None)
    if first is None:
        raise DataError(f"{name} is empty; name a file with pairs in it.")
    if columns is None:
        both, turned = ",".join(languages), ",".join(reversed(languages))
        raise ConfigError(
            f"{name} does not say which column is which language; its first line is {first[:60]!r}: "
            f"add --columns {both} or --columns {turned}."
        )
    if set(columns) != set(languages):
        raise ConfigError(f"--columns {','.join(columns)} does not name {' and '.join(languages)}; correct one.")
    return _cells(chain([first], lines), name, turned=columns != languages)


def _cells(lines: Iterator[str], name: str, turned: bool) -> Iterator[Pair]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        cells = line.split("\t", 2)
        if len(cells) < 2:
            raise DataError(f"{name}, line {number} has no tab: {line[:60]!r}; it takes two columns.")
        yield Pair(cells[1], cells[0]) if turned else Pair(cells[0], cells[1])


def _download(url: str) -> IO[bytes]:
    """Return what stands at `url`, as a temporary file (a zip is read from its end)."""
    with ExitStack() as closing:  # on an error; else the caller reads and closes the file
        file = closing.enter_context(tempfile.TemporaryFile())
        try:
            request = urllib.request.Request(url, headers={"User-Agent": _USER_AGENT})
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
                while block := answer.read(1 << 20):
                    file.write(block)
        except urllib.error.HTTPError as failure:
            raise DataError(f"{url} answered {failure.code} {failure.reason}; check the address.") from None
        except (OSError, http.client.HTTPException, ValueError) as failure:
            reason = getattr(failure, "reason", failure)
            raise DataError(f"{url} can't be reached ({reason}); download the file and give its path.") from None
        file.seek(0)
        closing.pop_all()
    return file


def _zip_member(stream: IO[bytes], name: str) -> tuple[IO[bytes], str]:
    """Return the unpacked pairs of a manythings zip and their name; closes `stream`.

    Unpacked at once: whatever is wrong with a zip then shows here, not in the middle of reading.
    """
    with ExitStack() as closing:  # on an error; else the caller reads and closes the file
        file = closing.enter_context(tempfile.TemporaryFile())
        try:
            with stream, zipfile.ZipFile(stream) as archive:
                member = _only_table(archive, name)
                with archive.open(member) as packed:
                    shutil.copyfileobj(packed, file)
        except ZIP_ERRORS as failure:
            raise DataError(f"{name} is not a whole zip file ({failure}); fetch it again.") from None
        file.seek(0)
        closing.pop_all()
    return file, f"{name}/{member}"


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


def read_moses(source: Path, target: Path) -> Iterator[Pair]:
    """Return the pairs of two files that are parallel line by line.

    Raises:
        DataError: a file can't be read, or their line counts differ (found at the end).
    """
    counts = [0, 0]
    for texts in zip_longest(open_text(source), open_text(target)):
        counts = [count + (text is not None) for count, text in zip(counts, texts, strict=True)]
        if None not in texts:
            yield Pair(*texts)
    if counts[0] != counts[1]:
        raise DataError(
            f"{source.name} has {counts[0]:,} lines, but {target.name} {counts[1]:,}; "
            "line by line they are not translations."
        )


def read_multi30k(folder: Path, languages: Languages) -> Published:
    """Return the published split of a Multi30K folder: files `train.fr`, `val.fr`, `test_*.fr`, `.gz` or not.

    `val` comes out as `valid_multi30k`, a test under its published name.

    Raises:
        DataError: there is no such folder, a part lacks a language, or a line to measure with is empty.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; name the one that holds train.{languages.source} and others.")
    parts: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir(), reverse=True):  # where both stand, x.fr wins over x.fr.gz
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
        pairs[name] = list(read_moses(files[languages.source], files[languages.target]))
    train = pairs.pop("train", [])
    return Published(train, {_held_out_name(name): _as_published(name, part) for name, part in pairs.items()})


def _held_out_name(name: str) -> str:
    return "valid_multi30k" if name == "val" else name


def _as_published(name: str, pairs: list[Pair]) -> list[Pair]:
    """Return the pairs ready for a TSV, otherwise untouched: published scores are of the published text."""
    tidy = [Pair(*(text.strip().replace("\t", " ") for text in pair)) for pair in pairs]
    for number, pair in enumerate(tidy, 1):
        if not all(pair):
            raise DataError(f"Line {number} of Multi30K's {name} is empty in one language; mend the file.")
    return tidy
