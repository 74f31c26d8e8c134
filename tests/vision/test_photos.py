"""Any picture that a person might upload becomes a photo, or one clear sentence."""

import io
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seq2seq.errors import DataError, PhotoError
from seq2seq.vision.photos import is_plain, photo_files, photo_warning, read_photo
from seq2seq.vision.pixels import read_squares, squash
from seq2seq.vision.regions import Box, grey_out, region_box

TURNED = (Path(__file__).parent / "turned.heic").read_bytes()  # 85 x 128 pixels that EXIF turns by a quarter
RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(width: int = 40, height: int = 20) -> Image.Image:
    """Return a picture that is red on the left and blue on the right."""
    drawn = Image.new("RGB", (width, height), RED)
    drawn.paste(BLUE, (width // 2, 0, width, height))
    return drawn


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def near(pixel: Any, colour: tuple[int, int, int], apart: int = 40) -> bool:
    return max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) <= apart


def is_red_then_blue(photo: Image.Image) -> bool:
    middle = photo.height // 2
    left, right = photo.getpixel((photo.width // 8, middle)), photo.getpixel((photo.width * 7 // 8, middle))
    return photo.mode == "RGB" and near(left, RED) and near(right, BLUE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_format_is_read(kind: str) -> None:
    photo = read_photo(saved(picture(), kind))
    assert photo.size == (40, 20)
    assert is_red_then_blue(photo)


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr"])
def test_colour_spaces_become_rgb(mode: str) -> None:
    assert is_red_then_blue(read_photo(saved(picture(200, 100).convert(mode), "JPEG")))


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF"])
def test_palettes_become_rgb(kind: str) -> None:
    assert is_red_then_blue(read_photo(saved(picture().quantize(4), kind)))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_shows_white(mode: str) -> None:
    clear = Image.new("RGBA", (10, 10), (10, 20, 30, 0)).convert(mode if mode != "PA" else "RGBA")
    kind = "TIFF" if mode == "LA" else "PNG"
    assert read_photo(saved(clear, kind)).getpixel((5, 5)) == (255, 255, 255)
    palette = Image.new("P", (10, 10), 0)
    assert read_photo(saved(palette, "PNG", transparency=0)).getpixel((5, 5)) == (255, 255, 255)
    assert read_photo(saved(palette, "GIF", transparency=0)).getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_are_scaled_and_not_cut() -> None:
    ramp = np.linspace(0, 65535, 64, dtype=np.uint16)[None].repeat(8, 0)
    for kind in ("PNG", "TIFF"):
        photo = read_photo(saved(Image.fromarray(ramp), kind))
        values = np.asarray(photo)[4, [0, 32, 63], 0].tolist()
        assert values == pytest.approx([0, 129, 255], abs=3)


def test_floating_point_is_scaled() -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32)[None].repeat(8, 0)
    photo = read_photo(saved(Image.fromarray(ramp), "TIFF"))
    assert photo.getpixel((63, 4)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_and_black_and_white(mode: str) -> None:
    assert read_photo(saved(Image.new(mode, (9, 9), 255), "PNG")).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "WEBP", "PNG"])
def test_a_photo_stands_upright(orientation: int, kind: str) -> None:
    """The same picture is stored as a camera that was held otherwise stores it, and comes out upright."""
    stored = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    image = picture(64, 32)
    for turn in stored[orientation]:
        image = image.transpose(turn)
    exif = Image.Exif()
    exif[274] = orientation
    photo = read_photo(saved(image, kind, exif=exif))
    assert photo.size == (64, 32)
    assert is_red_then_blue(photo)


def test_the_first_frame_of_a_film_is_shown() -> None:
    frames = [picture(), Image.new("RGB", (40, 20), (0, 255, 0))]
    assert is_red_then_blue(read_photo(saved(frames[0], "GIF", save_all=True, append_images=frames[1:])))


@pytest.mark.parametrize("size", [(1, 1), (20_000, 20), (3, 5000)])
def test_any_shape_can_be_squashed(size: tuple[int, int]) -> None:
    photo = read_photo(saved(Image.new("RGB", size, RED), "PNG"))
    assert max(photo.size) <= 1024
    squared = squash(photo)
    assert (squared.shape, squared.dtype) == ((3, 224, 224), torch.uint8)
    assert squared[:, 100, 100].tolist() == list(RED)


@pytest.mark.parametrize("size", [(90_000, 50), (50, 90_000), (100_000, 1)])
def test_a_thread_of_floats_is_read_in_tiles(size: tuple[int, int]) -> None:
    """Millions of rows of one pixel are not as many steps, nor is one row of them a single large step."""
    ramp = np.linspace(0, 1, max(size), dtype=np.float32)
    image = np.broadcast_to(ramp if size[0] > size[1] else ramp[:, None], size[::-1])
    photo = read_photo(saved(Image.fromarray(np.ascontiguousarray(image)), "TIFF"))
    values = np.asarray(photo)[..., 0].ravel()
    assert max(photo.size) == values.size == 1024
    assert np.abs(values - np.linspace(0, 255, 1024)).max() < 2


@pytest.mark.parametrize("mode", ["RGB", "P", "1"])
def test_sixty_megapixels_are_read(mode: str) -> None:
    data = saved(Image.new(mode, (10_000, 6_000)), "JPEG" if mode == "RGB" else "PNG")
    assert read_photo(data).size == (1024, 614)


def bomb() -> bytes:
    """Return a PNG of 40,000 x 40,000 pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><circle r="5"/></svg>'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"just some words, called a photo\n" * 20, "holds text"),
        (SVG, "is a drawing"),
        (b"<svg></svg>", "is a drawing"),
        (bomb(), "too many pixels|40,000 x 40,000"),
        (saved(Image.new("1", (12_000, 9_000)), "PNG"), "12,000 x 9,000"),
        (saved(picture(400, 300), "JPEG")[:900], "cut off or damaged"),
        (saved(picture(400, 300), "PNG")[:200], "cut off or damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "no picture|cut off or damaged"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)), "no picture|cut off or damaged"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n\0", "no picture"),
        (bytes(21_000_000), "21,000,000 bytes; up to 20 MB"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF document"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(90), "cut off or damaged"),
        (TURNED[: len(TURNED) // 2], "cut off or damaged"),
        (b"\xff\xd8" + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 101, "more than 100 passes"),
    ],
)
def test_what_is_no_photo_is_refused_in_one_sentence(data: bytes, says: str) -> None:
    with pytest.raises(PhotoError, match=says) as caught:
        read_photo(data, "holiday.jpg")
    assert str(caught.value).startswith("holiday.jpg ")
    assert "\n" not in str(caught.value)


def test_a_phones_heic_is_read_upright() -> None:
    photo = read_photo(TURNED, "IMG_0001.HEIC")
    assert (photo.size, photo.mode) == ((128, 85), "RGB")
    assert not is_plain(photo)


def test_a_name_stays_on_one_line() -> None:
    with pytest.raises(PhotoError, match=r"^a\?b\?\.jpg is empty"):
        read_photo(b"", "a\nb\udcff.jpg")


def test_a_large_photo_is_the_same_as_if_it_were_converted_at_once() -> None:
    """3,000 x 2,000 pixels are converted in two tiles; neither their seam nor the photo's shape shows."""
    coarse = np.random.default_rng(2).integers(0, 256, (20, 30, 4), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((3000, 2000), Image.Resampling.BILINEAR)
    over = Image.new("RGBA", image.size, "white")
    over.alpha_composite(image)
    expected = np.asarray(over.convert("RGB").resize((1024, 683), Image.Resampling.BICUBIC), dtype=float)
    found = np.asarray(read_photo(saved(image, "PNG", compress_level=1)), dtype=float)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < 1
    assert np.abs(found - expected).max() < 12


def test_numbers_that_are_none_do_not_darken_a_photo() -> None:
    ramp = np.linspace(-2, 6, 64, dtype=np.float32)[None].repeat(8, 0)
    ramp[0, :2] = np.inf, np.nan
    photo = read_photo(saved(Image.fromarray(ramp), "TIFF"))
    red = np.asarray(photo)[:, :, 0]
    assert [red[row, column] for row, column in ((0, 0), (0, 1), (4, 0), (4, 63))] == [255, 0, 0, 255]
    nothing = np.full((4, 4), np.nan, dtype=np.float32)
    assert read_photo(saved(Image.fromarray(nothing), "TIFF")).getpixel((1, 1)) is not None


def test_exif_may_stand_behind_the_pixels() -> None:
    exif = Image.Exif()
    exif[274] = 3
    data = saved(picture(64, 32).transpose(Image.Transpose.ROTATE_180), "PNG", exif=exif)
    start = data.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4], "big")
    moved = data[:start] + data[end:-12] + data[start:end] + data[-12:]  # the last chunk, IEND, has 12 bytes
    assert is_red_then_blue(read_photo(moved))


def test_folders_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="is a folder"):
        read_photo(tmp_path)
    with pytest.raises(PhotoError, match="does not exist"):
        read_photo(tmp_path / "none.jpg")
    with pytest.raises(PhotoError, match="can't be read"):
        read_photo(Path("null\0byte"))


