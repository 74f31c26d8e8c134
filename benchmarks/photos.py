"""Time captions on one core: one photo from the bytes of its file to its caption, part by part, and many together.

python -m benchmarks.photos [--model FOLDER] [--photo FILE]

The one photo is generated if none is named: 12 megapixels with noise, a JPEG as large as a phone's. Many are
224 x 224, as Flickr8k's are stored; their caption rate is compared with that of the image encoder alone, measured
in alternation.
"""

import argparse
import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

import seq2seq
from benchmarks.machine import describe
from seq2seq.vision.captioning.captioner import Captioner
from seq2seq.vision.photos import read_photo
from seq2seq.vision.pixels import PHOTO_SIZE, squash

ROOT = Path(__file__).resolve().parents[1]
PHONE = (4000, 3000)  # pixels
RUNS, WARM = 20, 3
MANY, BATCH = 64, 16  # photos; the encoder's batch size
ROUNDS = 5


def main() -> None:
    """Print the parts of one caption, then captions per second, and photos per second of the encoder alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=str(ROOT / "checkpoints" / "captions-attention"))
    parser.add_argument("--photo", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    model = seq2seq.load_captioner(asked.model)
    print(describe())
    one_photo(model, asked.photo.read_bytes() if asked.photo else drawn(PHONE, 0))
    many_photos(model, [drawn((PHOTO_SIZE, PHOTO_SIZE), seed) for seed in range(MANY)])


def drawn(size: tuple[int, int], seed: int) -> bytes:
    """Return a JPEG of blurred patches with noise: sensors have it, and it makes JPEG decoding slowest."""
    generator = np.random.default_rng(seed)
    patches = Image.fromarray(generator.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    noise = generator.normal(0, 8, (size[1], size[0], 3)).astype(np.float32)
    pixels = np.asarray(patches.resize(size, Image.Resampling.BICUBIC)) + noise
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()


@torch.inference_mode()
def one_photo(model: Captioner, data: bytes) -> None:
    """Print the median of each part, and of the whole with its worst run."""
    options = model.options()
    times: dict[str, list[float]] = {}
    whole = []
    for _ in range(WARM + RUNS):
        start = time.perf_counter()
        photo = timed(times, "read", read_photo, data)
        square = timed(times, "squash", squash, photo)
        seen = timed(times, "image encoder", model.image_encoder.encoder, square[None])
        timed(times, "memory", model.memory, seen)
        captions = timed(times, "memory and search", model.caption_features, seen, options)
        whole.append(1000 * (time.perf_counter() - start))
    with Image.open(io.BytesIO(data)) as file:
        size = file.size
    print(f"one photo of {size[0]} x {size[1]} pixels, {len(data) / 1e6:.1f} MB, beam 5: {captions[0][0].text!r}")
    medians = {name: statistics.median(values[WARM:]) for name, values in times.items()}
    # The search takes the encoder's features, and computes the memory from them once more.
    medians["search"] = medians.pop("memory and search") - medians["memory"]
    again = medians["memory"]
    for name, median in medians.items():
        print(f"  {name}: {median:.1f} ms")
    print(
        f"  upload to caption: median {statistics.median(whole[WARM:]) - again:.0f} ms, "
        f"worst {max(whole[WARM:]) - again:.0f} ms (1 thread)"
    )


def timed(times: dict[str, list[float]], name: str, call: Callable[..., Any], *values: Any) -> Any:
    """Return what a call with these values returns; its milliseconds go to `times`."""
    start = time.perf_counter()
    result = call(*values)
    times.setdefault(name, []).append(1000 * (time.perf_counter() - start))
    return result


@torch.inference_mode()
def many_photos(model: Captioner, files: list[bytes]) -> None:
    """Print the rates of captions (reading, encoding, search) and of the image encoder alone, and their ratio."""
    squares = torch.stack([squash(read_photo(data)) for data in files])
    rates: dict[str, list[float]] = {"alone": [], "captions": []}

    def look() -> None:
        for start in range(0, len(squares), BATCH):
            model.image_encoder.encoder(squares[start : start + BATCH])

    def caption() -> None:
        model.caption([read_photo(data) for data in files])

    look()  # warm
    for _ in range(ROUNDS):  # alternating, so that other load on the machine slows both
        for name, call in (("alone", look), ("captions", caption)):
            start = time.perf_counter()
            call()
            rates[name].append(len(files) / (time.perf_counter() - start))
    ratio = statistics.median(b / a for a, b in zip(rates["alone"], rates["captions"], strict=True))
    alone, captions = (statistics.median(rates[name]) for name in ("alone", "captions"))
    print(
        f"{len(files)} photos, beam 5: {captions:.1f} captions/s; the image encoder alone {alone:.1f} photos/s; "
        f"{ratio:.0%} of it (median of {ROUNDS} rounds, 1 thread)"
    )


if __name__ == "__main__":
    main()
