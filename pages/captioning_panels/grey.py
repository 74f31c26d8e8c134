"""Grey out a part of the photo, by regions or by a box, and see what changes in the caption."""

import math
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

import streamlit as st

from pages.beam_tree_panels.wording import spans
from pages.captioning_panels.subject import CaptionSubject
from pages.shared import captioners, photos, sessions
from pages.shared.exports import figure
from pages.shared.html import coloured_words, heading, table
from pages.shared.view import current, update
from pages.shared.views import CaptioningView
from seq2seq import viz
from seq2seq.trace.view import words_on_path
from seq2seq.vision.regions import Box, grey_out, region_box
from seq2seq.viz.labels import percent, piece_label

_MOVED = 0.05  # smaller changes of a word's probability are not listed


def panel(subject: CaptionSubject) -> None:
    """Draw the controls that choose the part, and both captions."""
    st.markdown(
        "The encoder never sees what is greyed out.",
        help="Click regions of the photo (a second click brings one back), drag a box over it, or enter numbers.",
    )
    view, grid = current(CaptioningView), captioners.grid(subject.model)
    regions, boxes = _parts(view, grid)
    # On a phone the first column stands above the other, and the result is what was asked for.
    result, part = st.columns([1, 1.1], gap="medium")
    with result:
        if regions or boxes:
            _result(subject, boxes, _named(regions, bool(view.box)))
            st.button("Bring all back", icon=":material/undo:", key="grey_none", on_click=_choose, args=((), ""))
        else:
            st.info("Nothing is greyed out yet.", icon=":material/touch_app:")
        _keyboard(view, grid)
    with part:
        # Streamlit reports no clicks on a figure in box-selection mode.
        mouse = st.segmented_control(
            "The mouse", ["Clicks regions", "Draws a box"], key="grey_mouse", default="Clicks regions",
            required=True, label_visibility="collapsed",
        )  # fmt: skip
        _photo(subject, regions, boxes, grid, draws=mouse == "Draws a box")


def _parts(view: CaptioningView, grid: tuple[int, int]) -> tuple[list[int], list[Box]]:
    """Return the greyed-out regions, and all boxes, those of the regions included."""
    regions = sorted({int(one) for one in view.grey.split(".") if one and 1 <= int(one) <= grid[0] * grid[1]})
    boxes = [region_box(region, grid) for region in regions]
    if view.box:
        left, top, right, bottom = (min(100, int(edge)) / 100 for edge in view.box.split("."))
        if left < right and top < bottom:
            boxes.append(Box(left, top, right, bottom))
    return regions, boxes


def _photo(
    subject: CaptionSubject, regions: Sequence[int], boxes: Sequence[Box], grid: tuple[int, int], *, draws: bool
) -> None:
    """Draw the photo. draws: the visitor draws a box on it; otherwise, clicks its regions."""
    picture = grey_out(subject.photo.picture, boxes) if boxes else subject.photo.picture
    width, height = subject.photo.size
    drawn = viz.photo_attention(
        photos.jpeg(picture), subject.photo.size, None, grid, numbers=True, dark=subject.dark
    )

    def boxed(x: Sequence[float], y: Sequence[float]) -> None:
        edges = [min(x) / width, min(y) / height, max(x) / width, max(y) / height]
        _choose(regions, ".".join(str(round(100 * min(max(0.0, edge), 1.0))) for edge in edges))

    whole = _named(regions, bool(current(CaptioningView).box)) or "nothing"
    # The browser stores a selection by point index, so a changed figure needs a new chart key.
    state = st.session_state
    figure(
        drawn,
        f"grey_photo_{subject.photo.digest}_{state.get('grey_round', 0)}_{draws}",
        f"The photo with its regions' numbers; greyed out: {whole}",
        name=f"{subject.photo.name} with a part greyed out",
        on_click=None if draws else lambda data: _toggle(data, regions),
        on_box=boxed if draws else None,
    )


def _named(regions: Sequence[int], box: bool) -> str:
    """Return a description of what is greyed out."""
    parts = [f"region{'s' if len(regions) > 1 else ''} {spans(regions)}"] if regions else []
    return " and ".join(parts + (["the box"] if box else []))


def _toggle(data: Any, regions: Sequence[int]) -> None:
    region = int(data[0] if isinstance(data, (list, tuple)) else data)
    _choose(sorted({*regions} ^ {region}), current(CaptioningView).box)


