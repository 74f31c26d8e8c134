"""Where the index of a model is stored, and how to make it."""

from pathlib import Path

NEIGHBOURS_FILE = "neighbours.safetensors"
SEEN_FILE = "seen.safetensors"


def index_folder(folder: str | Path) -> Path:
    """Return the index folder of a checkpoint folder: next to it, since the index is optional."""
    folder = Path(folder)
    if folder.name in ("", ".."):  # "." has no name to derive the index's from
        folder = folder.resolve()
    return folder.with_name(f"{folder.name}.index")


def how_to_make(folder: Path, file: str) -> str:
    """Return one sentence that `file` is missing, with the command that makes it."""
    command = f"python -m seq2seq index --model {folder} TRAIN.tsv"
    return f"{folder} has no {file} next to it; make it from the pairs that the model was trained on: {command}"
