"""The panels below the beam tree without a browser: what they say, and that they never break."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.beam_tree_panels import autopsy, penalty, widths
from pages.beam_tree_panels.wording import listed, spans
from seq2seq import explain
from seq2seq.explain import AlphaInterval, Width
from seq2seq.search import Beam, SearchOptions
from seq2seq.translator import Translator
from tests.pages.opening import texts

OpenPanel = Callable[..., AppTest]
SENTENCE = "Où est le chien ?"  # the tiny model ends it within 12 tokens, in several ways


@pytest.fixture
def run(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPanel:
    """Run a panel about a search of the tiny checkpoint, with the parameters of a link."""
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(tiny_checkpoint.parent)])

    def open_panel(name: str, *, with_model: bool = True, **parameters: str) -> AppTest:
        def script(name: str, with_model: bool) -> None:
            import importlib

            from pages.shared import sessions
            from pages.shared.subject import Subject
            from pages.shared.view import current
            from pages.shared.views import BeamTreeView

            view = current(BeamTreeView)
            trace = sessions.trace_text("tiny", view.text, view.beam_search(0.6)).trace
            subject = Subject(view, view.text, trace, "tiny" if with_model else None, 0, 1, False)
            importlib.import_module(f"pages.beam_tree_panels.{name}").panel(subject)

        app = AppTest.from_function(script, args=(name, with_model), default_timeout=60)
        for key, value in {"text": SENTENCE, "longest": "12", **parameters}.items():
            app.query_params[key] = value
        return app.run()

    return open_panel


def press(app: AppTest, label: str) -> AppTest:
    """Press the button that says `label`."""
    return next(button for button in app.button if button.label == label).click().run()


def interval(low: float, high: float, text: str = "a") -> AlphaInterval:
    return AlphaInterval(low, high, 1, text, -2.0, 3)


def width(number: int, score: float, *, error: bool = False, finished: bool = True) -> Width:
    return Width(number, "a", score, 2 * score, 3, finished, None, 4, 5.0, error)


@pytest.mark.parametrize("name", ["penalty", "widths", "autopsy"])
@pytest.mark.parametrize("with_model", [True, False])
def test_a_panel_opens(run: OpenPanel, name: str, with_model: bool) -> None:
    app = run(name, with_model=with_model)
    assert not app.exception
    assert not app.error
    assert ("needs the model" in texts(app)) is not with_model


@pytest.mark.parametrize("name", ["widths", "autopsy"])
def test_without_a_model_nothing_can_be_asked(run: OpenPanel, name: str) -> None:
    app = run(name, with_model=False)
    assert all(button.disabled for button in app.button)
    assert all(field.disabled for field in app.text_input)


def test_the_ranges_of_alpha_need_no_model(run: OpenPanel) -> None:
    asked, opened = (run("penalty", with_model=each).dataframe[0].value for each in (True, False))
    assert [*asked["translation"]] == [*opened["translation"]]
    assert "a new search ends with" in asked
    assert "a new search ends with" not in opened


def test_an_alpha_of_another_range_comes_into_the_view(run: OpenPanel) -> None:
    app = run("penalty")
    table = app.dataframe[0].value
    offered = [(place, button) for place, button in enumerate(app.button) if not button.disabled]
    assert len(offered) == len(table) - 1 > 0
    place, button = offered[-1]
    button.click().run()
    assert not app.exception
    alpha = app.session_state["view"].alpha
    assert table["from α"][place] < alpha < table["to"][place]
    assert any("in use" in each.label and each.disabled for each in app.button)


def test_nothing_is_swept_before_the_button(run: OpenPanel) -> None:
    app = run("widths")
    assert not app.dataframe
    press(app, "Try widths 1 to 20")
    assert not app.exception
    assert [*app.dataframe[0].value["width"]] == list(range(1, 21))
    assert "chrF" not in app.dataframe[0].value


def test_a_right_translation_adds_chrf_and_stays(run: OpenPanel) -> None:
    app = run("widths")
    app.text_input[0].set_value("It is cold.")
    press(app, "Try widths 1 to 20")
    assert "chrF" in app.dataframe[0].value
    assert app.session_state["view"].parameters()["expected"] == "It is cold."


def test_an_autopsy_gives_verdict_scores_and_widths(run: OpenPanel) -> None:
    app = run("autopsy")
    app.text_input[0].set_value("It is cold.")
    press(app, "Find out why")
    assert not app.exception
    said = texts(app)
    assert any(verdict in said for verdict in ("Search error", "Model error", "Found"))
    assert app.dataframe[0].value["translation"][0] == "It is cold."
    assert "idths 1 to 50" in said or "every width from 1 to 50" in said


def test_the_link_restores_an_autopsy(run: OpenPanel) -> None:
    app = run("autopsy", expected="It is cold.")
    assert app.text_input[0].value == "It is cold."
    assert app.dataframe[0].value["translation"][0] == "It is cold."


def test_the_winner_itself_is_found(run: OpenPanel, translator: Translator) -> None:
    options = SearchOptions(mode=Beam(size=5), n_best=5, max_length=12)
    best = translator.trace(SENTENCE, options=options).best
    assert best.finished
    app = run("autopsy", expected=best.text)
    assert "The search found the expected translation" in texts(app).replace("\\", "")


@pytest.mark.parametrize("typed", ["", "   ", "x" * 401])
def test_a_bad_expectation_gives_one_error_box(run: OpenPanel, typed: str) -> None:
    app = run("autopsy", expected="It is cold.")
    app.text_input[0].set_value(typed)
    press(app, "Find out why")
    assert not app.exception
    assert len(app.error) == 1
    app.text_input[0].set_value("It is warm.")
    press(app, "Find out why")
    assert not app.error


@pytest.mark.parametrize("typed", ["日本 🙂", "\u202e\u200b", "<b>*x*</b> $y$", "x" * 400])
def test_odd_expectations_are_answered(run: OpenPanel, typed: str) -> None:
    app = run("autopsy")
    app.text_input[0].set_value(typed)
    press(app, "Find out why")
    assert not app.exception
    assert not app.error
    assert app.session_state["view"].expected == typed.strip()


def test_the_models_best_is_looked_for_on_demand(run: OpenPanel) -> None:
    app = run("autopsy", longest="4", alpha="0", text="Je suis froid.")
    before = texts(app)
    press(app, "Find the model's true best")
    assert not app.exception
    assert "empty translation" in texts(app)
    assert "empty translation" not in before


def test_a_convenient_alpha_lies_inside() -> None:
    assert penalty.convenient(interval(-1, 3)) == 1.0
    assert str(penalty.convenient(interval(-0.09, 0.034))) == "0.0"
    assert penalty.convenient(interval(0.26, 0.27)) == 0.265
    low, high = 0.12341, 0.12342
    assert low < penalty.convenient(interval(low, high)) < high


def test_flips_are_said() -> None:
    assert "every α from −1 to 3" in penalty.flips_sentence([interval(-1, 3)])
    assert "flips at 0.50 and 1.25" in penalty.flips_sentence(
        [interval(-1, 0.5), interval(0.5, 1.25), interval(1.25, 3)]
    )


def test_search_errors_name_the_width_that_did_better() -> None:
    found = [width(1, -3), width(2, -1), width(3, -2, error=True), width(4, -1), width(5, -2, error=True)]
    assert widths.search_errors(found) == "Search errors: width 2 found a better score than 3 and 5."
    assert widths.narrowest_best(found).startswith("A beam of 2 is the narrowest")
    assert "no search errors" in widths.search_errors(found[:2])
    assert widths.narrowest_best([width(1, -1, finished=False)]) == "No width finished an output."


def test_numbers_are_listed_as_people_do() -> None:
    assert spans([]) == ""
    assert spans([4]) == "4"
    assert spans([1, 2, 4, 5, 6, 9]) == "1 and 2, 4 to 6 and 9"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_every_verdict_has_a_badge() -> None:
    assert set(autopsy._BADGES) == {verdict.name for verdict in explain.Verdict}
