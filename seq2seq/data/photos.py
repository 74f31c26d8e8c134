"""Photos as they come in, squashed to the one square that every encoder starts from, and their captions."""

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from tqdm import tqdm

from seq2seq.errors import DataError, PhotoError

PHOTO_SIZE = 224
"""Side of the squares that photos are squashed to before anything else."""
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")


def read_photo(source: Path | bytes, name: str = "") -> Image.Image:
    """Return a photo as RGB, upright, in its own shape. Raises PhotoError in one sentence."""
    name = name or (str(source) if isinstance(source, Path) else "The photo")
    try:
        with Image.open(source if isinstance(source, Path) else io.BytesIO(source)) as opened:
            return ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as failure:
        raise PhotoError(f"{name} can't be read as a photo ({failure}); try another file.") from None


def squash(photo: Image.Image) -> Tensor:
    """Return the whole photo squashed to uint8 (3, 224, 224), bilinearly; nothing is cropped."""
    square = photo.resize((PHOTO_SIZE, PHOTO_SIZE), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)


def photo_files(folder: Path) -> list[Path]:
    """Return the photos in a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS)


def read_captions(path: Path) -> dict[str, list[str]]:
    """Return the raw captions of each photo from lines of split<TAB>file<TAB>caption. Raises DataError."""
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file
        ):
            rows = [line.rstrip("\n").split("\t") for line in file]
    except (OSError, EOFError, UnicodeDecodeError) as failure:
        raise DataError(f"{path} can't be read ({failure}); name a file of captions.") from None
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
