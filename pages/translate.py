"""Translate: type a sentence and watch greedy and beam search decode it, side by side."""

import streamlit as st

from pages.shared import models, playback, problems, records, searches, sessions
from pages.shared.exports import figure
from pages.shared.figures import is_dark
from pages.shared.html import confidence_legend, plain
from pages.shared.inputs import examples_menu, model_upload, source_form
from pages.shared.searches import Panel
from pages.shared.sentences import choose_sentence, sentences
from pages.shared.view import View, write_link
from pages.translate_panels import test_set
from seq2seq import viz
from seq2seq.errors import Seq2SeqError
from seq2seq.trace.view import divergence
from seq2seq.viz.theme import percent


def page() -> None:
    """Draw the page."""
    st.title("Translate", anchor=False)
    st.write(
        "Two searches ask the same model: **greedy** takes the likeliest piece at every step, **beam search** "
        "keeps several hypotheses alive and may find a likelier whole. Translate a sentence, then press → to "
        "watch both grow; where they part is marked."
    )
    view = source_form()
    if view is None:
        return
    try:
        _results(view)
    except Seq2SeqError as problem:
        problems.say(problem)
    write_link(view)


def _results(view: View) -> None:
    found = sentences(view)
    if not found:
        _whole_test_set(view)
        return
    if len(found) > 1:
        _list_all(view, found)
    sentence = choose_sentence(view, found)
    panels = _search(view, sentence)
    examples_menu(view)
    searches.verdict(panels)
    dark = is_dark()
    part = divergence(panels[0].trace, panels[1].trace)
    for column, panel in zip(st.columns(len(panels)), panels, strict=True):
        with column, st.container(border=True):
            searches.summary(panel, part.step if part else None, dark)
            _copied(view.model, panel)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(confidence_legend(dark=dark))
        _calibration(view.model, dark)
    st.subheader("Step by step", anchor=False)
    st.fragment(searches.watch, run_every=playback.interval())(panels, part.step if part else None, dark)
    _more(panels, sentence, view)


def _list_all(view: View, typed: list[str]) -> None:
    """Show the translations of all sentences, not only of the chosen one."""
    found = models.translations(view.model, tuple(typed), view.beam_search(models.load(view.model).config.alpha))
    with st.expander(f"All {len(typed)} sentences", expanded=True):
        st.dataframe(
            {"sentence": typed, "beam search": [one.text for one in found]}, hide_index=True, width="stretch"
        )
        st.code(" ".join(one.text for one in found), language=None, wrap_lines=True)


def _search(view: View, sentence: str) -> list[Panel]:
    colours = viz.palette(is_dark())
    alpha = models.load(view.model).config.alpha
    panels = [
        Panel("Greedy", colours.greedy, sessions.trace_text(view.model, sentence, view.greedy())),
        Panel(
            f"Beam {view.beam}", colours.beam, sessions.trace_text(view.model, sentence, view.beam_search(alpha))
        ),
    ]
    if view.sampling == "on":
        panels.append(Panel("Sample", colours.sample, sessions.trace_text(view.model, sentence, view.sample())))
    return panels


def _copied(name: str, panel: Panel) -> None:
    """Show a translation whose unknown words are replaced by source words."""
    text = models.load(name).with_source_words(panel.trace)
    if text is not None:
        st.info(
            f"The vocabulary lacks words here. With the most attended source word in place of each: "
            f"“{plain(text)}”",
            icon=":material/content_copy:",
        )


def _calibration(name: str, dark: bool) -> None:
    curve = records.calibration(name)
    with st.popover("Do these confidences hold?", icon=":material/verified:"):
        if curve is None:
            st.write("This checkpoint has no calibration curve; training writes one.")
            return
        said, right = percent(curve.said), percent(curve.right)
        st.write(
            f"On the validation set, with the reference as its prefix, the model's likeliest piece had "
            f"a mean probability of {said} and was the reference's piece in {right} of all cases. On the dotted "
            "line a confidence holds exactly; above it the model is underconfident. A word's confidence is the "
            "product of its pieces'."
        )
        figure(
            viz.calibration(curve, dark=dark),
            "calibration",
            f"said {said}, right {right}",
            name=f"Calibration of {name}",
        )


def _more(panels: list[Panel], sentence: str, view: View) -> None:
    beam = panels[1].trace
    searches.ranked(beam, "translation")
    with st.expander("How the model reads the input: SentencePiece's pieces"):
        st.code(" | ".join(beam.source.pieces), language=None, wrap_lines=True)
    with st.expander("Copy and download"):
        searches.downloads(panels, sentence, "translation")
    _whole_test_set(view)
    model_upload()


def _whole_test_set(view: View) -> None:
    with st.expander("What beam search changes on the whole test set"):
        test_set.panel(view)
    with st.expander("What beam size and length penalty are worth"):
        test_set.atlas_panel(view)


if __name__ == "__main__":
    import app

    app.main()
