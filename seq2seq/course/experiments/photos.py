"""Experiments about captions."""

import base64
import io
import re
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from seq2seq.course.experiments.base import Base, Fact, Models, Result
from seq2seq.course.experiments.shared import greedy as greedy_trace
from seq2seq.course.experiments.shared import stage, words
from seq2seq.errors import ConfigError
from seq2seq.trace import alignment
from seq2seq.vision.regions import Box, grey_out, region_box

if TYPE_CHECKING:
    from PIL.Image import Image

_SIDE = 480  # pixels of the longer side in the figure


class Grey(Base):
    """A photo's caption, and the caption when a part of the photo is greyed out.

    Facts: before.text, after.text, same, has and had (whether `word` is in the caption after and before), lost
    (the words that only the first has), new (those that only the second has), top.share (the largest share of the
    attention that a region has while the model writes `word`).
    """

    OWN = ""
    kind: Literal["grey"]
    photo: str = Field(max_length=100)
    """The name of a photo's file, beside the lesson or among the samples."""
    regions: tuple[int, ...] = Field((), max_length=400)
    """Numbers of the regions that are greyed out, row by row from 1; without any the caption is on the stage."""
    word: str = Field("", max_length=40)
    captioner: str = Field("captions-attention", max_length=100)
    beam: int = Field(5, ge=1, le=20)

    def run(self, models: Models) -> Result:
        """Return both captions. Raises ConfigError if the first one lacks the word."""
        captioner = models.captioner(self.captioner)
        photo = models.photo(self.photo)
        before = captioner.trace(photo, name=self.photo, beam_size=self.beam)
        own = words(before)
        facts: dict[str, Fact] = {"before.text": before.best.text, "had": self.word in own}
        if self.word and self.word not in own:
            raise ConfigError(f"the caption “{before.best.text}” has no word {self.word!r}; name one of its words.")
        found = alignment(before)
        weights = found.weights[own.index(self.word)] if found and self.word else None
        if weights:
            facts["top.share"] = max(weights)
        if not self.regions:
            greedy = greedy_trace(captioner.session(photo, name=self.photo))
            return Result(facts, {**stage([greedy, before], languages=("en", "en")), "picture": _data(photo)})
        after = captioner.trace(photo, name=self.photo, beam_size=self.beam, hidden=self.regions)
        others = words(after)
        facts |= {
            "after.text": after.best.text,
            "same": before.best.text == after.best.text,
            "has": self.word in others,
            "lost": ", ".join(word for word in own if word not in others) or "nothing",
            "new": ", ".join(word for word in others if word not in own) or "nothing",
        }
        grid = captioner.config.model.grid
        boxes = [region_box(region, grid) for region in sorted(set(self.regions))]
        return Result(facts, _pair(photo, boxes, (before.best.text, after.best.text)))


def _pair(photo: "Image", boxes: list[Box], texts: tuple[str, str]) -> dict[str, Any]:
    return {
        "kind": "photos",
        "photos": [
            {"name": "the photo", "picture": _data(photo), "text": texts[0]},
            {"name": "with a part greyed out", "picture": _data(grey_out(photo, boxes)), "text": texts[1]},
        ],
    }


def _data(photo: "Image") -> str:
    small = photo.convert("RGB")
    small.thumbnail((_SIDE, _SIDE))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def is_photo_name(name: str) -> bool:
    """Return whether a name can be that of a photo beside a lesson: a file's, without a folder."""
    return re.fullmatch(r"[\w-]+\.(jpg|jpeg|png|webp)", name, re.IGNORECASE) is not None
