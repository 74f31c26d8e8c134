"""Two searches word by word: where they diverge, how each scores the other's word, and the what-if from there."""

import math
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from pages.shared import answers, models, sessions
from pages.shared.html import MarkedWord, coloured_words, facts, heading, muted, plain, table
from pages.shared.opened import needs_model
from pages.shared.subject import Subject
from pages.shared.view import bound
from pages.shared.views import AttentionView
from seq2seq import viz
from seq2seq.errors import ConfigError
from seq2seq.explain import drop_word, swap_words
from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.search.options import Mode
from seq2seq.trace import TextSource, Trace
from seq2seq.trace.alignments import told_apart
from seq2seq.trace.view import words_on_path
from seq2seq.viz.labels import number, percent, piece_label

if TYPE_CHECKING:
    from seq2seq.explain import Duel, Opinion
    from seq2seq.explain.duels import OutputWord

RIVALS = {
    "settings": "Other settings",
    "model": "Another model",
    "drop": "A source word dropped",
    "swap": "Two source words swapped",
}


class Rival(NamedTuple):
    """The other search: its model, its trace, and how it differs."""

    model: str
    trace: Trace
    differs: str


def panel(subject: Subject[AttentionView]) -> None:
    """Draw the chosen search next to another one of the visitor's choice."""
    if not needs_model(subject.model, "A duel") or subject.model is None:
        return
    st.markdown(
        "The chosen output against the best of another search, word by word.",
        help="Where they part, each side scores the other's word, and is then forced to continue from it. Try a "
        "wider beam, or drop a word and see how far the change goes.",
    )
    view = subject.view
    st.segmented_control(
        "Against",
        list(RIVALS),
        format_func=RIVALS.__getitem__,
        required=True,
        **bound("rival", "in_rival"),
    )
    find = {"settings": _settings, "model": _model, "drop": _dropped, "swap": _swapped}[view.rival]
    rival = find(subject, subject.model)
    if rival is not None:
        one = subject.model, subject.trace, _place(subject)
        _draw(subject, answers.duel(one, (rival.model, rival.trace, 0)), rival)


def _place(subject: Subject[AttentionView]) -> int:
    """Return the rank of the chosen output in its search, counted from 0."""
    leaves = [one.leaf for one in subject.trace.hypotheses]
    return leaves.index(subject.node)


def _searched(options: SearchOptions, mode: Beam | Greedy, name: str, text: str) -> Trace:
    n_best = mode.size if isinstance(mode, Beam) else 1
    return sessions.trace_text(name, text, options.model_copy(update={"mode": mode, "n_best": n_best})).trace


def _settings(subject: Subject[AttentionView], model: str) -> Rival | None:
    """Return the same model's search with another beam and length penalty."""
    with st.container(horizontal=True):
        st.slider(
            "Its beam size (1: greedy)",
            1,
            20,
            width=260,
            **bound("rival_beam", "in_rival_beam"),
        )
        st.slider(
            "Its length penalty α", -1.0, 3.0, step=0.05, width=260,
            **bound("rival_alpha", "in_rival_alpha", _alpha(subject)), disabled=subject.view.rival_beam == 1,
        )  # fmt: skip
    view: AttentionView = subject.view
    mode = Greedy() if view.rival_beam == 1 else Beam(size=view.rival_beam, alpha=_alpha(subject))
    return Rival(model, _searched(subject.trace.options, mode, model, subject.trace.source.text), _mode(mode))


def _alpha(subject: Subject[AttentionView]) -> float:
    """Return the length penalty of the other search: that of the page, unless another one was set."""
    own = subject.view.rival_alpha
    return round(subject.trace.options.alpha, 2) if own is None else own


def _model(subject: Subject[AttentionView], model: str) -> Rival | None:
    """Return another model's search of the same sentence; None, with a message, if there is none."""
    others = [name for name in models.same_languages(model) if name != model]
    if not others:
        st.info(
            "There is no second model for these languages here; train one, or start the app with "
            "`--models FOLDER`.",
            icon=":material/info:",
        )
        return None
    wanted = subject.view.rival_model
    chosen = wanted if wanted in others else others[0]
    if wanted and wanted != chosen:
        st.info(f"“{plain(wanted)}” is not here; “{plain(chosen)}” answers.", icon=":material/info:")
    st.selectbox(
        "Its model", others, format_func=models.describe, width=380,
        **bound("rival_model", "in_rival_model", chosen),
    )  # fmt: skip
    options = subject.trace.options.model_copy(update={"prefix": ()})
    mode = options.mode
    if isinstance(mode, Beam) and subject.view.alpha is None:
        mode = mode.model_copy(update={"alpha": models.load(chosen).config.alpha})
    found = sessions.trace_text(chosen, subject.trace.source.text, options.model_copy(update={"mode": mode})).trace
    return Rival(chosen, found, chosen)


