"""`Lesson`: the keys of a lesson's TOML file."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seq2seq.config import Settings
from seq2seq.course.experiments import Experiment

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Line = Annotated[str, Field(min_length=1, max_length=300)]


class Choose(Settings):
    """Choose one of some answers."""

    kind: Literal["choose"]
    options: dict[str, Line] | list[Line] = Field(min_length=2, max_length=6)
    """The answers, in order: their texts, or a table of text by value. Both may name facts in braces."""
    answer: Line
    """Which one is right: a text with facts in braces, such as "{likelier}", that one of the options equals."""


class Pick(Settings):
    """Click one or several things in the figure: words, cells of a row, sentences, candidates of a search."""

    kind: Literal["pick"]
    answer: Line
    """The name of a fact that lists what is right."""


class Bar(Settings):
    """Drag a bar to a number."""

    kind: Literal["bar"]
    answer: Line
    """The name of a fact that is a number."""
    least: float = 0.0
    most: float = 100.0
    step: float = Field(1.0, gt=0)
    """What the bar moves by."""
    unit: str = Field("", max_length=40)
    times: float = 1.0
    """What the fact is multiplied by: 100 turns a share into per cent."""
    within: float = Field(ge=0)
    """How far from the fact an answer may be to count as right."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.least >= self.most:
            raise ValueError(f"least = {self.least:g} must be below most = {self.most:g}")
        if not (self.most - self.least) / 1000 <= self.step <= self.most - self.least:
            raise ValueError(f"step = {self.step:g} must divide the bar into 1 to 1,000 parts")
        if self.within >= (self.most - self.least) / 2:
            raise ValueError(f"within = {self.within:g} would make nearly every answer right")
        return self


class Word(Settings):
    """Type a word; capitals, and what stands between letters and digits, do not count."""

    kind: Literal["word"]
    answer: Line
    """A text with facts in braces."""
    hint: str = Field("", max_length=80)
    """What the empty field shows."""
    apart: bool = False
    """Whether the parts of the answer have to be set apart, by spaces or strokes: where a word is split."""


class Order(Settings):
    """Put things in order, the largest first."""

    kind: Literal["order"]
    items: dict[str, Line] = Field(min_length=2, max_length=6)
    """Texts, by the name of the fact that they are ordered by."""


Predict = Annotated[Choose | Pick | Bar | Word | Order, Field(discriminator="kind")]


class Step(Settings):
    """A step: read, predict, see, why, try your own."""

    title: Line
    read: Text
    """Markdown: paragraphs, lists, **strong**, *emphasis* and `code`. It may name facts in braces."""
    show: Experiment
    """What is computed and shown."""
    ask: str = Field("", max_length=300)
    """The question; without one the step only shows."""
    predict: Predict | None = None
    """How it is answered."""
    why: Text
    """Said once it is answered; Markdown that names facts in braces, so that it says what was computed."""
    own: str = Field("", max_length=300)
    """An invitation, as plain text, to type something for which the same is computed: most often a source."""
    page: Literal["", "translate", "attention", "beam_tree", "teacher_forcing", "captioning"] = ""
    """A page of the app on which one goes on."""
    holds: tuple[Line, ...] = ()
    """The point of the step, as comparisons of facts: "beam.total > greedy.total"."""

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if bool(self.ask) != (self.predict is not None):
            raise ValueError("ask and predict belong together; write both, or neither")
        if self.own and not self.show.OWN:
            raise ValueError(f"own needs an experiment that takes a text, which {self.show.kind!r} does not")
        return self


class Lesson(Settings):
    """What a lesson's file holds."""

    title: Line
    summary: Line
    """What one knows afterwards, in a sentence."""
    place: int = Field(1000, ge=0)
    """Lessons are listed by this number."""
    minutes: int = Field(6, ge=1, le=60)
    model: str = "fr-en"
    """The translation model that all steps use unless they name another."""
    step: tuple[Step, ...] = Field(min_length=1, max_length=12)
