"""The equivalent commands to train from a terminal."""

import shlex
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.runs.process import prepare_arguments, train_arguments
from seq2seq.config import to_toml
from seq2seq.data.languages import Languages

if TYPE_CHECKING:
    from seq2seq.training import Recipe


def from_a_terminal(recipe: "Recipe", languages: Languages | None, *, swapped: bool = False) -> None:
    """Draw the recipe and the commands. languages: those of an upload's columns."""
    with st.popover("The same from the command line", icon=":material/terminal:", type="tertiary"):
        text = to_toml(recipe)
        words = (
            [train_arguments(resume=False)]
            if languages is None
            else [prepare_arguments(languages, swapped=swapped), train_arguments(resume=False)]
        )
        st.code(
            "\n".join(f"python -m seq2seq {shlex.join(one)}" for one in words), language="shell", wrap_lines=True
        )
        st.download_button(
            "Recipe (TOML)", text, "recipe.toml", "application/toml", on_click="ignore", key="train_recipe"
        )
        st.caption("`python -m seq2seq train --keys` explains every key of a recipe.")
