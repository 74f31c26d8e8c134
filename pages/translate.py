"""Translate: type a sentence and watch greedy and beam search decode it, side by side."""

import math
from typing import NamedTuple

import streamlit as st

from pages.shared import models, playback
from pages.shared.exports import figure
from pages.shared.figures import is_dark
from pages.shared.html import coloured_words, confidence_legend, facts, heading, muted, plain
from pages.shared.inputs import examples_menu, model_upload, source_form
from pages.shared.sentences import sentences, watched
from pages.shared.view import View, write_link
from pages.translate_panels import test_set
from seq2seq import viz
from seq2seq.errors import Seq2SeqError
from seq2seq.trace import Trace
from seq2seq.trace.view import expanded_at, nodes_at, parting, prefix_text, word_attention, words_on_path
from seq2seq.viz.export import heatmap_csv, tree_csv
from seq2seq.viz.theme import number, percent, piece_label


class Panel(NamedTuple):
    """One search of the sentence."""

    name: str
    colour: str
    found: models.Timed

    @property
    def trace(self) -> Trace:
        """What the search did."""
        return self.found.trace


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
        st.error(plain(str(problem)), icon=":material/error:")
    write_link(view)


def _results(view: View) -> None:
    found = sentences(view)
    if not found:
        _whole_test_set(view)
        return
    if len(found) > 1:
        _list_all(view, found)
    sentence = watched(view, found)
    panels = _search(view, sentence)
    examples_menu(view)
    _verdict(panels)
    dark = is_dark()
    part = parting(panels[0].trace, panels[1].trace)
    for column, panel in zip(st.columns(len(panels)), panels, strict=True):
        with column, st.container(border=True):
            _summary(panel, part.step if part else None, dark)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(confidence_legend(dark=dark))
        _calibration(view.model, dark)
    st.subheader("Step by step", anchor=False)
    st.fragment(_watch, run_every=playback.interval())(panels, part.step if part else None, dark)
    _more(panels, sentence, view)


def _list_all(view: View, typed: list[str]) -> None:
    """Show the translations of all sentences, so that none is lost while one is watched."""
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
        Panel("Greedy", colours.greedy, models.trace(view.model, sentence, view.greedy())),
        Panel(f"Beam {view.beam}", colours.beam, models.trace(view.model, sentence, view.beam_search(alpha))),
    ]
    if view.sampling == "on":
        panels.append(Panel("Sample", colours.sample, models.trace(view.model, sentence, view.sample())))
    return panels


def _verdict(panels: list[Panel]) -> None:
    """Say in words where greedy and beam part, what that cost, and which of them wins."""
    greedy, beam = panels[0].trace, panels[1].trace
    part = parting(greedy, beam)
    if part is None:
        st.success("Greedy and beam search found the same translation.", icon=":material/equal:")
        return
    one, other = (piece_label(piece).removeprefix("·") for piece in (part.one, part.other))
    begin = f"After “{plain(part.common)}”" if part.common else "At the very first piece"
    gap = beam.best.log_prob - greedy.best.log_prob
    choice = (
        f"{begin} (step {part.step}) they part: greedy takes “{plain(one)}”, beam search “{plain(other)}”, whose "
        f"log-probability there is {number(abs(part.cost))} {'lower' if part.cost >= 0 else 'higher'}."
    )
    if gap > 0:
        end = (
            f"It pays: the beam's whole translation is {_times(gap)} as likely "
            f"(log-probability {number(gap)} higher)."
        )
    else:
        end = (
            f"It does not pay in likelihood: greedy's whole translation is {_times(-gap)} as likely "
            f"(log-probability {number(-gap)} higher). The beam ranks by score for length "
            f"(α = {number(beam.options.alpha)}), or it has lost greedy's path on the way."
        )
    st.info(f"{choice} {end}", icon=":material/call_split:")


def _times(gap: float) -> str:
    """Return a difference of log-probabilities as a factor."""
    factor = math.exp(min(gap, 20))
    return f"{factor:,.1f} times" if factor < 1000 else "over a thousand times"


def _summary(panel: Panel, part: int | None, dark: bool) -> None:
    trace, best = panel.trace, panel.trace.best
    st.html(heading(panel.name, panel.colour))
    parts_at = part if panel.name != "Sample" else None
    st.html(coloured_words(words_on_path(trace, best.leaf), dark=dark, parts_at=parts_at))
    if not best.finished:
        st.warning("Cut off at the longest allowed length.", icon=":material/content_cut:")
    values = [
        ("log-probability", number(best.log_prob)),
        ("score by length", number(best.normalised)),
        ("average per piece", percent(math.exp(best.log_prob / best.length))),
        ("time", f"{panel.found.milliseconds:.0f} ms"),
        ("model steps", str(trace.stop.steps)),
    ]
    st.html(facts(values))


