"""The form that starts a training."""

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import problems
from pages.shared.html import muted, plain
from pages.teacher_forcing_panels import training_actions, training_rates
from pages.teacher_forcing_panels.choices import (
    FEW_UPDATES,
    LEAST_UPDATES,
    MOST_UPDATES,
    Choice,
    epochs,
    recipe,
)
from pages.teacher_forcing_panels.training_command import from_a_terminal
from seq2seq.data import Languages, check_languages
from seq2seq.data.upload import LARGEST, UploadedFile, check_upload
from seq2seq.errors import Seq2SeqError

if TYPE_CHECKING:
    from seq2seq.training import Recipe

_FORCING = {
    "always": "Always the truth",
    "constant": "Constant ratio",
    "linear": "Linear decay",
    "exponential": "Exponential decay",
    "inverse-sigmoid": "Inverse-sigmoid decay",
}
_COUNTS = (1_000, 3_000, 10_000, 30_000, 100_000)
_PAIRS = {"grammar": "Built-in grammar", "upload": "My own"}
_DEFAULTS = {
    "pairs": "grammar",
    "grammar": Choice.grammar,
    "source": Choice.languages.source,
    "target": Choice.languages.target,
    "cell": Choice.cell,
    "size": Choice.size,
    "attention": Choice.attention,
    "forcing": Choice.forcing,
    "ratio": Choice.ratio,
    "half": Choice.half,
    "rate": Choice.rate,
    "updates": Choice.updates,
    "swapped": Choice.swapped,
}
_UPLOAD, _FILE, _CHECKED = "train_uploaded", "train_file", "train_upload_checked"


def form() -> None:
    """Draw the form. Raises ConfigError if what it asks for can't be."""
    st.write(
        "A model of your own learns while you watch. As it is, the form trains one on built-in French-English "
        "sentences that translates nearly all unseen ones exactly. Change one thing, train again, compare."
    )
    for name, value in _DEFAULTS.items():
        st.session_state.setdefault(f"train_{name}", value)
    with st.container(border=True):
        uploaded = _data()
        _model()
        _regime()
        choice = _choice()
        wanted = _recipe(choice, uploaded)
        with st.container(horizontal=True, vertical_alignment="center"):
            data = _upload_bytes() if choice.grammar == 0 else None
            languages = choice.languages if choice.grammar == 0 else None
            arguments = (wanted, about(choice, uploaded), data, languages, choice.swapped)
            st.button(
                "Train",
                type="primary",
                icon=":material/model_training:",
                key="train_start",
                disabled=wanted is None,
                on_click=training_actions.begin,
                args=("training", *arguments),
            )
            st.button(
                "Find a learning rate",
                icon=":material/search:",
                key="train_find",
                disabled=wanted is None,
                on_click=training_actions.begin,
                args=("rates", *arguments),
                help="A range test (Smith 2017): for 100 updates the rate grows from 0.00001 to 1, and the curve "
                "shows where the loss falls and where it breaks. A rate that is too low wastes time, one that is "
                "too high diverges; both depend on the model and the pairs.",
            )
            if wanted is not None:
                st.html(muted(_cost(choice, uploaded)))
    training_rates.shown()
    if wanted is not None:
        languages = choice.languages if choice.grammar == 0 else None
        from_a_terminal(wanted, languages, swapped=choice.swapped)


def _cost(choice: Choice, uploaded: UploadedFile | None) -> str:
    """Return in a sentence how much training that is."""
    times = epochs(choice, uploaded)
    often = f"each pair is seen about {times:,.0f} times" if times >= 1.5 else "not every pair is seen twice"
    few = " So few teach hardly anything." if choice.updates < FEW_UPDATES else ""
    return f"{choice.updates:,} updates on one core: {often}.{few}"


def _data() -> UploadedFile | None:
    """Draw the choice of pairs, and return what the upload holds."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Pairs", list(_PAIRS), key="train_pairs", format_func=_PAIRS.__getitem__, required=True,
            persist_state="session",
        )  # fmt: skip
        if chosen == "grammar":
            st.select_slider(
                "How many", _COUNTS, key="train_grammar", format_func="{:,}".format, persist_state="session",
                width=340,
                help="Sentences that built-in rules make, each with its one right translation. Other ones, which "
                "the model never sees, are kept to test it.",
            )  # fmt: skip
            return None
        for side, title in (("source", "Left column"), ("target", "Right column")):
            st.text_input(
                title, key=f"train_{side}", max_chars=5, persist_state="session", width=110,
                help="The code of its language, as in fr, en, de.",
            )  # fmt: skip
        st.toggle(
            "Right to left", key="train_swapped", persist_state="session",
            help="Translate from the right column into the left one.",
        )  # fmt: skip
    st.file_uploader(
        "A table of pairs: tabs, semicolons or commas between the columns (up to 20 MB)",
        ["tsv", "txt", "csv", "gz", "zip"], key=_FILE, on_change=_take_file, max_upload_size=LARGEST // 2**20,
        help="Pairs that share a sentence stay together when a twentieth is held out for validation and another "
        "one for a test, so that no sentence is both learnt and tested.",
    )  # fmt: skip
    return _checked()


def _take_file() -> None:
    """Keep what was uploaded in the session, since the widget forgets it on another page."""
    st.session_state.pop(_UPLOAD, None)
    file = st.session_state.get(_FILE)
    if file is not None:
        st.session_state[_UPLOAD] = (file.name, file.getvalue())


def _checked() -> UploadedFile | None:
    """Say what the upload holds, or why it can't be trained on, and return it."""
    kept = st.session_state.get(_UPLOAD)
    if kept is None:
        return None
    name, data = kept
    choice = _choice()
    asked = (hash(data), choice.languages, choice.swapped)
    if st.session_state.get(_CHECKED, ("",))[0] != asked:
        try:
            with st.spinner("Checking the pairs …"):
                answer: UploadedFile | str = check_upload(data, name, choice.direction, choice.languages)
        except Seq2SeqError as problem:
            answer = str(problem)
        # Plain values, since a class of this name may have been loaded anew meanwhile.
        st.session_state[_CHECKED] = (asked, answer if isinstance(answer, str) else tuple(answer))
    answer = st.session_state[_CHECKED][1]
    if isinstance(answer, str):
        problems.say(answer if answer.startswith(name) else f"{name}: {answer}")
        return None
    found = UploadedFile(*answer)
    st.success(f"{plain(name)}: {found.pairs:,} pairs, checked.", icon=":material/check:")
    if found.warnings:
        # One box, so that the button stays in sight.
        told = (sentence.removeprefix(f"{name}: ") for sentence in found.warnings)
        st.warning("\n".join(f"- {plain(each[:1].upper() + each[1:])}" for each in told), icon=":material/warning:")
    return found


