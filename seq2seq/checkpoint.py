"""Checkpoint folders: safetensors and JSON, written atomically and read strictly. No pickle is ever loaded.

config.json, weights.safetensors (float16), source.model and target.model (SentencePiece), history.jsonl,
train.toml, calibration.json, README.md (the model card). The first four are required, the rest is for people.
`evaluate` adds lengths.json and searches.json, `atlas` atlas.json, tools/remake.py opening.json
(seq2seq/evaluation), and `index` a sibling folder, NAME.index, with neighbours.safetensors and seen.safetensors
(seq2seq/explain), all bound to the weights by their digest.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor, nn

from seq2seq.checkpoint_config import SOURCE, TARGET, WEIGHTS, WORDS, CheckpointConfig, read_config
from seq2seq.config import Settings
from seq2seq.digests import digest, fingerprint
from seq2seq.errors import CheckpointError
from seq2seq.folders import CONFIG, new_folder, read_whole
from seq2seq.history import HISTORY, read_history
from seq2seq.models import TranslationModel
from seq2seq.text import PAD, KnownWords, Preparation, Tokenizer
from seq2seq.text.passages import PLACEHOLDERS
from seq2seq.weights import load_model, write_weights


def write_checkpoint(
    folder: Path,
    config: CheckpointConfig,
    model: nn.Module,
    source: Tokenizer,
    target: Tokenizer,
    extra: Mapping[str, str],
    known: KnownWords | None = None,
    *,
    int8: bool = False,
) -> None:
    """Write a whole checkpoint folder, or nothing.

    extra: further text files by name (card, recipe, history). known: with placeholders, the words that the model
    knows. int8: matrices in 8 bits.
    """
    with new_folder(folder) as draft:
        fill_checkpoint(draft, config, model, source, target, extra, known, int8=int8)


def fill_checkpoint(
    draft: Path,
    config: CheckpointConfig,
    model: nn.Module,
    source: Tokenizer,
    target: Tokenizer,
    extra: Mapping[str, str],
    known: KnownWords | None = None,
    *,
    int8: bool = False,
) -> None:
    """Write a checkpoint's files into an existing folder."""
    if known:
        extra = {**extra, WORDS: known.text()}
    fill_folder(draft, config, model, {SOURCE: source, TARGET: target}, extra, int8=int8)


def fill_folder(
    draft: Path,
    config: Settings,
    model: nn.Module,
    tokenizers: Mapping[str, Tokenizer],
    extra: Mapping[str, str],
    *,
    int8: bool = False,
) -> None:
    """Write weights, vocabularies by file name, and a config whose `weights` is the digest of the weights."""
    write_weights(model, draft / WEIGHTS, int8=int8)
    config = config.model_copy(update={"weights": digest((draft / WEIGHTS).read_bytes())})
    (draft / CONFIG).write_text(json.dumps(config.model_dump(), indent=2) + "\n", encoding="utf-8")
    for name, tokenizer in tokenizers.items():
        (draft / name).write_bytes(tokenizer.proto)
    for name, text in extra.items():
        (draft / name).write_text(text, encoding="utf-8")


class Checkpoint(Settings, arbitrary_types_allowed=True):
    """A loaded checkpoint folder."""

    config: CheckpointConfig
    model: TranslationModel
    source: Tokenizer
    target: Tokenizer
    known: KnownWords | None = None
    """With placeholders in the vocabularies: the words that are no rare names."""
    digest: str
    """Of the weights file; files bound to the weights alone (an index, evaluation results) record it."""

    @cached_property
    def preparation(self) -> Preparation:
        """The step before and after the model."""
        return Preparation(self.config.source, self.config.target, self.known)

    @cached_property
    def placeholders(self) -> list[tuple[int, int]]:
        """Source id and target id of each placeholder; empty if the vocabularies have none."""
        if not (self.source.has_placeholders and self.target.has_placeholders):
            return []
        return list(zip(*(each.ids(PLACEHOLDERS) for each in (self.source, self.target)), strict=True))

    def limits(self, sources: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor] | None:
        """Return the placeholders that do not stand in each source, and those that stand in it once.

        The decoder can't output the former, and can output the latter once. Each is (batch, placeholders), padded
        with <pad>. None if the vocabularies have no placeholders. sources: ids.
        """
        if not self.placeholders:
            return None
        barred, once = (
            [[other if ids.count(own) == times else PAD for own, other in self.placeholders] for ids in sources]
            for times in (0, 1)
        )
        return torch.tensor(barred), torch.tensor(once)

    @cached_property
    def fingerprint(self) -> str:
        """Identifies the model in answers and traces: a hash of config, vocabularies and weights together."""
        parts = self.config.model_dump_json(), self.source.proto, self.target.proto, self.digest
        words = [self.known.text()] if self.known else []
        return fingerprint("translation", *parts, *words)


def read_checkpoint(folder: Path) -> Checkpoint:
    """Return the checkpoint in `folder`, its model in float32 and ready to translate.

    Reads every required file and the history, so that damage is detected here and not in use.
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
    known = _read_known(folder / WORDS, config.vocabulary.get("words")) if source.has_placeholders else None
    return Checkpoint(config=config, model=model.eval(), digest=found, source=source, target=target, known=known)


def _read_known(path: Path, expected: str | None) -> KnownWords:
    known = KnownWords.load(path)
    if expected != digest(known.text().encode()):
        raise CheckpointError(f"{path} is not the list of words this model was trained with; restore it.")
    return known


def read_vocabulary(path: Path, expected: str | None) -> Tokenizer:
    """Return the tokenizer at `path`. Raises CheckpointError unless it is there and has the expected digest."""
    tokenizer = Tokenizer.load(path)
    if expected != digest(tokenizer.proto):
        raise CheckpointError(f"{path} is not the vocabulary this model was trained with; restore it.")
    return tokenizer
