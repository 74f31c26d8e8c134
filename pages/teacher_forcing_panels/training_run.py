"""One run to follow: its status, its curves, its translations as they improve, and its actions."""

from collections.abc import Callable

import streamlit as st

from pages.shared import exports
from pages.shared.figures import is_dark
from pages.shared.html import heading, muted, plain, table
from pages.shared.runs import process, store, visitor
from pages.shared.runs.follow import Status, read_status, samples
from pages.shared.runs.names import nickname
from pages.shared.runs.store import Run
from pages.shared.view import current
from pages.shared.views import TeacherForcingView
from pages.teacher_forcing_panels import training_actions
from pages.teacher_forcing_panels.training_command import from_a_terminal
from seq2seq import viz
from seq2seq.data.languages import Languages
from seq2seq.training import read_recipe
from seq2seq.training.lab.record import Curve, curve_of
from seq2seq.viz.labels import number
from seq2seq.viz.run import bleu_curve, loss_curve
from seq2seq.viz.tables import table_csv

_EVERY = 1.5  # seconds between polls of the files
_VALIDATION = "run_validation"
_LEAST_ACCURACY = 0.5  # of the next piece, given the reference's prefix


def follow(run: Run) -> None:
    """Draw a run; while it is active, redraw it periodically."""
    store.touch(run)
    status = read_status(run)
    st.html(heading(nickname(run.id), viz.palette(is_dark()).text))
    st.html(muted(run.about))
    if visitor.key_of(run) is None:
        st.html(muted("You follow somebody's run by its link; whoever started it can stop, resume and delete it."))
    st.fragment(_live, run_every=_EVERY if status.is_active else None)(run, status.state)
    _below(run, status)


def _live(run: Run, state: str) -> None:
    """Draw what changes; a fragment. state: the run's state when the whole page was last drawn."""
    status = read_status(run)
    if status.state != state:
        st.rerun()  # a whole rerun: the buttons change, and the timer may stop
    _told(run, status)
    curve = curve_of(status.history)
    if curve.updates or curve.valid_updates:
        _curves(run, curve)
    if status.validated:
        _samples(run, status)


def _told(run: Run, status: Status) -> None:
    """Show the run's status, with the buttons of that state."""
    told, draw = _STATES[status.state], visitor.key_of(run) is not None
    told(run, status)
    if not draw:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if status.is_active:
            st.button(
                "Stop at once" if status.state == "stopping" else "Stop",
                icon=":material/stop:", key="run_stop", on_click=training_actions.stop, args=(run,),
                help="The state is saved after the current update, so that it can be resumed later.",
            )  # fmt: skip
        elif status.state == "diverged":
            st.button(
                "Start again with a lower rate", type="primary", icon=":material/trending_down:", key="run_slower",
                on_click=training_actions.again_slower, args=(run,),
                help="A new run at a third of this one's rate.",
            )  # fmt: skip
        elif status.state != "finished":
            st.button(
                "Resume", type="primary", icon=":material/play_arrow:", key="run_resume",
                on_click=training_actions.resume, args=(run,),
            )  # fmt: skip


def _starting(run: Run, _status: Status) -> None:
    st.progress(0.0, "Getting ready: reading the pairs and learning the vocabularies …")


def _running(run: Run, status: Status) -> None:
    if status.update >= run.updates:
        st.progress(1.0, "The last update is made; measuring the result …")
        return
    left = "" if status.left is None else f", about {duration(status.left)} left"
    st.progress(status.update / run.updates, f"Update {status.update:,} of {run.updates:,}{left}")


def _stopping(run: Run, status: Status) -> None:
    st.progress(min(1.0, status.update / run.updates), "Stopping after the current update …")


def _finished(run: Run, status: Status) -> None:
    said = f"Finished after {status.update:,} updates. {_scores(status)}"
    if learnt_too_little(status):
        st.warning(
            f"{said} It has trained too little to be of use: train again with more updates, or with more pairs.",
            icon=":material/hourglass_bottom:",
        )
    else:
        st.success(said, icon=":material/check:")


def learnt_too_little(status: Status) -> bool:
    """Return whether a model outputs the same for all samples, or misses most words even with teacher forcing."""
    line = status.validated
    if line is None:
        return False
    said = line.get("samples", [])
    return line["valid"].get("accuracy", 1.0) < _LEAST_ACCURACY or (len(said) > 2 and len(set(said)) == 1)


def _stopped(run: Run, status: Status) -> None:
    st.info(
        f"Stopped at update {status.update:,} of {run.updates:,}. Resume goes on from there.",
        icon=":material/pause:",
    )


def _killed(run: Run, status: Status) -> None:
    st.warning(
        "The training's process ended without a message: it was killed, ran out of memory, or the machine was "
        f"restarted. {_resumes(run)}",
        icon=":material/power_off:",
    )


def _failed(run: Run, status: Status) -> None:
    st.error(f"{plain(status.message)} {_resumes(run)}", icon=":material/error:")


def _diverged(run: Run, status: Status) -> None:
    kept = status.validated
    weights = (
        f"The weights of its last validation, at update {kept['update']:,}, are kept."
        if kept
        else "It had not reached its first validation, so there is no model yet."
    )
    loss = status.history[-1]["diverged"]
    what = "not a number any more" if loss is None else f"{number(loss, 1)} nats a token, far worse than guessing"
    st.error(
        f"It diverged: at update {status.update:,} the loss was {what}, so the training has stopped. The learning "
        f"rate is too high for this model. {weights}",
        icon=":material/trending_up:",
    )


