"""What every record that comes from outside has in common: frozen, strict, and clear when it is wrong."""

import json
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from seq2seq.errors import ConfigError, Seq2SeqError

T = TypeVar("T", bound=BaseModel)


class Settings(BaseModel):
    """A frozen record that forbids keys it does not know. The docstring below a field is its description."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


def parse(record: type[T], values: Any, where: str, error: type[Seq2SeqError] = ConfigError) -> T:
    """Return `values` as a `record`.

    Raises `error` in one line that names the first wrong key, its value and `where` it stands.
    """
    try:
        return record.model_validate(values)
    except ValidationError as failure:
        raise error(f"{where}: {_first_problem(failure)}") from None


def _first_problem(failure: ValidationError) -> str:
    problem = failure.errors(include_url=False)[0]
    # Tagged unions put the tag into the location; the user wrote no such key, yet it helps to find the place.
    key = ".".join(str(part) for part in problem["loc"])
    key = key if key.isprintable() else ascii(key)  # one line, whatever a foreign file calls its keys
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key!r}; take it out or check its spelling."
    if problem["type"] == "missing":
        return f"the key {key!r} is missing; add it."
    # Some messages quote the value, which can be anything.
    message = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in problem["msg"]).removeprefix(
        "Value error, "
    )
    if problem["type"] == "value_error" and isinstance(problem["input"], dict):
        return f"{key}: {message}." if key else f"{message}."  # of keys that do not fit together, which it names
    value = repr(problem["input"])
    shown = value if len(value) <= 60 else value[:57] + "..."
    return f"{key or 'the whole record'} = {shown} is not possible: {message}."


def read_text(path: Path, error: type[Seq2SeqError] = ConfigError) -> str:
    """Return the file's text (UTF-8). Raises `error` in one sentence if that is not to be had."""
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
        raise ConfigError(f"{path} is not TOML: {failure}.") from None


def read_json(path: Path, error: type[Seq2SeqError] = ConfigError) -> Any:
    """Return the value of a JSON file. Raises `error` if it is not one."""
    try:
        return json.loads(read_text(path, error))
    except (ValueError, RecursionError) as failure:
        raise error(f"{path} is not JSON: {failure}.") from None
