"""Where the index of a model lies, and how it is made."""

from pathlib import Path

NEIGHBOURS_FILE = "neighbours.safetensors"
SEEN_FILE = "seen.safetensors"


def index_folder(folder: str | Path) -> Path:
    """Return where the index of a checkpoint folder lies: beside it, since a model can be had without."""
    folder = Path(folder)
    if folder.name in ("", ".."):  # "." has no name to put anything beside
        folder = folder.resolve()
    return folder.with_name(f"{folder.name}.index")


def how_to_make(folder: Path, file: str) -> str:
    """Return one sentence that says that `file` is not there, and the command that makes it."""
    command = f"python -m seq2seq index --model {folder} TRAIN.tsv"
    return f"{folder} has no {file} beside it; make it from the pairs that the model was trained on: {command}"
