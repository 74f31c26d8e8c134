"""Visitors: a visitor's secret, kept in the session and in the browser, and the control keys from links.

The secret is made when a visitor starts the first run. Without accounts, another browser or a private window is
another visitor, so the limit per visitor is a courtesy, and only the limit for all visitors protects the machine.
The URL never holds the secret, so that a shared link allows viewing and nothing else.
"""

import secrets

import streamlit as st

from pages.shared.runs import store
from pages.shared.runs.store import Run

_SECRET, _KEYS, _MEMORY = "visitor_secret", "control_keys", "visitor_memory"
LINK_KEY = "link_control"  # set by `view.current`, when a session begins with a control link
_LONGEST = 200

# Streamlit keeps nothing across a reload; the browser's localStorage does, for this origin only.
_REMEMBER = """
export default function({ data, setStateValue }) {
  try {
    if (data.secret) {
      localStorage.setItem("seq2seq-visitor", data.secret);
    } else {
      const kept = localStorage.getItem("seq2seq-visitor");
      if (kept) setStateValue("secret", kept);
    }
  } catch (error) {
    console.debug("the browser keeps nothing:", error);
  }
}
"""


def secret() -> str:
    """Return the visitor's secret, "" before the first run."""
    return str(st.session_state.get(_SECRET, ""))


def secret_for_a_run() -> str:
    """Return the visitor's secret, a new one if there is none yet."""
    if not secret():
        st.session_state[_SECRET] = secrets.token_urlsafe(32)
    return secret()


def remember() -> None:
    """Store the secret in the browser, and restore it after a reload. Draws nothing visible."""
    component = st.components.v2.component("seq2seq_visitor", js=_REMEMBER)
    component(key=_MEMORY, data={"secret": secret()}, default={"secret": ""}, on_secret_change=_recall)


def _recall() -> None:
    kept = (st.session_state.get(_MEMORY) or {}).get("secret", "")
    if not secret() and isinstance(kept, str) and kept.isascii() and len(kept) < _LONGEST:
        st.session_state[_SECRET] = kept


def take_link_key(run: Run) -> None:
    """Keep the key that the session's link brought, if it is that run's."""
    key = st.session_state.get(LINK_KEY, "")
    if key and store.may_control(run, key):
        st.session_state.setdefault(_KEYS, {})[run.id] = key
        del st.session_state[LINK_KEY]


def key_of(run: Run) -> str | None:
    """Return the key with which this visitor controls the run; None if the visitor may only view it."""
    own = store.control_key(secret(), run.id) if secret() else ""
    for key in (own, st.session_state.get(_KEYS, {}).get(run.id, "")):
        if key and store.may_control(run, key):
            return str(key)
    return None


def runs() -> list[Run]:
    """Return the visitor's own runs, newest first."""
    return store.of_visitor(secret())
