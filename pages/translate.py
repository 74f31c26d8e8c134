"""Translate: type a sentence, and watch greedy and beam search decode it in one picture."""

import streamlit as st

from pages.beam_tree_panels import autopsy, penalty, widths
from pages.shared import forcing, models, numbers, problems, records, searches, sessions, stage
from pages.shared.edits import history
from pages.shared.figures import is_dark
from pages.shared.heavy import TURNS
from pages.shared.html import plain
from pages.shared.inputs import examples, examples_menu, model_upload, source_form
from pages.shared.panels import Panel, answer, questions
from pages.shared.searches import Searched
from pages.shared.sentences import choose_sentence, sentences
from pages.shared.subject import Subject
from pages.shared.versions import versions
from pages.shared.view import open_view, write_link
from pages.shared.views import TranslateView
from pages.translate_panels import doubts, finds, own, several, sureness, take_along, test_set
from seq2seq import viz
from seq2seq.errors import Seq2SeqError
from seq2seq.trace import Trace
from seq2seq.viz.replay import replay_html
from seq2seq.viz.stage import Search, name_of

# What the inspector offers to ask; the answer stands below the stage.
ASK: dict[str, Panel[Subject[TranslateView]]] = {
    "sureness": Panel("How sure is each word?", sureness.panel),
    "autopsy": Panel("Why not my translation?", autopsy.panel),
    "penalty": Panel("Length penalty", penalty.panel),
    "widths": Panel("Beam widths", widths.panel),
    "numbers": Panel("Down to a number", numbers.panel),
}


def page() -> None:
    """Draw the page."""
    st.html('<h1 class="s2s-unseen">Translate</h1>')  # the picture says it; a screen reader needs it said
    open_view(TranslateView)
    view = source_form(TranslateView)
    if view is None:
        return
    try:
        if view.text.strip():
            _results(view)
        else:
            _opening(view)
    except Seq2SeqError as problem:
        problems.say(problem)
    write_link(stage.followed(view))


def _opening(view: TranslateView) -> None:
    """Show a finished search that ships with the model, before anything is asked of it."""
    found = records.opening(view.model)
    if found is not None:
        st.caption(
            f"Two searches ask the same model to translate “{plain(found.beam.source.text)}”: **greedy** takes the "
            "likeliest piece at each step, **beam search** keeps several hypotheses alive. Watch where they part; "
            "then it is your turn, above or with one of these:"
        )
    else:
        st.caption("Type a sentence above, or take one of these:")
    examples(view)
    if found is not None:
        _play([found.greedy, found.beam], view, key="opening", opening=True)
    finds.panel(view.model)
    _whole_test_set(view)
    model_upload()


def _results(view: TranslateView) -> None:
    found = sentences(view)
    if not found:
        return
    sentence = choose_sentence(view, found)
    panels = _search(view, sentence)
    own.keep(view.model, panels[0].trace, panels[1].trace)
    doubts.say(view.model, panels[1].trace)
    _watch(panels, sentence, view)
    st.fragment(_answer)(Subject(view, sentence, panels[1].trace, view.model, 0, 0, is_dark()))
    for panel in panels:
        _copied(view.model, panel)
    if len(found) > 1:
        several.panel(view, found)
    _more(panels, sentence, view)


def _answer(subject: Subject[TranslateView]) -> None:
    """Draw what was asked; a fragment, so that what changes in it redraws nothing else."""
    answer(ASK, "tool", subject, titled=True)


def _watch(panels: list[Searched], sentence: str, view: TranslateView) -> None:
    """Draw the stage: greedy and beam, or the beam before and after what was forced."""
    forcing.say_problem()
    finds.note(sentence)
    found = versions(view, view.model, sentence, history(view))
    if found.before is not None:
        forcing.play_versions(found, view, view.model, sentence, questions(ASK, "tool"))
        return
    force = forcing.force_in(view, view.model, sentence)
    _play([panel.trace for panel in panels], view, key="stage", force=force)


def _play(
    traces: list[Trace], view: TranslateView, *, key: str, opening: bool = False, force: forcing.Force | None = None
) -> None:
    config = models.config(view.model)
    named = [Search(name_of(trace), trace) for trace in traces]
    stage.play(
        named, key=key, step=stage.asked_step(), opening=opening, language=config.source, target=config.target,
        force=force, questions=None if opening else questions(ASK, "tool"),
    )  # fmt: skip


def _search(view: TranslateView, sentence: str) -> list[Searched]:
    colours = viz.palette(is_dark())
    alpha = models.load(view.model).config.alpha
    asked = [
        ("Greedy", colours.greedy, view.greedy()),
        (f"Beam {view.beam}", colours.beam, view.beam_search(alpha)),
        *([("Sample", colours.sample, view.sample())] if view.sampling == "on" else []),
    ]
    with TURNS.first():  # all of them in one turn, so that who came first is done first
        return [
            Searched(name, colour, sessions.trace_text(view.model, sentence, options))
            for name, colour, options in asked
        ]


def _copied(name: str, panel: Searched) -> None:
    """Show a translation whose unknown words are replaced by source words."""
    text = models.load(name).with_source_words(panel.trace)
    if text is not None:
        st.info(
            f"The vocabulary lacks words here. With the most attended source word in place of each: "
            f"“{plain(text)}”",
            icon=":material/content_copy:",
        )


def _more(panels: list[Searched], sentence: str, view: TranslateView) -> None:
    beam = panels[1].trace
    with st.container(horizontal=True):
        examples_menu(view)
        own.menu()
        with st.popover("Copy and download", icon=":material/download:"):
            searches.downloads(panels, sentence, "translation")
            greedy = Search("Greedy", panels[0].trace)
            st.download_button(
                "Replay page (HTML)", lambda: replay_html(beam, beside=[greedy]), "replay.html", "text/html",
                on_click="ignore", key="replay", help="This picture in a file that needs no network and no model.",
            )  # fmt: skip
        with st.popover("Pieces that it reads", icon=":material/grid_view:"):
            st.code(" | ".join(beam.source.pieces), language=None, wrap_lines=True)
    _all_finds(view)
    _whole_test_set(view)
    with st.container(horizontal=True):
        take_along.button(view.model)
        model_upload()


def _all_finds(view: TranslateView) -> None:
    with st.expander("Sentences to look at", key="more_finds", on_change="rerun") as shown:
        if shown.open:
            finds.panel(view.model)


def _whole_test_set(view: TranslateView) -> None:
    for title, key, panel in (
        ("What beam search changes on the whole test set", "whole_set", test_set.panel),
        ("What beam size and length penalty are worth", "whole_atlas", test_set.atlas_panel),
    ):
        with st.expander(title, key=key, on_change="rerun") as shown:
            if shown.open:  # thousands of rows, which nobody waits for who only translates
                panel(view)


if __name__ == "__main__":
    import app

    app.main()
