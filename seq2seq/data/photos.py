"""Photos as they come in, squashed to the one square that every encoder starts from, and their captions."""

import gzip
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError
from torch import Tensor
from tqdm import tqdm

from seq2seq.errors import DataError, PhotoError

PHOTO_SIZE = 224
"""Side of the squares that photos are squashed to before anything else."""
LARGEST_FILE = 20_000_000  # bytes
MOST_PIXELS = 100_000_000
_SHOWN = 1024  # the longer side of a photo as it is kept, in pixels
_HUGE = 16_000_000  # pixels from which a palette is thinned out before its colours are looked up
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
_GREY = (127, 127, 127)


class Box(NamedTuple):
    """A part of a photo, as shares of its width and height, 0 .. 1."""

    left: float
    top: float
    right: float
    bottom: float


def read_photo(source: Path | bytes, name: str = "") -> Image.Image:
    """Return a photo as RGB, upright, in its own shape, at most 1,024 pixels long; transparency shows white.

    source: a file or its bytes: JPEG, PNG, WebP, GIF (its first frame), BMP, TIFF, AVIF. name: what errors call it.
    Memory stays within a few bytes for each of at most 100 million pixels; no state of Pillow's is changed.
    Raises PhotoError in one sentence that says what is wrong and what to do.
    """
    name = name or (source.name if isinstance(source, Path) else "") or "The photo"
    data = _bytes(source, name)
    _refuse_others(data, name)
    Image.init()  # fills Image.ID, once; not every build of Pillow has every format
    try:
        # Formats are named, since some that Pillow knows start other programs.
        with Image.open(io.BytesIO(data), formats=[each for each in _FORMATS if each in Image.ID]) as opened:
            width, height = opened.size
            if width * height > MOST_PIXELS:
                raise PhotoError(_too_many(name, width, height))
            return _upright(_shrunk(opened))
    except PhotoError:
        raise
    except Image.DecompressionBombError:
        raise PhotoError(_too_many(name)) from None
    except UnidentifiedImageError:
        raise PhotoError(f"{name} is no picture that can be read; save it as JPEG or PNG.") from None
    except Exception:  # decoders raise whatever a damaged file leads them into
        raise PhotoError(f"{name} is cut off or damaged; copy it again, or save it anew.") from None


def _bytes(source: Path | bytes, name: str) -> bytes:
    if isinstance(source, bytes):
        size = len(source)
    else:
        try:
            if source.is_dir():
                raise PhotoError(f"{name} is a folder; name a photo.")
            size = source.stat().st_size
        except FileNotFoundError:
            raise PhotoError(f"{source} does not exist; check the path.") from None
        except (OSError, ValueError) as failure:
            raise PhotoError(f"{name} can't be read: {getattr(failure, 'strerror', None) or failure}.") from None
    if size == 0:
        raise PhotoError(f"{name} is empty; choose another file.")
    if size > LARGEST_FILE:
        raise PhotoError(
            f"{name} has {size / 1e6:.0f} MB; up to {LARGEST_FILE / 1e6:.0f} are taken, so make it smaller."
        )
    if isinstance(source, bytes):
        return source
    try:
        return source.read_bytes()
    except OSError as failure:
        raise PhotoError(f"{name} can't be read: {failure.strerror}.") from None


def _refuse_others(data: bytes, name: str) -> None:
    """Raise PhotoError for files that people take for photos."""
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in data[:4000].lower():
        raise PhotoError(f"{name} is a drawing (SVG), not a photo; export it as PNG or JPEG.")
    if b"\0" not in data[:2000] and all(byte > 8 for byte in data[:200]) and not data.startswith(b"BM"):
        try:
            data[:200].decode("ascii")
        except UnicodeDecodeError:
            return
        raise PhotoError(f"{name} holds text, not a photo; choose another file.")


def _too_many(name: str, width: int = 0, height: int = 0) -> str:
    size = f"{width:,} x {height:,} pixels" if width else "too many pixels"
    return f"{name} has {size}; up to {MOST_PIXELS // 1_000_000} million are taken, so make it smaller."


def _shrunk(photo: Image.Image) -> Image.Image:
    """Return the photo as RGB, at most _SHOWN pixels long."""
    photo.draft(photo.mode, (_SHOWN, _SHOWN))  # JPEG decodes at a half, a quarter or an eighth by itself
    if photo.mode in ("1", "P", "PA"):
        if photo.width * photo.height > _HUGE:
            photo = photo.resize(_fitting(photo.size, 4 * _SHOWN), Image.Resampling.NEAREST)
        photo = photo.convert("RGBA" if photo.mode == "PA" or "transparency" in photo.info else "RGB")
    elif photo.mode.startswith(("I", "F")):
        photo = _eight_bits(photo)
    elif "transparency" in photo.info and photo.mode in ("L", "RGB"):
        photo = photo.convert("LA" if photo.mode == "L" else "RGBA")
    size = _fitting(photo.size, _SHOWN)
    if size != photo.size:
        photo = photo.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
    if photo.mode in ("RGBA", "LA", "RGBa", "La"):
        over = Image.new("RGBA", photo.size, (255, 255, 255, 255))
        over.alpha_composite(photo.convert("RGBA"))
        photo = over
    exif = photo.info.get("exif")
    shown = photo.convert("RGB")
    if exif:
        shown.info["exif"] = exif
    return shown


