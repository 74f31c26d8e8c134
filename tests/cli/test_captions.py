"""train-captions, caption, evaluate-captions, and trace and info of captioning models."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seq2seq.cli import main
from seq2seq.trace import Trace
from seq2seq.vision.captioning.captioner import Captioner
from seq2seq.vision.captioning.pointing_record import read_pointing
from tests.photos import drawn, images, tiny_captioner


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captions")
    tiny_captioner(folder / "model")
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_one_line_comes_out_for_each_photo_of_files_and_folders(place: Path) -> None:
    model = Captioner.load(place / "model")
    expected = [each[0].text for each in model.caption(images(drawn()))]
    files = [place / "photos" / f"{number}.png" for number in range(len(drawn()))]
    result = run("caption", "--model", place / "model", *files)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [f"{file}\t{text}" for file, text in zip(files, expected, strict=True)]
    assert run("caption", "--model", place / "model", place / "photos").stdout == result.stdout


def test_a_bad_photo_does_not_stop_the_others(place: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_text("no photo", encoding="utf-8")
    good = place / "photos" / "0.png"
    result = run("caption", "--model", place / "model", good, bad, tmp_path / "none.png", good)
    assert result.exit_code == 2
    shown = result.stdout.splitlines()
    assert [line.split("\t")[0] for line in shown] == [
        str(each) for each in (good, bad, tmp_path / "none.png", good)
    ]
    assert [bool(line.split("\t")[1]) for line in shown] == [True, False, False, True]
    said = result.stderr.strip().splitlines()
    assert len(said) == 2
    assert "bad.jpg" in said[0]
    assert "none.png" in said[1]


def test_n_best_and_json_say_more(place: Path) -> None:
    photo = place / "photos" / "3.png"
    rows = run("caption", "--model", place / "model", "--n-best", 3, photo).stdout.splitlines()
    assert [row.split("\t")[1] for row in rows] == ["1", "2", "3"]
    scores = [float(row.split("\t")[2]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    record = json.loads(run("caption", "--model", place / "model", "--format", "jsonl", photo).stdout)
    assert record["file"] == str(photo)
    assert record["captions"][0]["text"] == rows[0].split("\t")[4]
    assert len(record["labels"]) == 3
    wrong = run("caption", "--model", place / "model", "--n-best", 9, photo)
    assert wrong.exit_code == 2
    assert "raise --beam-size" in wrong.stderr


@pytest.mark.parametrize("choose", ["consensus", "match"])
def test_another_choice_is_one_of_the_captions_in_the_beam(caption_models: Path, place: Path, choose: str) -> None:
    model, photo = caption_models / "tiny-attention", place / "photos" / "3.png"
    rows = run("caption", "--model", model, "--n-best", 5, photo).stdout.splitlines()
    result = run("caption", "--model", model, "--choose", choose, photo)
    assert result.exit_code == 0, result.output
    (chosen,) = result.stdout.splitlines()
    assert chosen.split("\t")[1] in [row.split("\t")[4] for row in rows]
    both = run("caption", "--model", model, "--choose", choose, "--n-best", 2, photo)
    assert both.exit_code == 2
    assert "leave out --n-best" in both.output
    scored = run(
        "evaluate-captions", "--model", model, "--choose", choose, place / "photos", place / "captions.tsv"
    )
    assert scored.exit_code == 0, scored.output


def test_a_match_needs_a_photo_search(place: Path) -> None:
    result = run("caption", "--model", place / "model", "--choose", "match", place / "photos" / "3.png")
    assert result.exit_code == 2
    assert "search" in result.output


def test_an_evaluation_compares_attention_with_greying_out_and_keeps_that(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place, tmp_path / "place")
    model = tmp_path / "place" / "model"
    result = run("evaluate-captions", "--model", model, "--grey-out", 2, place / "photos", place / "captions.tsv")
    assert result.exit_code == 0, result.output
    assert "attention against greying out" in result.stdout
    kept = read_pointing(model)
    assert kept is not None
    assert kept.photos == 2


def test_the_last_line_of_an_evaluation_has_all_scores(place: Path) -> None:
    model, photos, captions = place / "model", place / "photos", place / "captions.tsv"
    result = run("evaluate-captions", "--model", model, "--out", place / "said.tsv", photos, captions)
    assert result.exit_code == 0, result.output
    last = result.stdout.splitlines()[-1]
    assert last.startswith("BLEU-1..4 = ")
    assert "CIDEr-D = " in last
    assert "name a thing that no reference" in result.stdout
    assert len((place / "said.tsv").read_text(encoding="utf-8").splitlines()) == len(drawn())


def test_a_training_from_the_command_line_keeps_features_that_an_evaluation_reads(
    place: Path, tmp_path: Path
) -> None:
    photos, captions = place / "photos", place / "captions.tsv"
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        "[text]\nsize = 22\n[model]\nprojection = 7\nembedding = 6\ndecoder_hidden = 9\nattention_hidden = 5\n"
        '[training]\nbatch_tokens = 60\nprecision = "float32"\nvalidate_every = 2\n'
        '[training.schedule]\nkind = "one-cycle"\nupdates = 4\n',
        encoding="utf-8",
    )
    data = ["--photos", photos, "--captions", captions, "--valid-photos", photos, "--valid-captions", captions]
    kept = tmp_path / "kept"
    out = place / "trained"
    result = run("train-captions", recipe, *data, "--trunk", place / "trunk", "--features", kept, "--out", out)
    assert result.exit_code == 0, result.output
    assert "is done after 4 updates; best BLEU-4" in result.stdout
    assert (kept / "photos" / "regions.npy").is_file()
    rates = run("find-rate", out / "train.toml", "--updates", 10)
    assert "The loss falls fastest at a rate of" in rates.stdout, rates.output
    by_features = run(
        "evaluate-captions", "--model", out, "--features", kept / "photos", "--try-alphas", "0,1",
        "--nearest", kept / "photos", captions, photos, captions,
    )  # fmt: skip
    assert by_features.exit_code == 0, by_features.output
    assert "alpha 0: BLEU" in by_features.stdout
    nearest = next(
        line for line in by_features.stdout.splitlines() if line.startswith("first caption of the nearest")
    )
    assert "= 100.00 / 100.00 / 100.00 / 100.00" in nearest  # each photo is its own nearest one
    assert Captioner.load(out).config.alpha in (0, 1)
    looked = run("evaluate-captions", "--model", out, photos, captions)
    assert looked.stdout.splitlines()[-1] == by_features.stdout.splitlines()[-1]
    told = run("info", out)
    assert told.exit_code == 0, told.output
    assert "image encoder" in told.stdout
    assert "CIDEr-D" in told.stdout
    far = run("evaluate-captions", "--model", out, "--try-alphas", "1,nan", photos, captions)
    assert far.exit_code == 2
    assert far.stderr == "Error: nan can't be a model's own length penalty; choose from -1 to 3.\n"
    foreign = run("evaluate-captions", "--model", place / "model", "--features", kept / "photos", photos, captions)
    assert foreign.exit_code == 0  # it is the same trunk


def test_a_photo_is_traced_as_a_sentence_is(place: Path, tmp_path: Path) -> None:
    result = run("trace", "--model", place / "model", "--beam-size", 2, place / "photos" / "1.png")
    assert result.exit_code == 0, result.output
    trace = Trace.from_json(result.stdout)
    assert (trace.source.kind, trace.source.text) == ("photo", "1.png")
    missing = run("trace", "--model", place / "model", tmp_path / "none.png")
    assert missing.exit_code == 2
    assert missing.stderr.startswith("Error: ")


def test_every_key_of_a_recipe_is_explained() -> None:
    shown = run("train-captions", "--keys").stdout
    for key in (
        "[data]",
        "valid_photos   (needed)",
        "[reward]",
        "top_k = 40",
        "attention_at",
        "[training.schedule]",
    ):
        assert key in shown
