"""Every key of a recipe with its default and its meaning, taken from the pydantic models that parse it."""

import json
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from seq2seq.training.recipe import Recipe


class RecipeKey(NamedTuple):
    """One key of a table."""

    name: str
    default: str | None  # as TOML; None: it has to be given, or the table is left out
    needed: bool
    choices: tuple[str, ...]  # empty: any value of its type
    meaning: str


class RecipeTable(NamedTuple):
    """A table of the recipe. One with variants (by its `kind`) is listed once per variant."""

    name: str  # as in training.schedule; [stages] if it may be repeated, empty for keys outside of tables
    meaning: str
    keys: list[RecipeKey]


def recipe_tables(recipe: type[BaseModel] = Recipe) -> list[RecipeTable]:
    """Return all tables of a recipe class, in the order of its fields; keys outside of any come first."""
    fields = recipe.model_fields
    tables = [table for name, field in fields.items() for table in _tables(name, field)]
    plain = [_key(name, field) for name, field in fields.items() if not any(_records(field.annotation))]
    return [RecipeTable("", (recipe.__doc__ or "").strip(), plain), *tables] if plain else tables


def _tables(name: str, field: FieldInfo) -> Iterator[RecipeTable]:
    for record in _records(field.annotation):
        own = record.model_fields
        nested = [key for key, inner in own.items() if any(_records(inner.annotation))]
        keys = [_key(key, inner) for key, inner in own.items() if key not in nested]
        variant = "kind" in own and len(list(_records(field.annotation))) > 1
        meaning = (record.__doc__ if variant else field.description) or ""
        repeated = get_origin(field.annotation) is tuple
        yield RecipeTable(f"[{name}]" if repeated else name, meaning, keys)
        for key in nested:
            yield from _tables(f"{name}.{key}", own[key])


def _records(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the pydantic model of an annotation, or those of a union; nothing for a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, types.UnionType, Annotated, tuple):
        for inner in get_args(annotation):
            yield from _records(inner)


def _key(name: str, field: FieldInfo) -> RecipeKey:
    needed = field.is_required()
    default = None if needed else json.dumps(field.default, default=str)
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    return RecipeKey(
        name, default, needed, tuple(json.dumps(choice) for choice in choices), field.description or ""
    )
