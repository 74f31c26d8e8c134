"""Recipes: read strictly, written so that they are read again."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2seq.config import parse, to_toml
from seq2seq.errors import ConfigError
from seq2seq.training import Recipe, read_recipe
from tests.training.recipes import recipe

SMALLEST = """
[data]
train = ["a.tsv"]
valid = ["b.tsv"]

[training.schedule]
kind = "one-cycle"
updates = 10
"""


def written(folder: Path, text: str) -> Path:
    (folder / "recipe.toml").write_text(text, encoding="utf-8")
    return folder / "recipe.toml"


def refused(path: Path, *changes: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_recipe(path, changes)
    message = str(caught.value)
    assert message.splitlines() == [message]
    return message


def test_the_smallest_recipe_has_defaults(tmp_path: Path) -> None:
    made = read_recipe(written(tmp_path, SMALLEST))
    assert made.training.schedule.updates == 10
    assert made.training.schedule.kind == "one-cycle"
    assert (made.model.cell, made.text.kind, made.averaging.count) == ("lstm", "bpe", 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[data\n", "is not TOML"),
        ("x = " + "9" * 5000, "is not TOML"),
        ("x = " + "[" * 5000, "is not TOML"),
        ("[data]\ntrain = ['a']\nvalid = ['b']\n", "'training' is missing"),
        (SMALLEST + "[modell]\ncell = 'gru'\n", "unknown key 'modell'"),
        (SMALLEST + "[model]\ncels = 'gru'\n", "unknown key 'model.cels'"),
        (SMALLEST + "[model]\ncell = 'transformer'\n", "model.cell = 'transformer' is not possible"),
        (SMALLEST + "[model]\nattention = 'dot'\nencoder_hidden = 8\n", "decoder_hidden = 16"),
        (SMALLEST + "[averaging]\ncount = 0\n", "averaging.count = 0 is not possible"),
        (SMALLEST + "[text]\nsource_size = 'big'\n", "text.source_size = 'big' is not possible"),
        (SMALLEST + "[forcing.ratio]\nkind = 'linear'\n", "slope' is missing"),
        (SMALLEST + "[forcing.ratio]\nkind = 'cubic'\n", "forcing.ratio"),
        (SMALLEST.replace("10", "10\nwarm_up = 3"), "unknown key 'training.schedule.one-cycle.warm_up'"),
        (
            SMALLEST + "[forcing.ratio]\nkind = 'constant'\nratio = 0.5\n[model]\nweight_drop = 0.2\n",
            "teacher forcing throughout",
        ),
        (SMALLEST.replace("10", "nan"), "is not possible"),
        (SMALLEST.replace('kind = "one-cycle"', ""), "training.schedule"),
    ],
    ids=lambda text: text[-30:],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    assert message in refused(written(tmp_path, text))


def test_keys_that_do_not_fit_together_are_named_without_the_whole_table(tmp_path: Path) -> None:
    text = SMALLEST + "[model]\nattention = 'dot'\nencoder_hidden = 8\n"
    assert refused(written(tmp_path, text)).endswith(
        "recipe.toml: model: dot attention needs decoder_hidden = 16, the width of a source state, not 512."
    )


def test_a_missing_file_a_folder_and_bytes_are_clear_errors(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "none.toml")
    assert "is a folder" in refused(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b"name = 'caf\xe9'")
    assert "is not UTF-8 text (byte 11)" in refused(tmp_path / "latin.toml")
    assert "is not a path" in refused(Path("null\0byte"))


def test_single_keys_are_changed(tmp_path: Path) -> None:
    path = written(tmp_path, SMALLEST)
    changes = ("training.seed=7", "model.cell=gru", "text.kind = 'word'", "averaging.count=3", "data.noise=0.5")
    made = read_recipe(path, changes)
    assert (made.training.seed, made.model.cell, made.text.kind) == (7, "gru", "word")
    assert (made.averaging.count, made.data.noise) == (3, 0.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("training.seed", "has no ="),
        ("training.sed=3", "unknown key 'training.sed'"),
        ("training.schedule.updates.x=3", "updates is a value, not a table"),
        ("=3", "unknown key"),
        ("training.seed=", "training.seed = '' is not possible"),
        ("training.seed=" + "9" * 5000, "training.seed"),
    ],
    ids=lambda text: text[:20],
)
def test_a_wrong_change_is_named(tmp_path: Path, change: str, message: str) -> None:
    assert message in refused(written(tmp_path, SMALLEST), change)


def test_a_recipe_is_written_so_that_it_is_read_again(tmp_path: Path) -> None:
    made = recipe(
        tmp_path,
        forcing={"ratio": {"kind": "inverse-sigmoid", "k": 30}, "feedback": "sample"},
        averaging={"of": "best", "count": 3},
        initialise_from={"checkpoint": tmp_path / "a \"quoted\" 'é'", "parts": ["encoder"]},
    )
    assert read_recipe(written(tmp_path, to_toml(made))) == made


@settings(max_examples=30)
@given(name=st.text(), rate=st.floats(1e-12, 1e12), size=st.integers(8, 200_000))
def test_any_recipe_is_written_so_that_it_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, name: str, rate: float, size: int
) -> None:
    values = {
        "data": {"source": name, "train": ["a"], "valid": ["b"]},
        "text": {"source_size": size},
        "training": {"encoder_rate": rate, "schedule": {"kind": "open-ended"}},
    }
    made = parse(Recipe, values, "recipe")
    assert read_recipe(written(tmp_path_factory.mktemp("recipe"), to_toml(made))) == made
