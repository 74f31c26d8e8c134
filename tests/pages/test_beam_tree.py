"""The beam tree page without a browser: what it shows of a node, how one walks, and what forcing a word does."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.beam_tree_panels.whatif import _ordered
from pages.shared.views import BeamTreeView
from seq2seq.trace import History, Trace
from seq2seq.trace.view import nodes_at, prefix_text, why_pruned
from seq2seq.translator import Translator
from tests.pages.opening import all_texts as texts
from tests.pages.opening import prepared

OpenPage = Callable[..., AppTest]
TEXT = "il fait froid dehors"


@pytest.fixture
def run(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Run the page with the parameters of a link, and the tiny checkpoint among its models."""
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(tiny_checkpoint.parent)])

    def open_tree(file: Trace | None = None, **parameters: str) -> AppTest:
        app = prepared("beam_tree", **{"model": "tiny", "tree": "whole", **parameters})
        if file is not None:
            app.session_state["opened_trace"] = file
        return app.run()

    return open_tree


@pytest.fixture
def trace(translator: Translator) -> Trace:
    """The search that the page shows of `TEXT`."""
    options = BeamTreeView(text=TEXT).beam_search(translator.config.alpha)
    return translator.trace(TEXT, options=options)


def view(app: AppTest) -> BeamTreeView:
    found: BeamTreeView = app.session_state["view"]
    return found


def button(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.button if one.label.startswith(label)).click().run()


def kept(trace: Trace, step: int) -> list[int]:
    return [n for n in nodes_at(trace, step) if trace.nodes.status[n] == "kept"]


def force_word(app: AppTest, word: str) -> AppTest:
    app.text_input(key="in_word").set_value(word)
    return button(app, "Force this word")


def test_without_text_it_says_what_to_do(run: OpenPage) -> None:
    app = run()
    assert not app.exception
    assert "Type a sentence above" in texts(app)


@pytest.mark.parametrize("text", ["\u202e\u200b", "x" * 3001])
def test_bad_input_gives_one_error_box(run: OpenPage, text: str) -> None:
    app = run(text=text)
    assert not app.exception
    assert len(app.error) == 1


def test_a_search_is_played_first_and_a_word_forced_on_it_can_be_taken_back(
    run: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict[str, Any]] = []
    monkeypatch.setattr("pages.shared.stage._stage", lambda **all_: given.append(all_["data"]))
    app = run(text=TEXT, tree="played", step="2")
    assert not app.exception
    assert [each["name"] for each in given[-1]["searches"]] == ["Beam 5"]
    assert (given[-1]["step"], given[-1]["force"], given[-1]["undo"]) == (2, True, False)
    app = run(text=TEXT, tree="played", edits=History().edit((5,), whole_word=True).to_text())
    assert not app.exception
    assert [each["kind"] for each in given[-1]["searches"]] == ["before", "search"]
    assert given[-1]["undo"]


def test_the_chosen_node_of_a_link_is_told(run: OpenPage, trace: Trace) -> None:
    node = kept(trace, 3)[1]
    app = run(text=TEXT, node=str(node))
    assert not app.exception
    assert "Step 3" in texts(app)
    assert "Kept in the beam" in texts(app)
    assert app.selectbox(key="in_tree_step").value == 3
    assert app.selectbox(key="in_tree_node").value == node


def test_buttons_walk_to_parent_child_and_neighbours(run: OpenPage, trace: Trace) -> None:
    path = trace.path(trace.best.leaf)
    app = run(text=TEXT, node=str(path[1]))
    assert view(button(app, "Child")).node == path[2]
    assert view(button(app, "Parent")).node == path[1]
    assert view(button(app, "Parent")).node == path[0]
    down = view(button(app, "Down")).node
    assert trace.nodes.step[down] == 1
    assert down != path[0]
    assert view(button(app, "Up")).node == path[0]


def test_another_step_leads_to_the_best_path_there(run: OpenPage, trace: Trace) -> None:
    app = run(text=TEXT)
    app.selectbox(key="in_tree_step").set_value(2).run()
    assert view(app).node == trace.path(trace.best.leaf)[1]


def test_what_was_pruned_is_unfolded_and_folded_again(run: OpenPage) -> None:
    app = button(run(text=TEXT), "Show what was pruned here")
    assert view(app).pruned == "0"
    assert view(button(app, "Hide the")).pruned == ""
    assert view(button(app, "Show all pruned")).pruned == "all"
    assert view(button(app, "Hide all pruned")).pruned == ""
    assert not app.exception


def test_a_pruned_node_of_a_link_is_shown(run: OpenPage, trace: Trace) -> None:
    node = trace.nodes.status.index("pruned")
    app = run(text=TEXT, node=str(node))
    assert not app.exception
    assert "Pruned: others of its step had better totals" in texts(app)


@pytest.mark.parametrize(
    "parameters",
    [{"node": "99999"}, {"pruned": "1.99999.3"}, {"pruned": "x"}, {"tool": "os"}, {"edits": "AAAA"}, {"beam": "1"}],
)
def test_any_link_is_drawn(run: OpenPage, parameters: dict[str, str]) -> None:
    app = run(text=TEXT, **parameters)
    assert not app.exception
    assert "What could come next" in texts(app)