def _watch(panels: list[Panel], part: int | None, dark: bool) -> None:
    """Draw one step of all searches; a fragment, so that a step redraws only this."""
    step = playback.controls(max(panel.trace.stop.steps for panel in panels))
    if part is not None and step == part:
        st.html(muted("This is the step where greedy and beam search part."))
    for column, panel in zip(st.columns(len(panels)), panels, strict=True):
        with column, st.container(border=True):
            _step(panel, step, dark)


def _step(panel: Panel, step: int, dark: bool) -> None:
    trace, key = panel.trace, panel.name.split()[0].lower()
    last = trace.stop.steps
    st.html(
        f'<h3 style="color:{panel.colour};margin:0;font-size:1.05rem">{panel.name}, step {min(step, last)}</h3>'
    )
    if step > last:
        st.html(muted(f"Ended at step {last}."))
        step = last
    alone = trace.options.width == 1
    path = trace.path(trace.best.leaf)
    winner = path[min(step, len(path)) - 1]
    st.html(coloured_words(words_on_path(trace, winner), dark=dark, new_from=step))
    if not alone:
        st.html(muted(_winner_place(trace, winner, step)))
    bars = (viz.candidates if alone else viz.beam_candidates)(trace, step, dark=dark)
    says = ", ".join(
        f"{prefix_text(trace, n)} {percent(math.exp(trace.nodes.log_prob[n]))} {trace.nodes.status[n]}"
        for n in nodes_at(trace, step)[:5]
    )
    figure(
        bars,
        f"{key}_candidates",
        f"{panel.name}, candidates of step {step}: {says}",
        name=f"{panel.name}, step {step} of {trace.source.text}",
        title="What could come next" if alone else "Candidates by total log-probability",
        csv=lambda: tree_csv(trace),
    )
    attention = viz.step_attention(trace, step, dark=dark)
    if attention is None:
        st.caption("This model has no attention: it reads the sentence once, into one vector.")
        return
    figure(
        attention,
        f"{key}_attention",
        f"{panel.name}, attention at step {step}: {_looks(trace, step)}",
        name=f"{panel.name}, attention at step {step} of {trace.source.text}",
        title="Where it looked",
        csv=lambda: heatmap_csv(trace) or b"",
    )


def _winner_place(trace: Trace, winner: int, step: int) -> str:
    """Say where the later winner stands among what this step kept."""
    kept = [n for n in nodes_at(trace, step) if trace.nodes.status[n] != "pruned"]
    if winner not in kept:
        return f"The winner, finished at step {trace.nodes.step[winner]}; the search went on beside it."
    return f"The later winner, here number {kept.index(winner) + 1} of the {len(kept)} that are kept."


def _looks(trace: Trace, step: int) -> str:
    weights = word_attention(trace, expanded_at(trace, step)[0]) or []
    best = sorted(zip(weights, trace.source.words, strict=True), reverse=True)[:3]
    return ", ".join(f"{word} {percent(weight)}" for weight, word in best)


def _calibration(name: str, dark: bool) -> None:
    curve = models.calibration(name)
    with st.popover("Do these confidences hold?", icon=":material/verified:"):
        if curve is None:
            st.write("This checkpoint has no calibration curve; training writes one.")
            return
        said, right = percent(curve.said), percent(curve.right)
        st.write(
            f"On the validation set, with the reference as its prefix, the model's likeliest piece was said to be "
            f"right in {said} of all cases and was the reference's piece in {right}. On the dotted "
            "line a confidence holds exactly; above it the model is too modest. A word's confidence is the product "
            "of its pieces'."
        )
        figure(
            viz.calibration(curve, dark=dark),
            "calibration",
            f"said {said}, right {right}",
            name=f"Calibration of {name}",
        )


def _more(panels: list[Panel], sentence: str, view: View) -> None:
    beam = panels[1].trace
    with st.expander(f"The {len(beam.hypotheses)} best of the beam"):
        st.dataframe(
            {
                "rank": list(range(1, len(beam.hypotheses) + 1)),
                "translation": [one.text for one in beam.hypotheses],
                "score by length": [round(one.normalised, 3) for one in beam.hypotheses],
                "log-probability": [round(one.log_prob, 3) for one in beam.hypotheses],
                "pieces": [one.length for one in beam.hypotheses],
            },
            hide_index=True,
            width="stretch",
        )
        st.caption(f"Stop rule: {beam.stop.rule}. Bound: {beam.stop.bound}.")
    with st.expander("How the model reads the input: SentencePiece's pieces"):
        st.code(" | ".join(beam.source.pieces), language=None, wrap_lines=True)
    with st.expander("Copy and download"):
        for panel in panels:
            st.caption(panel.name)
            st.code(panel.trace.best.text, language=None, wrap_lines=True)
        with st.container(horizontal=True):
            text = "".join(f"{panel.name}\t{panel.trace.best.text}\n" for panel in panels)
            st.download_button("Text", f"{sentence}\n{text}", "translation.txt", on_click="ignore")
            for panel in panels:
                name = panel.name.split()[0].lower()
                st.download_button(
                    f"{panel.name} trace (JSON)", panel.trace.to_json(), f"{name}-trace.json", "application/json",
                    on_click="ignore",
                )  # fmt: skip
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
