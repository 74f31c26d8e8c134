"""Mixing sets of pairs by weight, without the sentences to be tested on."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from seq2seq.__main__ import main
from seq2seq.data.mix import Mix, PairSet, mix
from seq2seq.data.pairs import Pair


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.tsv").write_text("".join(f"chat {i}\tcat {i}\n" for i in range(100)), encoding="utf-8")
    (tmp_path / "b.tsv").write_text("".join(f"dog {i}\tchien {i}\n" for i in range(1000)), encoding="utf-8")
    (tmp_path / "test.tsv").write_text("Chat 3 !\tsomething\nother\tCAT 5\n", encoding="utf-8")
    (tmp_path / "entries.tsv").write_text("Tom\tTom\tmale\nLuc\tLuc\tmale\n", encoding="utf-8")
    (tmp_path / "names.tsv").write_text("Tom dort.\tTom sleeps.\nLuc vit.\tLuc lives.\n", encoding="utf-8")
    return tmp_path


def recipe(folder: Path, **changes: object) -> Mix:
    sets = (
        PairSet(file=folder / "a.tsv", weight=2),
        PairSet(file=folder / "b.tsv", columns=("en", "fr"), weight=0.3),
    )
    return Mix.model_validate({"source": "fr", "target": "en", "set": sets, **changes})


def test_every_set_is_taken_by_its_weight_in_the_direction(folder: Path) -> None:
    found = mix(recipe(folder))
    assert found.pairs.count(Pair("chat 7", "cat 7")) == 2
    dogs = [pair for pair in found.pairs if pair.source.startswith("chien")]
    assert len(dogs) == len(set(dogs))
    assert 250 < len(dogs) < 350
    assert [count.taken for count in found.counts] == [200, len(dogs)]
    assert found.pairs == mix(recipe(folder)).pairs
    assert found.pairs != mix(recipe(folder, seed=2)).pairs


def test_pairs_with_figures_can_be_taken_more_often(folder: Path) -> None:
    sets = (PairSet(file=folder / "a.tsv"), PairSet(file=folder / "names.tsv"))
    found = mix(recipe(folder, set=sets, figures=3))
    assert [count.taken for count in found.counts] == [300, 2]


def test_pairs_with_a_sentence_to_be_tested_on_are_left_out(folder: Path) -> None:
    found = mix(recipe(folder, without=(folder / "test.tsv",)))
    assert not {"chat 3", "chat 5"} & {pair.source for pair in found.pairs}
    assert found.counts[0].held_out == 2


def test_pairs_with_other_names_are_added(folder: Path) -> None:
    sets = (PairSet(file=folder / "names.tsv"),)
    found = mix(recipe(folder, set=sets, entries=(folder / "entries.tsv",), exchanged=8))
    assert set(found.pairs) == {
        Pair("Tom dort.", "Tom sleeps."),
        Pair("Luc dort.", "Luc sleeps."),
        Pair("Tom vit.", "Tom lives."),
        Pair("Luc vit.", "Luc lives."),
    }
    limited = mix(recipe(folder, set=sets, entries=(folder / "entries.tsv",), exchanged=8, most_exchanged=1))
    assert limited.counts[-1].taken == 1


def test_the_verb_writes_the_pairs_and_says_what_they_are(folder: Path) -> None:
    (folder / "mix.toml").write_text(
        f'source = "fr"\ntarget = "en"\n[[set]]\nfile = "{(folder / "a.tsv").as_posix()}"\n', encoding="utf-8"
    )
    out = folder / "out.tsv"
    result = CliRunner().invoke(main, ["mix", str(folder / "mix.toml"), "--out", str(out), "--set", "seed=3"])
    assert result.exit_code == 0, result.output
    assert "a.tsv" in result.stdout
    assert "100 lines" in result.stdout
    assert len(out.read_text(encoding="utf-8").splitlines()) == 100
    failed = CliRunner().invoke(main, ["mix", "nonsense", "--out", str(out)])
    assert failed.exit_code == 2
    assert "neither a file nor a shipped recipe (everyday)" in failed.output
