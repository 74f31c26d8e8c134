"""Captioning: a photo becomes a sentence, word by word, with the region that each word attended to."""

from collections.abc import Callable

import streamlit as st

from pages.beam_tree_panels import autopsy, penalty, widths
from pages.captioning_panels import choose, find, force, french, grey, labels, save, third, tree, words
from pages.captioning_panels.subject import CaptionSubject
from pages.shared import captioners, numbers, photos, problems, sessions, stage
from pages.shared.figures import is_dark
from pages.shared.html import plain
from pages.shared.opened import open_trace, opened
from pages.shared.panels import Panel, answer, questions
from pages.shared.photos import Photo
from pages.shared.searches import Searched
from pages.shared.subject import Subject
from pages.shared.view import bound, current, open_view, update, write_link
from pages.shared.views import CaptioningView, SearchView
from seq2seq import viz
from seq2seq.errors import Seq2SeqError
from seq2seq.viz.stage import Search, name_of


def _of_search(draw: Callable[[Subject[SearchView]], None]) -> Callable[[CaptionSubject], None]:
    """Return a panel that sentences and photos share as one of photos."""
    return lambda subject: draw(
        Subject(current(CaptioningView), subject.photo.name, subject.trace, subject.model, 0, 0, subject.dark)
    )


ASK: dict[str, Panel[CaptionSubject]] = {
    "words": Panel("All words", words.panel),
    "grey": Panel("Grey out a part", grey.panel),
    "force": Panel("What if", force.panel),
    "tree": Panel("Beam tree", tree.panel),
    "penalty": Panel("Length penalty", _of_search(penalty.panel)),
    "widths": Panel("Beam widths", _of_search(widths.panel)),
    "third": Panel("A third choice", third.panel),
    "autopsy": Panel("Why not my caption?", _of_search(autopsy.panel)),
    "numbers": Panel("Down to a number", _of_search(numbers.panel)),
    "french": Panel("In French", french.panel),
    "find": Panel("Search by words", find.panel),
    "labels": Panel("The encoder's guess", labels.panel),
}


def page() -> None:
    """Draw the page."""
    st.html('<h1 class="s2s-unseen">Captioning</h1>')  # the picture says it; a screen reader needs it said
    open_view(CaptioningView)
    try:
        if opened() is not None:
            _replay()
            return
        uploads, options = st.columns([1.6, 1], gap="medium")
        with options:
            name = _model()
        if name is not None:
            choose.panel(name, uploads)
            _captions(name)
    except Seq2SeqError as problem:
        problems.say(problem)
    write_link(stage.followed(current(CaptioningView)))


def _model() -> str | None:
    """Draw the model and search options; return the model's name, or None, with a message, without a model."""
    names = captioners.available()
    if not names:
        st.warning(
            "There is no captioning model yet. Train one on photos with captions:\n\n"
            "```\npython -m seq2seq train-captions captions --out checkpoints/captions-attention\n```\n\n"
            "or start the app with a folder of your own: `streamlit run app.py -- --models FOLDER`.",
            icon=":material/model_training:",
        )
        open_trace()
        return None
    view = current(CaptioningView)
    if view.captioner not in names:
        if view.captioner:
            st.info(
                f"The link asks for the model “{plain(view.captioner)}”, which is not here; “{plain(names[0])}” "
                "is used instead.",
                icon=":material/info:",
            )
        update(captioner=names[0])
        view = current(CaptioningView)
    alpha = captioners.config(view.captioner).alpha if view.alpha is None else view.alpha
    st.selectbox(
        "Model", names, format_func=captioners.describe, label_visibility="collapsed",
        **bound("captioner", "cap_model"),
    )  # fmt: skip
    with st.container(horizontal=True, key="settings"):
        with st.popover("Options", icon=":material/tune:"):
            st.slider("Beam size", 1, 20, **bound("beam", "cap_beam"))
            st.slider(
                "Length penalty α", -1.0, 3.0, step=0.05, **bound("alpha", "cap_alpha", alpha, read=_rounded),
                help="More favours longer captions (Wu et al. 2016, eq. 14).",
            )  # fmt: skip
        open_trace()
    return view.captioner