def _eight_bits(photo: Image.Image) -> Image.Image:
    """Return a photo of 16 or 32 bits a pixel in 8: by the range of its type if that is known, else by its own."""
    values = np.nan_to_num(np.asarray(photo, dtype=np.float32))
    low, high = float(values.min()), float(values.max())
    if photo.mode.startswith("I") and low >= 0 and high < 65536:
        low, high = 0.0, 65535.0 if photo.mode != "I" or high > 255 else 255.0
    elif low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    scaled = (values - low) * (255 / max(high - low, 1e-12))
    return Image.fromarray(scaled.clip(0, 255).astype(np.uint8))


def _fitting(size: tuple[int, int], longest: int) -> tuple[int, int]:
    share = min(1.0, longest / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _upright(photo: Image.Image) -> Image.Image:
    """Return the photo turned as its EXIF data says."""
    try:
        turned = ImageOps.exif_transpose(photo)
    except Exception:  # broken EXIF data are no reason to refuse a photo
        turned = photo
    turned.info.clear()
    return turned


def grey_out(photo: Image.Image, boxes: Iterable[Box]) -> Image.Image:
    """Return a copy of the photo with these parts painted grey."""
    hidden = photo.copy()
    draw = ImageDraw.Draw(hidden)
    for box in boxes:
        corners = (
            box.left * photo.width,
            box.top * photo.height,
            box.right * photo.width,
            box.bottom * photo.height,
        )
        left, top, right, bottom = (round(value) for value in corners)
        if right > left and bottom > top:
            draw.rectangle((left, top, right - 1, bottom - 1), fill=_GREY)
    return hidden


def region_box(number: int, grid: tuple[int, int]) -> Box:
    """Return where region `number` of a grid (rows, columns) lies; counted from 1, row by row."""
    rows, columns = grid
    row, column = divmod(number - 1, columns)
    if not 0 <= row < rows:
        raise PhotoError(f"There is no region {number}; the photo has 1 to {rows * columns}.")
    return Box(column / columns, row / rows, (column + 1) / columns, (row + 1) / rows)


def squash(photo: Image.Image) -> Tensor:
    """Return the whole photo squashed to uint8 (3, 224, 224), bilinearly; nothing is cropped."""
    square = photo.resize((PHOTO_SIZE, PHOTO_SIZE), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)


def photo_files(folder: Path) -> list[Path]:
    """Return the photos in a folder, by name. Raises DataError if there are none."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; name one with photos.")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS)
    if not found:
        raise DataError(f"{folder} has no photos ({', '.join(_ENDINGS)}); name another folder.")
    return found


def read_captions(path: Path) -> dict[str, list[str]]:
    """Return the raw captions of each photo from lines of split<TAB>file<TAB>caption. Raises DataError."""
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file
        ):
            rows = [line.rstrip("\n").split("\t") for line in file]
    except (OSError, EOFError, UnicodeDecodeError) as failure:
        raise DataError(f"{path} can't be read ({failure}); name a file of captions.") from None
    if not rows:
        raise DataError(f"{path} has no captions; name another file.")
    captions: dict[str, list[str]] = {}
    for number, row in enumerate(rows, 1):
        if len(row) != 3:
            raise DataError(f"{path}, line {number}: not split<TAB>file<TAB>caption; mend it.")
        captions.setdefault(row[1], []).append(row[2])
    return captions


def normalise_caption(text: str) -> str:
    """Return a caption as it is learnt and scored: lower case, single spaces, without its final stop."""
    return " ".join(text.lower().split()).removesuffix(".").rstrip()


def read_squares(folder: Path, names: list[str], cache: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the named photos of a folder as uint8 (photos, 3, 224, 224), kept in the file `cache` once read."""
    if not cache.is_file():
        cache.parent.mkdir(parents=True, exist_ok=True)
        draft = cache.with_suffix(".draft.npy")
        shape = (len(names), 3, PHOTO_SIZE, PHOTO_SIZE)
        squares = np.lib.format.open_memmap(draft, "w+", np.uint8, shape)
        for row, name in enumerate(tqdm(names, unit="photo", disable=None)):
            squares[row] = squash(read_photo(folder / name)).numpy()
        squares.flush()
        draft.rename(cache)
    found: np.ndarray[Any, np.dtype[np.uint8]] = np.load(cache, mmap_mode="r")
    return found
