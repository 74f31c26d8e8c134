"""Train those of the laboratory's runs that are missing."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, get_args

from seq2seq.config import parse, read_json, read_text
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.evaluation.gradients import source_gradients
from seq2seq.folders import write_file
from seq2seq.models.config import Cell
from seq2seq.training.lab.record import Gradients
from seq2seq.training.lab.regimes import RunName, changes
from seq2seq.training.loop import Training
from seq2seq.training.progress import STATE, read_progress
from seq2seq.training.recipe import Recipe, read_recipe
from seq2seq.training.resuming import exclusive_lock, training_folder

GRADIENTS = "gradients.json"
_GRADIENT_SHARE = 0.25  # of the budget, for training a model whose gradients are measured
_PIECES, _MEASURED = 14, 200  # length in source pieces, and number, of the sentences that gradients are measured on


def finished(folder: Path) -> bool:
    """Return whether the training of `folder` has finished."""
    return (training_folder(folder) / STATE).is_file() and read_progress(training_folder(folder)).finished


def train_run(run: RunName, recipe: Path, data: Path, updates: int, work: Path, device: str) -> Path:
    """Train or resume one run on `device`, and return its folder.

    Raises ConfigError if it has already finished after another number of updates, and what `Training` raises.
    """
    folder = work / str(run)
    if finished(folder):
        done = read_progress(training_folder(folder)).update
        if done != updates:
            raise ConfigError(f"{folder} ended after {done} updates, not {updates}; train in another folder.")
        return folder
    resume = (training_folder(folder) / STATE).is_file()
    requested = read_recipe(recipe, (*on_data(data), *changes(run, updates)))
    with exclusive_lock(folder):
        Training(requested, folder, resume=resume, device=device).run()
    return folder


def check_data(data: Path) -> None:
    """Raise DataError if `data` is not a folder made by `prepare`."""
    for name in ("train.tsv", "valid.tsv", "test.tsv"):
        if not (data / name).is_file():
            raise DataError(f"{data} has no {name}; make it with python -m seq2seq prepare.")


def on_data(data: Path) -> tuple[str, ...]:
    """Return the changes to the lab's recipe for reading the pairs of a folder made by `prepare`."""
    return tuple(f"data.{part}={json.dumps([str(data / f'{part}.tsv')])}" for part in ("train", "valid"))


def measure_gradients(recipe: Path, data: Path, updates: int, work: Path, device: str) -> list[Gradients]:
    """Return the gradients by source position: each cell without and with attention, before and after training.

    The encoder reads in one direction only, so that the first position is the farthest from the decoder.
    """
    file = work / GRADIENTS
    budget = max(1, round(updates * _GRADIENT_SHARE))
    if file.is_file():
        kept = [parse(Gradients, one, str(file), CheckpointError) for one in read_json(file, CheckpointError)]
        if {one.updates for one in kept} == {0, budget}:
            return kept
    found: list[Gradients] = []
    for cell, attention in product(get_args(Cell), ("none", "general")):
        folder = work / f"gradients-{cell}-{attention}"
        requested = read_recipe(
            recipe,
            (
                *on_data(data),
                f'model.cell="{cell}"',
                f'model.attention="{attention}"',
                "model.bidirectional=false",
                f"training.schedule.updates={budget}",
                f"training.validate_every={budget}",
            ),
        )
        found += _before_and_after(requested, folder, budget, device)
    write_file(file, json.dumps([one.model_dump() for one in found]))
    return found


def _before_and_after(recipe: Recipe, folder: Path, updates: int, device: str) -> Iterator[Gradients]:
    training = Training(recipe, folder, device=device)
    sources, targets = _of_one_length(training)

    def measured(after: int) -> Gradients:
        training.model.eval()
        return Gradients(
            cell=recipe.model.cell,
            attention=recipe.model.attention,
            updates=after,
            sentences=len(sources),
            norms=tuple(source_gradients(training.model, sources, targets)),
        )

    yield measured(0)
    training.run()
    yield measured(updates)


def _of_one_length(training: Training) -> tuple[list[list[int]], list[list[int]]]:
    """Return ids of validation pairs whose source has `_PIECES` pieces, or else the most common length."""
    pairs, tokenizers = training.task.samples, training.task.tokenizers
    sources = tokenizers["source"].encode_all([pair.source for pair in pairs])
    targets = tokenizers["target"].encode_all([pair.target for pair in pairs])
    lengths = [len(ids) for ids in sources]
    length = _PIECES if lengths.count(_PIECES) >= 20 else max(set(lengths), key=lengths.count)
    chosen = [i for i, n in enumerate(lengths) if n == length][:_MEASURED]
    return [sources[i] for i in chosen], [targets[i] for i in chosen]


def history(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of a finished run's history."""
    text = read_text(folder / "history.jsonl", CheckpointError)
    return [json.loads(line) for line in text.splitlines()]
