"""Photos squashed to the fixed-size square that every image encoder starts from."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from seq2seq.errors import DataError
from seq2seq.vision.photos import read_photo

PHOTO_SIZE = 224
"""Side of the squares that photos are squashed to before any other step."""


def squash(photo: Image.Image) -> Tensor:
    """Return the whole photo squashed to uint8 (3, 224, 224), bilinearly; nothing is cropped."""
    square = photo.resize((PHOTO_SIZE, PHOTO_SIZE), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)


def read_squares(folder: Path, names: list[str], cache: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the named photos of a folder as uint8 (photos, 3, 224, 224), cached in the file `cache`.

    Raises PhotoError if one of them can't be read, DataError if the cache is damaged or of other length.
    """
    shape = (len(names), 3, PHOTO_SIZE, PHOTO_SIZE)
    if not cache.is_file():
        cache.parent.mkdir(parents=True, exist_ok=True)
        draft = cache.with_suffix(".draft.npy")
        squares = np.lib.format.open_memmap(draft, "w+", np.uint8, shape)
        for row, name in enumerate(tqdm(names, unit="photo", disable=None)):
            squares[row] = squash(read_photo(folder / name)).numpy()
        squares.flush()
        draft.rename(cache)
    try:
        found: np.ndarray[Any, np.dtype[np.uint8]] = np.load(cache, mmap_mode="r")
    except (OSError, ValueError, EOFError) as failure:
        raise DataError(f"{cache} is damaged ({failure}); delete it, and it is made again.") from None
    if found.shape != shape:
        raise DataError(
            f"{cache} holds {len(found):,} photos, not {len(names):,}; delete it, and it is made again."
        )
    return found