@given(st.binary(max_size=300))
def test_random_bytes_never_break_it(data: bytes) -> None:
    with pytest.raises(PhotoError):
        read_photo(data)


@settings(max_examples=150)
@given(st.data())
def test_damaged_pictures_are_read_or_refused(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]))
    whole = bytearray(saved(picture(), kind))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(whole)))
    with suppress(PhotoError):
        photo = read_photo(bytes(whole[:cut]))
        assert photo.mode == "RGB"
        assert max(photo.size) <= 1024


def test_threads_do_not_disturb_each_other() -> None:
    files = [saved(picture(60 + number, 30), "JPEG") for number in range(8)]
    alone = [squash(read_photo(file)) for file in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda file: squash(read_photo(file)), files * 4))
    assert all(torch.equal(together[i], alone[i % 8]) for i in range(32))


def test_huge_photos_wait_for_each_other_even_if_one_is_damaged() -> None:
    whole = saved(Image.new("1", (6_000, 3_000), 1), "PNG")
    with ThreadPoolExecutor(3) as pool:
        damaged, *good = [pool.submit(read_photo, data) for data in (whole[: len(whole) // 2], whole, whole)]
        with pytest.raises(PhotoError, match="cut off or damaged"):
            damaged.result()
        assert [photo.result().size for photo in good] == [(1024, 512)] * 2


def test_a_square_of_the_right_size_is_left_as_it_is() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    squared = squash(read_photo(saved(Image.fromarray(pixels), "PNG")))
    assert np.array_equal(squared.permute(1, 2, 0).numpy(), pixels)


def test_grey_covers_its_boxes_and_no_more() -> None:
    photo = picture(40, 20)
    hidden = grey_out(photo, [Box(0, 0, 0.5, 1), Box(0.9, 0.9, 0.9, 1)])
    assert hidden.getpixel((19, 10)) == (127, 127, 127)
    assert hidden.getpixel((20, 10)) == BLUE
    assert hidden.getpixel((37, 19)) == BLUE
    assert is_red_then_blue(photo)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 5), st.integers(1, 5))
def test_all_regions_together_cover_any_photo(width: int, height: int, rows: int, columns: int) -> None:
    boxes = [region_box(number, (rows, columns)) for number in range(1, rows * columns + 1)]
    photo = Image.new("RGB", (width, height), RED)
    for box in boxes:
        assert grey_out(photo, [box]).getcolors() != photo.getcolors()
    assert grey_out(photo, boxes).getcolors() == [(width * height, (127, 127, 127))]


@given(st.integers(1, 9), st.integers(1, 9))
def test_regions_tile_the_photo(rows: int, columns: int) -> None:
    boxes = [region_box(number, (rows, columns)) for number in range(1, rows * columns + 1)]
    assert sum((box.right - box.left) * (box.bottom - box.top) for box in boxes) == pytest.approx(1)
    assert (boxes[0].left, boxes[0].top, boxes[-1].right, boxes[-1].bottom) == (0, 0, 1, 1)
    for number in (0, rows * columns + 1):
        with pytest.raises(PhotoError, match=f"no region {number}"):
            region_box(number, (rows, columns))


def test_squares_of_a_folder_are_kept(tmp_path: Path) -> None:
    for name in ("b.png", "a.png"):
        picture().save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no photo")
    assert [path.name for path in photo_files(tmp_path)] == ["a.png", "b.png"]
    squares = read_squares(tmp_path, ["b.png", "a.png"], tmp_path / "cache" / "squares.npy")
    assert np.array_equal(squares[0], squash(read_photo(tmp_path / "b.png")).numpy())
    (tmp_path / "b.png").unlink()
    again = read_squares(tmp_path, ["b.png", "a.png"], tmp_path / "cache" / "squares.npy")
    assert np.array_equal(again, squares)
    with pytest.raises(DataError, match="holds 2 photos, not 1"):
        read_squares(tmp_path, ["a.png"], tmp_path / "cache" / "squares.npy")
    (tmp_path / "cache" / "damaged.npy").write_bytes(b"no array")
    with pytest.raises(DataError, match="is damaged"):
        read_squares(tmp_path, ["a.png"], tmp_path / "cache" / "damaged.npy")
    with pytest.raises(DataError, match="no photos"):
        photo_files(tmp_path / "cache")
    with pytest.raises(DataError, match="not a folder"):
        photo_files(tmp_path / "none")


def test_a_process_that_reads_one_photo_first_of_all_can_read_it(tmp_path: Path) -> None:
    picture().save(tmp_path / "a.webp")
    imports = "import sys; from pathlib import Path; from seq2seq.vision.photos import read_photo"
    subprocess.run(
        [sys.executable, "-c", f"{imports}; read_photo(Path(sys.argv[1]))", str(tmp_path / "a.webp")], check=True
    )


def test_absurd_sides_are_refused_before_anything_is_decoded() -> None:
    header = struct.pack(">IIBBBBB", 99_999_999, 1, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    data = b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    with pytest.raises(PhotoError, match="99,999,999 x 1 pixels; a side has 100,000 at most"):
        read_photo(data, "thread.png")


def test_an_animation_that_fades_in_shows_its_first_picture() -> None:
    black, red = (Image.new("RGB", (40, 30), colour) for colour in ("black", "red"))
    red.paste((0, 0, 255), (0, 0, 20, 30))
    file = io.BytesIO()
    black.save(file, "GIF", save_all=True, append_images=[black.copy(), red], duration=100)
    assert not is_plain(read_photo(file.getvalue(), "fade.gif"))
    file = io.BytesIO()
    black.save(file, "GIF", save_all=True, append_images=[black.copy()], duration=100)
    assert is_plain(read_photo(file.getvalue(), "night.gif"))


def test_what_makes_captions_worth_little_is_said() -> None:
    plain = Image.new("RGB", (40, 30), "white")
    picture = plain.copy()
    picture.paste((200, 10, 10), (0, 0, 20, 20))
    assert photo_warning(picture) == ""
    assert "of one colour" in photo_warning(plain)
    assert "40 times as long as it is wide" in photo_warning(picture.resize((800, 20)))
    assert photo_warning(picture.resize((80, 20))) == ""
