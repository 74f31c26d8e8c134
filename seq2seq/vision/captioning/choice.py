"""Other choices than a search's winner among the captions that it found."""

from collections.abc import Sequence
from typing import Literal, get_args

from seq2seq.evaluation.captions import likeness
from seq2seq.vision.captioning.captioner import Caption

Choice = Literal["winner", "consensus", "match"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
_WEIGHT = 3.0
"""Of a cosine against a score by length, in nats: tried on the development photos of Flickr8k."""


def consensus(captions: Sequence[Caption]) -> int:
    """Return the place of the caption that has the most in common with all of them (`likeness`).

    Of captions that are equally good it is the first. It may be less likely than the search's winner.
    """
    shared = likeness([one.text for one in captions])
    return max(range(len(captions)), key=lambda place: shared[place])


def best_match(captions: Sequence[Caption], cosines: Sequence[float]) -> int:
    """Return the place of the caption that is likely and whose words fit the photo.

    cosines: of the photo and each caption in the space of a photo search, as `PhotoSearch.cosines` returns them.
    """
    return max(range(len(captions)), key=lambda place: captions[place].score + _WEIGHT * cosines[place])
