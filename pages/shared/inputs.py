"""The sentence, the model and the options: the same form on every page."""

from typing import TypeVar

import streamlit as st

from pages.shared import models, problems, stage
from pages.shared.html import plain
from pages.shared.line import line
from pages.shared.view import change, current
from pages.shared.views import SentenceView, equal_groups
from seq2seq.errors import Seq2SeqError

V = TypeVar("V", bound=SentenceView)

LONGEST_TEXT = 3000
EXAMPLES = {
    "fr": (
        "il fait froid dehors",
        "Où est-ce que tu habites ?",
        "Je n'ai jamais vu un aussi beau chien.",
        "elle ma dit quelle viendrait demain",
        "Elle m'a dit qu'elle viendrait demain. Je ne la crois pas.",
    ),
    "en": (
        "it is cold outside",
        "Where do you live?",
        "I have never seen such a beautiful dog.",
        "Two young men are playing soccer on the beach.",
    ),
}


def source_form(kind: type[V]) -> V | None:
    """Draw the inputs and return the submitted view of the page's class; None, with a message, without a model."""
    names = list(models.available())
    if not names:
        _no_models()
        return None
    view = current(kind)
    if view.model not in names:
        wanted = view.model
        view = view.model_copy(update={"model": _first(names)})
        if wanted:
            view = view.for_other_sentence(text=view.text)  # what was chosen in it was another model's
            st.info(
                f"The link asks for the model “{plain(wanted)}”, which is not here; “{plain(view.model)}” is used.",
                icon=":material/info:",
            )
        change(view)
    _fill(view)
    language = _language(view.model)
    with st.container(horizontal=True, vertical_alignment="top", key="source"):
        line(
            view.text,
            label=f"{models.LANGUAGES.get(language, 'Source')} text",
            placeholder=f"Type {models.LANGUAGES.get(language, 'a sentence')}, then press Enter",
            language=language,
            submitted=_submitted,
            round_=st.session_state.get("round", 0),
        )
        st.selectbox(
            "Model", names, key="in_model", format_func=models.describe, width=280, label_visibility="collapsed",
            on_change=_chosen,
        )  # fmt: skip
        with st.popover("Options", icon=":material/tune:"), st.form("options", border=False):
            _options()
            st.form_submit_button("Apply", on_click=_chosen)
    return current(kind)


def examples(view: SentenceView) -> None:
    """Draw example sentences to start from."""
    with st.container(horizontal=True, gap="small", key="examples"):
        _examples(_language(view.model))


def examples_menu(view: SentenceView) -> None:
    """Draw the menu of example sentences, which are shown below the form while nothing is typed."""
    language = _language(view.model)
    if view.text.strip() and EXAMPLES.get(language):
        with st.popover("Examples", icon=":material/format_quote:", type="tertiary"):
            _examples(language)


def model_upload() -> None:
    """Draw the upload of a visitor's own checkpoint folder."""
    with st.popover("Use a model of your own", icon=":material/upload:"):
        st.write(
            "Zip a checkpoint folder, as `python -m seq2seq train` writes it. It stays in this session. "
            "Or start the app with `streamlit run app.py -- --models FOLDER`."
        )
        st.file_uploader(
            "Checkpoint folder (zip)", type="zip", key="in_zip", on_change=_uploaded, max_upload_size=60
        )
        if message := st.session_state.get("upload_error"):
            problems.say(message)


def _first(names: list[str]) -> str:
    return models.FIRST if models.FIRST in names else names[0]


def _language(name: str) -> str:
    try:
        return models.config(name).source
    except Seq2SeqError:
        return ""