_STATES: dict[str, Callable[[Run, Status], None]] = {
    "starting": _starting,
    "running": _running,
    "stopping": _stopping,
    "finished": _finished,
    "stopped": _stopped,
    "killed": _killed,
    "failed": _failed,
    "diverged": _diverged,
}


def _resumes(run: Run) -> str:
    saved = process.saved_update(run)
    return f"Resume goes on from update {saved:,}." if saved else "It had saved nothing yet; Resume starts again."


def _scores(status: Status) -> str:
    line = status.validated
    if line is None:
        return ""
    valid = line["valid"]
    exact = f"{100 * valid['exact']:.1f} %"
    return (
        f"It translates {exact} of unseen sentences exactly as their references do; BLEU {number(valid['bleu'])}."
    )


def _curves(run: Run, curve: Curve) -> None:
    dark = is_dark()
    losses, scores = st.columns(2)
    last = f"{curve.loss[-1]:.2f}" if curve.loss else "not known yet"
    rows = list(zip(curve.updates, curve.loss, curve.ratio, strict=True))
    with losses:
        exports.figure(
            loss_curve(curve, run.updates, dark=dark),
            "run_loss",
            f"Loss by update; in training now {last} nats a token",
            name=f"Loss of {nickname(run.id)}",
            title="Loss",
            csv=lambda: table_csv(("update", "loss", "ratio"), rows),
        )
    bleu = f"{curve.bleu[-1]:.1f}" if curve.bleu else "not known before the first validation"
    scored = list(zip(curve.valid_updates, curve.forced_loss, curve.accuracy, curve.bleu, curve.chrf, strict=True))
    with scores:
        exports.figure(
            bleu_curve(curve, run.updates, dark=dark),
            "run_bleu",
            f"BLEU by update, on unseen pairs, the model running free; now {bleu}",
            name=f"BLEU of {nickname(run.id)}",
            title="BLEU, and how often it was fed the reference",
            csv=lambda: table_csv(("update", "forced_loss", "accuracy", "bleu", "chrf"), scored),
        )


def _samples(run: Run, status: Status) -> None:
    """Draw translations of the same unseen sentences at a validation, by default the last one."""
    validations = {line["update"]: line for line in status.history if "samples" in line}
    pairs = samples(run)
    if not validations or not pairs:
        return
    updates = list(validations)
    if st.session_state.get(_VALIDATION) not in updates or not st.session_state.get("run_validation_held"):
        st.session_state[_VALIDATION] = updates[-1]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.markdown("**Unseen sentences, translated**", width="content")
        if len(updates) > 1:
            st.select_slider(
                "After update", updates, key=_VALIDATION, format_func="{:,}".format, width=340,
                on_change=_hold, args=(updates,), help="Move it back to see how the translations have improved.",
            )  # fmt: skip
    said = validations[st.session_state[_VALIDATION]]["samples"]
    rows = [
        (pair.source, output, "✓" if output == pair.target else pair.target)
        for pair, output in zip(pairs, said, strict=False)
    ]
    st.html(table(("source", "translation", "reference (✓ the same)"), rows, dark=is_dark()))


def _hold(updates: list[int]) -> None:
    """Stay at the chosen validation when the next one comes; at the last one, follow."""
    st.session_state["run_validation_held"] = st.session_state[_VALIDATION] != updates[-1]


def _below(run: Run, status: Status) -> None:
    """Draw the other actions on the run: use, download, share, delete."""
    key = visitor.key_of(run)
    has_model = store.model_folder(run.id) is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = current(TeacherForcingView).model == run.id
        if has_model:
            st.button(
                "Chosen on all pages" if chosen else "Use it on all pages",
                icon=":material/translate:",
                type="primary" if status.state == "finished" and not chosen else "secondary",
                key="run_use",
                disabled=chosen,
                on_click=training_actions.use,
                args=(run,),
                help="Translate, Attention and Beam tree then use this model, even a half-trained one.",
            )
            st.download_button(
                "Checkpoint (zip)", lambda: store.checkpoint_zip(run), f"{run.id}.zip", "application/zip",
                on_click="ignore", key="run_zip", icon=":material/download:",
            )  # fmt: skip
        _share(run, key)
        _terminal(run)
        if key is not None and not status.is_active:
            with st.popover("Delete", icon=":material/delete:", type="tertiary"):
                st.write(f"Delete {nickname(run.id)} with its model? This can't be undone.")
                st.button("Delete for good", key="run_delete", on_click=training_actions.remove, args=(run,))
        st.button("New training", icon=":material/add:", key="run_new", on_click=training_actions.leave)


def _share(run: Run, key: str | None) -> None:
    page = (st.context.url or "").split("?")[0]
    with st.popover("Share", icon=":material/link:", type="tertiary"):
        st.write("Whoever has this link sees the run and can use its model:")
        st.code(f"{page}?look=training&run={run.id}", language=None, wrap_lines=True)
        if key is not None:
            st.write("Whoever has this one can stop, resume and delete it, too. Keep it for yourself:")
            st.code(f"{page}?look=training&run={run.id}&control={key}", language=None, wrap_lines=True)


def _terminal(run: Run) -> None:
    languages = Languages(*run.languages) if run.languages else None
    from_a_terminal(read_recipe(run.folder / "recipe.toml"), languages, swapped=run.swapped)


def duration(seconds: float) -> str:
    """Return a duration as text, rounded as coarsely as an estimate deserves."""
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5)):.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
