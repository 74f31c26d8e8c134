"""Checkpoint folders: safetensors and JSON, written atomically and read strictly. No pickle is ever loaded.

config.json, weights.safetensors (float16), source.model and target.model (SentencePiece), history.jsonl,
train.toml, calibration.json, README.md (the model card). The first four are needed, the rest is for people.
`evaluate` adds lengths.json and searches.json, `atlas` atlas.json (seq2seq/evaluation), and `index` a folder
beside it, NAME.index, with neighbours.safetensors and seen.safetensors (seq2seq/explain), all bound to the
weights by their digest.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

import safetensors
import torch
from pydantic import Field
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from seq2seq.config import Settings, parse, read_json
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.models import ModelConfig, TranslationModel
from seq2seq.text import Tokenizer

FORMAT: Literal[1] = 1
LEAST_ALPHA, MOST_ALPHA = -1.0, 3.0  # of a model's own length penalty
CONFIG, WEIGHTS = "config.json", "weights.safetensors"
SOURCE, TARGET = "source.model", "target.model"
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
    source: str
    """Language code of the source, as in fr."""
    target: str
    model: ModelConfig
    vocabulary: dict[str, str]
    """Digest of each SentencePiece file, so that weights and vocabulary can't be mixed up."""
    weights: str | None = None
    """Digest of the weights file; a flipped bit or another model's weights are then found out."""
    alpha: float = Field(0.6, ge=LEAST_ALPHA, le=MOST_ALPHA)
    """Length penalty that was best on the validation set."""


def digest(data: bytes) -> str:
    """Return a short fingerprint of `data`."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder that takes the name `folder` at the end; on an error nothing changes.

    Raises CheckpointError if the disk is full, the place can't be written, or something other than a checkpoint
    lies there, which is never replaced.
    """
    check_replaceable(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as failure:
        raise CheckpointError(f"{folder} can't be written: {failure.strerror}; choose another place.") from None
    try:
        yield draft
        draft.chmod(0o755)  # mkdtemp's folders and safetensors' files are private
        for file in draft.iterdir():
            file.chmod(0o644)
        _take_place(draft, folder)
    except (OSError, safetensors.SafetensorError) as failure:
        reason = getattr(failure, "strerror", None) or failure
        raise CheckpointError(f"{folder} can't be written: {reason}; free some room.") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _take_place(draft: Path, folder: Path) -> None:
    """Give `draft` the name `folder`; if that fails, what had the name keeps it."""
    if not folder.exists():
        os.replace(draft, folder)
        return
    retired = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    os.replace(folder, retired / "old")
    try:
        os.replace(draft, folder)
    except OSError:
        os.replace(retired / "old", folder)
        retired.rmdir()
        raise
    shutil.rmtree(retired, ignore_errors=True)


def check_replaceable(out: Path) -> None:
    """Raise CheckpointError if something other than a checkpoint lies at `out`."""
    if not (out / CONFIG).is_file():
        check_unused(out)


def check_unused(out: Path) -> None:
    """Raise CheckpointError if something lies at `out` that a new checkpoint would replace."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise CheckpointError(f"{out} is already there; name a new folder, or move that one away.")


def write_weights(model: nn.Module, path: Path) -> None:
    """Write the model's weights in float16, each shared tensor once."""
    tensors = {name: value.detach().to(torch.float16).contiguous() for name, value in _distinct(model)}
    save_file(tensors, path)


def _distinct(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    # named_parameters leaves out a second name of a tied weight; buffers have none here.
    yield from model.named_parameters()
    yield from model.named_buffers()


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
    """Fingerprint of the weights file, which names the model in traces."""


C = TypeVar("C", bound=Settings)


def read_config(folder: Path) -> CheckpointConfig:
    """Return what config.json says. Raises CheckpointError if the folder holds no translation model."""
    return read_config_as(folder, CheckpointConfig, "translation")


def read_kind(folder: Path) -> str:
    """Return what kind of model a folder holds. Raises CheckpointError if it is no checkpoint of this version."""
    return str(_config_values(folder).get("kind", "translation"))


def read_config_as(folder: Path, record: type[C], kind: str) -> C:
    """Return what config.json says as a `record`.

    Raises CheckpointError if the folder is no checkpoint of this version and kind.
    """
    values = _config_values(folder)
    found = values.get("kind", kind)
    if found != kind:
        raise CheckpointError(
            f"{folder} holds {_KINDS.get(found, f'a model of kind {found!r}')}, not {_KINDS[kind]}."
        )
    return parse(record, values, str(folder / CONFIG), CheckpointError)


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
            f"{folder} has format {values['format']!r}, this program reads {FORMAT}; use the program that wrote it."
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
    draft = folder / f".{CONFIG}.new"
    try:
        draft.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
        os.replace(draft, folder / CONFIG)
    except OSError as failure:
        raise CheckpointError(f"{folder / CONFIG} can't be written: {failure.strerror}; free some room.") from None


def read_checkpoint(folder: Path) -> Checkpoint:
    """Return the checkpoint in `folder`, its model in float32 and ready to translate.

    Raises CheckpointError in one sentence if it is missing, damaged, foreign or half written.
    """
    config = read_config(folder)
    source, target = (
        read_vocabulary(folder / name, config.vocabulary.get(side))
        for side, name in (("source", SOURCE), ("target", TARGET))
    )
    model = TranslationModel(config.model, len(source), len(target))
    found = fill_from(model, folder, config.weights)
    return Checkpoint(config=config, model=model.eval(), digest=found, source=source, target=target)


def read_vocabulary(path: Path, expected: str | None) -> Tokenizer:
    """Return the tokenizer at `path`. Raises CheckpointError unless it is there and has the expected digest."""
    tokenizer = Tokenizer.load(path)
    if expected != digest(tokenizer.proto):
        raise CheckpointError(f"{path} is not the vocabulary this model was trained with; restore it.")
    return tokenizer


def fill_from(model: nn.Module, folder: Path, expected: str | None) -> str:
    """Fill a model with the weights of a folder and return their digest.

    Raises CheckpointError unless they fit the model and have the expected digest, if there is one.
    """
    path = folder / WEIGHTS
    fill_weights(model, read_weights(path), path)
    found = digest(path.read_bytes())
    if expected not in (None, found):
        raise CheckpointError(f"{path} is not the file that was saved here; copy the whole folder again.")
    return found


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file. Raises CheckpointError if it is damaged or missing."""
    try:
        return load_file(path)
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing, so the checkpoint is half written; copy it again.") from None
    except (safetensors.SafetensorError, OSError, ValueError, KeyError) as failure:
        raise CheckpointError(f"{path} is damaged ({failure}); copy it again.") from None


def fill_weights(model: nn.Module, weights: Mapping[str, Tensor], where: Path) -> None:
    """Put `weights` into `model`; names and shapes must be exactly the model's.

    Raises CheckpointError that names the first tensor that does not fit.
    """
    own = dict(_distinct(model))
    for name in sorted(own.keys() ^ weights.keys()):
        what = "lacks" if name in own else "has an unknown tensor"
        raise CheckpointError(f"{where} {what} {name}, so it belongs to another model; copy the whole folder.")
    for name, tensor in own.items():
        if tensor.shape != weights[name].shape:
            raise CheckpointError(
                f"{where}: {name} is {tuple(weights[name].shape)}, the config says {tuple(tensor.shape)}; "
                "copy the whole folder."
            )
        if not bool(weights[name].isfinite().all()):
            raise CheckpointError(f"{where} is damaged ({name} holds values that are no numbers); copy it again.")
        with torch.no_grad():
            tensor.copy_(weights[name])
