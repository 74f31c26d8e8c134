"""What lessons show: values by hand, and properties that hold for any model."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from seq2seq.course.experiments import KINDS
from seq2seq.course.experiments.attention import Attention, Padding, Replaced
from seq2seq.course.experiments.base import Result
from seq2seq.course.experiments.beams import Hand, Penalty, Widths
from seq2seq.course.experiments.forcing import Coin, Curves, Forced, Planted
from seq2seq.course.experiments.photos import is_photo_name
from seq2seq.course.experiments.reading import Inputs, Lengths, Pieces
from seq2seq.course.experiments.scoring import Bleu, Leaks
from seq2seq.course.experiments.searches import Autopsy, Exact, Search
from seq2seq.course.library import Folders
from seq2seq.errors import ConfigError, Seq2SeqError
from seq2seq.training.lab import read_lab
from tests.tiny import PAIRS

SOURCE, REFERENCE = PAIRS[3]


@pytest.fixture(scope="module")
def library(tiny_checkpoint: Path) -> Folders:
    return Folders(tiny_checkpoint.parent)


def see(kind: type[Any], library: Folders, **settings: object) -> Result:
    name = kind.model_fields["kind"].annotation.__args__[0]
    found: Result = kind.model_validate({"kind": name, "model": "tiny", **settings}).run(library)
    assert json.loads(json.dumps(found.figure, allow_nan=False))["kind"]
    return found


def number(found: Result, name: str) -> float:
    value = found.facts[name]
    assert isinstance(value, int | float)
    return value


def listed(found: Result, name: str) -> tuple[str, ...]:
    value = found.facts[name]
    assert isinstance(value, tuple)
    return value


def test_every_experiment_has_a_name_of_its_own_and_names_its_facts() -> None:
    names = [kind.model_fields["kind"].annotation.__args__[0] for kind in KINDS]
    assert len(set(names)) == len(names)
    assert all("Facts" in (kind.__doc__ or "") for kind in KINDS)


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("beam", [1, 2, 3])
def test_what_is_kept_by_hand_are_the_largest_totals(library: Folders, beam: int, step: int) -> None:
    found = see(Hand, library, source=SOURCE, beam=beam, step=step)
    every = [(row, one) for row in found.figure["rows"] for one in row["next"]]
    for row, one in every:
        assert one["total"] == pytest.approx(row["total"] + one["log_prob"])
    best = sorted(every, key=lambda pair: -pair[1]["total"])[: found.figure["places"]]
    assert {one["id"] for _, one in best} == set(listed(found, "kept"))
    assert found.facts["best.total"] == best[0][1]["total"]


def test_a_wider_beam_computes_more_rows_and_the_first_is_greedy(library: Folders) -> None:
    found = see(Widths, library, source=SOURCE, beams=[1, 2, 4])
    assert number(found, "calls.1") == number(found, "length.1")
    assert number(found, "calls.1") < number(found, "calls.2") < number(found, "calls.4")
    greedy = see(Search, library, source=SOURCE, beam=1).facts
    assert found.facts["text.1"] == greedy["greedy.text"]
    assert greedy["likelier"] == "same"


def test_the_chance_is_that_of_the_total(library: Folders) -> None:
    found = see(Search, library, source=SOURCE)
    assert number(found, "beam.chance") == pytest.approx(math.exp(number(found, "beam.total")))
    gap = abs(number(found, "beam.total") - number(found, "greedy.total"))
    assert number(found, "times") == pytest.approx(math.exp(min(gap, 20)))  # a factor beyond that says nothing


def test_a_proved_best_is_at_least_as_likely_as_the_beam_and_nothing(library: Folders) -> None:
    found = see(Exact, library, source="Oui.", seconds=20)
    assert number(found, "best.total") >= number(found, "beam.total")
    assert not found.facts["proved"] or number(found, "best.total") >= number(found, "empty.total")


def test_masked_padding_gets_exactly_nothing(library: Folders) -> None:
    masked = see(Padding, library, source=SOURCE, pads=3, masked=True)
    assert masked.facts["masked.lost"] == 0
    assert all(row[-3:] == [0, 0, 0] for row in masked.figure["weights"])
    wrong = see(Padding, library, source=SOURCE, pads=3)
    assert masked.facts["masked.text"] == wrong.facts["masked.text"]
    assert number(wrong, "lost") > 0
    for row in (*masked.figure["weights"], *wrong.figure["weights"]):
        assert sum(row) == pytest.approx(1, abs=1e-3)


def test_attention_is_read_by_its_words(library: Folders) -> None:
    first = see(Attention, library, source=SOURCE)
    word = first.figure["rows"][0].strip(".,!?")
    found = see(Attention, library, source=SOURCE, word=word)
    assert found.figure["asked"] == 0
    (top,) = listed(found, "top")
    row = found.figure["weights"][0]
    assert row[int(top[1:])] == max(row)
    with pytest.raises(ConfigError, match="no word 'xylophone'"):
        see(Attention, library, source=SOURCE, word="xylophone")


def test_survivors_and_changed_words_make_up_the_translation(library: Folders) -> None:
    for weights in ("uniform", "reversed"):
        found = see(Replaced, library, source=SOURCE, weights=weights)
        survived, changed = set(listed(found, "survived")), set(listed(found, "changed"))
        assert not survived & changed
        assert survived | changed == {item["id"] for item in found.figure["items"]}
        assert found.facts["count"] == len(survived)


def test_a_coin_for_the_sentence_falls_once(library: Folders) -> None:
    for seed in range(6):
        facts = see(Coin, library, source=SOURCE, reference=REFERENCE, ratio=0.5, flip="sentence", seed=seed).facts
        assert facts["all"]
        assert facts["tosses"] == 1
    whole = see(Coin, library, source=SOURCE, reference=REFERENCE, ratio=1).facts
    assert whole["own"] == 0
    assert whole["forced"] == whole["inputs"] == whole["tosses"]
    assert see(Coin, library, source=SOURCE, reference=REFERENCE, ratio=0).facts["forced"] == 0


def test_bleu_by_hand() -> None:
    facts = Bleu(kind="bleu", candidate="the the the cat", references=("the cat sleeps",), longest=2).run(
        Folders(Path())
    ).facts  # fmt: skip
    assert (facts["match.1"], facts["total.1"], facts["match.2"], facts["total.2"]) == (2, 4, 1, 3)
    assert facts["brevity"] == 1
    assert facts["bleu"] == pytest.approx(100 * math.sqrt(2 / 4 * 1 / 3))
    short = Bleu(kind="bleu", candidate="the cat", references=("the cat sits on the mat",), longest=2).run(
        Folders(Path())
    ).facts  # fmt: skip
    assert short["brevity"] == pytest.approx(math.exp(1 - 6 / 2))
    assert short["bleu"] == pytest.approx(100 * math.exp(-2))


def test_a_decoder_reads_what_it_wrote(library: Folders) -> None:
    found = see(Inputs, library, source=SOURCE, upto=2)
    facts = found.facts
    for step in range(2, int(str(facts["steps"])) + 1):
        assert facts[f"reads.{step}"] == facts[f"writes.{step - 1}"]
    assert [len(row["cells"]) for row in found.figure["rows"]] == [2, 2]


def test_pieces_make_up_the_source(library: Folders) -> None:
    found = see(Pieces, library, source="le chat dort")
    assert str(found.facts["split"]).replace("|", "") == "lechatdort"
    assert found.facts["words"] == 3
    assert sum(len(group) for group in found.figure["groups"]) == found.facts["count"]


def test_penalties_and_verdicts_are_told(library: Folders) -> None:
    facts = see(Penalty, library, source=SOURCE, alphas=[-1.0, 2.0]).facts
    assert facts["moves"] in ("longer", "same")
    best = see(Search, library, source=SOURCE).facts["beam.text"]
    assert see(Autopsy, library, source=SOURCE, expected=best).facts["verdict"] == "found"
    forced = see(Forced, library, source=SOURCE, reference=REFERENCE).facts
    assert 0 <= float(str(forced["forced.right"])) <= 100
    assert see(Planted, library, source=SOURCE, models=["tiny"], wrong="dog").facts["tiny.recovers"] in (
        True,
        False,
    )


@pytest.mark.parametrize(
    ("kind", "settings", "says"),
    [
        (Leaks, {"sentences": ["Oui.", "Non."]}, "keeps no index"),
        (Lengths, {"models": ["tiny"]}, "keeps no scores by length"),
        (Planted, {"source": SOURCE, "models": ["tiny"], "wrong": " "}, "wrong is empty"),
        (Search, {"source": " "}, "nothing to translate"),
        (Forced, {"source": SOURCE, "reference": ""}, "no readable character"),
        (Search, {"source": SOURCE, "model": "../tiny"}, "no model"),
    ],
)
def test_what_is_not_possible_is_one_sentence(
    library: Folders, kind: type[Any], settings: dict[str, object], says: str
) -> None:
    with pytest.raises(Seq2SeqError, match=says):
        see(kind, library, **settings)


@pytest.mark.parametrize("name", ["../x.jpg", "/etc/passwd", "a/b.jpg", "x.gif", "", "a b.jpg", "..jpg"])
def test_only_a_files_name_is_a_photos(name: str) -> None:
    assert not is_photo_name(name)
    assert is_photo_name("black-dog.jpg")


def test_curves_are_those_of_the_recorded_runs(minilab_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "lab").symlink_to(minilab_folder)
    found = Curves(kind="curves", regimes=("always", "never")).run(Folders(tmp_path))
    lab = read_lab(minilab_folder)
    assert lab is not None
    (always, *_) = lab.of("always")
    assert found.figure["lines"][0]["points"] == [list(pair) for pair in zip(
        always.curve.valid_updates, always.curve.bleu, strict=True
    )]  # fmt: skip
    assert found.facts["always.last"] == always.curve.bleu[-1]
    assert found.facts["best"] in ("always", "never")
    with pytest.raises(ConfigError, match="no recorded run 'sometimes'"):
        Curves(kind="curves", regimes=("always", "sometimes")).run(Folders(tmp_path))
