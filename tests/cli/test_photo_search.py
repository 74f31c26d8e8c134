"""search-photos and train-search."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from seq2seq.cli import main
from seq2seq.data.wordlist import WordList
from seq2seq.vision.captioning.checkpoint import image_encoder_name
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.encoder_checkpoint import write_image_encoder
from seq2seq.vision.image_encoder import build_image_encoder
from seq2seq.vision.retrieval.config import JointConfig
from seq2seq.vision.retrieval.model import JointEmbedding
from seq2seq.vision.retrieval.search import PhotoSearch, write_search
from tests.tiny import fill
from tests.training.test_distributed import losses, torchrun

KNOWN = ("dog", "beach", "is", "it", "cold", "the")


def run(*words: str | Path) -> Result:
    """Run a verb."""
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trunk and a search that belongs to it, neither of which has learnt anything."""
    root = tmp_path_factory.mktemp("models")
    encoder = build_image_encoder(ImageConfig(name="tiny", size=75, classes=0))
    fill(encoder)
    write_image_encoder(root / "eyes", encoder, {})
    model = JointEmbedding(JointConfig(photo=8, word=6, joint=5), len(KNOWN))
    fill(model)
    write_search(root / "search", image_encoder_name(root / "eyes"), model, WordList(KNOWN), (4, 3), {})
    return root


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "holiday"
    folder.mkdir()
    for number in range(4):
        pixels = np.random.default_rng(number).integers(0, 255, (20 + number, 30, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    (folder / "text.jpg").write_text("not a photo")
    return folder


def test_photos_are_ranked_best_first_and_a_bad_file_is_skipped_with_a_word(models: Path, photos: Path) -> None:
    result = run("search-photos", "--model", models / "search", photos, "a dog")
    assert result.exit_code == 0, result.output
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert sorted(Path(file).name for _, file in rows) == ["0.png", "1.png", "2.png", "3.png"]
    assert [float(cosine) for cosine, _ in rows] == sorted((float(cosine) for cosine, _ in rows), reverse=True)
    assert "Skipped: text.jpg" in result.stderr
    assert "Unknown, so left out: a." in result.stderr
    again = run("search-photos", "--model", models / "search", photos, "a dog")
    assert again.stdout == result.stdout
    assert (photos.parent / "holiday.pooled.safetensors").is_file()


def test_the_limit_and_no_cache_are_obeyed(models: Path, photos: Path) -> None:
    result = run("search-photos", "--model", models / "search", "--limit", "2", "--no-cache", photos, "dog")
    assert len(result.stdout.splitlines()) == 2
    assert not (photos.parent / "holiday.pooled.safetensors").exists()


def test_french_words_go_through_the_translator(models: Path, photos: Path, tiny_checkpoint: Path) -> None:
    shutil.copytree(tiny_checkpoint, models / "fr-en", dirs_exist_ok=True)
    result = run("search-photos", "--model", models / "search", "--language", "fr", photos, "Il fait froid dehors.")
    assert "Searching for: " in result.stderr
    # The tiny translator has learnt nothing, so its English may well be unknown; that is one sentence then.
    assert result.exit_code == 0 or "None of these English words is known" in result.stderr


@pytest.mark.parametrize(
    ("options", "words", "says"),
    [
        ((), "xyzzy", "None of these English words is known: “xyzzy”"),
        ((), "dogg", "did you mean dog?"),
        ((), "", "no word to search by"),
        (("--language", "fr", "--translator", "nowhere"), "chien", "nowhere is not a folder"),
        (("--trunk", "nowhere"), "dog", "needs the image encoder eyes at nowhere"),
        (("--limit", "0"), "dog", "--limit"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    models: Path, photos: Path, options: tuple[str, ...], words: str, says: str
) -> None:
    result = run("search-photos", "--model", models / "search", *options, photos, words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_another_trunk_a_foreign_model_and_a_folder_without_photos_are_one_line(
    models: Path, photos: Path, tmp_path: Path
) -> None:
    encoder = build_image_encoder(ImageConfig(name="tiny", size=85, classes=0))
    write_image_encoder(tmp_path / "others", encoder, {})
    result = run("search-photos", "--model", models / "search", "--trunk", tmp_path / "others", photos, "dog")
    assert result.exit_code == 2
    assert "another image encoder than the one" in result.stderr
    result = run("search-photos", "--model", models / "eyes", photos, "dog")
    assert result.exit_code == 2
    assert "holds an image encoder" in result.stderr
    (tmp_path / "empty").mkdir()
    result = run("search-photos", "--model", models / "search", tmp_path / "empty", "dog")
    assert result.exit_code == 2
    assert "has no photos" in result.stderr
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "one.jpg").write_bytes(b"")
    result = run("search-photos", "--model", models / "search", tmp_path / "bad", "dog")
    assert result.exit_code == 2
    assert "None of the 1 files" in result.stderr


def test_info_tells_of_searches_and_photo_encoders(models: Path) -> None:
    result = run("info", models / "search")
    assert result.exit_code == 0, result.output
    assert "6 words, 4 of them from captions" in result.stdout
    assert "eyes (tiny, " in result.stdout
    assert "photo.weight" in result.stdout
    result = run("info", models / "eyes")
    assert result.exit_code == 0, result.output
    assert "regions of 8 numbers" in result.stdout


def search_options(models: Path, photos: Path, folder: Path) -> list[str]:
    """Write sentences and captions of the photos; return the options of a training with them."""
    (photos / "text.jpg").unlink()
    names = sorted(path.name for path in photos.iterdir())
    captions = folder / "captions.tsv"
    captions.write_text("".join(f"x\t{name}\tA dog number {name[0]} .\n" for name in names), encoding="utf-8")
    sentences = folder / "sentences.txt"
    sentences.write_text("The dog barks.\nThe cat sleeps here.\n" * 3, encoding="utf-8")
    values = {
        "sentences": f'["{sentences}"]',
        "trunk": f'"{models / "eyes"}"',
        "photos": f'"{photos}"',
        "valid_photos": f'"{photos}"',
        "captions": f'"{captions}"',
        "valid_captions": f'"{captions}"',
        "features": f'"{folder / "features"}"',
        "min_count": "1",
    }
    small = ("words.epochs=2", "joint.epochs=2", "joint.width=6", "joint.word=6")
    return [f"--set=data.{key}={value}" for key, value in values.items()] + [f"--set={each}" for each in small]


def test_two_processes_learn_a_search_as_one_does(models: Path, photos: Path, tmp_path: Path) -> None:
    """Each batch is shared, and as large in sum; what a pair's negatives are depends on the whole batch."""
    options = [*search_options(models, photos, tmp_path), "--threads=1", "--set=joint.photo_dropout=0"]
    halves, whole = ("--set=joint.batch=2", "--set=words.batch=8"), ("--set=joint.batch=4", "--set=words.batch=16")
    torchrun("train-search", "search", "--out", tmp_path / "two", *options, *halves)
    assert run("train-search", "search", "--out", tmp_path / "one", *options, *whole).exit_code == 0
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), abs=1e-4)


def test_train_search_makes_a_folder_that_search_photos_takes(models: Path, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "found"
    options = [*search_options(models, photos, tmp_path), '--set=data.held_out=["3"]']
    result = run("train-search", "search", "--out", out, *options)
    assert result.exit_code == 0, result.output
    assert "recall at 1, 5, 10" in result.stdout
    assert "Held-out words" in result.stdout
    trunk = PhotoSearch.load(out).config.trunk
    assert trunk is not None
    assert trunk.name == "eyes"
    assert run("search-photos", "--model", out, "--trunk", models / "eyes", photos, "dog").exit_code == 0
    assert "epoch 4: photos by captions, recall at 1, 5, 10" in run("info", out).stdout
    again = run("train-search", "search", "--out", out, *options)
    assert again.exit_code == 2
    assert "holds a training; add --resume" in again.stderr
    # What train.toml says can be trained from again.
    result = run("train-search", out / "train.toml", "--out", tmp_path / "again")
    assert result.exit_code == 0, result.output
    first, second = (PhotoSearch.load(each) for each in (out, tmp_path / "again"))
    assert first.digest == second.digest
    former = (out / "train.toml").read_text().replace("min_count", "least")  # the key's name in earlier versions
    (tmp_path / "former.toml").write_text(former, encoding="utf-8")
    with pytest.warns(FutureWarning, match="least is called min_count"):
        rates = run("find-rate", tmp_path / "former.toml", "--updates", "10")
    assert "The loss falls fastest at a rate of" in rates.stdout, rates.output