def hide(region: int) -> None:
    """Grey out a region that was clicked on the stage, or bring it back; call it in a callback."""
    view = current(CaptioningView)
    grid = captioners.grid(view.captioner)
    if 1 <= region <= grid[0] * grid[1]:
        _choose(sorted({*_parts(view, grid)[0]} ^ {region}), view.box)
        update(ask="grey")


def _choose(regions: Sequence[int], box: str) -> None:
    state = st.session_state
    state["grey_round"] = state.get("grey_round", 0) + 1
    update(grey=".".join(map(str, regions)), box=box)


def _keyboard(view: CaptioningView, grid: tuple[int, int]) -> None:
    """Draw the controls that choose regions and a box without a mouse."""
    state = st.session_state
    state["grey_regions"] = _parts(view, grid)[0]
    st.multiselect(
        "Regions, numbered row by row", range(1, grid[0] * grid[1] + 1), key="grey_regions", on_change=_typed,
        help="Type a number and press Enter.",
    )  # fmt: skip
    edges = [min(100, int(edge)) for edge in view.box.split(".")] if view.box else [0, 0, 0, 0]
    state["grey_x"], state["grey_y"] = sorted(edges[0::2]), sorted(edges[1::2])
    shown = (*state["grey_x"], *state["grey_y"])
    st.slider("Box from left to right", 0, 100, key="grey_x", format="%d %%", on_change=_slid, args=(shown,))
    st.slider("Box from top to bottom", 0, 100, key="grey_y", format="%d %%", on_change=_slid, args=(shown,))


def _typed() -> None:
    _choose(sorted(st.session_state["grey_regions"]), current(CaptioningView).box)


def _slid(shown: tuple[int, ...]) -> None:
    state = st.session_state
    (left, right), (top, bottom) = state["grey_x"], state["grey_y"]
    if (left, right, top, bottom) == shown:
        return  # an echo of what was set from here
    # While only one axis of the box is set, the box spans the whole of the other.
    if left < right and top == bottom:
        top, bottom = 0, 100
    elif left == right and top < bottom:
        left, right = 0, 100
    box = f"{left}.{top}.{right}.{bottom}" if left < right and top < bottom else ""
    update(box=box)


def _result(subject: CaptionSubject, boxes: Sequence[Box], what: str) -> None:
    options = subject.trace.options
    with st.spinner("Looking at the photo without it …"):
        after = sessions.trace_photo(subject.model, subject.photo, options, boxes).trace
    both = [words_on_path(trace, trace.best.leaf) for trace in (subject.trace, after)]
    changed = changed_places(*([word.text for word in words] for words in both))
    for name, words, places in zip(("Before", "After"), both, changed, strict=True):
        st.html(heading(name, viz.palette(subject.dark).text))
        st.html(coloured_words(words, dark=subject.dark, changed=places))
    old = captioners.word_scores(subject.model, subject.photo, subject.trace.best.text)
    new = captioners.word_scores(subject.model, subject.photo, subject.trace.best.text, boxes)
    gap = sum(math.log(one.probability) for one in old) - sum(math.log(one.probability) for one in new)
    same = after.best.text == subject.trace.best.text
    factor = math.exp(min(abs(gap), 7))
    times = f"{factor:,.1f} times" if factor < 1000 else "over a thousand times"
    compared = f"{times} {'less' if gap > 0 else 'more'} likely" if factor >= 1.05 else "about as likely as before"
    st.write(
        f"{'The caption stays the same.' if same else 'The caption changes.'} Without {what} the first caption is "
        f"{compared}."
    )
    moved = [(one, other) for one, other in zip(old, new, strict=True) if abs(one[1] - other[1]) >= _MOVED]
    if not moved:
        st.caption("None of its words has moved by more than 5 percentage points.")
        return
    st.markdown("**Words of the first caption that moved**")
    moved.sort(key=lambda pair: pair[1][1] - pair[0][1])
    rows = [[piece_label(one.piece), percent(one[1]), percent(other[1])] for one, other in moved]
    st.html(table(["word", "before", "after"], rows, numbers=[1, 2], dark=subject.dark))
    st.caption("A word's probability given the words before it, with the whole photo and without the grey part.")


def changed_places(before: Sequence[str], after: Sequence[str]) -> tuple[set[int], set[int]]:
    """Return the places of the words of each text that are not in the other, both in order."""
    lost: set[int] = set()
    new: set[int] = set()
    for kind, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            lost.update(range(first, last))
            new.update(range(start, end))
    return lost, new
