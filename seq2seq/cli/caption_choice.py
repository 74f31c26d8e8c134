"""Options of the verbs that choose among the captions of a beam, and the choice."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click
from torch import Tensor

from seq2seq.cli.options import FOLDER
from seq2seq.vision.captioning.captioner import Caption, Captioner
from seq2seq.vision.captioning.choice import CHOICES, Choice, best_match, consensus
from seq2seq.vision.retrieval.search import PhotoSearch

choose_option = click.option(
    "--choose",
    type=click.Choice(CHOICES),
    default="winner",
    help="The search's winner; or of all captions in the beam the one that has the most in common with them, or "
    "the one whose words match the photo best.  [default: winner]",
)
search_option = click.option(
    "--search",
    type=FOLDER,
    metavar="FOLDER",
    help="The photo search that finds matches.  [default: the folder search next to the model]",
)
Chooser = Callable[[Sequence[Caption], Tensor], Caption]


def chooser(choose: Choice, model: Captioner, folder: Path, search: Path | None) -> Chooser:
    """Return what picks one of the n best captions of a photo, given its pooled vector (width,).

    Raises CheckpointError if a photo search is needed and is not there, or is for another image encoder.
    """
    if choose == "winner":
        return lambda captions, _: captions[0]
    if choose == "consensus":
        return lambda captions, _: captions[consensus(captions)]
    found = PhotoSearch.load(search or folder.resolve().parent / "search")
    trunk = model.config.trunk
    found.check_image_encoder(trunk.digest if trunk else "")

    def match(captions: Sequence[Caption], pooled: Tensor) -> Caption:
        return captions[best_match(captions, found.cosines([one.text for one in captions], pooled))]

    return match
