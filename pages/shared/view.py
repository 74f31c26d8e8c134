"""The view of the page that is open: kept in the session, tied to its widgets, and written into the link."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

import streamlit as st

from pages.shared.views import PER_PHOTO_FIELDS, PER_SENTENCE_FIELDS, SUBJECT_FIELDS, View, from_link

LONGEST_LINK = 2000

V = TypeVar("V", bound=View)


def open_view(kind: type[V]) -> V:
    """Return the view of the page that begins here, which `current` returns from now on.

    A new session takes it from the link, and a page that was left from what was chosen on it and on others since.
    """
    state = st.session_state
    if "view" not in state:
        parameters = st.query_params.to_dict()
        state["view"] = from_link(kind, parameters)
        # The key of a control link is not part of the view: no link written here may contain it.
        state["link_control"] = parameters.get("control", "")[:200]
    held: View = state["view"]
    if type(held) is not kind:
        values = held.model_dump()
        kept: dict[str, Any] = state.get("kept_of_views", {})
        if any(name in values and kept.get(name, values[name]) != values[name] for name in SUBJECT_FIELDS):
            kept = {name: value for name, value in kept.items() if name not in PER_SENTENCE_FIELDS}
        state["kept_of_views"] = kept = kept | values
        state["view"] = kind.model_validate({name: kept[name] for name in kind.model_fields if name in kept})
    return current(kind)


def current(kind: type[V]) -> V:
    """Return the page's view; kind: its class, or one that it is derived from."""
    if "view" not in st.session_state:  # a panel by itself
        return open_view(kind)
    view = st.session_state["view"]
    assert isinstance(view, kind), f"{type(view).__name__} is not a {kind.__name__}"
    return view


def change(view: View) -> None:
    """Store the page's view in the session."""
    st.session_state["view"] = view


def update(**values: object) -> None:
    """Change fields of the page's view."""
    change(current(View).model_copy(update=values))


def bound(
    field: str,
    key: str,
    value: object = None,
    *,
    read: Callable[[Any], object] | None = None,
    also: Mapping[str, object] | None = None,
    whole_page: bool = False,
) -> dict[str, Any]:
    """Return `key` and `on_change` of a widget that shows a field of the page's view and writes it back.

    value: what the widget shows, if that is not the field's value. read: the field's value for the widget's.
    also: what other fields get at the same time. whole_page: draw all of it again, not the widget's fragment alone.
    """  # fmt: skip

    def changed() -> None:
        given = st.session_state[key]
        update(**{field: read(given) if read else given} | dict(also or {}))
        if whole_page:
            st.rerun()

    st.session_state[key] = getattr(current(View), field) if value is None else value
    return {"key": key, "on_change": changed}


def write_link(view: View, *, tell: bool = True) -> None:
    """Write the view into the URL; if that gets too long, without the sentence and what is chosen in it.

    tell: show a message about what is left out; for one call per page.
    """
    whole = view.parameters()
    of_photo = {name: getattr(view, name) for name in PER_PHOTO_FIELDS if name in type(view).model_fields}
    no_text = {"text": ""} if "text" in type(view).model_fields else {}
    shorter = (
        view.for_other_sentence(**no_text, **of_photo).parameters(),
        view.for_other_sentence(**no_text).parameters(),
    )
    parameters = next((each for each in (whole, *shorter) if _length(each) <= LONGEST_LINK), shorter[-1])
    if tell and parameters is not whole:
        st.caption(
            f"The link restores the options only: with the sentence and what is chosen or forced in it, it would "
            f"have {_length(whole):,} characters, and {LONGEST_LINK:,} is what browsers and mail programs pass on "
            "safely."
        )
    if st.query_params.to_dict() != parameters:
        st.query_params.from_dict(parameters)


def _length(parameters: dict[str, str]) -> int:
    return len(urlencode(parameters))
