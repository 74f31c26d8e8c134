"""One sentence with its reference: teacher-forced, free-running, and mixed by coin flips; and a planted error."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import answers, lab, sessions
from pages.shared.exports import figure
from pages.shared.figures import is_dark
from pages.shared.html import heading, muted, plain, written_line
from pages.shared.numbers import numbers
from pages.shared.view import bound, change, current
from pages.shared.views import SearchView, TeacherForcingView
from seq2seq import viz
from seq2seq.text.words import group_words
from seq2seq.training.lab import title
from seq2seq.viz.lab import regime_style
from seq2seq.viz.labels import number, percent, piece_label
from seq2seq.viz.tables import table_csv

if TYPE_CHECKING:
    from seq2seq.explain.forcing import FreeRun, PlantedError, Walk
    from seq2seq.training.lab import Lab

EXAMPLES = (
    ("Elle travaille dans un hôpital.", "She works in a hospital."),
    ("Je n'ai jamais vu un chien aussi grand.", "I have never seen such a big dog."),
    ("Il fait froid dehors ce matin.", "It's cold outside this morning."),
    ("Elle m'a dit qu'elle viendrait demain.", "She told me she would come tomorrow."),
)
_PLANTED, _PLACE = "table", 4  # what the page opens with


def panel(recorded: "Lab") -> None:
    """Draw what both models make of a mistake, what is fed at each step, and the inputs."""
    offered = lab.watchable(recorded)
    if not offered:
        st.info(
            "The recorded runs' weights are not here, only their figures: see the curves.", icon=":material/info:"
        )
        return
    view = _asked()
    regimes = [
        view.first if view.first in offered else offered[0],
        view.second if view.second in offered else offered[-1],
    ]
    _inputs(recorded, view, offered, regimes)
    if not (view.text.strip() and view.reference.strip()):
        return
    _mistake(recorded, regimes, view)
    st.subheader("What is fed at each step", anchor=False)
    st.caption(
        "A disc ● means that the reference was fed, a ring ○ the model's own last token; its output is orange "
        "where it is not the reference, and the bar is the loss of the reference's token."
    )
    for place, (column, regime) in enumerate(zip(st.columns(2), regimes, strict=True)):
        with column, st.container(border=True):
            _model(recorded, regime, view, column_key=f"{place}")
    with st.expander("Down to a number", key="tf_numbers", on_change="rerun") as shown:
        if shown.open:
            name = lab.model_of(recorded, regimes[0])
            numbers(sessions.trace_text(name, view.text, SearchView().greedy()).trace, name)


def _asked() -> TeacherForcingView:
    """Return the view; while no reference is typed, the example's, leaving the session's sentence unchanged."""
    view = current(TeacherForcingView)
    text, reference = EXAMPLES[0]
    if view.reference:
        return view
    planted = {} if view.wrong else {"wrong": _PLANTED, "planted": _PLACE}
    return view.for_other_sentence(text=text, reference=reference, **planted)


def _inputs(recorded: "Lab", view: TeacherForcingView, offered: Sequence[str], regimes: Sequence[str]) -> None:
    state = st.session_state
    # In every run: what is set once does not reach the widgets of a closed popover.
    for name in ("text", "reference", "ratio", "seed", "flip", "wrong"):
        state[f"tf_{name}"] = getattr(view, name)
    state["tf_first"], state["tf_second"] = regimes
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Plant a wrong word",
            key="tf_wrong",
            placeholder="banana",
            max_chars=40,
            width=200,
            on_change=_submitted,
        )
        if view.text.strip():
            _place(lab.model_of(recorded, regimes[0]), view)
        with st.popover("Another sentence", icon=":material/edit:"):
            for place, (source, _) in enumerate(EXAMPLES):
                st.button(source, key=f"tf_example_{place}", type="tertiary", on_click=_example, args=(place,))
            with st.form("forcing", border=False):
                _form(offered)


def _place(name: str, view: TeacherForcingView) -> None:
    """Draw the choice of the word that the mistake replaces, among those that the left model writes."""
    words = group_words(answers.planted(name, view.text, 1, _PLANTED).path)
    steps = {word.first + 1: word.text for word in words if word.text != "</s>"}
    if not steps:
        return
    chosen = max((step for step in steps if step <= view.planted), default=1)
    st.selectbox(
        "in place of",
        list(steps),
        format_func=steps.__getitem__,
        width=200,
        **bound("planted", "tf_planted", chosen),
    )


def _form(offered: Sequence[str]) -> None:
    st.text_input("French sentence", key="tf_text", max_chars=300)
    st.text_input("Its translation, the reference", key="tf_reference", max_chars=300)
    left, right = st.columns(2)
    left.selectbox("Model on the left", offered, key="tf_first", format_func=title)
    right.selectbox("Model on the right", offered, key="tf_second", format_func=title)
    left.slider(
        "Forcing ratio of the coin", 0.0, 1.0, step=0.05, key="tf_ratio",
        help="How often the coin feeds the reference: 1 is teacher forcing, 0 is running free.",
    )  # fmt: skip
    right.selectbox(
        "A coin for",
        ["token", "sequence"],
        key="tf_flip",
        format_func={"token": "each token", "sequence": "the sentence"}.__getitem__,
    )
    left.number_input("Seed of the coins", 0, 2**31 - 1, key="tf_seed")
    st.form_submit_button("Look", type="primary", on_click=_submitted)


def _submitted() -> None:
    state = st.session_state
    places = {name: state[f"tf_{name}"] for name in ("reference", "first", "second", "ratio", "seed", "flip")}
    change(
        current(TeacherForcingView).for_other_sentence(
            text=state["tf_text"], **places, planted=state.get("tf_planted", _PLACE), wrong=state["tf_wrong"]
        )
    )


def _example(place: int) -> None:
    st.session_state["tf_text"], st.session_state["tf_reference"] = EXAMPLES[place]
    _submitted()


def _model(recorded: "Lab", regime: str, view: TeacherForcingView, column_key: str) -> None:
    name, dark = lab.model_of(recorded, regime), is_dark()
    st.html(heading(title(regime), regime_style(regime, viz.palette(dark)).colour))
    free = answers.free_run_of(name, view.text, view.reference)
    st.html(muted(_free(free)))
    kinds = {"forced": 1.0, "coin": view.ratio, "free": 0.0}
    names = {"forced": "the reference", "coin": f"by coin, {percent(view.ratio)}", "free": "its own words"}
    shown = st.segmented_control(
        "Fed", list(kinds), default="coin", key=f"tf_fed_{column_key}", required=True, label_visibility="collapsed",
        format_func=names.__getitem__,
    )  # fmt: skip
    walk = answers.walked(name, view.text, view.reference, kinds[shown or "coin"], view.seed, view.flip)
    figure(
        viz.forcing_strip(walk, dark=dark),
        f"strip_{column_key}",
        viz.strip_summary(walk),
        name=f"{title(regime)}: {view.text}",
        title=f"{number(walk.loss)} nats a token, {percent(walk.accuracy)} right",
        csv=lambda: _csv(walk),
    )


def _csv(walk: "Walk") -> bytes:
    header = ("step", "fed", "truth", "says", "probability", "reference", "loss")
    return table_csv(
        header,
        (
            (n, s.decoder_input, int(s.forced), s.predicted, s.probability, s.label, s.loss)
            for n, s in enumerate(walk.steps, 1)
        ),
    )


def _free(free: "FreeRun") -> str:
    if free.same:
        return f"Running free, it outputs the reference itself: “{free.text}”"
    back = (
        "and never comes back to it"
        if free.back_after is None
        else "and is back at once" if free.back_after == 0
        else f"and is back after {free.back_after} more tokens"
    )  # fmt: skip
    return f"Running free: “{free.text}” It leaves the reference at step {free.diverges_at} {back}."


def _mistake(recorded: "Lab", regimes: Sequence[str], view: TeacherForcingView) -> None:
    if not view.wrong.strip():
        return
    st.subheader(f"Both translate “{plain(view.text)}”; who gets over the mistake?", anchor=False)
    for column, regime in zip(st.columns(2), regimes, strict=True):
        with column, st.container(border=True):
            st.html(heading(title(regime), regime_style(regime, viz.palette(is_dark())).colour))
            found = answers.planted(lab.model_of(recorded, regime), view.text, view.planted, view.wrong)
            _show_planted(found)
    _how_often(recorded, regimes, view.planted)


def _how_often(recorded: "Lab", regimes: Sequence[str], planted: int) -> None:
    """Say how often a mistake at the nearest recorded place is forgiven, since one sentence proves nothing."""
    told = []
    for regime in dict.fromkeys(regimes):
        found = [run for run in recorded.of(regime) if run.recovery]
        if found:
            nearest = min(found[0].recovery, key=lambda one: abs(one.step - planted))
            told.append(f"{title(regime)}: {percent(nearest.back)} of {nearest.sentences:,}")
    if told:
        st.caption(
            f"Test sentences that come back, measured for mistakes in place of token {nearest.step}: "
            "{'; '.join(told)}."
        )


def _show_planted(found: "PlantedError") -> None:
    before = len(found.path[: found.step - 1])
    strange = len(found.follows) if found.back_after is None else found.back_after
    kinds = ["wrong"] * len(found.wrong) + ["lost"] * strange + [""] * (len(found.follows) - strange)
    with_it = [*found.path[:before], *found.wrong, *found.follows]
    dark = is_dark()
    st.html(muted("Without the mistake") + written_line(_words(found.path, [""] * len(found.path)), dark=dark))
    st.html(muted("With it") + written_line(_words(with_it, [""] * before + kinds), dark=dark))
    if found.back_after is None:
        st.write("It does not come back to its old path.")
    elif found.back_after == 0:
        st.write("It is back on its path at once.")
    else:
        more = "one token" if found.back_after == 1 else f"{found.back_after} tokens"
        st.write(f"It is back on its path after {more}.")


def _words(pieces: Sequence[str], marks: Sequence[str]) -> list[tuple[str, str]]:
    """Return pieces as words with their marks; a word that is marked in part falls into its parts."""
    found = []
    for word in group_words(pieces):
        start = word.first
        for _, same in groupby(range(word.first, word.last), key=lambda place: marks[place]):
            end = start + len(list(same))
            whole = (start, end) == (word.first, word.last)
            text = (
                word.text if whole else ("·" if start > word.first else "") + group_words(pieces[start:end])[0].text
            )
            found.append((piece_label(text) if text == "</s>" else text, marks[start]))
            start = end
    return found
