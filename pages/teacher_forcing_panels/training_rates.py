"""The learning-rate range test: its curve, and rates to copy into the form."""

import streamlit as st

from pages.shared import exports
from pages.shared.figures import is_dark
from pages.shared.html import muted, plain
from pages.shared.runs import process, visitor
from pages.shared.runs.follow import Status, rates, read_status
from pages.shared.runs.store import Run
from seq2seq.training.rates import suggest
from seq2seq.viz.rate import rate_curve
from seq2seq.viz.tables import table_csv

_EVERY = 1.0  # seconds between polls of the process


def shown() -> None:
    """Draw the visitor's last range test; nothing if there is none."""
    run = next((run for run in visitor.runs() if run.kind == "rates"), None)
    if run is not None:
        st.fragment(_follow, run_every=_EVERY if read_status(run).is_active else None)(run, True)


def _follow(run: Run, is_active: bool) -> None:
    status = read_status(run)
    if is_active and not status.is_active and st.session_state.get("rates_followed") == run.id:
        st.session_state["rates_followed"] = ""
        st.rerun()  # a whole run, which stops the timer
    st.session_state["rates_followed"] = run.id if status.is_active else ""
    with st.container(border=True):
        _result(run, status)


def _result(run: Run, status: Status) -> None:
    if status.is_active:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write("Trying growing learning rates; this takes a few seconds more than reading the pairs.")
            st.button("Cancel", key="rates_cancel", on_click=_cancel, args=(run,))
        return
    if status.state != "finished":
        reason = f": {status.message}" if status.message else "; it was stopped or killed."
        st.warning(plain(f"The range test did not finish{reason}"), icon=":material/warning:")
        st.button("Close", key="rates_close", on_click=_close, args=(run,))
        return
    tried = rates(run)
    suggestion = suggest(tried)
    offers = {
        "where the loss falls fastest": suggestion.steepest,
        "a tenth of where it breaks": suggestion.tenth,
    }
    says = "; ".join(f"{rate:.2g} is {words}" for words, rate in offers.items() if rate)
    exports.figure(
        rate_curve(tried, suggestion, dark=is_dark()),
        "rate_curve",
        f"Loss by learning rate: {says}",
        name="Learning-rate range test",
        title="Where the loss falls, and where it breaks",
        csv=lambda: table_csv(("rate", "loss", "smoothed"), tried),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        for number, (words, rate) in enumerate(offers.items()):
            if rate:
                st.button(
                    f"Take {rate:.2g}, {words}",
                    key=f"rates_take_{number}",
                    on_click=_use_rate,
                    args=(float(f"{rate:.2g}"),),
                )
        st.button("Close", key="rates_close", on_click=_close, args=(run,))
    st.html(muted("Both are peak rates worth trying; take the lower one if a training diverges."))


def _use_rate(rate: float) -> None:
    st.session_state["train_rate"] = rate
    st.rerun()


def _cancel(run: Run) -> None:
    process.stop(run)
    st.rerun()


def _close(run: Run) -> None:
    process.delete(run)
    st.rerun()
