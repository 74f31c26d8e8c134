"""The translate page without a browser: what it says, and that it never breaks."""

import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.shared import models
from pages.shared.html import coloured_words, facts, plain
from pages.shared.views import KINDS, TranslateView, View, equal_groups, from_link
from seq2seq.checkpoint import write_checkpoint
from seq2seq.evaluation.searches import compare_searches, save_searches
from seq2seq.trace.view import ShownWord
from seq2seq.translator import Translator
from tests.pages.opening import open_page, texts

OpenPage = Callable[..., AppTest]


@pytest.fixture
def run(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Run the page with the parameters of a link, and the tiny checkpoint among its models."""
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(tiny_checkpoint.parent)])

    return partial(open_page, "translate", model="tiny")


def test_the_search_obeys_every_option_of_the_link(run: OpenPage) -> None:
    app = run(text="il fait froid", beam="6", coverage="0.3", groups="3", diversity="1.5", no_repeat="2")
    assert not app.exception
    view = app.session_state["view"]
    options = view.beam_search(0.6)
    assert (options.coverage, options.groups, options.no_repeat) == (0.3, 3, 2)
    assert view.greedy().no_repeat == 2
    assert app.number_input(key="in_groups").value == 3


def test_a_beam_that_cant_be_split_evenly_gets_fewer_groups() -> None:
    assert [equal_groups(6, asked) for asked in (1, 2, 3, 4, 5, 6, 20)] == [1, 2, 3, 3, 3, 6, 6]
    assert TranslateView(beam=5, groups=4).beam_search(0.6).groups == 1


def test_without_text_it_says_what_to_do(run: OpenPage) -> None:
    app = run()
    assert not app.exception
    assert "Type a sentence above" in texts(app)


def test_a_sentence_is_translated_and_its_searches_go_to_the_stage(
    run: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []
    monkeypatch.setattr("pages.shared.stage._stage", lambda **all_: given.append(all_))
    app = run(text="il fait froid dehors", sampling="on", step="2")
    assert not app.exception
    data = given[-1]["data"]
    assert [each["name"] for each in data["searches"]] == ["Greedy", "Beam 5", "Sample"]
    assert {each["trace"]["source"]["text"] for each in data["searches"]} == {"il fait froid dehors"}
    assert (data["step"], data["play"], data["keys"]) == (2, False, True)


@pytest.mark.parametrize("text", ["\u202e\u200b", "x" * 3001])
def test_bad_input_gives_one_error_box(run: OpenPage, text: str) -> None:
    app = run(text=text)
    assert not app.exception
    assert len(app.error) == 1


def test_a_translation_with_unknown_words_is_shown_with_source_words_too(
    run: OpenPage, wordy: Translator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = wordy.checkpoint
    write_checkpoint(tmp_path / "wordy", made.config, made.model, made.source, made.target, {})
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(tmp_path)])
    app = run(text="zorglub dort", model="wordy")
    assert not app.exception
    said = [box.value for box in app.info if "The vocabulary lacks words" in box.value]
    assert len(said) == 2
    assert all("zorglub" in text or "dort" in text for text in said)


def test_options_of_the_link_reach_the_widgets(run: OpenPage) -> None:
    app = run(text="il fait froid", beam="3", alpha="1.5", sampling="on", top_k="4")
    assert not app.exception
    assert app.session_state["in_beam"] == 3
    assert app.session_state["in_alpha"] == 1.5
    assert app.session_state["in_sampling"] is True
    assert app.session_state["in_top_k"] == 4


def test_a_damaged_model_gives_one_error_box(
    run: OpenPage, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_checkpoint, tmp_path / "broken")
    (tmp_path / "broken" / "weights.safetensors").write_bytes(bytes(100))
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(tmp_path)])
    app = run(text="il fait froid", model="broken")
    assert not app.exception
    assert len(app.error) == 1
    assert "damaged" in app.error[0].value


def test_sentences_of_the_test_set_that_differ_can_be_browsed_and_opened(
    run: OpenPage, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "tested")
    references, greedy, beam = ["it is cold", "I am cold"], ["it is cool", "I am cold"], ["it is cold", "I am old"]
    sources = ["il fait froid", "j'ai froid"]
    save_searches(
        folder, compare_searches(folder, sources, references, greedy, beam, test="t", beam_size=5, alpha=1.0)
    )
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(tmp_path)])
    app = run(model="tested")
    assert not app.dataframe  # nothing is read before it is asked for
    app.session_state["whole_set"] = True
    app.run()
    assert "translates 100 % of them differently" in texts(app)
    assert set(app.dataframe[0].value["sentence"]) == set(sources)
    app.segmented_control(key="test_set_shown").set_value("worse").run()
    assert list(app.dataframe[0].value["sentence"]) == ["j'ai froid"]
    assert not app.exception


@given(text=st.text())
@settings(max_examples=60)
def test_markdown_of_a_visitor_is_escaped(text: str) -> None:
    escaped = plain(text)
    for mark in ("*", "$", "[", "<", ":", "`"):
        assert escaped.count(mark) == escaped.count("\\" + mark)


def test_html_of_a_visitor_is_escaped() -> None:
    word = ShownWord("<b onclick=x>&", 0.5, True, 1)
    assert "<b onclick" not in coloured_words([word], dark=False)
    assert "<i>" not in facts([("<i>", "<i>")])


FIELDS = sorted({name for kind in KINDS for name in kind.model_fields})


@given(
    kind=st.sampled_from(KINDS),
    values=st.dictionaries(
        st.sampled_from([*FIELDS, "other"]), st.text(max_size=20) | st.integers().map(str), max_size=6
    ),
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_link_gives_a_view(kind: type[View], values: dict[str, str]) -> None:
    view = from_link(kind, values)
    assert from_link(kind, view.parameters()) == view


def test_models_of_the_same_name_are_told_apart(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("one", "other"):
        shutil.copytree(tiny_checkpoint, tmp_path / room / "tiny")
    monkeypatch.setattr(models, "SHIPPED", tmp_path / "one")
    monkeypatch.setattr(
        sys, "argv", ["app.py", "--models", str(tmp_path / "other"), "--models", str(tmp_path / "one")]
    )
    assert models.of_kind("translation") == {
        "tiny": tmp_path / "one" / "tiny",
        "tiny (other)": tmp_path / "other" / "tiny",
    }


@pytest.mark.parametrize("option", ["coverage", "diversity"])
def test_a_link_beyond_a_slider_leaves_the_slider_as_it_was(run: OpenPage, option: str) -> None:
    app = run(text="il fait froid", **{option: "5"})
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("text", ["il fait froid", ""])
def test_a_link_that_gets_too_long_leaves_out_the_sentence_and_what_is_forced_in_it(text: str) -> None:
    def script(text: str) -> None:
        from pages.shared.view import write_link
        from pages.shared.views import TranslateView

        write_link(TranslateView(text=text, beam=7, node=3, edits="e" * 3000))

    app = AppTest.from_function(script, args=(text,)).run()
    assert not app.exception
    assert app.query_params == {"beam": "7"}
    assert "restores the options only" in app.caption[0].value
