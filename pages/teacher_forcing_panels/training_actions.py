"""The actions of a training's buttons, all of them callbacks; errors are shown at the top of the panel."""

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.runs import process, store, visitor
from pages.shared.runs.store import Run, RunKind
from pages.shared.view import change, current, update
from pages.shared.views import TeacherForcingView
from seq2seq.data.languages import Languages
from seq2seq.errors import Seq2SeqError
from seq2seq.training import read_recipe

if TYPE_CHECKING:
    from seq2seq.training import Recipe

PROBLEM = "training_problem"
LOWER = 3.0  # a diverged run is restarted at its rate divided by this


def begin(
    kind: RunKind,
    recipe: "Recipe",
    about: str,
    upload: bytes | None = None,
    languages: Languages | None = None,
    swapped: bool = False,
) -> None:
    """Start a new run and show it; a range test replaces the visitor's last one."""
    run = None
    try:
        for old in visitor.runs():
            if kind == "rates" and old.kind == "rates":
                process.delete(old)
        run = store.create(kind, recipe, about, visitor.secret_for_a_run(), upload, languages, swapped=swapped)
        process.start(run)
    except Seq2SeqError as problem:
        st.session_state[PROBLEM] = str(problem)
        if run is not None:
            process.delete(run)
    else:
        if kind == "training":
            update(run=run.id)
    st.rerun()


def resume(run: Run) -> None:
    """Resume a run."""
    if visitor.key_of(run) is not None:  # the button is shown only with the key
        try:
            process.start(run)
        except Seq2SeqError as problem:
            st.session_state[PROBLEM] = str(problem)
    st.rerun()


def stop(run: Run) -> None:
    """Ask a run to stop."""
    if visitor.key_of(run) is not None:
        process.stop(run)
    st.rerun()


def again_slower(run: Run) -> None:
    """Start a run like this one at a lower learning rate."""
    try:
        recipe = slower(read_recipe(run.folder / "recipe.toml"))
        upload = (run.folder / "pairs.tsv").read_bytes() if run.languages else None
    except (Seq2SeqError, OSError) as problem:
        st.session_state[PROBLEM] = f"The run can't be read ({problem}); fill in the form again."
        st.rerun()
    languages = Languages(*run.languages) if run.languages else None
    begin("training", recipe, run.about, upload, languages, run.swapped)


def slower(recipe: "Recipe") -> "Recipe":
    """Return the recipe with its learning rates divided by LOWER."""
    rates = {
        "encoder_rate": float(f"{recipe.training.encoder_rate / LOWER:.2g}"),
        "decoder_rate": float(f"{recipe.training.decoder_rate / LOWER:.2g}"),
    }
    return recipe.model_copy(update={"training": recipe.training.model_copy(update=rates)})


def remove(run: Run) -> None:
    """Delete a run that is not active."""
    if visitor.key_of(run) is not None and process.delete(run):
        leave()


def leave() -> None:
    """Show the form again."""
    update(run="")
    st.rerun()


def use(run: Run) -> None:
    """Make the run's model the current one on all pages."""
    # Edits and nodes of another model are meaningless for this one.
    change(current(TeacherForcingView).for_other_sentence(text=current(TeacherForcingView).text, model=run.id))
    st.rerun()
