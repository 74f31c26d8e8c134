"""What --device does: the same everywhere. The GPU's half runs where there is one."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import click
import pytest
import torch
from click.testing import CliRunner

from seq2seq.checkpoint import read_checkpoint
from seq2seq.cli import main
from seq2seq.cli.verbs import VERBS
from seq2seq.config import to_toml
from seq2seq.course.experiments.tensors import first_choices, padded
from seq2seq.data import Pair
from seq2seq.evaluation.exposure import exposure, recovery
from seq2seq.evaluation.gradients import source_gradients
from seq2seq.explain import (
    DuelSide,
    alpha_intervals,
    arithmetic,
    attribute,
    autopsy,
    build_neighbours,
    duel,
    load_neighbours,
    models_best,
    operate,
    search_intervals,
    sweep,
    trace_states,
)
from seq2seq.explain.forcing import free_run, plant, walk
from seq2seq.models import backward_through_recurrence, device_of
from seq2seq.trace import Trace
from seq2seq.training.lab import read_lab
from seq2seq.translator import Translator
from seq2seq.vision.captioning.captioner import Captioner
from tests import minilab, photos
from tests.course.lessons import LESSON
from tests.exported.models import write_tiny
from tests.stand_in import stand_in_for_cuda
from tests.tiny import PAIRS
from tests.training.recipes import recipe

LINES = "Le chien dort.\n\nJe suis ici. Où est-il ?\n"
WITHOUT_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
DEVICES = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=WITHOUT_GPU)])


@pytest.fixture(params=["cpu", "stand-in", pytest.param("cuda", marks=WITHOUT_GPU)])
def anywhere(request: pytest.FixtureRequest) -> Iterator[str]:
    """A device; what makes tensors elsewhere than its model fails on the stand-in, too."""
    with stand_in_for_cuda() if request.param == "stand-in" else nullcontext():
        yield "cpu" if request.param == "cpu" else "cuda"


def run(*words: object, lines: str = "") -> str:
    result = CliRunner().invoke(main, [str(word) for word in words], input=lines)
    assert result.exit_code == 0, result.output
    return result.stdout


COMPUTES_NOTHING = {"prepare", "mix", "join-captions", "import-trunk", "average", "info"}


def takes_a_device(verb: str) -> bool:
    """Return whether a verb reads --device, and says so of one that is none."""
    assert isinstance(main, click.Group)
    command = main.get_command(click.Context(main), verb)
    assert command is not None
    if not any("--device" in parameter.opts for parameter in command.params):
        return False
    result = CliRunner().invoke(main, [verb, "--device", "abacus"])
    return result.exit_code == 2 and "'abacus' is not a device" in result.stderr


def test_every_verb_that_computes_takes_a_device() -> None:
    assert {verb for verb in VERBS if not takes_a_device(verb)} == COMPUTES_NOTHING


@pytest.mark.parametrize("search", [("--beam-size", 1), ("--beam-size", 4, "--coverage", 0.3, "--no-repeat", 2)])
def test_every_device_translates_alike(tiny_checkpoint: Path, anywhere: str, search: tuple[object, ...]) -> None:
    words = ("translate", "--model", tiny_checkpoint, *search)
    assert run(*words, "--device", anywhere, lines=LINES) == run(*words, lines=LINES)


@DEVICES
def test_every_device_trains_to_a_checkpoint_that_any_reads(tmp_path: Path, device: str) -> None:
    (tmp_path / "recipe.toml").write_text(to_toml(recipe(tmp_path)))
    run("train", tmp_path / "recipe.toml", "--out", tmp_path / "model", "--device", device)
    weights = read_checkpoint(tmp_path / "model").model.state_dict()
    assert all(value.device.type == "cpu" and value.isfinite().all() for value in weights.values())
    assert run("translate", "--model", tmp_path / "model", lines=LINES).count("\n") == 3


def test_every_device_traces_the_same_search(tiny_checkpoint: Path, anywhere: str) -> None:
    words = ("trace", "--model", tiny_checkpoint, "--beam-size", 3, SENTENCE)
    here, there = (Trace.from_json(run(*words, *more)) for more in ((), ("--device", anywhere)))
    assert there.best.text == here.best.text
    assert there.nodes.token == here.nodes.token


def test_every_device_traces_the_caption_of_a_photo(caption_models: Path, tmp_path: Path, anywhere: str) -> None:
    photos.photo("red", "left").save(tmp_path / "red.png")
    words = ("trace", "--model", caption_models / "tiny-attention", tmp_path / "red.png")
    here, there = (Trace.from_json(run(*words, *more)) for more in ((), ("--device", anywhere)))
    assert there.best.text == here.best.text


def test_every_device_names_what_stored_features_show(caption_models: Path, anywhere: str) -> None:
    model = Captioner.load(caption_models / "tiny-attention", anywhere)
    seen = model.encode_photos([photos.photo("red", "left")])
    labels, stored = model.labels(seen, 1), model.labels(seen._replace(logits=None), 1)
    assert [label.name for label in stored[0]] == [label.name for label in labels[0]]


def test_a_saved_trace_goes_with_no_device(tiny_checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "saved.json").write_text(run("trace", "--model", tiny_checkpoint, SENTENCE), encoding="utf-8")
    with stand_in_for_cuda():
        result = CliRunner().invoke(main, ["trace", "--from", str(tmp_path / "saved.json"), "--device", "cuda"])
    assert result.exit_code == 2
    assert "leave out --device" in result.stderr


def test_every_device_makes_an_index_that_any_reads(tiny_checkpoint: Path, tmp_path: Path, anywhere: str) -> None:
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "tiny")
    (tmp_path / "train.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in PAIRS), encoding="utf-8")
    run("index", "--model", folder, "--device", anywhere, tmp_path / "train.tsv")
    found = load_neighbours(folder)
    assert found is not None
    assert set(found.spaces) == {"decoder", "context", "encoder"}
    assert all(space.vectors().isfinite().all() for space in found.spaces.values())


@DEVICES
def test_every_device_makes_a_laboratory(tmp_path: Path, device: str) -> None:
    words = (*minilab.prepare(tmp_path), "--updates", 2, "--device", device)
    for more in (("--only", "sampled-0.5-1"), ("--summary",)):
        run(*words, *more)
    lab = read_lab(tmp_path / "lab")
    assert lab is not None
    assert [one.name for one in lab.runs] == ["sampled-0.5-1"]
    assert all(norm >= 0 for one in lab.gradients for norm in one.norms)


def test_every_device_ranks_photos_alike(caption_models: Path, tmp_path: Path, anywhere: str) -> None:
    folder, _ = photos.write_data(tmp_path)
    words = ("search-photos", "--model", caption_models / "search", "--no-cache", folder, "a red box")
    ranked = [run(*words, *more).split() for more in ((), ("--device", anywhere))]
    assert ranked[0] == ranked[1]


def test_every_device_computes_lessons(tmp_path: Path, anywhere: str) -> None:
    tiny, lessons = write_tiny(tmp_path / "models" / "tiny"), tmp_path / "lessons"
    lessons.mkdir()
    (lessons / "one.toml").write_text(LESSON, encoding="utf-8")
    words = ("--model", tiny, "--lessons", lessons, "--device", anywhere)
    assert "one: holds" in run("check-lessons", *words)
    run("export-page", *words, "--out", tmp_path / "page.html")
    assert '"name":"one"' in (tmp_path / "page.html").read_text(encoding="utf-8")


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
    "exact search": lambda t: (
        models_best(t.session(SENTENCE), t.trace(SENTENCE), clock=lambda: 0.0, most=500).sentence
    ),
    "flips": lambda t: search_intervals(t.session(SENTENCE), t.trace(SENTENCE), alpha_intervals(t.trace(SENTENCE))),
    "score": lambda t: t.score(PAIRS[:3]),
    "trace": lambda t: t.trace(SENTENCE, beam_size=3),
    "autopsy": lambda t: autopsy(t.session(SENTENCE), t.trace(SENTENCE, beam_size=3), PAIRS[0][1]).reason,
    "sweep": lambda t: sweep(t.session(SENTENCE), t.trace(SENTENCE, beam_size=2), clock=lambda: 0.0),
    "arithmetic": lambda t: arithmetic(t.session(SENTENCE), [4, 5], 6).box("softmax").labels,
    "padding": lambda t: padded(t.session(SENTENCE), 2, masked=False).text,
    "other attention": lambda t: first_choices(t.session(SENTENCE), [4, 5, 6], "reversed"),
    "index": lambda t: build_neighbours(t, [Pair(*pair) for pair in PAIRS]).spaces["decoder"].projection.mean,
}


NUMBER = re.compile(r"-?\d+\.\d*(?:e[-+]?\d+)?")


def beginning(found: object) -> tuple[str, list[float]]:
    """Return the beginning of what an analysis finds: its text, and the numbers in it."""
    text = NUMBER.sub("#", str(found))[:200]
    return text, [float(each) for each in NUMBER.findall(str(found))[: text.count("#")]]


@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_runs_where_its_model_is(tiny_checkpoint: Path, name: str, anywhere: str) -> None:
    here, there = (beginning(ANALYSES[name](Translator.load(tiny_checkpoint, each))) for each in ("cpu", anywhere))
    assert there[0] == here[0]
    assert there[1] == pytest.approx(here[1], rel=1e-3, abs=1e-3)


def test_the_stand_in_refuses_what_a_gpu_refuses() -> None:
    with stand_in_for_cuda():
        there, here = torch.ones(3, 2, device="cuda"), torch.ones(2)
        assert there.device.type == there.new_zeros(1).device.type == here.to("cuda").device.type == "cuda"
        assert (there + there.mean()).cpu().device.type == "cpu"
        for mixed in (
            lambda: there + here,
            lambda: here[here.to("cuda").long()],
            lambda: torch.stack([here, there[0]]),
            lambda: torch.nn.functional.embedding(torch.tensor(1), there),
        ):
            with pytest.raises(RuntimeError, match="same device"):
                mixed()
        with pytest.raises(TypeError, match="numpy"):
            there.numpy()


def test_a_model_says_where_it_is(tiny_checkpoint: Path) -> None:
    model = read_checkpoint(tiny_checkpoint).model
    assert device_of(model) == torch.device("cpu")
    assert device_of(model.to("meta")) == torch.device("meta")


def test_gradients_do_without_the_kernels_that_want_training_mode() -> None:
    before = torch.backends.cudnn.enabled
    with backward_through_recurrence():
        assert not torch.backends.cudnn.enabled
    assert torch.backends.cudnn.enabled == before