def test_edits_that_the_model_can_not_obey_give_one_error_box_and_the_plain_search(run: OpenPage) -> None:
    app = run(text=TEXT, edits=History().edit((2_000_000,)).to_text())
    assert not app.exception
    assert len(app.error) == 1
    assert "The plain search is shown" in app.error[0].value
    assert "Before" not in texts(app)


def test_a_forced_word_gives_a_second_tree_and_another_translation(run: OpenPage, trace: Trace) -> None:
    app = force_word(run(text=TEXT, tool="whatif"), "dog")
    assert not app.exception
    assert not app.error
    assert "Before: nothing forced" in texts(app)
    assert "After: “dog” forced" in texts(app)
    assert "instead of" in texts(app)
    edits = History.from_text(view(app).edits)
    assert edits.current == 1
    assert view(app).node != 0


def test_what_came_of_another_forced_word_is_no_search_error(run: OpenPage) -> None:
    app = force_word(run(text=TEXT, tool="whatif"), "zzz")
    app.button(key="version_0").click().run()
    edits = History.from_text(view(app).edits)
    for word in ("dog", "It", "She"):  # each from a search that had to begin with another word
        app.session_state["view"] = view(app).model_copy(update={"edits": edits.go_to(1).to_text(), "node": 0})
        app = force_word(app.run(), word)
        assert not app.exception
        assert "search error" not in texts(app)


def test_a_pruned_node_says_why(run: OpenPage, trace: Trace) -> None:
    pruned = next(n for n in nodes_at(trace, 2) if trace.nodes.status[n] == "pruned")
    assert why_pruned(trace, pruned) == "others of its step had better totals"
    forced = trace.model_copy(update={"options": trace.options.model_copy(update={"prefix": (5, 6)})})
    assert why_pruned(forced, pruned) == "another token was forced here"
    app = run(text=TEXT, node=str(pruned))
    assert "Pruned: others of its step had better totals." in texts(app)


def test_the_panel_of_edits_opens_once_and_can_be_closed(run: OpenPage) -> None:
    app = run(text=TEXT, tree="whole", edits=History().edit((5,)).to_text())
    assert app.segmented_control(key="in_tool").value == "whatif"
    app.segmented_control(key="in_tool").set_value(None).run()
    assert not app.exception
    assert app.segmented_control(key="in_tool").value is None


def test_replaced_attention_is_named_above_its_tree(run: OpenPage, trace: Trace) -> None:
    width = len(trace.source.pieces)
    row = tuple(1.0 if i == 0 else 0.0 for i in range(width))
    app = run(text=TEXT, edits=History().edit((), {1: row}).to_text())
    assert not app.exception
    assert "After: attention replaced at step 1" in texts(app)


def test_undo_takes_the_edit_back(run: OpenPage) -> None:
    app = button(force_word(run(text=TEXT, tool="whatif"), "dog"), "Undo")
    assert not app.exception
    assert view(app).edits == ""
    assert "Before" not in texts(app)


def test_branches_are_kept_named_and_gone_to(run: OpenPage) -> None:
    app = force_word(run(text=TEXT, tool="whatif"), "dog")
    app.button(key="version_0").click().run()
    assert view(app).node == 0
    app = force_word(app, "cat")
    app.text_input(key="in_version_name").set_value("a cat *instead*")
    button(app, "Keep the name")
    edits = History.from_text(view(app).edits)
    assert edits.children(0) == (1, 2)
    assert edits.version(2).name == "a cat *instead*"
    app.button(key="version_1").click().run()
    assert "After: “dog” forced" in texts(app)
    assert not app.exception


def test_a_candidate_is_forced_and_continued_from(run: OpenPage, trace: Trace) -> None:
    node = kept(trace, 2)[0]
    app = button(run(text=TEXT, tool="whatif", node=str(node)), "Continue from here")
    assert not app.exception
    assert f"After: “{prefix_text(trace, node)}” forced" in texts(app)
    deeper = button(app, "Force this candidate")
    edits = History.from_text(view(deeper).edits)
    assert [len(edit.prefix) for edit in edits.versions] == [2, 3]
    assert edits.version(2).parent == 1


@pytest.mark.parametrize("word", ["", "   ", "\u200b"])
def test_a_word_that_can_not_be_forced_is_refused_in_one_sentence(run: OpenPage, word: str) -> None:
    app = force_word(run(text=TEXT, tool="whatif"), word)
    assert not app.exception
    assert len(app.error) == 1
    assert view(app).edits == ""


def test_nothing_can_be_forced_behind_an_end(run: OpenPage, trace: Trace) -> None:
    ended = trace.nodes.status.index("finished")
    app = force_word(run(text=TEXT, tool="whatif", node=str(ended)), "dog")
    assert not app.exception
    assert len(app.error) == 1
    assert "has ended already" in app.error[0].value


def test_a_trace_from_a_file_is_shown_without_a_model(run: OpenPage, trace: Trace) -> None:
    app = run(trace, tool="whatif", node=str(trace.best.leaf))
    assert not app.exception
    assert "From a file" in texts(app)
    assert "a whole output, number 1 of the results" in texts(app)
    assert "Forcing another beginning asks the model itself" in texts(app)
    assert not [one for one in app.button if one.label == "Translate"]


def test_versions_are_listed_each_below_the_one_it_was_made_from() -> None:
    edits = History().edit((4,)).edit((4, 5)).go_to(0).edit((6,)).go_to(1).edit((4, 7))
    assert _ordered(edits) == [(0, 0), (1, 1), (2, 2), (4, 2), (3, 1)]
