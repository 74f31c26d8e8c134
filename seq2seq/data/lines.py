"""Reading text files: plain or gzipped, UTF-8 or UTF-16, with the line endings of any system.

Lines end with "\\n" alone, or with "\\r" in a file that has no "\\n": U+2028, U+0085 and the like occur inside
sentences of real corpora.
"""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from seq2seq.errors import DataError, reason

LONGEST_LINE = 2**20  # bytes; no line of any corpus comes near
_GZIP_MAGIC = b"\x1f\x8b"
_PACKED = {b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7z", b"Rar!": "rar"}
_EACH = 20  # added to the size of each line, so that a million empty ones count too
_HEAD = 2**16  # bytes from which encoding and line endings are detected
_BYTE_ORDER_MARK = "\ufeff"
_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def open_text(path: Path) -> Iterator[str]:
    """Return the lines of a file, one at a time, without their line endings.

    The file is opened immediately, so that a wrong path is reported before any work starts.

    Raises:
        DataError: `path` is missing, a folder or not readable; later, at the line concerned: text in another
            encoding, a line of over LONGEST_LINE bytes, or a truncated gzip file.
    """
    return decode_lines(open_bytes(path), str(path))


def open_bytes(path: Path) -> IO[bytes]:
    """Return the opened file. Raises DataError if it is missing, a folder or not readable."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise DataError(f"{path} does not exist; check the path.") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; name a file.") from None
    except OSError as failure:
        raise DataError(f"{path} can't be read: {failure.strerror}.") from None
    except ValueError:  # a null byte in the path
        raise DataError(f"{str(path)!r} is not a path; check it.") from None


def decode_lines(stream: IO[bytes], where: str, most: int | None = None) -> Iterator[str]:
    """Return the lines of an open plain or gzipped file, then close it; `where` is its name in errors.

    A byte order mark identifies UTF-16 and UTF-32; a file without one is UTF-8. Null bytes are kept.
    most: the maximum of unpacked characters; a small file may unpack to any size.

    Raises:
        DataError: as `open_text`, at the line concerned.
    """
    number = size = 0
    with stream:
        try:
            # A pipe can't be rewound.
            buffered: io.BufferedReader[Any] = io.BufferedReader(cast(io.RawIOBase, stream), _HEAD)
            if buffered.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC):
                unpacked = gzip.GzipFile(fileobj=buffered)
                buffered = io.BufferedReader(cast(io.RawIOBase, unpacked), _HEAD)
            head = buffered.peek(_HEAD)
            packed = next((kind for magic, kind in _PACKED.items() if head.startswith(magic)), None)
            if packed:
                raise DataError(f"{where} is packed ({packed}); unpack it and name the text file.")
            wide = next((name for mark, name in _WIDE.items() if head.startswith(mark)), None)
            if wide is None and _looks_wide(head):
                raise DataError(
                    f"{where} is not UTF-8 text: every other byte of it is zero, as in UTF-16 without a mark; save "
                    "it as UTF-8."
                )
            lines: Iterable[bytes | str] = _wide_lines(buffered, wide) if wide else _byte_lines(buffered, head)
            for number, line in enumerate(lines, 1):
                if len(line) > LONGEST_LINE:
                    raise DataError(
                        f"{where}, line {number} has more than {LONGEST_LINE:,} bytes without an end; write one "
                        "sentence or pair per line."
                    )
                size += len(line) + _EACH
                if most is not None and size > most:
                    raise DataError(f"{where} unpacks to over {most // 2**20} MB; split it, or take a part of it.")
                text = line if isinstance(line, str) else line.decode("utf-8")
                yield text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text
        except UnicodeDecodeError as failure:
            raise DataError(_undecodable(failure, where, number)) from None
        except EOFError:
            raise DataError(f"{where} is cut off after line {number}; fetch or write it again.") from None
        except (gzip.BadGzipFile, zlib.error) as failure:
            raise DataError(f"{where} is damaged after line {number}: {reason(failure)}.") from None
        except OSError as failure:
            raise DataError(f"{where} can't be read: {reason(failure)}.") from None


def _looks_wide(head: bytes) -> bool:
    """Return whether these first bytes look like UTF-16 without a byte order mark: every other one is zero."""
    zeros = sorted(head[side::2].count(0) for side in (0, 1))
    return len(head) > 8 and zeros[0] < 0.02 * len(head) < 0.2 * len(head) < zeros[1]


def _byte_lines(stream: "io.BufferedReader[Any]", head: bytes) -> Iterator[bytes]:
    """Yield the lines of UTF-8 text; one of over LONGEST_LINE bytes is cut off after them."""
    inside = head.rstrip(b"\r\n")
    if b"\r" in inside and b"\n" not in inside:
        yield from _split(stream)
        return
    while line := stream.readline(LONGEST_LINE + 2):
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def _split(stream: "io.BufferedReader[Any]") -> Iterator[bytes]:
    """Yield lines that end with carriage returns, or with line feeds where these occur later."""
    rest = b""
    while block := stream.read(_HEAD):
        text = rest + block
        whole = text.removesuffix(b"\r")  # only the next block shows whether a line feed follows
        *lines, rest = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest += text[len(whole) :]
        yield from lines
        if len(rest) > LONGEST_LINE:
            break
    if rest:
        yield rest.removesuffix(b"\r")


def _wide_lines(stream: "io.BufferedReader[Any]", encoding: str) -> Iterator[str]:
    """Yield the lines of text whose byte order mark gives its encoding."""
    with io.TextIOWrapper(stream, encoding=encoding, newline=None) as text:
        while line := text.readline(LONGEST_LINE + 2):
            yield line.removesuffix("\n")


def _undecodable(failure: UnicodeDecodeError, where: str, number: int) -> str:
    if failure.encoding.startswith(("utf-16", "utf-32")):
        return f"{where} is damaged {failure.encoding.upper()} after line {number}; save it as UTF-8."
    byte = failure.object[failure.start]
    return f"{where}, line {number}: byte 0x{byte:02x} is not UTF-8; save the file as UTF-8."
