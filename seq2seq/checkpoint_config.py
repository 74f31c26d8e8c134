"""config.json of a checkpoint folder, read strictly, without the weights."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field

from seq2seq.config import Settings, parse, read_json
from seq2seq.data.languages import Languages
from seq2seq.errors import CheckpointError, ConfigError, reason
from seq2seq.folders import CONFIG, stamp, write_file
from seq2seq.models import ModelConfig

FORMAT: Literal[1] = 1
LEAST_ALPHA, MOST_ALPHA = -1.0, 3.0  # of a model's own length penalty
WEIGHTS = "weights.safetensors"
SOURCE, TARGET = "source.model", "target.model"
WORDS = "words.txt"  # of a model with placeholders: the words that it knows
_CODE = r"^[A-Za-z0-9_-]{1,30}$"
_NEEDED = (CONFIG, WEIGHTS, SOURCE, TARGET)
_KINDS = {
    "translation": "a translation model (load it with seq2seq.load)",
    "captions": "a captioning model (load it with seq2seq.load_captioner)",
    "trunk": "an image encoder, which captioning models refer to",
    "search": "a photo search (load it with seq2seq.load_search)",
}


class CheckpointConfig(Settings):
    """The contents of config.json."""

    format: Literal[1] = FORMAT
    kind: Literal["translation"] = "translation"
    source: str = Field(pattern=_CODE)
    """Language code of the source, e.g. fr."""
    target: str = Field(pattern=_CODE)
    model: ModelConfig
    vocabulary: dict[str, str]
    """Digest of each SentencePiece file and of the list of known words, so that they and the weights can't be mixed
    up."""
    weights: str | None = None
    """Digest of the weights file, to detect a flipped bit or another model's weights."""
    alpha: float = Field(0.6, ge=LEAST_ALPHA, le=MOST_ALPHA)
    """Length penalty that was best on the validation set."""


C = TypeVar("C", bound=Settings)


def read_config(folder: Path) -> CheckpointConfig:
    """Return the parsed config.json. Raises CheckpointError if the folder holds no translation model."""
    return read_config_as(folder, CheckpointConfig, "translation")


def languages_of(folder: Path) -> Languages:
    """Return a translation model's source and target language. Raises CheckpointError as `read_config`."""
    config = read_config(folder)
    return Languages(config.source, config.target)


def read_kind(folder: Path) -> str:
    """Return the kind of model in a folder. Raises CheckpointError if it is not a checkpoint of this version."""
    return _kind(_config_values(folder), "translation")


def read_config_as(folder: Path, record: type[C], kind: str) -> C:
    """Return config.json parsed as a `record`.

    Raises CheckpointError if the folder is not a checkpoint of this version and kind.
    """
    values = _config_values(folder)
    found = _kind(values, kind)
    if found != kind:
        held = _KINDS.get(found, f"a model of kind {found[:40]!r}")
        raise CheckpointError(f"{folder} holds {held}, not {_KINDS[kind]}.")
    return parse(record, values, str(folder / CONFIG), CheckpointError)


def _kind(values: Mapping[str, Any], default: str) -> str:
    """Return the `kind` of a config, whose value may be of any JSON type."""
    found = values.get("kind", default)
    return found if isinstance(found, str) else json.dumps(found)


def _config_values(folder: Path) -> dict[str, Any]:
    if not os.path.isdir(folder):  # Path.is_dir raises OSError for a name that is too long
        raise CheckpointError(f"{folder} is not a folder; name a checkpoint folder.")
    if not (folder / CONFIG).is_file():
        raise CheckpointError(f"{folder} has no {CONFIG}, so it is not a checkpoint; choose another folder.")
    values = read_json(folder / CONFIG, CheckpointError)
    if not isinstance(values, dict):
        raise CheckpointError(f"{folder / CONFIG} is not a table of keys; copy the whole folder again.")
    if values.get("format", FORMAT) != FORMAT:
        raise CheckpointError(
            f"{folder} has format {json.dumps(values['format'])[:40]}, this program reads {FORMAT}; use the one "
            "that wrote it."
        )
    return values


def require_own_alphas(alphas: Iterable[float]) -> None:
    """Raise ConfigError if one of the length penalties can't become a checkpoint's own."""
    for alpha in alphas:
        if not LEAST_ALPHA <= alpha <= MOST_ALPHA:
            raise ConfigError(
                f"{alpha:g} can't be a model's own length penalty; choose from {LEAST_ALPHA:g} to {MOST_ALPHA:g}."
            )


def set_alpha(folder: Path, alpha: float) -> None:
    """Make `alpha` the checkpoint's own length penalty.

    Raises CheckpointError if the folder holds no checkpoint, or can't be written.
    """
    values = _config_values(folder) | {"alpha": alpha}
    try:
        write_file(folder / CONFIG, json.dumps(values, indent=2) + "\n")
    except OSError as failure:
        raise CheckpointError(f"{folder / CONFIG} can't be written: {reason(failure)}; free some room.") from None


def checkpoint_stamp(folder: Path) -> tuple[int, ...]:
    """Return a stamp that changes whenever a file that determines the folder's model changes."""
    return stamp(folder, _NEEDED)
