"""How well a model's attention points, as it was measured once and is kept next to the weights."""

from pathlib import Path

from seq2seq.evaluation.folder_records import TestRecord, read_record
from seq2seq.vision.captioning.checkpoint_config import read_caption_config

POINTING = "pointing.json"


class Pointing(TestRecord):
    """Contents of pointing.json."""

    photos: int
    words: int
    """Content words of their captions."""
    largest_weight: float
    """The attention that a word's brightest region gets; the median."""
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
    return read_record(folder, POINTING, Pointing, "evaluate-captions --grey-out 50", read_caption_config)
