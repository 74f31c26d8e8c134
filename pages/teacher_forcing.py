"""Teacher forcing: the effect of feeding a decoder the reference, its own output, or a mix of both."""

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import lab, problems
from pages.shared.panels import Panel
from pages.shared.view import bound, current, open_view, write_link
from pages.shared.views import TeacherForcingView
from pages.teacher_forcing_panels import curves, exposure, gradients, moments, sentence, training
from seq2seq.errors import Seq2SeqError

if TYPE_CHECKING:
    from seq2seq.training.lab import Lab

# Three acts with their views.
ACTS: dict[str, dict[str, Panel["Lab"]]] = {
    "What is fed": {"sentence": Panel("One sentence", sentence.panel)},
    "What goes wrong": {
        "exposure": Panel("Exposure bias", exposure.panel),
        "gradients": Panel("Gradients", gradients.panel),
    },
    "Train it": {
        "moments": Panel("Watch it learn", moments.panel),
        "curves": Panel("Training curves", curves.panel),
        "training": Panel("Train it yourself", lambda _: training.panel()),
    },
}
LOOKS = {look: view for views in ACTS.values() for look, view in views.items()}
_ALONE = {"training"}  # need no recorded run


def page() -> None:
    """Draw the page."""
    st.html('<h1 class="s2s-unseen">Teacher forcing</h1>')  # the navigation says it; a screen reader needs it said
    open_view(TeacherForcingView)
    st.caption(
        "In training a decoder is fed the reference's last token (**teacher forcing**) or its own. Forced training "
        "is quick, but the model never sees its own mistakes."
    )
    look = _choose_look()
    try:
        recorded = lab.recorded()
        if look in _ALONE:
            training.panel()
        elif recorded is None:
            _nothing_recorded()
        else:
            st.fragment(_panel)(look, recorded)
    except Seq2SeqError as problem:
        problems.say(problem)
    write_link(current(TeacherForcingView))


def _panel(look: str, recorded: "Lab") -> None:
    """Draw a view of the recorded runs; a fragment, so that a choice inside redraws only this."""
    try:
        LOOKS[look].draw(recorded)
    except Seq2SeqError as problem:
        problems.say(problem)
    write_link(current(TeacherForcingView), tell=False)


def _choose_look() -> str:
    asked = current(TeacherForcingView).look
    look = asked if asked in LOOKS else "sentence"
    act = next(act for act, views in ACTS.items() if look in views)
    with st.container(horizontal=True, gap="medium"):
        st.segmented_control(
            "Act", list(ACTS), required=True, label_visibility="collapsed",
            **bound("look", "in_act", act, read=lambda chosen: next(iter(ACTS[chosen]))),
        )  # fmt: skip
        if len(ACTS[act]) > 1:
            st.segmented_control(
                "What to look at", list(ACTS[act]), required=True, label_visibility="collapsed",
                format_func=lambda name: LOOKS[name].title, **bound("look", "in_look", look),
            )  # fmt: skip
    return look


def _nothing_recorded() -> None:
    st.warning(
        "There are no recorded runs here. These commands make them, in about two hours of one core:\n\n"
        "```\npython -m seq2seq prepare data/lab pairs.tsv.gz --columns en,fr --source fr --target en "
        "--longest-words 12\npython -m seq2seq lab --data data/lab --out checkpoints/lab\n```\n\n"
        "Without them you can still train a model of your own: choose “Train it yourself” above.",
        icon=":material/model_training:",
    )


if __name__ == "__main__":
    import app

    app.main()
