"""The names that a lesson's file can use, as Markdown: made from the classes, so that it never goes out of date."""

import inspect
from collections.abc import Iterator
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from seq2seq.config import Settings
from seq2seq.course.experiments import KINDS
from seq2seq.course.lesson import Bar, Choose, Lesson, Order, Pick, Step, Word


def reference() -> str:
    """Return all keys of a lesson, its kinds of prediction and its experiments with their facts."""
    parts = ["## The file", *_table(Lesson), "## `[[step]]`", *_table(Step), "## `predict`"]
    for kind in (Choose, Pick, Bar, Word, Order):
        parts += [f"### `{_kind(kind)}`", _text(kind), *_table(kind)]
    parts.append("## `show`")
    for experiment in KINDS:
        parts += [f"### `{_kind(experiment)}`", _text(experiment), *_table(experiment)]
    return "\n\n".join(parts) + "\n"


def _kind(record: type[Settings]) -> str:
    return str(get_args(record.model_fields["kind"].annotation)[0])


def _text(record: type[Settings]) -> str:
    return "\n".join(inspect.cleandoc(record.__doc__ or "").splitlines())


def _table(record: type[Settings]) -> Iterator[str]:
    rows = [
        f"| `{name}` | {_type(field.annotation)} | {_default(field)} | {_described(field)} |"
        for name, field in record.model_fields.items()
        if name != "kind"
    ]
    if rows:
        yield "\n".join(["| key | is | if left out | |", "| --- | --- | --- | --- |", *rows])


def _described(field: FieldInfo) -> str:
    return " ".join((field.description or "").split())


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be there"
    value = field.default if field.default is not PydanticUndefined else ()
    return "–" if value in ("", (), None, {}) else f"`{list(value) if isinstance(value, tuple) else value}`"


_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def _type(annotation: Any) -> str:
    annotation = (
        getattr(annotation, "__origin__", annotation) if hasattr(annotation, "__metadata__") else annotation
    )
    if annotation in _NAMES:
        return _NAMES[annotation]
    arguments = get_args(annotation)
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{each}`" for each in arguments)
    if get_origin(annotation) is dict:
        return "a table of texts"
    if get_origin(annotation) in (tuple, list):
        return {str: "texts", int: "whole numbers", float: "numbers"}.get(_bare(arguments[0]), "see below")
    found = dict.fromkeys(_type(each) for each in arguments if each not in (NoneType, Ellipsis))
    named = [each for each in found if each]
    return " or ".join(named) if 0 < len(named) <= 2 else "see below"


def _bare(annotation: Any) -> Any:
    """Return a type without what `Annotated` says of it."""
    return annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation
