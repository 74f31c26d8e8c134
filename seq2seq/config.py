"""The base class of all records read from outside: frozen, strict, with clear validation errors."""

import json
import tomllib
import warnings
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar, get_args

import tomli_w
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from seq2seq.errors import ConfigError, Seq2SeqError, reason, shortened

T = TypeVar("T", bound=BaseModel)
_LARGEST_NUMBER = 2**53  # the largest integer that JSON, torch and everything else represent exactly
_OTHER_WORDS = {
    "tuple_type": "Write a list in brackets, as in [1, 2]",
    "list_type": "Write a list in brackets, as in [1, 2]",
    "model_type": "Write a table of keys",
    "model_attributes_type": "Write a table of keys",
    "dict_type": "Write a table of keys",
}


def _one_or_several(value: object) -> object:
    """Return a bare path as a list of one."""
    return (value,) if isinstance(value, str | Path) else value


Paths = Annotated[tuple[Path, ...], BeforeValidator(_one_or_several)]
"""Files; a bare path is one file."""


class Settings(BaseModel):
    """A frozen record that forbids keys it does not know. The docstring below a field is its description."""

    former_names: ClassVar[Mapping[str, str]] = {}
    """Current key names by the names in earlier versions; old names are still accepted."""
    later_names: ClassVar[AbstractSet[str]] = frozenset()
    """Keys that versions with the former names did not have."""
    warns_of_former_names: ClassVar[bool] = True
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _is_sound(cls, values: Any) -> Any:
        """Refuse what pydantic would coerce or accept: true for 1, and integers that are too large."""
        if isinstance(values, dict):
            values = cls._with_new_names(values)
        for name, value in values.items() if isinstance(values, dict) else ():
            parts = value if isinstance(value, list | tuple) else (value,)
            field = cls.model_fields.get(name)
            is_bool = any(isinstance(part, bool) for part in parts)
            if field is not None and is_bool and not _takes(field.annotation, bool):
                raise ValueError(f"{name} = {_shown(value)} is not possible: write a number or a text")
            if any(isinstance(part, int) and abs(part) > _LARGEST_NUMBER for part in parts):
                raise ValueError(f"{name} is not possible: the number is too large")
        return values

    @classmethod
    def _with_new_names(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values by the present names of their keys; of two names for a key the later one counts."""
        named: dict[str, Any] = {}
        for name, value in values.items():
            if name in cls.former_names and cls.warns_of_former_names:
                warnings.warn(
                    f"The key {name} is called {cls.former_names[name]} now.", FutureWarning, stacklevel=2
                )
            named.pop(cls.former_names.get(name, name), None)
            named[cls.former_names.get(name, name)] = value
        return named

    def former_json(self) -> str:
        """Return `model_dump_json()` as versions wrote it that had the former names, to compare digests with."""
        former = {new: old for old, new in self.former_names.items()}
        parts = []
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if name in self.later_names and value == field.default:
                continue
            own = self.model_dump_json(include={name})
            text = value.former_json() if isinstance(value, Settings) else own[len(name) + 4 : -1]
            parts.append(f'"{former.get(name, name)}":{text}')
        return "{" + ",".join(parts) + "}"


def _takes(annotation: Any, kind: type) -> bool:
    """Return whether an annotation includes the type `kind`."""
    return annotation in (kind, Any, object) or any(_takes(part, kind) for part in get_args(annotation))


def parse(record: type[T], values: Any, where: str, error: type[Seq2SeqError] = ConfigError) -> T:
    """Return `values` as a `record`.

    Raises `error` in one line that names the first wrong key, its value and `where` it is.
    """
    try:
        return record.model_validate(values)
    except ValidationError as failure:
        raise error(f"{where}: {problem_in_words(failure.errors(include_url=False)[0])}") from None
    except RecursionError:
        raise error(f"{where}: it is nested too deeply; write it flat.") from None


def _shown(value: Any) -> str:
    """Return a value roughly in TOML notation, shortened."""
    try:
        return shortened(str(value).lower() if isinstance(value, bool) else repr(value), 60)
    except ValueError:  # a number of thousands of digits
        return "a number of thousands of digits"


def problem_in_words(problem: ErrorDetails) -> str:
    """Return what is wrong with a record, as pydantic reports it, in one short sentence."""
    # Tagged unions add the tag to the location; the user wrote no such key, but it helps to find the place.
    key = ".".join(str(part) for part in problem["loc"])
    # One short line, whatever characters a foreign file has in its keys and however long they are.
    key = shortened(key if key.isprintable() else ascii(key), 60)
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key!r}; take it out or check its spelling."
    if problem["type"] == "missing":
        return f"the key {key!r} is missing; add it."
    # Some messages quote the value, which can be anything.
    said = _OTHER_WORDS.get(problem["type"], problem["msg"].removeprefix("Value error, "))
    message = shortened("".join(c if c.isprintable() else ascii(c)[1:-1] for c in said[:1000]), 120)
    if problem["type"] == "value_error" and isinstance(problem["input"], dict):
        return f"{key}: {message}." if key else f"{message}."  # about incompatible keys, which the message names
    shown = _shown(problem["input"])
    return f"{key or 'the whole record'} = {shown} is not possible: {message}."


def read_text(path: Path, error: type[Seq2SeqError] = ConfigError) -> str:
    """Return the file's text (UTF-8). Raises `error` in one sentence if it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except IsADirectoryError:
        raise error(f"{path} is a folder; name a file.") from None
    except FileNotFoundError:
        raise error(f"{path} does not exist; check the path.") from None
    except UnicodeDecodeError as failure:
        raise error(f"{path} is not UTF-8 text (byte {failure.start}); save it as UTF-8.") from None
    except ValueError:  # a null byte in the path
        raise error(f"{str(path)!r} is not a path; check it.") from None
    except OSError as failure:
        raise error(f"{path} can't be read: {failure.strerror}.") from None


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file. Raises ConfigError if it is not one."""
    try:
        return tomllib.loads(read_text(path))
    except (ValueError, RecursionError) as failure:  # numbers of thousands of digits, and deep nesting
        raise ConfigError(f"{path} is not TOML: {reason(failure)}.") from None


def read_json(path: Path, error: type[Seq2SeqError] = ConfigError) -> Any:
    """Return the value of a JSON file. Raises `error` if it is not one."""
    try:
        return json.loads(read_text(path, error))
    except (ValueError, RecursionError) as failure:
        raise error(f"{path} is not JSON: {reason(failure)}.") from None


def to_toml(settings: Settings) -> str:
    """Return settings as TOML, with defaults written out and None values omitted."""
    return tomli_w.dumps(settings.model_dump(mode="json", exclude_none=True))
