"""Captioning: a photo becomes a sentence, word by word, with the region that each word attended to."""

from importlib import import_module

import streamlit as st

from pages.captioning_panels import choose, photo_view, save
from pages.captioning_panels.subject import CaptionSubject
from pages.shared import captioners, photos, playback, problems, searches, sessions
from pages.shared.figures import is_dark
from pages.shared.html import confidence_legend, plain
from pages.shared.opened import open_trace, opened
from pages.shared.photos import Photo
from pages.shared.searches import Panel
from pages.shared.sessions import TimedTrace
from pages.shared.subject import Subject
from pages.shared.view import View, change, current, write_link
from seq2seq import viz
from seq2seq.errors import Seq2SeqError
from seq2seq.trace.view import divergence

# Each is a file of `pages.captioning_panels` with one function `panel(subject)`, imported when it is chosen.
ASK = {
    "words": "All words",
    "grey": "Grey out a part",
    "force": "What if",
    "tree": "Beam tree",
    "penalty": "Length penalty",
    "widths": "Beam widths",
    "autopsy": "Autopsy",
    "french": "In French",
    "find": "Search by words",
}

_OF_THE_SEARCH = {"penalty", "widths", "autopsy"}  # panels that sentences and photos share


def page() -> None:
    """Draw the page."""
    st.title("Captioning", anchor=False)
    st.write(
        "A convolutional network encodes a photo as a grid of regions; a decoder, as in translation, "
        "describes it word by word and attends to other regions for each word. Upload a photo, press → to watch "
        "the caption grow, then grey out a part and see what changes."
    )
    st.caption(
        "The models have seen 6,000 photos, nearly all of people, dogs and sport, and know no others: of anything "
        "else they tell stories about people, dogs and sport."
    )
    try:
        if opened() is not None:
            _replay()
            return
        name = _model()
        if name is not None:
            _captions(name)
    except Seq2SeqError as problem:
        problems.say(problem)
    write_link(current())


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
    view, state = current(), st.session_state
    if view.captioner not in names:
        if view.captioner:
            st.info(
                f"The link asks for the model “{plain(view.captioner)}”, which is not here; “{plain(names[0])}” "
                "is used instead.",
                icon=":material/info:",
            )
        view = view.model_copy(update={"captioner": names[0]})
        change(view)
    alpha = captioners.config(view.captioner).alpha if view.alpha is None else view.alpha
    state["cap_model"], state["cap_beam"], state["cap_alpha"] = view.captioner, view.beam, alpha
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Model", names, key="cap_model", format_func=captioners.describe, width=330, on_change=_set,
            args=("captioner", "cap_model"),
        )  # fmt: skip
        with st.popover("Decoder options", icon=":material/tune:"):
            st.slider("Beam size", 1, 20, key="cap_beam", on_change=_set, args=("beam", "cap_beam"))
            st.slider(
                "Length penalty α", -1.0, 3.0, step=0.05, key="cap_alpha", on_change=_set,
                args=("alpha", "cap_alpha"), help="More favours longer captions (Wu et al. 2016, eq. 14).",
            )  # fmt: skip
        open_trace()
    return view.captioner


def _set(field: str, key: str) -> None:
    value = st.session_state[key]
    change(current().model_copy(update={field: round(value, 2) if isinstance(value, float) else value}))
    playback.restart()


def _captions(name: str) -> None:
    choose.panel(name)
    view = current()
    photo = photos.chosen(view.photo)
    if photo is None:
        st.info("Upload a photo above, or take one of the samples.", icon=":material/add_photo_alternate:")
        return
    if not view.photo:
        st.caption("A link holds samples and options, but no upload: to show this to others, send a trace or page.")
    subject = _look(view, name, photo)
    searches.verdict([subject.greedy, subject.beam], "caption")
    part = divergence(subject.greedy.trace, subject.beam.trace)
    left, right = st.columns([1, 1.25], gap="medium")
    with left, st.container(border=True):
        photo_view.panel(subject)
    with right:
        for panel in (subject.greedy, subject.beam):
            with st.container(border=True):
                searches.summary(panel, part.step if part else None, subject.dark)
        st.html(confidence_legend(dark=subject.dark))
        searches.ranked(subject.trace, "caption", expanded=True)
    st.subheader("Word by word", anchor=False)
    if not captioners.has_attention(name):
        st.info(
            "This model has no attention: it encodes the whole photo once, as one vector, and writes from that "
            "(Show and Tell, Vinyals et al. 2015). So no word has a region of its own.",
            icon=":material/visibility_off:",
        )
    else:
        _drawing(view)
    st.fragment(_watch, run_every=playback.interval())(subject, part.step if part else None)
    st.fragment(_ask)(subject)
    save.panel(subject)


