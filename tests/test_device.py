"""What --device does: the same everywhere. The GPU's half runs where there is one."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from seq2seq.checkpoint import read_checkpoint
from seq2seq.cli import main
from seq2seq.config import to_toml
from seq2seq.data import Pair
from seq2seq.evaluation.exposure import exposure, recovery
from seq2seq.evaluation.gradients import source_gradients
from seq2seq.explain import (
    DuelSide,
    alpha_intervals,
    attribute,
    autopsy,
    duel,
    models_best,
    operate,
    search_intervals,
    sweep,
    trace_states,
)
from seq2seq.explain.forcing import free_run, plant, walk
from seq2seq.models import backward_through_recurrence, device_of
from seq2seq.translator import Translator
from tests.tiny import PAIRS
from tests.training.recipes import recipe

LINES = "Le chien dort.\n\nJe suis ici. Où est-il ?\n"
WITHOUT_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
DEVICES = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=WITHOUT_GPU)])


def run(*words: object, lines: str = "") -> str:
    result = CliRunner().invoke(main, [str(word) for word in words], input=lines)
    assert result.exit_code == 0, result.output
    return result.stdout


@DEVICES
@pytest.mark.parametrize("search", [("--beam-size", 1), ("--beam-size", 4, "--coverage", 0.3, "--no-repeat", 2)])
def test_every_device_translates_alike(tiny_checkpoint: Path, device: str, search: tuple[object, ...]) -> None:
    words = ("translate", "--model", tiny_checkpoint, *search)
    assert run(*words, "--device", device, lines=LINES) == run(*words, lines=LINES)


@DEVICES
def test_every_device_trains_to_a_checkpoint_that_any_reads(tmp_path: Path, device: str) -> None:
    (tmp_path / "recipe.toml").write_text(to_toml(recipe(tmp_path)))
    run("train", tmp_path / "recipe.toml", "--out", tmp_path / "model", "--device", device)
    weights = read_checkpoint(tmp_path / "model").model.state_dict()
    assert all(value.device.type == "cpu" and value.isfinite().all() for value in weights.values())
    assert run("translate", "--model", tmp_path / "model", lines=LINES).count("\n") == 3


SENTENCE = PAIRS[0][0]


def one_hot(size: int) -> tuple[float, ...]:
    return (1.0, *[0.0] * (size - 1))


ANALYSES: dict[str, Callable[[Translator], object]] = {
    "exposure": lambda t: exposure(t, [Pair(*pair) for pair in PAIRS]),
    "recovery": lambda t: recovery(t, [Pair(*pair) for pair in PAIRS], step=2),
    "source gradients": lambda t: source_gradients(t.model, [[4, 5, 6], [7, 8, 9]], [[4, 5], [6, 7, 8]]),
    "attributions": lambda t: attribute(t.session(SENTENCE), [4, 5], [6]),
    "walk": lambda t: walk(t.session(SENTENCE), PAIRS[0][1], 0.5),
    "free run": lambda t: free_run(t.session(SENTENCE), PAIRS[0][1]),
    "plant": lambda t: plant(t.session(SENTENCE), 2, "dog"),
    "surgery": lambda t: operate(t.session(SENTENCE), t.options(), (), {1: one_hot(10)}),
    "duel": lambda t: duel(
        DuelSide(t.session(SENTENCE), t.trace(SENTENCE), 0),
        DuelSide(t.session(SENTENCE), t.trace(SENTENCE, beam_size=1), 0),
    ),
    "states": lambda t: trace_states(t.session(SENTENCE), t.trace(SENTENCE)).decoder,
    "exact search": lambda t: models_best(t.session(SENTENCE), t.trace(SENTENCE), clock=lambda: 0.0).sentence,
    "flips": lambda t: search_intervals(t.session(SENTENCE), t.trace(SENTENCE), alpha_intervals(t.trace(SENTENCE))),
    "score": lambda t: t.score(PAIRS[:3]),
    "trace": lambda t: t.trace(SENTENCE, beam_size=3),
    "autopsy": lambda t: autopsy(t.session(SENTENCE), t.trace(SENTENCE, beam_size=3), PAIRS[0][1]).reason,
    "sweep": lambda t: [
        w._replace(seconds=0.0)
        for w in sweep(t.session(SENTENCE), t.trace(SENTENCE, beam_size=2), clock=lambda: 0.0)
    ],
}


@WITHOUT_GPU
@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_runs_where_its_model_is(tiny_checkpoint: Path, name: str) -> None:
    here, there = (Translator.load(tiny_checkpoint, device) for device in ("cpu", "cuda"))
    assert str(ANALYSES[name](there))[:200] == str(ANALYSES[name](here))[:200]


@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_makes_its_tensors_where_its_model_is(tiny_checkpoint: Path, name: str) -> None:
    """On the meta device nothing can be read out: the work has to come as far as that, and not end at a tensor that
    was made elsewhere."""
    there = Translator.load(tiny_checkpoint)
    there.model.to("meta")
    with pytest.raises(Exception, match="meta") as caught:  # of which class is up to the operation that reads first
        ANALYSES[name](there)
    said = str(caught.value)
    assert "same device" not in said
    assert "at least two devices" not in said


def test_a_model_says_where_it_is(tiny_checkpoint: Path) -> None:
    model = read_checkpoint(tiny_checkpoint).model
    assert device_of(model) == torch.device("cpu")
    assert device_of(model.to("meta")) == torch.device("meta")


def test_gradients_do_without_the_kernels_that_want_training_mode() -> None:
    before = torch.backends.cudnn.enabled
    with backward_through_recurrence():
        assert not torch.backends.cudnn.enabled
    assert torch.backends.cudnn.enabled == before
