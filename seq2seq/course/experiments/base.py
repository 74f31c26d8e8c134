"""What an experiment is: a source and settings in, facts and a figure out."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

from pydantic import Field

from seq2seq.config import Settings

if TYPE_CHECKING:
    from PIL.Image import Image

    from seq2seq.explain import SeenSet
    from seq2seq.translator import Translator
    from seq2seq.vision.captioning.captioner import Captioner

Fact = str | int | float | bool | tuple[str, ...]
"""What a lesson's texts name in braces; a tuple lists what is to be picked in the figure."""


class Models(Protocol):
    """Where experiments get their models from."""

    def translator(self, name: str) -> "Translator":
        """Return a translation model. Raises CheckpointError without it."""

    def captioner(self, name: str) -> "Captioner":
        """Return a captioning model. Raises CheckpointError without it."""

    def folder(self, name: str) -> Path:
        """Return the folder of a translation model. Raises CheckpointError without it."""

    def seen(self, name: str) -> "SeenSet | None":
        """Return the sentences that a translation model was trained on, None if they are not kept."""

    def photo(self, name: str) -> "Image":
        """Return a photo. Raises PhotoError without it."""


class Result(NamedTuple):
    """What an experiment found."""

    facts: Mapping[str, Fact]
    figure: Mapping[str, Any]
    """JSON for the runner; `kind` says how it is drawn."""


class Base(Settings):
    """Settings of an experiment."""

    OWN: ClassVar[str] = "source"
    """The field that takes what a visitor types; the empty string if there is none."""
    FOR_OWN: ClassVar[Mapping[str, object]] = {}
    """What is set while it does: what belongs to the lesson's own source alone."""
    model: str = Field("", max_length=100)
    """Another model than the lesson's."""

    @abstractmethod
    def run(self, models: Models) -> Result:
        """Return what is found. Raises Seq2SeqError if something is not possible."""
