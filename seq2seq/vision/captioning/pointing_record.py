"""How well a model's attention points, as it was measured once and is kept next to the weights."""

from pathlib import Path

from seq2seq.config import Settings, parse, read_json
from seq2seq.errors import CheckpointError
from seq2seq.vision.captioning.checkpoint_config import read_caption_config

POINTING = "pointing.json"


class Pointing(Settings):
    """Contents of pointing.json."""

    weights: str | None
    """Digest of the weights that were measured."""
    photos: int
    words: int
    """Content words of their captions."""
    rank_agreement: float
    """Spearman's rank correlation of a word's attention and of what greying out each region costs it; the mean."""
    brightest_among_first: float
    """Share of words whose brightest region is among the `first` regions that cost the word most."""
    by_chance: float
    """The same share for a region drawn at random."""
    first: int


def read_pointing(folder: Path) -> Pointing | None:
    """Return what is kept in a model's folder, or None.

    Raises CheckpointError if it is damaged, or was measured with other weights than those of the folder.
    """
    path = folder / POINTING
    if not path.is_file():
        return None
    found = parse(Pointing, read_json(path, CheckpointError), str(path), CheckpointError)
    if found.weights != read_caption_config(folder).weights:
        raise CheckpointError(
            f"{path} was measured with other weights than the folder's; measure again: "
            f"python -m seq2seq evaluate-captions --model {folder} --grey-out 50 PHOTOS CAPTIONS.tsv"
        )
    return found
