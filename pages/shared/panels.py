"""What a visitor can open on a page: panels, each a function that draws itself for the page's subject."""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

S = TypeVar("S")


class Panel(NamedTuple, Generic[S]):
    """A panel's title in the picker, and what draws it."""

    title: str
    draw: Callable[[S], None]
