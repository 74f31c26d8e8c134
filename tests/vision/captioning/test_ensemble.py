"""Captioning models that decide together."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from seq2seq import explain
from seq2seq.cli import main
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.search import Beam
from seq2seq.vision.captioning.captioner import Captioner
from seq2seq.vision.captioning.checkpoint import write_ensemble
from tests.photos import LEARN, caption_recipe, caption_training, drawn, images


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two models of one shape, their ensemble, and one without attention."""
    folder = tmp_path_factory.mktemp("ensemble")
    for seed in (1, 2):
        seeded = LEARN | {"training": LEARN["training"] | {"seed": seed}}
        caption_training(caption_recipe(folder, **seeded), folder / f"model{seed}").run()
    plain = LEARN | {"model": LEARN["model"] | {"attention": "none"}}
    caption_training(caption_recipe(folder, **plain), folder / "plain").run()
    result = CliRunner().invoke(
        main, ["join-captions", *(str(folder / name) for name in ("both", "model1", "model2"))]
    )
    assert result.exit_code == 0, result.output
    return folder


def test_its_probabilities_are_the_means(place: Path) -> None:
    both, first, second = (Captioner.load(place / name) for name in ("both", "model1", "model2"))
    photos = images(drawn())[:2]
    seen = first.encode_photos(photos)
    found = both.caption_features(seen, both.options(Beam(size=3)))
    texts = [best[0].text for best in found]
    together = both.score(seen, texts)
    for row, each in enumerate(zip(first.score(seen, texts), second.score(seen, texts), strict=True)):
        means = torch.tensor(each).exp().mean(0).log()
        assert together[row] == pytest.approx(means.tolist(), abs=1e-4)
        assert found[row][0].log_prob == pytest.approx(sum(together[row]), abs=1e-3)


def test_two_of_the_same_say_what_one_says(place: Path, tmp_path: Path) -> None:
    write_ensemble(place / "twice", [place / "model1"] * 2)
    twice, once = (Captioner.load(place / name) for name in ("twice", "model1"))
    photo = images(drawn())[0]
    traces = [model.trace(photo) for model in (twice, once)]
    assert traces[0].best.text == traces[1].best.text
    assert traces[0].nodes.total == pytest.approx(traces[1].nodes.total, abs=1e-4)
    own, other = (trace.expanded.attention for trace in traces)
    assert own is not None
    assert other is not None
    assert own[0] == pytest.approx(other[0], abs=1e-4)


def test_a_caption_is_explained_as_that_of_one_model(place: Path) -> None:
    model = Captioner.load(place / "both")
    session = model.session(images(drawn())[0])
    trace = session.trace()
    found = explain.autopsy(session, trace, "a red box")
    assert found.expected.tokens
    with pytest.raises(ConfigError, match="several decide together"):
        explain.trace_states(session, trace)


def test_what_does_not_fit_is_refused(place: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="has another shape"):
        write_ensemble(tmp_path / "out", [place / "model1", place / "plain"])
    result = CliRunner().invoke(main, ["join-captions", str(tmp_path / "out"), str(place / "model1")])
    assert result.exit_code == 2
    assert "name at least two" in result.output
    start = {"checkpoint": place / "both"}
    with pytest.raises(ConfigError, match="start from one of them"):
        caption_training(caption_recipe(place, **LEARN, initialise_from=start), tmp_path / "model")
