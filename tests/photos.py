"""Photos that tests draw themselves, and a captioning model so small that many can be made of it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from seq2seq.config import parse
from seq2seq.data.wordlist import WordList
from seq2seq.training import Training
from seq2seq.vision.captioning.checkpoint import image_encoder_name
from seq2seq.vision.captioning.recipe import CaptionRecipe
from seq2seq.vision.captioning.task import CaptionTask
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.encoder_checkpoint import write_image_encoder
from seq2seq.vision.image_encoder import build_image_encoder
from seq2seq.vision.retrieval.config import JointConfig
from seq2seq.vision.retrieval.model import JointEmbedding
from seq2seq.vision.retrieval.search import write_search
from tests.tiny import fill

COLOURS = {"red": (220, 30, 30), "green": (30, 180, 60), "blue": (40, 70, 220), "white": (240, 240, 240)}
PLACES = {"left": (20, 60, 110, 160), "right": (130, 60, 220, 160)}
TRUNK = ImageConfig(name="tiny", size=75, classes=3)  # a grid of 7 x 7, 8 wide

caption_training = partial(Training, task=CaptionTask)


def photo(colour: str, place: str, size: tuple[int, int] = (240, 200)) -> Image.Image:
    """Return a grey picture with a coloured box on one side."""
    picture = Image.new("RGB", (240, 200), (110, 110, 110))
    ImageDraw.Draw(picture).rectangle(PLACES[place], fill=COLOURS[colour])
    return picture.resize(size)


def captions(colour: str, place: str) -> list[str]:
    """Return captions as they stand in a file, raw."""
    return [
        f"A {colour} box on the {place} .",
        f"There is a {colour} box .",
        f"The {place} side has a {colour} box .",
    ]


def drawn() -> list[tuple[str, str]]:
    """Return all photos that can be drawn, by colour and place."""
    return [(colour, place) for colour in COLOURS for place in PLACES]


def write_data(folder: Path) -> tuple[Path, Path]:
    """Write all photos and their captions; return the folder of the photos and the file of the captions."""
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    lines = []
    for number, (colour, place) in enumerate(drawn()):
        name = f"{number}.png"
        photo(colour, place).save(folder / "photos" / name)
        lines += [f"train\t{name}\t{text}\n" for text in captions(colour, place)]
    (folder / "captions.tsv").write_text("".join(lines), encoding="utf-8")
    return folder / "photos", folder / "captions.tsv"


def tiny_image_encoder(folder: Path, scale: float = 0.6) -> Path:
    """Write a trunk that nobody has trained."""
    encoder = build_image_encoder(TRUNK)
    fill(encoder, scale)
    write_image_encoder(folder, encoder, {"README.md": "# A trunk for tests\n"})
    return folder


def tiny_shape(**changes: Any) -> dict[str, Any]:
    """Return a shape a few numbers wide."""
    sizes = {"projection": 7, "embedding": 6, "decoder_hidden": 9, "attention_hidden": 5, "dropout": 0.0}
    return sizes | changes


def caption_recipe(folder: Path, **tables: dict[str, Any]) -> CaptionRecipe:
    """Return a recipe for the drawn photos; `tables` change single keys."""
    photos, texts = write_data(folder)
    if not (folder / "trunk").exists():
        tiny_image_encoder(folder / "trunk", 2.0)
    values: dict[str, Any] = {
        "data": {
            "photos": photos,
            "captions": texts,
            "valid_photos": photos,
            "valid_captions": texts,
            "trunk": folder / "trunk",
            "features": folder / "features",
        },
        "text": {"size": 22},
        "model": tiny_shape(),
        "training": {
            "batch_tokens": 60,
            "precision": "float32",
            "log_every": 2,
            "validate_every": 4,
            "schedule": {"kind": "one-cycle", "updates": 12, "warmup": 0.25},
        },
    }
    for name, changes in tables.items():
        values[name] = values.get(name, {}) | changes
    return parse(CaptionRecipe, values, "recipe")


def images(some: Sequence[tuple[str, str]]) -> list[Image.Image]:
    """Return drawn photos."""
    return [photo(*each) for each in some]


LEARN: dict[str, dict[str, Any]] = {
    "model": {"projection": 16, "embedding": 16, "decoder_hidden": 32, "attention_hidden": 8},
    "training": {
        "encoder_rate": 0.02,
        "decoder_rate": 0.02,
        "label_smoothing": 0.0,
        "validate_every": 1000,
        "schedule": {"kind": "one-cycle", "updates": 150},
    },
}
"""What changes a recipe so that its decoder learns."""


def tiny_captioner(folder: Path) -> Path:
    """Write a captioning model that has learnt a little of the drawn photos, with its trunk beside it."""
    caption_training(caption_recipe(folder.parent, **LEARN), folder).run()
    return folder


def caption_models(folder: Path) -> Path:
    """Write captioning models with and without attention, their trunk, and a search that has learnt nothing."""
    tiny_captioner(folder / "tiny-attention")
    plain = LEARN | {"model": LEARN["model"] | {"attention": "none"}}
    caption_training(caption_recipe(folder, **plain), folder / "tiny-plain").run()
    words = WordList([*COLOURS, *PLACES, "box", "dog"])
    search = JointEmbedding(JointConfig(photo=8, word=6, joint=5), len(words))
    fill(search)
    known = len(words) - 1
    card = {"README.md": "# A search for tests\n"}
    write_search(folder / "search", image_encoder_name(folder / "trunk"), search, words, (known, known), card)
    return folder
