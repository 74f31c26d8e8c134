"""Test results stored next to a model's weights, for users without the test set."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field

from seq2seq.checkpoint_config import read_config
from seq2seq.config import Settings, parse, read_json
from seq2seq.errors import CheckpointError
from seq2seq.folders import write_file


class TestRecord(Settings):
    """The fields that all such records share."""

    weights: str | None
    """Digest of the weights that were tested, as config.json has it."""
    test: str = Field(min_length=1)
    """Name of the test file."""


Record = TypeVar("Record", bound=TestRecord)


def save_record(folder: Path, file: str, record: TestRecord) -> None:
    """Write a record into the checkpoint folder. Raises CheckpointError if the place can't be written."""
    path = folder / file
    try:
        write_file(path, record.model_dump_json(indent=1) + "\n")
    except OSError as failure:
        raise CheckpointError(f"{path} can't be written: {failure.strerror}; free some room.") from None


def read_record(
    folder: Path, file: str, kind: type[Record], command: str, config: Callable[[Path], Any] = read_config
) -> Record | None:
    """Return a record of a checkpoint folder, None if it has none.

    command: the subcommand that makes it, with its options. config: reads the folder's config, with its `weights`.
    Raises CheckpointError if it is damaged, or made for other weights than those of the folder.
    """
    path = folder / file
    if not path.is_file():
        return None
    found = parse(kind, read_json(path, CheckpointError), str(path), CheckpointError)
    if found.weights != config(folder).weights:
        raise CheckpointError(
            f"{path} was made for other weights than the folder's; make it again: "
            f"python -m seq2seq {command} --model {folder} TEST.tsv"
        )
    return found