def _options() -> None:
    st.slider("Beam size", 1, 20, key="in_beam", help="How many hypotheses stay alive at each step.")
    st.slider(
        "Length penalty α", -1.0, 3.0, step=0.05, key="in_alpha",
        help="0 compares totals, which favours short outputs; more favours long ones (Wu et al. 2016, eq. 14).",
    )  # fmt: skip
    st.number_input("Shortest output, in pieces", 1, 100, key="in_shortest")
    st.number_input("Longest output, in pieces (0: twice the source and ten)", 0, 300, key="in_longest")
    st.slider(
        "Coverage penalty β", 0.0, 2.0, step=0.05, key="in_coverage",
        help="What a score loses for source pieces that got little attention (Wu et al. 2016, eq. 15).",
    )  # fmt: skip
    st.number_input(
        "No repeated n-grams of this many pieces (0: all allowed)", 0, 20, key="in_no_repeat",
        help="Breaks loops; 3 is common.",
    )  # fmt: skip
    st.number_input(
        "Groups of the beam", 1, 20, key="in_groups",
        help="Searched one after the other, each avoiding the earlier groups' words, so that the n best differ "
        "(Vijayakumar et al. 2018). A beam that can't be split into that many equal groups gets fewer.",
    )  # fmt: skip
    st.slider("Diversity between the groups", 0.0, 3.0, step=0.1, key="in_diversity")
    st.toggle(
        "Sample a third translation", key="in_sampling", help="Draws each piece at random by its probability."
    )
    st.slider("Temperature", 0.1, 3.0, step=0.05, key="in_temperature")
    st.number_input("Top-k (0: all pieces)", 0, 1000, key="in_top_k")
    st.slider("Top-p", 0.05, 1.0, step=0.05, key="in_top_p")
    st.number_input("Seed", 0, 2**31 - 1, key="in_seed")


def _examples(language: str) -> None:
    for number, example in enumerate(EXAMPLES.get(language, ())):
        st.button(example, key=f"example_{number}", on_click=_submitted, args=(example,))


def _no_models() -> None:
    st.warning(
        "There is no model yet. Train the small one on built-in sentences, which takes two minutes:\n\n"
        "```\npython -m seq2seq train quick-start --out checkpoints/quick-start\n```\n\n"
        "or start the app with a folder of your own: `streamlit run app.py -- --models FOLDER`.",
        icon=":material/model_training:",
    )
    model_upload()


def _fill(view: SentenceView) -> None:
    """Set the widgets to the view's values.

    In every run: what is set once does not reach the widgets of a closed popover, which the browser draws later.
    """
    alpha = view.alpha if view.alpha is not None else _own_alpha(view.model)
    values = view.model_dump() | {"alpha": alpha, "sampling": view.sampling == "on"}
    for name in ("model", "beam", "alpha", "shortest", "longest", "coverage", "no_repeat", "groups",
                 "diversity", "sampling", "temperature", "top_k", "top_p", "seed"):  # fmt: skip
        st.session_state[f"in_{name}"] = values[name]


def _own_alpha(name: str) -> float:
    try:
        return models.config(name).alpha
    except Seq2SeqError:
        return 0.6


def _read(text: str) -> SentenceView:
    """Return the view of the widgets' values: another sentence, shown in the same way as the last one."""
    state, view = st.session_state, current(SentenceView)
    alpha = round(state["in_alpha"], 2)
    return view.for_other_sentence(
        text=text.encode("utf-8", "replace").decode("utf-8"),
        model=state["in_model"],
        beam=state["in_beam"],
        # Another model uses its own length penalty, unless one was set by hand.
        alpha=None if view.alpha is None and alpha == round(_own_alpha(view.model), 2) else alpha,
        shortest=state["in_shortest"],
        longest=state["in_longest"],
        coverage=round(state["in_coverage"], 2),
        no_repeat=state["in_no_repeat"],
        groups=equal_groups(state["in_beam"], state["in_groups"]),
        diversity=round(state["in_diversity"], 1),
        sampling="on" if state["in_sampling"] else "off",
        temperature=round(state["in_temperature"], 2),
        top_k=state["in_top_k"],
        top_p=round(state["in_top_p"], 2),
        seed=state["in_seed"],
    )


def _submitted(text: str) -> None:
    """Show another sentence."""
    change(_read(text))
    stage.leave_place()
    # The line shows what it is given in a new round, even if a link or a sample has it already.
    st.session_state["round"] = st.session_state.get("round", 0) + 1


def _chosen() -> None:
    """Show the same sentence by another model or with other options."""
    _submitted(current(SentenceView).text)


def _uploaded() -> None:
    st.session_state["upload_error"] = ""
    file = st.session_state.get("in_zip")
    if file is None:
        return
    try:
        name = models.add_upload(file.name, file.getvalue())
    except Seq2SeqError as problem:
        st.session_state["upload_error"] = str(problem)
        return
    change(current(SentenceView).for_other_sentence(text=current(SentenceView).text, model=name))
