"""Safe reading of photos from any file that people take for one."""

import io
import re
import threading
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

import numpy as np
from pi_heif import HeifImageFile
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from seq2seq.errors import DataError, PhotoError

LARGEST_FILE = 20 * 2**20  # bytes
MOST_PIXELS = 100_000_000
_LONGEST_SIDE = 100_000  # pixels; a forged header of 1 x 99,999,999 would keep decoders busy row by row
_FRAMES = 10  # of an animation that are searched for one that is not of a single colour
_SHOWN = 1024  # the longer side of a photo as it is kept, in pixels
_HUGE = 16_000_000  # pixels from which photos are decoded one at a time: a WebP takes 16 bytes for each
_ONE_HUGE = threading.Lock()
_TILE = 4_000_000  # pixels that are converted at once: a converted copy of a whole photo may take 400 MB
# The header of a scan of a JPEG; a forged progressive file repeats it thousands of times.
_SCAN = re.compile(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)")
_MOST_SCANS = 100  # progressive files have about ten
_HEIC = (b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1")
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif")
_ANIMATED = ("GIF", "WEBP", "PNG")
_SAME = 6  # levels of brightness up to which a photo counts as plain
_LONGEST_SHAPE = 4


def read_photo(source: Path | bytes, name: str = "") -> Image.Image:
    """Return a photo as RGB, upright, in its own shape, at most 1,024 pixels long; transparency shows white.

    source: a file or its bytes: JPEG, PNG, WebP, GIF (its first frame that shows something), BMP, TIFF, AVIF, HEIC.
    name: for error messages.
    Memory stays near what the decoder takes, 4 to 16 bytes for each of at most 100 million pixels (next to none for
    a JPEG, which is decoded at a fraction of its size); no state of Pillow's is changed.
    Raises PhotoError in one sentence that says what is wrong and what to do.
    """
    name = _printable(name or (source.name if isinstance(source, Path) else "")) or "The photo"
    data = _bytes(source, name)
    _refuse_others(data, name)
    try:
        with _opened(data) as opened:
            width, height = opened.size
            if width * height > MOST_PIXELS:
                raise PhotoError(_too_many(name, width, height))
            if max(width, height) > _LONGEST_SIDE:
                raise PhotoError(
                    f"{name} has {width:,} x {height:,} pixels; a side has {_LONGEST_SIDE:,} at most, so crop it."
                )
            _to_first_picture(opened)
            return _decoded(opened)
    except PhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoError(_too_many(name)) from None
    except UnidentifiedImageError:
        raise PhotoError(f"{name} is no picture that can be read; save it as JPEG or PNG.") from None
    except MemoryError:
        raise PhotoError(f"{name} takes more memory than there is; make it smaller.") from None
    except Exception:  # decoders may raise anything on a damaged file
        raise PhotoError(f"{name} is cut off or damaged; copy it again, or save it anew.") from None


def _opened(data: bytes) -> Image.Image:
    """Return a picture of which only the header has been read."""
    # AVIF files sometimes start with mif1 too, but then list their own brand among the others.
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC and b"avif" not in data[:64]:
        photo: Image.Image = HeifImageFile(io.BytesIO(data))
        return photo
    Image.init()  # fills Image.ID, once; not every build of Pillow has every format
    # Formats are named, since some that Pillow knows start other programs.
    return Image.open(io.BytesIO(data), formats=[each for each in _FORMATS if each in Image.ID])


def _printable(name: str) -> str:
    """Return a printable name: a file name may contain line breaks, or bytes that are not text."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def _bytes(source: Path | bytes, name: str) -> bytes:
    if isinstance(source, bytes):
        size = len(source)
    else:
        try:
            if source.is_dir():
                raise PhotoError(f"{name} is a folder; name a photo.")
            size = source.stat().st_size
        except FileNotFoundError:
            raise PhotoError(f"{_printable(str(source))} does not exist; check the path.") from None
        except (OSError, ValueError) as failure:
            raise PhotoError(f"{name} can't be read: {getattr(failure, 'strerror', None) or failure}.") from None
    if size == 0:
        raise PhotoError(f"{name} is empty; choose another file.")
    if size > LARGEST_FILE:
        raise PhotoError(
            f"{name} has {size:,} bytes; up to {LARGEST_FILE // 2**20} MB are taken, so make it smaller."
        )
    if isinstance(source, bytes):
        return source
    try:
        return source.read_bytes()
    except OSError as failure:
        raise PhotoError(f"{name} can't be read: {failure.strerror}.") from None


def _refuse_others(data: bytes, name: str) -> None:
    """Raise PhotoError for kinds of files that people mistake for photos."""
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in data[:4000].lower():
        raise PhotoError(f"{name} is a drawing (SVG), not a photo; export it as PNG or JPEG.")
    if data.startswith(b"%PDF"):
        raise PhotoError(f"{name} is a PDF document, not a photo; save the picture in it as PNG or JPEG.")
    if data.startswith(b"\xff\xd8") and len(_SCAN.findall(data)) > _MOST_SCANS:
        raise PhotoError(f"{name} draws itself in more than {_MOST_SCANS} passes; save it as a plain JPEG.")
    if b"\0" not in data[:2000] and all(byte > 8 for byte in data[:200]) and not data.startswith(b"BM"):
        try:
            data[:200].decode("ascii")
        except UnicodeDecodeError:
            return
        raise PhotoError(f"{name} holds text, not a photo; choose another file.")


def _too_many(name: str, width: int = 0, height: int = 0) -> str:
    size = f"{width:,} x {height:,} pixels" if width else "too many pixels"
    return f"{name} has {size}; up to {MOST_PIXELS // 1_000_000} million are taken, so make it smaller."


def _decoded(opened: Image.Image) -> Image.Image:
    """Return the pixels of an opened file as RGB, shrunk and upright, without metadata."""
    opened.draft(None, _fitting(opened.size))  # JPEG decodes at a half, a quarter or an eighth of its size
    # Ten users who upload 100 megapixels at once wait for each other, and need the memory of one.
    with _ONE_HUGE if opened.width * opened.height > _HUGE else nullcontext():
        opened.load()  # EXIF and size are final only now: PNG may have them after the pixels, TIFF rotates itself
        photo = _shrunk(opened)
        with suppress(Exception):  # many photos have no EXIF data; broken ones are no reason to refuse a photo
            photo.getexif()[ExifTags.Base.Orientation] = opened.getexif()[ExifTags.Base.Orientation]
        opened.close()
    return ImageOps.exif_transpose(photo)


def _to_first_picture(opened: Image.Image) -> None:
    """Go to the first frame of an animation that shows something: many fade in from black."""
    # Whether it is plain takes all pixels, and only animations need that.
    frames = getattr(opened, "n_frames", 1)
    if opened.format not in _ANIMATED or frames == 1:
        return
    for frame in range(1, min(frames, _FRAMES)):
        if not is_plain(opened):
            return
        opened.seek(frame)
    if is_plain(opened):
        opened.seek(0)


def is_plain(photo: Image.Image) -> bool:
    """Return whether a photo is of a single colour; transparent pixels count as white."""
    small = _rgb(photo.convert("RGBA").reduce(max(1, max(photo.size) // 64)), (0.0, 255.0))
    values = np.asarray(small).reshape(-1, 3)
    return bool((values.max(0) - values.min(0) <= _SAME).all())


def photo_warning(photo: Image.Image) -> str:
    """Return a sentence on why captions of a photo would be unreliable; "" if nothing is wrong."""
    width, height = photo.size
    if is_plain(photo):
        return "The photo is of one colour, so there is nothing to see in it."
    if max(width, height) > _LONGEST_SHAPE * min(width, height):
        return (
            f"The photo is {max(width, height) / min(width, height):.0f} times as long as it is wide. The encoder "
            "sees it squashed to a square, so cut out the part that matters."
        )
    return ""


def _shrunk(opened: Image.Image) -> Image.Image:
    """Return a loaded photo as RGB, at most _SHOWN pixels long, tile by tile."""
    width, height = opened.size
    by = max(1, max(width, height) // _SHOWN)
    photo = Image.new("RGB", (-(-width // by), -(-height // by)))
    span = _span(opened)
    for box in _tiles(opened.size, by):
        photo.paste(_rgb(opened.crop(box), span).reduce(by), (box[0] // by, box[1] // by))
    size = _fitting((width, height))
    return photo if size == photo.size else photo.resize(size, Image.Resampling.BICUBIC)


def _tiles(size: tuple[int, int], by: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield boxes of about _TILE pixels that cover the image; their left and top edges are multiples of `by`."""
    width, height = size
    columns = min(width, max(1, _TILE // (by * min(by, height))) * by)
    rows = max(1, _TILE // (columns * by)) * by
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            yield left, top, min(left + columns, width), min(top + rows, height)


def _is_wide(photo: Image.Image) -> bool:
    """Return whether a pixel is one number of 16 or 32 bits."""
    return photo.mode in ("I", "F") or photo.mode.startswith("I;16")


def _span(opened: Image.Image) -> tuple[float, float]:
    """Return the values of black and white: the range of the type if known, otherwise the range of the data."""
    if not _is_wide(opened):
        return 0.0, 255.0
    if opened.mode.startswith("I;16"):
        return 0.0, 65535.0
    low, high = np.inf, -np.inf
    for box in _tiles(opened.size, 1):
        values = np.asarray(opened.crop(box), dtype=np.float64)
        values = values[np.isfinite(values)]
        low, high = values.min(initial=low), values.max(initial=high)
    whites = (255.0, 65535.0) if opened.mode == "I" else (1.0, 255.0, 65535.0)
    white = next((white for white in whites if low >= 0 and high <= white), None)
    return (float(low), float(high)) if white is None else (0.0, white)


def _rgb(tile: Image.Image, span: tuple[float, float]) -> Image.Image:
    """Return a tile of a photo as RGB, transparency composited over white."""
    if _is_wide(tile):
        low, high = span
        values = np.nan_to_num(np.asarray(tile, dtype=np.float64), nan=low, posinf=high, neginf=low)
        bytes_ = np.rint((values - low) * (255 / max(high - low, 1e-12))).clip(0, 255).astype(np.uint8)
        return Image.fromarray(bytes_).convert("RGB")
    if not tile.has_transparency_data:
        return tile.convert("RGB")
    colours = tile.convert("RGBA")
    over = Image.new("RGB", tile.size, (255, 255, 255))
    over.paste(colours, mask=colours.getchannel("A"))
    return over


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    share = min(1.0, _SHOWN / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def photo_files(folder: Path) -> list[Path]:
    """Return the photos in a folder, by name. Raises DataError if there are none."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; name one with photos.")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS)
    if not found:
        raise DataError(f"{folder} has no photos ({', '.join(_ENDINGS)}); name another folder.")
    return found
