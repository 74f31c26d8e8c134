"""The panels below the attention figure, without a browser."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.attention_panels.chosen import SourceSpan
from pages.attention_panels.row_editor import spread
from pages.shared.html import MarkedWord, table
from pages.shared.views import AttentionView
from seq2seq.checkpoint import digest, write_checkpoint
from seq2seq.checkpoint_config import CheckpointConfig
from seq2seq.data import Pair
from seq2seq.evaluation import by_length
from seq2seq.evaluation.stored import length_scores, save_lengths
from seq2seq.explain import build_neighbours, save_neighbours
from seq2seq.models.config import AttentionKind
from seq2seq.text import Tokenizer
from seq2seq.trace import History
from seq2seq.translator import Translator
from tests.tiny import PAIRS, lively_model, tiny_config

SENTENCE = "Il fait froid dehors."
PANELS = ("attributions", "surgery", "neighbours", "compare", "duel")
OpenPanel = Callable[..., AppTest]


def script(panel: str, named: bool) -> None:
    """Draw one panel as the page does; `named` False: the trace came from a file."""
    from importlib import import_module

    import streamlit as st

    from pages.shared import models, sessions
    from pages.shared.html import plain
    from pages.shared.subject import Subject
    from pages.shared.view import current, write_link
    from pages.shared.views import AttentionView
    from seq2seq.errors import Seq2SeqError

    view = current(AttentionView)
    trace = sessions.trace_text(view.model, view.text, view.beam_search(models.load(view.model).config.alpha)).trace
    subject = Subject(view, view.text, trace, view.model if named else None, trace.best.leaf, view.step, False)
    try:
        import_module(f"pages.attention_panels.{panel}").panel(subject)
    except Seq2SeqError as problem:
        st.error(plain(str(problem)))
    write_link(current(AttentionView))


@pytest.fixture(scope="session")
def folders(
    tiny_checkpoint: Path, tokenizers: tuple[Tokenizer, Tokenizer], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A tiny model with training moments, one without, and two that differ in their attention."""
    root = tmp_path_factory.mktemp("panels")
    shutil.copytree(tiny_checkpoint, root / "tiny")
    shutil.copytree(tiny_checkpoint, root / "bare")
    pairs = [Pair(*pair) for pair in PAIRS]
    save_neighbours(root / "tiny", build_neighbours(Translator.load(root / "tiny"), pairs, count=60))
    kinds: tuple[AttentionKind, ...] = ("none", "additive")
    for kind in kinds:
        _attention_model(root / f"attention-{kind}", kind, tokenizers)
    sources = [source for source, _ in PAIRS]
    bands = by_length(sources, sources, sources)
    kept = length_scores(root / "attention-none", bands, test="test.tsv", beam_size=5, alpha=0.6)
    save_lengths(root / "attention-none", kept)
    return root


def _attention_model(folder: Path, kind: AttentionKind, tokenizers: tuple[Tokenizer, Tokenizer]) -> None:
    source, target = tokenizers
    record = CheckpointConfig(
        source="fr",
        target="en",
        model=tiny_config(tied=False, attention=kind),
        vocabulary={"source": digest(source.proto), "target": digest(target.proto)},
    )
    model = lively_model(len(source), len(target), attention=kind)
    write_checkpoint(folder, record, model, source, target, {"README.md": "# A model for tests\n"})


@pytest.fixture
def show(folders: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPanel:
    """Draw a panel with the parameters of a link."""
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(folders)])

    def open_panel(panel: str, named: bool = True, **parameters: str) -> AppTest:
        app = AppTest.from_function(script, default_timeout=60, kwargs={"panel": panel, "named": named})
        for name, value in {"model": "tiny", "text": SENTENCE, "step": "2", "beam": "2", **parameters}.items():
            app.query_params[name] = value
        return app.run()

    return open_panel


def texts(app: AppTest) -> str:
    """Return all that the panel says."""
    kinds = ("markdown", "caption", "info", "success", "warning", "error")
    said = [str(element.value) for kind in kinds for element in getattr(app, kind)]
    return "\n".join([*said, *(element.proto.body for element in app.get("html"))])


def view_of(app: AppTest) -> AttentionView:
    """Return what is chosen."""
    view: AttentionView = app.session_state["view"]
    return view


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("by", ["words", "pieces"])
def test_each_panel_draws_without_an_error(show: OpenPanel, panel: str, by: str) -> None:
    app = show(panel, by=by)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("panel", PANELS)
def test_without_a_model_each_panel_says_what_is_missing(show: OpenPanel, panel: str) -> None:
    app = show(panel, named=False)
    assert not app.exception
    assert len(app.info) == 1
    assert "model" in app.info[0].value


@pytest.mark.parametrize("panel", PANELS)
def test_a_model_without_attention_breaks_no_panel(show: OpenPanel, panel: str) -> None:
    app = show(panel, model="attention-none")
    assert not app.exception
    assert not app.error


