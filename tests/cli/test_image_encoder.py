"""train-trunk and import-trunk, on drawn photos and a tiny network."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image
from safetensors.torch import save_file

from seq2seq.cli import main
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.encoder_checkpoint import read_image_encoder
from seq2seq.vision.image_encoder import build_image_encoder

RECIPE = """
batch_photos = 4
frozen_up_to = ""

[image]
name = "tiny"
size = 80
classes = 7

[distil]
min_caption_count = 2

[[stages]]
size = 80
epochs = 2
"""


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """The verb's words, with all files that they name."""
    generator = np.random.default_rng(1)
    found = []
    for part, count in (("train", 8), ("dev", 4)):
        photos, teacher = tmp_path / part, tmp_path / f"{part}-teacher"
        photos.mkdir()
        teacher.mkdir()
        names = [f"{number}.jpg" for number in range(count)]
        for name in names:
            Image.fromarray(generator.integers(0, 256, (30, 30, 3), dtype=np.uint8)).save(photos / name)
        rows = [f"{part}\t{name}\tA {'dog' if int(name[0]) % 2 else 'cat'} runs .\n" for name in names]
        (tmp_path / f"{part}.tsv").write_text("".join(rows))
        (teacher / "photos.txt").write_text("".join(f"{name}\n" for name in names))
        np.save(teacher / "regions.npy", generator.random((count, 3, 3, 5)).astype(np.float16))
        save_file({"weight": torch.ones(7, 5), "bias": torch.zeros(7)}, teacher / "head.safetensors")
        option = "--train" if part == "train" else "--valid"
        found += [option, str(photos), str(tmp_path / f"{part}.tsv"), str(teacher)]
    network = build_image_encoder(ImageConfig(name="tiny", size=80, classes=0)).network
    start = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(start, tmp_path / "start.safetensors")
    (tmp_path / "tiny.toml").write_text(RECIPE)
    return [
        "train-trunk", str(tmp_path / "tiny.toml"), "--start", str(tmp_path / "start.safetensors"),
        "--out", str(tmp_path / "trunk"), *found,
    ]  # fmt: skip


def run(words: list[str]) -> Result:
    return CliRunner().invoke(main, words, prog_name="python -m seq2seq")


def test_an_encoder_is_trained_and_kept(words: list[str], tmp_path: Path) -> None:
    result = run(words)
    assert result.exit_code == 0, result.output
    trunk = read_image_encoder(tmp_path / "trunk")
    seen = trunk.encoder(torch.zeros(1, 3, 224, 224, dtype=torch.uint8))
    assert seen.logits is not None
    assert seen.logits.shape == (1, 7)
    assert (tmp_path / "trunk" / "history.jsonl").read_text().count("\n") == 3
    assert "first five" in (tmp_path / "trunk" / "README.md").read_text()
    rates = run(["find-rate", str(tmp_path / "trunk" / "train.toml"), "--updates", "10"])
    assert "The loss falls fastest at a rate of" in rates.stdout, rates.output
    again = run(words)
    assert (again.exit_code, "holds a training; add --resume" in again.stderr) == (2, True)


def test_a_finished_training_is_resumed_without_more_epochs(words: list[str], tmp_path: Path) -> None:
    assert run(words).exit_code == 0
    first = read_image_encoder(tmp_path / "trunk").digest
    (tmp_path / "trunk").rename(tmp_path / "elsewhere")
    assert run(words).exit_code == 2  # its state is there
    assert run([*words, "--resume"]).exit_code == 0
    assert read_image_encoder(tmp_path / "trunk").digest == first


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("start.safetensors", b"nonsense", "is damaged"),
        ("train.tsv", b"train\t0.jpg\tA dog .\n", "1.jpg was seen by the teacher and has no caption"),
        ("train-teacher/photos.txt", None, "run tools/teacher again"),
        ("tiny.toml", b"stages = []", "stages"),
        ("train/3.jpg", b"", "3.jpg is empty"),
        ("train-teacher/head.safetensors", b"nonsense", "run tools/teacher again"),
        ("train.tsv", gzip.compress(b"train\t0.jpg\tA dog .\n" * 9)[:40], "is cut off"),
    ],
)
def test_bad_input_is_one_sentence(
    words: list[str], tmp_path: Path, file: str, content: bytes | None, says: str
) -> None:
    path = tmp_path / file
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    result = run(words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("Error:") == 1


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (["--resume"], "holds no training to resume"),
        (["--set", "frozen_up_to=nothing"], "no part of the encoder"),
    ],
)
def test_what_cant_be_gone_on_with_or_frozen_is_named(words: list[str], extra: list[str], says: str) -> None:
    result = run([*words, *extra])
    assert result.exit_code == 2
    assert says in result.stderr


def test_official_weights_come_from_a_file(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = build_image_encoder(ImageConfig()).network
    state = {**network.state_dict(), "AuxLogits.fc.weight": torch.zeros(2)}
    torch.save(state, tmp_path / "official.pth")
    result = run(["import-trunk", "--out", str(tmp_path / "official"), "--file", str(tmp_path / "official.pth")])
    assert result.exit_code == 0, result.output
    encoder = read_image_encoder(tmp_path / "official").encoder
    assert encoder.config.pixels == "-1..1"
    kept = encoder.network.state_dict()["Mixed_7c.branch1x1.conv.weight"]
    assert torch.allclose(kept, state["Mixed_7c.branch1x1.conv.weight"], atol=1e-3)


def test_foreign_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "some.pth").write_bytes(b"no weights")
    for name, says in (("some.pth", "no weights file of torchvision"), ("none.pth", "does not exist")):
        result = run(["import-trunk", "--out", str(tmp_path / "out"), "--file", str(tmp_path / name)])
        assert result.exit_code == 2
        assert says in result.stderr
    torch.save({"fc.weight": torch.zeros(1)}, tmp_path / "other.pth")
    result = run(["import-trunk", "--out", str(tmp_path / "out"), "--file", str(tmp_path / "other.pth")])
    assert "belongs to another model" in result.stderr
