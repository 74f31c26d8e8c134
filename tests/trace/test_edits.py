"""The history of what-if edits, and its text in a link."""

import string
from base64 import b64decode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seq2seq.errors import ConfigError
from seq2seq.text import normalise
from seq2seq.trace import Edit, History, make_edit
from seq2seq.trace.edits import LONGEST_NAME, LONGEST_TEXT, MOST_VERSIONS

SAFE = set(string.ascii_letters + string.digits + "-_")
WEIGHTS = st.lists(st.floats(0, 1), min_size=1, max_size=6)
NAMES = st.text(max_size=12).map(normalise).filter(lambda name: len(name) <= LONGEST_NAME)
EDITS = st.tuples(
    st.lists(st.integers(0, 30_000), max_size=8),
    st.dictionaries(st.integers(1, 40), WEIGHTS, max_size=3),
    NAMES,
    st.booleans(),
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    history = History()
    for prefix, attention, name, whole_word in draw(st.lists(EDITS, max_size=4)):
        history = history.go_to(draw(st.integers(0, len(history.versions))))
        if draw(st.booleans()):  # most edits go on from what their parent forces
            parent = history.version(history.current)
            prefix, attention = [*parent.prefix, *prefix], {**parent.rows, **attention}
        history = history.edit(prefix, attention, name, whole_word=whole_word)
    return history.go_to(draw(st.integers(0, len(history.versions))))


@given(histories())
def test_a_history_survives_its_text(history: History) -> None:
    text = history.to_text()
    assert History.from_text(text) == history
    assert set(text) <= SAFE


def test_the_plain_search_needs_no_text() -> None:
    assert History().to_text() == ""
    assert History.from_text("") == History()


def test_five_forced_prefixes_of_twelve_tokens_fit_into_a_short_link() -> None:
    apart = grown = History()
    for number in range(5):
        tokens = [1000 + 613 * number + 37 * place for place in range(12)]
        apart = apart.go_to(0).edit(tokens, name=f"try {number}")
        grown = grown.edit(tokens[: 12 - number] + [7] * number, name=f"try {number}")
    assert len(apart.to_text()) < 400
    assert len(grown.to_text()) < len(apart.to_text())


@settings(max_examples=500)
@given(st.text(max_size=60) | st.text("ABCDabcd01-_=", max_size=60) | st.binary(max_size=40).map(lambda b: b.hex()))
@example("A" * (LONGEST_TEXT + 1))
@example("A" * LONGEST_TEXT)
@example("AQ")
@example("\ud800")
@example("é")
@example("////")
@example("Af__fwA")
def test_any_text_is_a_history_or_one_clear_error(text: str) -> None:
    assert read(text) in (text, None)


def read(text: str) -> str | None:
    """Return the text of the history that `text` tells, or None if it was refused in one sentence."""
    try:
        return History.from_text(text).to_text()
    except ConfigError as failure:
        message = str(failure)
    assert message.startswith("The edits in this link")
    assert message.splitlines() == [message]
    return None


@given(histories().filter(lambda h: h.versions), st.data())
def test_a_cut_off_text_is_refused(history: History, data: st.DataObject) -> None:
    text = history.to_text()
    with pytest.raises(ConfigError, match="can't be read"):
        History.from_text(text[: data.draw(st.integers(1, len(text) - 1))])


@given(histories().filter(lambda h: h.versions), st.data())
def test_a_changed_text_is_a_history_or_one_clear_error(history: History, data: st.DataObject) -> None:
    text = history.to_text()
    place = data.draw(st.integers(0, len(text) - 1))
    changed = text[:place] + data.draw(st.sampled_from(sorted(SAFE))) + text[place + 1 :]
    assert read(changed) in (changed, None)


@given(histories(), EDITS)
def test_undo_takes_an_edit_back(
    history: History, edit: tuple[list[int], dict[int, list[float]], str, bool]
) -> None:
    *what, whole_word = edit
    edited = history.edit(*what, whole_word=whole_word)
    undone = edited.undo()
    assert undone.current == history.current
    if len(edited.versions) > len(history.versions):
        assert undone == history
    assert History().undo() == History()


def test_branches_keep_their_parents() -> None:
    history = History().edit([5]).edit([5, 6], name="six").go_to(1).edit([5, 7]).go_to(0).edit([8])
    assert [edit.parent for edit in history.versions] == [0, 1, 1, 0]
    assert (history.children(0), history.children(1), history.children(2)) == ((1, 4), (2, 3), ())
    assert history.current == 4
    assert [edit.prefix for edit in history.lineage(2)] == [(5,), (5, 6)]
    assert history.version(2).name == "six"
    assert history.version(0) == Edit()


def test_undo_in_the_middle_goes_back_and_loses_nothing() -> None:
    history = History().edit([5]).edit([5, 6]).go_to(1)
    assert history.undo().versions == history.versions
    assert history.undo().current == 0


def test_the_same_edit_is_not_made_twice() -> None:
    history = History().edit([5], name="five").go_to(0)
    assert history.edit([5]).versions == history.versions
    assert history.edit([5]).current == 1
    assert len(history.edit([5], name="other").versions) == 2
    assert len(history.edit([5], {1: [1.0]}).versions) == 2


def test_an_operation_leaves_the_old_history_alone() -> None:
    history = History().edit([5])
    before = history.model_copy(deep=True)
    history.edit([6])
    history.rename(1, "five")
    history.undo()
    assert history == before


def test_a_name_can_be_changed() -> None:
    history = History().edit([5]).edit([6]).rename(1, "  a ‘b’ \u200b ")
    assert history.version(1).name == "a 'b'"
    assert history.current == 2
    with pytest.raises(ConfigError, match="name = "):
        history.rename(1, "x" * (LONGEST_NAME + 1))
    with pytest.raises(ConfigError, match="bears no name"):
        history.rename(0, "plain")


@given(histories())
def test_a_lineage_is_a_history_of_one_line(history: History) -> None:
    line = history.lineage()
    alone = History(versions=line, current=len(line))
    assert alone.lineage() == line
    if line:
        assert line[-1].prefix == history.version(history.current).prefix
        assert line[-1].rows == history.version(history.current).rows


@given(WEIGHTS)
def test_weights_are_rounded_once_and_keep_their_sum(weights: list[float]) -> None:
    row = make_edit((), {1: weights}).rows[1]
    assert make_edit((), {1: row}).rows[1] == row
    assert sum(row) == pytest.approx(sum(weights), abs=0.0005 + 1e-9)
    assert row == pytest.approx(weights, abs=0.001)


def test_thirds_still_add_up_to_one() -> None:
    assert sorted(make_edit((), {1: [1 / 3] * 3}).rows[1]) == [0.333, 0.333, 0.334]


@pytest.mark.parametrize("weight", [-0.1, 1.5, float("nan"), float("inf")])
def test_an_impossible_weight_is_named(weight: float) -> None:
    with pytest.raises(ConfigError, match=f"attention weight of {weight}"):
        History().edit([5], {1: [0.5, weight]})


@pytest.mark.parametrize(
    ("prefix", "attention", "message"),
    [
        ([-1], {}, "prefix"),
        ([2**21], {}, "prefix"),
        ([5] * 301, {}, "prefix"),
        ([], {0: [1.0]}, "step"),
        ([], {1: []}, "weights"),
    ],
)
def test_an_impossible_edit_is_named(prefix: list[int], attention: dict[int, list[float]], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_edit(prefix, attention)


def test_a_full_history_says_so() -> None:
    history = History()
    for number in range(MOST_VERSIONS):
        history = history.go_to(0).edit([number])
    with pytest.raises(ConfigError, match="versions"):
        history.go_to(0).edit([9999])
    large = {step: [0.5] * 200 for step in range(1, 60)}
    with pytest.raises(ConfigError, match="too many for a link"):
        History().edit([5], large)


def test_a_version_that_is_not_there_is_named() -> None:
    for number in (-1, 2):
        with pytest.raises(ConfigError, match=f"no version {number}"):
            History().edit([5]).go_to(number)


def test_the_text_says_the_shared_beginning_once() -> None:
    history = History().edit([300, 301, 302]).edit([300, 301, 302, 5])
    # format, versions, current; parent 0, 0 shared, 3 new of two bytes each, no rows, no name;
    # parent 1, 3 shared, 1 new, no rows, no name.
    assert list(b64decode(history.to_text() + "==", altchars=b"-_")) == [
        1, 2, 2, 0, 0, 3, 172, 2, 173, 2, 174, 2, 0, 0, 1, 3, 1, 5, 0, 0,
    ]  # fmt: skip
