"""Beam search as a tree, drawn by the same components as for translations."""

import streamlit as st

from pages.beam_tree_panels import node as node_panel
from pages.beam_tree_panels import trees
from pages.beam_tree_panels.choice import chosen_node
from pages.beam_tree_panels.walk import walk
from pages.captioning_panels.force import forced
from pages.captioning_panels.subject import CaptionSubject
from pages.shared.subject import Subject
from pages.shared.view import current
from pages.shared.views import CaptioningView


def panel(subject: CaptionSubject) -> None:
    """Draw the tree, and the chosen node next to it."""
    trace = forced(subject)
    if trace is not subject.trace:
        st.caption("What “What if” forces has a double line; what the plain search did not keep is ringed.")
    node = chosen_node(current(CaptioningView), trace)
    step = trace.nodes.step[node]
    searched = Subject(current(CaptioningView), subject.photo.name, trace, subject.model, node, step, subject.dark)
    # The arrow keys belong to the player above.
    walk(searched, keys=False)
    with st.container(key="tree_and_node"):
        left, right = st.columns([2.2, 1])
        with left:
            trees.tree(searched, None if trace is subject.trace else subject.trace)
        with right, st.container(border=True):
            node_panel.panel(searched)