def _look(view: View, name: str, photo: Photo) -> CaptionSubject:
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
        Panel("Greedy", colours.greedy, greedy),
        Panel(f"Beam {view.beam}", colours.beam, beam),
        dark,
    )


def _drawing(view: View) -> None:
    """Draw the settings of the attention overlay."""
    state = st.session_state
    state["cap_veil"], state["cap_smooth"], state["cap_numbers"] = view.veil, view.smooth, view.numbers == "on"
    with st.popover("How attention is drawn", icon=":material/opacity:"):
        st.slider(
            "Darkness where nobody looked", 0, 100, step=5, format="%d %%", key="cap_veil", on_change=_redraw,
        )  # fmt: skip
        st.slider(
            "Smoothing, of a region's width", 0, 200, step=10, format="%d %%", key="cap_smooth", on_change=_redraw,
            help="0 shows the regions as the model has them; a region's receptive field is wider than its square.",
        )  # fmt: skip
        st.toggle("Region numbers", key="cap_numbers", on_change=_redraw)


def _redraw() -> None:
    state = st.session_state
    changes = {
        "veil": state["cap_veil"],
        "smooth": state["cap_smooth"],
        "numbers": "on" if state["cap_numbers"] else "off",
    }
    change(current().model_copy(update=changes))


def _watch(subject: CaptionSubject, part: int | None) -> None:
    """Draw one step of both searches; a fragment, so that a step redraws only this."""
    if "cap_watched" not in st.session_state:  # a new session starts at the link's step
        st.session_state["cap_watched"], st.session_state["position"] = True, subject.view.caption_step
    panels = [subject.greedy, subject.beam]
    step = searches.watch(panels, part, subject.dark, lambda *place: photo_view.attention(subject.photo, *place))
    change(current().model_copy(update={"caption_step": step}))
    write_link(current(), tell=False)


def _ask(subject: CaptionSubject) -> None:
    """Draw the panel picker and the chosen panel; a fragment, so that opening a panel redraws nothing else."""
    st.subheader("Ask more", anchor=False)
    chosen = current().ask if current().ask in ASK else None
    st.session_state["cap_ask"] = chosen
    st.segmented_control(
        "Ask more of this photo", list(ASK), key="cap_ask", format_func=ASK.__getitem__, on_change=_asked,
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen is None:
        st.caption("Choose a question; nothing is computed before.")
    else:
        with st.container(border=True):
            try:
                if chosen in _OF_THE_SEARCH:
                    import_module(f"pages.beam_tree_panels.{chosen}").panel(_subject(subject))
                else:
                    import_module(f"pages.captioning_panels.{chosen}").panel(subject)
            except Seq2SeqError as problem:
                problems.say(problem)
    write_link(current(), tell=False)


def _subject(subject: CaptionSubject) -> Subject:
    """Return the subject for the panels of a search."""
    return Subject(current(), subject.photo.name, subject.trace, subject.model, 0, 0, subject.dark)


def _asked() -> None:
    change(current().model_copy(update={"ask": st.session_state["cap_ask"] or ""}))


def _replay() -> None:
    """Show a trace from a file, as far as is possible without its model and photo."""
    trace = opened()
    open_trace()
    if trace is None or trace.source.kind != "photo":
        st.info("This trace is of a sentence; the pages Attention and Beam tree show it.", icon=":material/info:")
        return
    dark = is_dark()
    panel = Panel(
        f"Search of {trace.model.name}", getattr(viz.palette(dark), trace.options.mode.kind), TimedTrace(trace, 0.0)
    )
    photo = photo_view.from_trace(trace.source)
    _drawing(current())
    st.fragment(
        lambda: searches.watch([panel], None, dark, lambda *place: photo_view.attention(photo, *place)),
        run_every=playback.interval(),
    )()


if __name__ == "__main__":
    import app

    app.main()