def test_attributions_say_whether_the_measures_agree(show: OpenPanel) -> None:
    said = texts(show("attributions", step="1"))
    assert "Attention and leave" in said
    assert "Jain & Wallace 2019" in said
    assert "no attention" in texts(show("attributions", model="attention-none"))


def test_an_applied_row_is_an_edit_that_the_link_restores(show: OpenPanel) -> None:
    app = show("surgery", column="1")
    app.button(key="surgery_All on it").click().run()
    app.button(key="surgery_apply").click().run()
    assert not app.exception
    edits = History.from_text(view_of(app).edits)
    assert edits.current == 1
    (row,) = edits.version(1).attention
    assert row.step == 2
    assert sum(row.weights) == pytest.approx(1)
    assert "distribution moves by" in texts(app)
    again = show("surgery", edits=view_of(app).edits)
    assert not again.exception
    assert "distribution moves by" in texts(again)
    again.button(key="surgery_undo").click().run()
    assert view_of(again).edits == ""


def test_a_second_step_keeps_the_first_steps_row(show: OpenPanel) -> None:
    app = show("surgery", step="2")
    app.button(key="surgery_Uniform").click().run()
    app.button(key="surgery_apply").click().run()
    further = show("surgery", step="3", edits=view_of(app).edits)
    further.button(key="surgery_Uniform").click().run()
    further.button(key="surgery_apply").click().run()
    assert not further.error
    history = History.from_text(view_of(further).edits)
    assert sorted(history.version(2).rows) == [2, 3]
    assert len(history.version(2).prefix) == 1


def test_a_bar_s_share_is_split_as_the_model_splits_it() -> None:
    places = [SourceSpan("l'eau", 0, 2), SourceSpan(".", 2, 3), SourceSpan("rien", 3, 5)]
    row = spread([0.5, 0.1, 0.4], places, (0.6, 0.2, 0.2, 0.0, 0.0))
    assert row == pytest.approx((0.375, 0.125, 0.1, 0.2, 0.2))


def test_weights_are_tried_before_they_are_kept(show: OpenPanel) -> None:
    app = show("surgery")
    assert "surgery_apply" not in {each.key for each in app.button}
    app.button(key="surgery_Uniform").click().run()
    assert not app.exception
    assert "With these weights" in texts(app)
    assert not view_of(app).edits


@pytest.mark.parametrize("edits", ["nonsense", "%%%", "AQEB"])
def test_edits_that_can_not_be_read_are_one_sentence(show: OpenPanel, edits: str) -> None:
    app = show("surgery", edits=edits)
    assert not app.exception
    assert len(app.error) == 1
    assert view_of(app).edits == ""


def test_edits_of_another_sentence_are_one_sentence_with_a_way_back(show: OpenPanel) -> None:
    other = History().edit((), {1: (0.5, 0.5)}, "short").to_text()
    app = show("surgery", edits=other)
    assert not app.exception
    assert len(app.error) == 1
    app.button(key="surgery_undo").click().run()
    assert not app.error


@pytest.mark.parametrize("kind", ["decoder", "context", "encoder"])
def test_neighbours_are_sentences_with_a_marked_word(show: OpenPanel, kind: str) -> None:
    said = texts(show("neighbours", moments=kind))
    assert said.count("<mark") == 10
    assert "are found, measured by" in said


def test_without_its_file_the_command_that_makes_it_is_said(show: OpenPanel) -> None:
    app = show("neighbours", model="bare")
    assert not app.exception
    assert "seq2seq index" in app.info[0].value.replace("\\", "")


def test_the_comparison_shows_every_kind(show: OpenPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.shared.models.SHIPPED", tmp_path)  # so that the test's own models are compared
    said = texts(show("compare"))
    assert ">none</h3>" in said
    assert ">additive</h3>" in said
    assert "No scores by length are kept for attention-additive" in said


def test_without_models_to_compare_it_is_one_sentence(show: OpenPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.attention_panels.compare.PREFIX", "nothing-")
    app = show("compare")
    assert not app.exception
    assert len(app.info) == 1


@pytest.mark.parametrize("rival", ["settings", "model", "drop", "swap"])
def test_each_rival_can_be_chosen(show: OpenPanel, rival: str) -> None:
    app = show("duel", rival=rival, word="1", other_word="2")
    assert not app.exception
    assert not app.error
    assert "s2s-table" in texts(app)


def test_swapping_a_word_with_itself_asks_for_two(show: OpenPanel) -> None:
    app = show("duel", rival="swap", word="1", other_word="1")
    assert "two different words" in app.info[0].value


def test_a_sentence_of_one_word_has_none_to_drop(show: OpenPanel) -> None:
    app = show("duel", text="chien", rival="drop")
    assert not app.exception
    assert "single word" in app.info[0].value


def test_tables_escape_what_they_show() -> None:
    shown = table(("<i>", "n"), [(MarkedWord("<b>", "<u>", "&"), "1")], numbers=(1,), marked=0, dark=False)
    assert not any(tag in shown for tag in ("<i>", "<b>", "<u>"))
    assert shown.count('class="s2s-number"') == 2