def _sentence(subject: Subject[AttentionView]) -> TextSource:
    """Return the search's source sentence. Raises ConfigError for a photo, which has no words to swap."""
    source = subject.trace.source
    if not isinstance(source, TextSource):
        raise ConfigError("A photo has no words to drop or to exchange; open the search of a sentence.")
    return source


def _dropped(subject: Subject[AttentionView], model: str) -> Rival | None:
    """Return the same search of the sentence without a word."""
    source = _sentence(subject)
    words = told_apart(source.words)[:-1]
    if len(words) < 2:
        st.info("The sentence has a single word; there must be two to drop one.", icon=":material/info:")
        return None
    place = min(subject.view.word, len(words) - 1)
    _choose("word", "Drop", words, place)
    text = drop_word(source, place)
    return _other_source(subject, model, text, f"without {words[place]}")


def _swapped(subject: Subject[AttentionView], model: str) -> Rival | None:
    """Return the same search of the sentence with two words swapped."""
    source = _sentence(subject)
    words = told_apart(source.words)[:-1]
    if len(words) < 2:
        st.info("The sentence has a single word; there must be two to swap them.", icon=":material/info:")
        return None
    places = [min(place, len(words) - 1) for place in (subject.view.word, subject.view.other_word)]
    with st.container(horizontal=True):
        _choose("word", "Swap", words, places[0])
        _choose("other_word", "with", words, places[1])
    if places[0] == places[1]:
        st.info("Choose two different words to swap.", icon=":material/info:")
        return None
    text = swap_words(source, *places)
    return _other_source(subject, model, text, f"{words[places[0]]} and {words[places[1]]} swapped")


def _choose(field: str, title: str, words: list[str], place: int) -> None:
    st.selectbox(
        title, range(len(words)), format_func=words.__getitem__, width=240, **bound(field, f"in_{field}", place)
    )  # fmt: skip


def _other_source(subject: Subject[AttentionView], model: str, text: str, differs: str) -> Rival:
    st.html(muted(f"The second reads: {text}"))
    return Rival(model, sessions.trace_text(model, text, subject.trace.options).trace, differs)


def _mode(mode: Mode) -> str:
    if isinstance(mode, Beam):
        return f"beam {mode.size}, α {number(mode.alpha)}"
    return "greedy" if isinstance(mode, Greedy) else "sampled"


def _draw(subject: Subject[AttentionView], found: "Duel", rival: Rival) -> None:
    dark = subject.dark
    if found.divergence is None:
        st.success("Both say the same, word by word.", icon=":material/equal:")
    own = subject.model or "" if subject.view.rival == "model" else _mode(subject.trace.options.mode)
    if place := _place(subject):
        own += f", number {place + 1}"
    titles = f"First: {own}", f"Second: {rival.differs}"
    rows = [
        (*_cells(row.one, place == found.divergence), *_cells(row.other, place == found.divergence))
        for place, row in enumerate(found.rows)
    ]
    st.html(table((titles[0], "sure", titles[1], "sure"), rows, numbers=(1, 3), dark=dark, marked=found.divergence))
    if found.divergence is None:
        return
    for sentence in found.sentences:
        st.write(plain(sentence))
    colours = viz.palette(dark)
    kinds = {"greedy": colours.greedy, "beam": colours.beam, "sample": colours.sample}
    traces = subject.trace, rival.trace
    for column, title, trace, opinion in zip(st.columns(2), titles, traces, found.opinions, strict=True):
        with column, st.container(border=True):
            _opinion(title, kinds[trace.options.mode.kind], opinion, dark)


def _cells(word: "OutputWord | None", parts: bool) -> tuple[str | MarkedWord, str]:
    if word is None:
        return "–", ""
    text = "⟨end⟩" if word.text == "</s>" else word.text
    return MarkedWord("", text, "") if parts else text, percent(math.exp(word.log_prob))


def _opinion(title: str, colour: str, opinion: "Opinion | None", dark: bool) -> None:
    st.html(heading(title, colour))
    if opinion is None:
        st.html(muted("The other side was cut off here, so there is no word to score."))
        return
    st.html(
        facts(
            [
                (f"its own: {piece_label(opinion.own_piece)}", percent(math.exp(opinion.own_log_prob))),
                (f"the other's: {piece_label(opinion.their_piece)}", percent(math.exp(opinion.their_log_prob))),
                ("rank of the other's", str(opinion.their_rank)),
                ("log-probability of its output", number(opinion.own_total)),
                ("of the other's output", number(opinion.their_total)),
            ]
        )
    )
    st.markdown("**What if it had chosen the other's word?**")
    if opinion.what_if is None:
        st.html(muted("That prefix is longer than this search's length limit."))
        return
    trace = opinion.what_if
    st.html(coloured_words(words_on_path(trace, trace.best.leaf), dark=dark, parts_at=len(trace.options.prefix)))
