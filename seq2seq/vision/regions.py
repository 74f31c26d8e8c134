"""Parts of a photo: the regions of a grid, and boxes, greyed out."""

from collections.abc import Iterable
from typing import NamedTuple

from PIL import Image, ImageDraw

from seq2seq.errors import PhotoError

_GREY = (127, 127, 127)


class Box(NamedTuple):
    """A part of a photo, as fractions of its width and height, 0 .. 1."""

    left: float
    top: float
    right: float
    bottom: float


def grey_out(photo: Image.Image, boxes: Iterable[Box]) -> Image.Image:
    """Return a copy of the photo with these parts painted grey; each non-empty part covers at least one pixel."""
    hidden = photo.copy()
    draw = ImageDraw.Draw(hidden)
    for box in boxes:
        if box.left < box.right and box.top < box.bottom:
            left, right = _pixels(box.left, box.right, photo.width)
            top, bottom = _pixels(box.top, box.bottom, photo.height)
            draw.rectangle((left, top, right - 1, bottom - 1), fill=_GREY)
    return hidden


def _pixels(low: float, high: float, side: int) -> tuple[int, int]:
    """Return the range of pixels of a side between two fractions, the end excluded."""
    first = min(round(low * side), side - 1)
    return first, max(round(high * side), first + 1)


def region_box(number: int, grid: tuple[int, int]) -> Box:
    """Return the box of region `number` of a grid (rows, columns); counted from 1, row by row."""
    rows, columns = grid
    row, column = divmod(number - 1, columns)
    if not 0 <= row < rows:
        raise PhotoError(f"There is no region {number}; the photo has 1 to {rows * columns}.")
    return Box(column / columns, row / rows, (column + 1) / columns, (row + 1) / rows)
