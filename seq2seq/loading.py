"""Functions that load checkpoint folders. Importing torch takes two seconds, so it is deferred to the call."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seq2seq.translator import Translator
    from seq2seq.vision.captioning.captioner import Captioner
    from seq2seq.vision.retrieval.search import PhotoSearch


def use_threads(count: int) -> None:
    """Compute with `count` threads in this process from now on; models that have searched keep theirs."""
    import torch

    torch.set_num_threads(count)


def load(
    folder: str | Path, device: str = "cpu", *, int8: bool = False, others: Sequence[Path] = ()
) -> "Translator":
    """Return the translator of a checkpoint folder, as `Translator.load`."""
    from seq2seq.translator import Translator

    return Translator.load(folder, device, int8=int8, others=others)


def load_captioner(folder: str | Path, device: str = "cpu", *, image_encoder: Path | None = None) -> "Captioner":
    """Return the captioning model of a checkpoint folder, as `Captioner.load`."""
    from seq2seq.vision.captioning.captioner import Captioner

    return Captioner.load(folder, device, image_encoder=image_encoder)


def load_search(folder: str | Path) -> "PhotoSearch":
    """Return the photo search of a checkpoint folder, as `PhotoSearch.load`."""
    from seq2seq.vision.retrieval.search import PhotoSearch

    return PhotoSearch.load(folder)
