"""Checkpoint folders: safetensors and JSON, written atomically and read strictly. No pickle is ever loaded.

config.json, weights.safetensors (float16), source.model and target.model (SentencePiece), history.jsonl,
train.toml, calibration.json, README.md (the model card). The first four are needed, the rest is for people.
`evaluate` adds lengths.json and searches.json, `atlas` atlas.json (seq2seq/evaluation), and `index` a folder
beside it, NAME.index, with neighbours.safetensors and seen.safetensors (seq2seq/explain), all bound to the
weights by their digest.
"""

import json
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field
from torch import nn

from seq2seq.config import Settings, parse, read_json
from seq2seq.data.languages import Languages
from seq2seq.digests import digest, fingerprint
from seq2seq.errors import CheckpointError, ConfigError, reason
from seq2seq.folders import CONFIG, new_folder, read_whole, stamp, write_file
from seq2seq.history import HISTORY, read_history
from seq2seq.models import ModelConfig, TranslationModel
from seq2seq.text import Tokenizer
from seq2seq.weights import load_model, write_weights

FORMAT: Literal[1] = 1
LEAST_ALPHA, MOST_ALPHA = -1.0, 3.0  # of a model's own length penalty
WEIGHTS = "weights.safetensors"
SOURCE, TARGET = "source.model", "target.model"
_CODE = r"^[A-Za-z0-9_-]{1,30}$"
_NEEDED = (CONFIG, WEIGHTS, SOURCE, TARGET)
_KINDS = {
    "translation": "a translation model (load it with seq2seq.load)",
    "captions": "a captioning model (load it with seq2seq.load_captioner)",
    "trunk": "a photo encoder, which captioning models name as theirs",
    "search": "a photo search (load it with seq2seq.load_search)",
}


class CheckpointConfig(Settings):
    """What config.json holds."""

    format: Literal[1] = FORMAT
    kind: Literal["translation"] = "translation"
    source: str = Field(pattern=_CODE)
    """Language code of the source, as in fr."""
    target: str = Field(pattern=_CODE)
    model: ModelConfig
    vocabulary: dict[str, str]
    """Digest of each SentencePiece file, so that weights and vocabulary can't be mixed up."""
    weights: str | None = None
    """Digest of the weights file; a flipped bit or another model's weights are then found out."""
    alpha: float = Field(0.6, ge=LEAST_ALPHA, le=MOST_ALPHA)
    """Length penalty that was best on the validation set."""


def write_checkpoint(
    folder: Path,
    config: CheckpointConfig,
    model: nn.Module,
    source: Tokenizer,
    target: Tokenizer,
    extra: Mapping[str, str],
) -> None:
    """Write a whole checkpoint folder, or nothing. extra: further text files by name (card, recipe, history)."""
    with new_folder(folder) as draft:
        fill_checkpoint(draft, config, model, source, target, extra)


def fill_checkpoint(
    draft: Path,
    config: CheckpointConfig,
    model: nn.Module,
    source: Tokenizer,
    target: Tokenizer,
    extra: Mapping[str, str],
) -> None:
    """Write a checkpoint's files into an existing folder."""
    fill_folder(draft, config, model, {SOURCE: source, TARGET: target}, extra)


def fill_folder(
    draft: Path, config: Settings, model: nn.Module, tokenizers: Mapping[str, Tokenizer], extra: Mapping[str, str]
) -> None:
    """Write weights, vocabularies by file name, and a config whose `weights` is the digest of the weights."""
    write_weights(model, draft / WEIGHTS)
    config = config.model_copy(update={"weights": digest((draft / WEIGHTS).read_bytes())})
    (draft / CONFIG).write_text(json.dumps(config.model_dump(), indent=2) + "\n", encoding="utf-8")
    for name, tokenizer in tokenizers.items():
        (draft / name).write_bytes(tokenizer.proto)
    for name, text in extra.items():
        (draft / name).write_text(text, encoding="utf-8")


class Checkpoint(Settings, arbitrary_types_allowed=True):
    """A checkpoint folder that was read."""

    config: CheckpointConfig
    model: TranslationModel
    source: Tokenizer
    target: Tokenizer
    digest: str
    """Of the weights file; what is bound to the weights alone (an index, the results of a test) names it."""

    @cached_property
    def fingerprint(self) -> str:
        """What names the model in answers and traces: of config, vocabularies and weights together."""
        parts = self.config.model_dump_json(), self.source.proto, self.target.proto, self.digest
        return fingerprint("translation", *parts)


C = TypeVar("C", bound=Settings)


def read_config(folder: Path) -> CheckpointConfig:
    """Return what config.json says. Raises CheckpointError if the folder holds no translation model."""
    return read_config_as(folder, CheckpointConfig, "translation")


def languages_of(folder: Path) -> Languages:
    """Return what a translation model reads and writes. Raises CheckpointError as `read_config`."""
    config = read_config(folder)
    return Languages(config.source, config.target)


def read_kind(folder: Path) -> str:
    """Return what kind of model a folder holds. Raises CheckpointError if it is no checkpoint of this version."""
    return _kind(_config_values(folder), "translation")


def read_config_as(folder: Path, record: type[C], kind: str) -> C:
    """Return what config.json says as a `record`.

    Raises CheckpointError if the folder is no checkpoint of this version and kind.
    """
    values = _config_values(folder)
    found = _kind(values, kind)
    if found != kind:
        held = _KINDS.get(found, f"a model of kind {found[:40]!r}")
        raise CheckpointError(f"{folder} holds {held}, not {_KINDS[kind]}.")
    return parse(record, values, str(folder / CONFIG), CheckpointError)


def _kind(values: Mapping[str, Any], default: str) -> str:
    """Return the kind of a config, which may hold anything in its place."""
    found = values.get("kind", default)
    return found if isinstance(found, str) else json.dumps(found)


def _config_values(folder: Path) -> dict[str, Any]:
    if not os.path.isdir(folder):  # Path.is_dir lets a name that is too long through as an OSError
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


def read_checkpoint(folder: Path) -> Checkpoint:
    """Return the checkpoint in `folder`, its model in float32 and ready to translate.

    All that a checkpoint needs is read, and its history, so that a damaged one is found out here and not in use.
    Raises CheckpointError in one sentence if it is missing, damaged, foreign or half written.
    """
    return read_whole(folder, lambda: _read_checkpoint(folder))


def _read_checkpoint(folder: Path) -> Checkpoint:
    config = read_config(folder)
    source, target = (
        read_vocabulary(folder / name, config.vocabulary.get(side))
        for side, name in (("source", SOURCE), ("target", TARGET))
    )
    read_history(folder / HISTORY)
    model, found = load_model(
        lambda: TranslationModel(config.model, len(source), len(target)), folder / WEIGHTS, config.weights
    )
    return Checkpoint(config=config, model=model.eval(), digest=found, source=source, target=target)


def checkpoint_stamp(folder: Path) -> tuple[int, ...]:
    """Return what changes when a file changes that decides what the model of a folder says."""
    return stamp(folder, _NEEDED)


def read_vocabulary(path: Path, expected: str | None) -> Tokenizer:
    """Return the tokenizer at `path`. Raises CheckpointError unless it is there and has the expected digest."""
    tokenizer = Tokenizer.load(path)
    if expected != digest(tokenizer.proto):
        raise CheckpointError(f"{path} is not the vocabulary this model was trained with; restore it.")
    return tokenizer