def _rounded(alpha: float) -> float:
    return round(alpha, 2)


def _captions(name: str) -> None:
    view = current(CaptioningView)
    photo = photos.chosen(view.photo)
    if photo is None:
        _opening(name)
        return
    subject = _look(view, name, photo)
    if doubt := captioners.doubt(name, photo):
        st.markdown(f":orange-badge[:material/help: Don't trust this caption] {doubt}")
    _watch(subject)
    if not view.photo:
        st.caption("A link holds samples and options, but no upload: to show this to others, send a trace or page.")
    st.fragment(_ask)(subject)
    save.panel(subject)


def _opening(name: str) -> None:
    """Show a photo whose captions ship with the model, before anything is asked of it."""
    found = captioners.opening(name)
    picture = photos.sample_file(found.beam.source.name) if found and found.beam.source.kind == "photo" else None
    if found is None or picture is None:
        st.info("Upload a photo above, or take one of the samples.", icon=":material/add_photo_alternate:")
        return
    st.caption(
        "The model looks at regions of a photo while it writes a caption word by word. Point at a word or at the "
        "photo; then take another one above, or your own."
    )
    shown = [Search(name_of(trace), trace) for trace in (found.greedy, found.beam)]
    stage.play(
        shown, key="opening", step=stage.asked_step(), opening=True, language="en", target="en", picture=picture
    )


def _watch(subject: CaptionSubject) -> None:
    """Draw the stage: greedy and beam, or the beam before and after what was forced."""
    after = force.forced(subject)
    is_forced = after is not subject.trace
    if is_forced:
        searches = [Search("Before", subject.trace, "before"), Search("With what is forced", after)]
    else:
        searches = [Search(name_of(trace), trace) for trace in (subject.greedy.trace, subject.trace)]

    def force_it(tokens: tuple[int, ...], word: str) -> None:
        force.begin(" ".join([captioners.text(subject.model, tokens), word]))

    older = subject.view.caption_step if subject.view.caption_step > 1 else None
    step = None if is_forced else stage.asked_step() or older
    stage.play(
        searches, key="caption_stage", step=step, language="en", target="en",
        force=force_it, undo=(lambda: force.begin("")) if is_forced else None, picture=subject.photo.shown,
        numbers=subject.view.numbers == "on", questions=questions(ASK, "ask"), hide=grey.hide,
    )  # fmt: skip


def _look(view: CaptioningView, name: str, photo: Photo) -> CaptionSubject:
    """Return greedy and beam search of the photo."""
    dark = is_dark()
    colours = viz.palette(dark)
    with st.spinner("Looking at the photo …"):
        greedy = sessions.trace_photo(name, photo, captioners.options(view, name, greedy=True))
        beam = sessions.trace_photo(name, photo, captioners.options(view, name))
    return CaptionSubject(
        view,
        photo,
        name,
        Searched("Greedy", colours.greedy, greedy),
        Searched(f"Beam {view.beam}", colours.beam, beam),
        dark,
    )


def _ask(subject: CaptionSubject) -> None:
    """Draw the open panel; a fragment, so that what changes in a panel redraws nothing else."""
    answer(ASK, "ask", subject, titled=True)
    write_link(stage.followed(current(CaptioningView)), tell=False)


def _replay() -> None:
    """Show a trace from a file, as far as is possible without its model and photo."""
    trace = opened()
    open_trace()
    if trace is None or trace.source.kind != "photo":
        st.info("This trace is of a sentence; the pages Attention and Beam tree show it.", icon=":material/info:")
        return
    stage.play(
        [Search(name_of(trace), trace)], key="opened_stage", step=stage.asked_step(), language="en", target="en"
    )


if __name__ == "__main__":
    import app

    app.main()
