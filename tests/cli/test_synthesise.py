"""synthesise: pairs that a model makes up, on one that has never learnt anything."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seq2seq.cli import main
from seq2seq.data import Pair, read_pairs, write_pairs
from seq2seq.data.synthetic import fresh_lines, nearest, sentences, synthetic_pairs
from seq2seq.search import Beam
from seq2seq.text import normalise
from seq2seq.translator import Translator
from tests.tiny import PAIRS

SOURCES = [normalise(source) for source, _ in PAIRS]


@pytest.fixture
def invoke(tiny_checkpoint: Path, tmp_path: Path):
    """A function that runs the verb on some lines and returns its result."""

    def run(*words: str, text: str = "\n".join(SOURCES)) -> Result:
        (tmp_path / "lines.txt").write_text(text, encoding="utf-8")
        given = ["--model", str(tiny_checkpoint), "--out", str(tmp_path / "made" / "out.tsv"), *words]
        return CliRunner().invoke(main, ["synthesise", *given, str(tmp_path / "lines.txt")])

    return run


def made(tmp_path: Path) -> list[Pair]:
    """Return what was written."""
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["out.tsv"]
    return list(read_pairs(tmp_path / "made" / "out.tsv"))


def test_each_line_stands_beside_its_translation(invoke, tmp_path: Path, translator: Translator) -> None:
    assert invoke().exit_code == 0
    pairs = made(tmp_path)
    assert {pair.source for pair in pairs} == set(SOURCES)
    assert [pair.target for pair in pairs] == [one.text for one in translator.translate([p.source for p in pairs])]


def test_back_translation_turns_the_pairs_around(invoke, tmp_path: Path) -> None:
    invoke()
    forward = made(tmp_path)
    assert invoke("--back").exit_code == 0
    assert made(tmp_path) == [Pair(target, source) for source, target in forward]


def test_seen_and_repeated_lines_are_left_out_and_the_seed_draws(invoke, tmp_path: Path) -> None:
    write_pairs(tmp_path / "test.tsv", [Pair("Autre chose.", SOURCES[3].upper()), Pair(SOURCES[5], "Else.")])
    doubled = "\n".join([*SOURCES, "", *SOURCES])
    assert invoke("--without", str(tmp_path / "test.tsv"), text=doubled).exit_code == 0
    first = [pair.source for pair in made(tmp_path)]
    assert sorted(first) == sorted(set(SOURCES) - {SOURCES[3], SOURCES[5]})
    assert invoke("--without", str(tmp_path / "test.tsv"), "--count", "4", text=doubled).exit_code == 0
    assert [pair.source for pair in made(tmp_path)] == first[:4]
    orders = [fresh_lines(SOURCES, (), None, seed) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]


def test_of_a_beam_the_nearest_to_the_reference_is_kept(invoke, tmp_path: Path, translator: Translator) -> None:
    options = translator.options(Beam(size=4, alpha=translator.config.alpha), n_best=4)
    beams = [[one.text for one in best] for best in translator.stream(SOURCES, options)]
    references = [best[-1] for best in beams]
    assert any(best[0] != reference for best, reference in zip(beams, references, strict=True))
    pairs = "\n".join(f"{s}\t{t}" for s, t in zip(SOURCES, references, strict=True))
    assert invoke("--nearest", "--beam-size", "4", text=pairs).exit_code == 0
    assert [pair.target for pair in made(tmp_path)] == references


@pytest.mark.parametrize("words", [(), ("--nearest",)])
def test_a_line_too_long_for_the_model_is_left_out_and_costs_no_other(
    invoke, tmp_path: Path, words: tuple[str, ...]
) -> None:
    lines = [SOURCES[0], "x" * 1200, SOURCES[1]]
    result = invoke(*words, text="".join(f"{line}\tIt is so.\n" if words else f"{line}\n" for line in lines))
    assert result.exit_code == 0
    assert "left out for a sentence that is too long: 1 lines, first “xxx" in result.stderr
    assert {pair.source for pair in made(tmp_path)} == {SOURCES[0], SOURCES[1]}


def test_nearest_takes_the_first_of_equals() -> None:
    assert nearest(["a cat sat .", "the cat sat down .", "the cat sat ."], "the cat sat .") == "the cat sat ."
    assert nearest(["x", "y"], "z") == "x"


def test_empty_translations_make_no_pair() -> None:
    assert list(synthetic_pairs(["a", "b"], ["", "c"], back=True)) == [Pair("c", "b")]


def test_a_translation_that_happens_to_be_held_out_makes_no_pair(tmp_path: Path) -> None:
    write_pairs(tmp_path / "test.tsv", [Pair("Je  dors.", "I sleep.")])
    held_out = sentences([tmp_path / "test.tsv"])
    made_up = synthetic_pairs(["I am asleep.", "I run."], ["JE DORS.", "Je cours."], back=True, held_out=held_out)
    assert list(made_up) == [Pair("Je cours.", "I run.")]


@pytest.mark.parametrize(
    ("words", "text", "says"),
    [
        ((), "\n \n", "has no line to translate"),
        (("--nearest", "--back"), "a\tb\n", "--nearest reads pairs"),
        (("--nearest", "--beam-size", "1"), "a\tb\n", "give --beam-size 2 or more"),
        (("--nearest",), "a\n", "line 1 has no tab"),
        (("--without", "nowhere.tsv"), "a\n", "nowhere.tsv"),
    ],
)
def test_bad_input_is_one_clear_line(invoke, tmp_path: Path, words: tuple[str, ...], text: str, says: str) -> None:
    result = invoke(*words, text=text)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "made" / "out.tsv").exists()