def _upload_bytes() -> bytes | None:
    kept = st.session_state.get(_UPLOAD)
    return None if kept is None else bytes(kept[1])


def _model() -> None:
    cell, size, attention = st.columns(3)
    cell.selectbox(
        "Cell", ["rnn", "gru", "lstm"], key="train_cell", format_func=str.upper, persist_state="session",
        help="A plain RNN forgets the sentence's beginning; GRU (Cho et al. 2014) and LSTM (Hochreiter and "
        "Schmidhuber 1997) have gates that keep it.",
    )  # fmt: skip
    size.selectbox(
        "Size", ["small", "medium", "large"], key="train_size", format_func=str.capitalize, persist_state="session",
        help="Width of the decoder's state: 128, 256 or 512. Larger models learn more and slower.",
    )  # fmt: skip
    attention.selectbox(
        "Attention", ["none", "dot", "general", "additive"], key="train_attention", format_func=str.capitalize,
        persist_state="session",
        help="Whether and how the decoder looks back at the source at each step.",
    )  # fmt: skip


def _regime() -> None:
    always = st.session_state["train_forcing"] == "always"
    forcing, *extra, rate, updates = st.columns(3 if always else 4)
    chosen = forcing.selectbox(
        "The decoder is fed", list(_FORCING), key="train_forcing", format_func=_FORCING.__getitem__,
        persist_state="session",
        help="While training, the decoder's input is the true last word (teacher forcing) or the word that it said "
        "itself. A forcing schedule starts with the truth, which is quick to learn from, and leaves the model more "
        "and more to itself, as it will be when it translates (scheduled sampling, Bengio et al. 2015). Feeding it "
        "its own words takes two to three times as long.",
    )  # fmt: skip
    if chosen == "constant":
        extra[0].slider(
            "Share of truth", 0.0, 1.0, step=0.05, key="train_ratio", persist_state="session",
            help="A coin for each word decides; 0 never feeds the truth.",
        )  # fmt: skip
    elif chosen != "always":
        extra[0].slider(
            "A half after", 0.1, 0.9, step=0.05, key="train_half", format="percent", persist_state="session",
            help="The share of the training after which every second word is the model's own.",
        )  # fmt: skip
    rate.number_input(
        "Learning rate", 0.00001, 1.0, step=0.001, key="train_rate", format="%.5f", persist_state="session",
        help="The peak: it rises to this over the first 15 % of the updates and falls to nothing by the end.",
    )  # fmt: skip
    updates.number_input(
        "Updates", LEAST_UPDATES, MOST_UPDATES, step=100, key="train_updates", persist_state="session",
        help="How many steps it learns for; few pairs are gone through more often. 1,500 take about a minute with "
        "the small model.",
    )  # fmt: skip


def _choice() -> Choice:
    state = st.session_state
    grammar = state["train_pairs"] == "grammar"
    return Choice(
        grammar=state["train_grammar"] if grammar else 0,
        languages=Languages(state["train_source"].strip(), state["train_target"].strip()) if not grammar
        else Choice.languages,
        cell=state["train_cell"],
        size=state["train_size"],
        attention=state["train_attention"],
        forcing=state["train_forcing"],
        ratio=state.get("train_ratio", Choice.ratio),
        half=state.get("train_half", Choice.half),
        rate=state["train_rate"],
        updates=state["train_updates"],
        swapped=not grammar and state["train_swapped"],
    )  # fmt: skip


def _recipe(choice: Choice, uploaded: UploadedFile | None) -> "Recipe | None":
    """Return the recipe; None if there is nothing to train from, or something can't be, which is said."""
    if choice.grammar == 0 and uploaded is None:
        return None
    try:
        check_languages(choice.languages)
        return recipe(choice, uploaded)
    except Seq2SeqError as problem:
        problems.say(problem)
        return None


def about(choice: Choice, uploaded: UploadedFile | None) -> str:
    """Return the choice in a few words."""
    pairs = f"{choice.grammar:,} grammar pairs" if uploaded is None else f"{uploaded.pairs:,} uploaded pairs"
    forcing = _FORCING[choice.forcing].lower()
    if choice.forcing == "constant":
        forcing = f"truth fed {choice.ratio:.0%}"
    attention = "no attention" if choice.attention == "none" else f"{choice.attention} attention"
    return (
        f"{pairs}, {choice.updates:,} updates; {choice.size} {choice.cell.upper()}, {attention}; {forcing}; "
        f"rate {choice.rate:g}"
    )
