"""The teacher-forcing page without a browser: each of its views, and what it says where something is missing."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import lab, models
from pages.shared.views import TeacherForcingView
from seq2seq.training.lab import read_lab, regimes
from tests.pages.opening import html, open_page, texts

OpenPage = Callable[..., AppTest]


@pytest.fixture
def run(minilab_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Run the page with the parameters of a link, and a tiny laboratory as the recorded one."""
    shutil.copytree(minilab_folder, tmp_path / "lab")
    monkeypatch.setattr(models, "SHIPPED", tmp_path)

    return partial(open_page, "teacher_forcing")


def test_one_sentence_is_there_at_once_and_both_models_answer(run: OpenPage) -> None:
    app = run()
    assert not app.exception
    assert app.text_input(key="tf_text").value
    assert html(app).count("Running free") == 2


def test_a_link_restores_sentence_models_and_coin(run: OpenPage) -> None:
    app = run(
        text="Il fait froid.", reference="It is cold.", first="never", second="always", ratio="0.25", seed="7"
    )
    assert not app.exception
    assert app.text_input(key="tf_text").value == "Il fait froid."
    assert (app.selectbox(key="tf_first").value, app.selectbox(key="tf_second").value) == ("never", "always")
    assert app.slider(key="tf_ratio").value == 0.25
    assert app.number_input(key="tf_seed").value == 7


def test_an_example_takes_the_place_of_the_sentence(run: OpenPage) -> None:
    app = run(text="Il pleut.")
    assert app.session_state["view"].text == "Il pleut."
    app.button(key="tf_example_1").click().run()
    assert app.session_state["view"].text == app.text_input(key="tf_text").value != "Il pleut."


def test_a_model_can_stand_on_both_sides(run: OpenPage) -> None:
    app = run(text="Il fait froid.", reference="It is cold.", first="never", second="never")
    assert not app.exception
    assert html(app).count("Running free") == 2


def test_a_planted_word_shows_both_models_with_and_without_it(run: OpenPage) -> None:
    app = run()
    app.text_input(key="tf_wrong").set_value("dog").run()
    assert not app.exception
    assert html(app).count("Without the mistake") == 2
    assert app.session_state["view"].wrong == "dog"


@pytest.mark.parametrize("wrong", ["\u200b", "   "])
def test_a_word_that_can_not_be_read_is_one_error_or_none(run: OpenPage, wrong: str) -> None:
    app = run()
    app.text_input(key="tf_wrong").set_value(wrong).run()
    assert not app.exception
    assert len(app.error) <= 1


@pytest.mark.parametrize("measure", ["bleu", "forced_loss", "ratio", "decoder_norm", "nonsense"])
def test_curves_and_scores_of_the_regimes_that_are_on(run: OpenPage, measure: str) -> None:
    app = run(look="curves", regimes="always_never_unknown", measure=measure)
    assert not app.exception
    assert "always forced" in html(app)
    assert "standard deviation over seeds" in texts(app)


def test_a_link_can_name_every_regime(minilab_folder: Path) -> None:
    """Those too whose names have a dot."""
    found = read_lab(minilab_folder)
    assert found is not None
    every = [regime.name for regime in regimes(1000)]
    runs = tuple(found.runs[0].model_copy(update={"regime": name}) for name in every)
    recorded = found.model_copy(update={"runs": runs})
    assert lab.regimes_from_link(recorded, "_".join(every)) == every
    assert lab.regimes_from_link(recorded, "ratio-0.25") == ["ratio-0.25"]
    assert {"always", "ratio-0.5"} <= set(lab.regimes_from_link(recorded, TeacherForcingView().regimes))


def test_with_all_regimes_off_it_says_what_to_do(run: OpenPage) -> None:
    app = run(look="curves", regimes="none")
    assert not app.exception
    assert "Switch on at least one regime" in texts(app)


def test_exposure_says_that_recovery_alone_ranks_nothing(run: OpenPage) -> None:
    app = run(look="exposure")
    assert not app.exception
    assert "Read it together with BLEU" in texts(app)
    app.segmented_control(key="tf_exposure").set_value("loss").run()
    assert not app.exception


def test_gradients_before_and_after(run: OpenPage) -> None:
    app = run(look="gradients")
    assert not app.exception
    assert "each may shrink it" in texts(app)


def test_the_slider_shows_a_snapshot_of_the_training(run: OpenPage) -> None:
    app = run(look="moments")
    assert not app.exception
    slider = app.select_slider(key="tf_snapshot")
    assert slider.value == 1, "it begins at the beginning"
    last = int(slider.options[-1].replace(",", ""))
    slider.set_value(last).run()
    assert not app.exception
    assert app.session_state["view"].moment == last
    app.button(key="tf_play").click().run()
    assert not app.exception
    assert app.session_state["view"].moment == 1, "it plays from the first again"
    assert app.session_state["tf_playing"]


def test_without_recorded_runs_it_says_how_to_make_them(run: OpenPage, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "lab")
    app = run()
    assert not app.exception
    assert "There are no recorded runs here" in texts(app)


def test_a_damaged_record_is_one_error(run: OpenPage, tmp_path: Path) -> None:
    (tmp_path / "lab" / "lab.json").write_text("{", encoding="utf-8")
    app = run()
    assert not app.exception
    assert len(app.error) == 1


def test_figures_without_weights_still_show(run: OpenPage, tmp_path: Path) -> None:
    for folder in (tmp_path / "lab").glob("*/"):
        shutil.rmtree(folder)
    assert "only their figures" in texts(run())
    assert not run(look="curves").exception
    assert not run(look="moments").exception


def test_models_of_the_laboratory_stand_in_the_picker_by_their_regime(run: OpenPage) -> None:
    run()
    names = models.available()
    assert {"lab-always-1", "lab-never-1"} <= set(names)
    assert models.describe("lab-never-1") == "French → English (laboratory: never forced)"
