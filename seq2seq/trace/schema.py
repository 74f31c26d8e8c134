"""`Trace`: the record of a search, in columns, as JSON that is readable without a model."""

import base64
import binascii
import json
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from seq2seq.config import Settings, parse
from seq2seq.errors import TraceError
from seq2seq.search import SearchOptions
from seq2seq.text.passages import PassageKind
from seq2seq.trace.edits import Edit

VERSION: Literal[1] = 1
Status = Literal["root", "kept", "pruned", "finished"]


class CopiedPassage(Settings):
    """A figure, address, emoji or rare name that passed by the model unchanged, as a single piece."""

    kind: PassageKind
    source: str
    """As it stands in the source, and so among its pieces."""
    target: str
    """As it stands in outputs, and so among the pieces of nodes: a figure in the form of the target language."""


class TextSource(Settings):
    """A source sentence. Word k is made of the pieces starts[k] .. starts[k + 1] - 1."""

    kind: Literal["text"] = "text"
    text: str
    pieces: list[str]
    words: list[str]
    starts: list[int]
    passages: tuple[CopiedPassage, ...] = ()
    """What was copied; pieces and words show it as it is written."""
    in_capitals: bool = False
    """Whether the sentence is in capitals: the model is given its usual case, and outputs are put in capitals."""
    before: str = ""
    """What stands in front of the pieces and of outputs, and does not concern the model: a list number, emoji."""
    after: str = ""
    """The same, behind them."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        edges = [*self.starts, len(self.pieces)]
        rising = all(start < end for start, end in pairwise(edges))
        if len(self.words) != len(self.starts) or edges[0] != 0 or not rising:
            raise ValueError("the words do not fit the pieces")
        return self


Box = tuple[int, int, int, int]
"""Left, top, right and bottom of a part of a photo in pixels, in Pillow's convention."""
LARGEST_THUMBNAIL = 20_000  # bytes of the JPEG
_MOST_REGIONS = 40  # per side


class PhotoSource(Settings):
    """A photo as a grid of regions, which are both its pieces and its words, numbered row by row from 1."""

    kind: Literal["photo"] = "photo"
    name: str
    width: int = Field(ge=1)
    """Of the upright photo, in pixels."""
    height: int = Field(ge=1)
    grid: tuple[Annotated[int, Field(ge=1, le=_MOST_REGIONS)], Annotated[int, Field(ge=1, le=_MOST_REGIONS)]]
    """Rows and columns. The photo was resized to a square first, so every region has the photo's aspect ratio."""
    greyed: tuple[Box, ...] = ()
    """Boxes painted grey before the photo was encoded."""
    thumbnail: str = ""
    """A small JPEG of the photo in base64, so that the trace can be viewed without the photo; empty for none."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        whole = (self.width, self.height)
        for left, top, right, bottom in self.greyed:
            if not (0 <= left < right <= whole[0] and 0 <= top < bottom <= whole[1]):
                raise ValueError("a greyed box does not lie in the photo")
        if self.thumbnail:
            try:
                start = base64.b64decode(self.thumbnail, validate=True)
            except binascii.Error:
                raise ValueError("the thumbnail is not base64") from None
            if not start.startswith(b"\xff\xd8") or len(start) > LARGEST_THUMBNAIL:
                raise ValueError("the thumbnail is not a small JPEG")
        return self

    @property
    def text(self) -> str:
        """The photo's name, in place of a sentence's text."""
        return self.name

    @property
    def pieces(self) -> list[str]:
        """The regions' numbers, with the tokenizers' word-start marker."""
        return [f"▁{number}" for number in range(1, self.grid[0] * self.grid[1] + 1)]

    @property
    def words(self) -> list[str]:
        """The regions' names."""
        return [f"region {number}" for number in range(1, self.grid[0] * self.grid[1] + 1)]

    @property
    def starts(self) -> list[int]:
        """The first piece of each word; every region is one word."""
        return list(range(self.grid[0] * self.grid[1]))

    def box(self, region: int) -> Box:
        """Return the part of the photo that a region covers; region: its number, from 1."""
        rows, columns = self.grid
        row, column = divmod(region - 1, columns)
        return (
            column * self.width // columns,
            row * self.height // rows,
            -(-(column + 1) * self.width // columns),
            -(-(row + 1) * self.height // rows),
        )


Source = Annotated[TextSource | PhotoSource, Field(discriminator="kind")]


class ModelName(Settings):
    """Name and fingerprint of the model that searched."""

    name: str
    digest: str


class Nodes(Settings):
    """One entry for each recorded candidate; entry 0 is the root, and parents come first.

    Scores are natural logarithms. rank counts from 1 among all candidates of the step, by total; a token that
    was forbidden or not selected can rank above kept ones.
    """

    parent: list[int]
    step: list[int]
    token: list[int]
    piece: list[str]
    log_prob: list[float]
    total: list[float]
    normalised: list[float]
    rank: list[int]
    status: list[Status]

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        lengths = {len(getattr(self, name)) for name in type(self).model_fields}
        if len(lengths) != 1 or lengths == {0}:
            raise ValueError("the columns differ in length or are empty")
        if self.parent[0] != -1 or any(not 0 <= p < i for i, p in enumerate(self.parent) if i):
            raise ValueError("a node comes before its parent")
        if self.step[0] != 0 or any(self.step[i] != self.step[p] + 1 for i, p in enumerate(self.parent) if i):
            raise ValueError("a node is not one step after its parent")
        return self

    def __len__(self) -> int:
        return len(self.parent)


class ExpandedNodes(Settings):
    """The model's outputs at each expanded node, shared by its children."""

    node: list[int]
    entropy: list[float]
    """Of the full next-token distribution, in nats."""
    attention: list[list[float]] | None
    """One row for each node over the source's pieces; None for a model without attention."""


class TraceHypothesis(Settings):
    """An output; `nodes` leads from the root's child to its leaf."""

    leaf: int
    text: str
    log_prob: float
    normalised: float
    length: int
    finished: bool


class StopRule(Settings):
    """The stopping criterion of the search."""

    rule: str
    bound: str
    steps: int


class Trace(Settings):
    """The full record of a search for one source. It can be drawn, saved, and opened without the model."""

    version: Literal[1] = VERSION
    source: Source
    model: ModelName
    options: SearchOptions
    stop: StopRule
    nodes: Nodes
    expanded: ExpandedNodes
    hypotheses: list[TraceHypothesis] = Field(min_length=1)
    edits: tuple[Edit, ...] = ()
    """A user's edits, oldest first (`History.lineage`); the last one is applied in this search."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        count = len(self.nodes)
        leaves = [one.leaf for one in self.hypotheses]
        if any(not 0 <= node < count for node in [*self.expanded.node, *leaves]):
            raise ValueError("a node is named that is not there")
        if self.stop.steps != max(self.nodes.step):
            raise ValueError("the number of steps does not fit the nodes")
        rows = self.expanded.attention
        if rows is not None:
            width = len(self.source.pieces)
            if len(rows) != len(self.expanded.node) or any(len(row) != width for row in rows):
                raise ValueError("the attention does not fit the nodes or the source")
        if len(self.expanded.entropy) != len(self.expanded.node):
            raise ValueError("the entropies do not fit the nodes")
        return self

    @model_validator(mode="after")
    def _outputs_fit(self) -> Self:
        expanded = set(self.expanded.node)
        for one in self.hypotheses:
            if not self.nodes.step[one.leaf] == one.length >= 1:
                raise ValueError("an output does not end at its leaf")
            if not expanded.issuperset(self.nodes.parent[node] for node in self.path(one.leaf)):
                raise ValueError("a node on the way to an output was not expanded")
        if max(*self.nodes.log_prob, *self.nodes.total, *(one.log_prob for one in self.hypotheses)) > 0:
            raise ValueError("a log-probability is above 0")
        return self

    @model_validator(mode="after")
    def _edits_applied(self) -> Self:
        if any(edit.parent != number for number, edit in enumerate(self.edits)):
            raise ValueError("the edits are not one line from the plain search on")
        if self.edits and self.edits[-1].prefix != self.options.prefix:
            raise ValueError("the last edit forces another prefix than the options")
        width = len(self.source.pieces)
        if any(len(row.weights) != width for edit in self.edits for row in edit.attention):
            raise ValueError("the replaced attention does not fit the source")
        return self

    @property
    def best(self) -> TraceHypothesis:
        """The best hypothesis."""
        return self.hypotheses[0]

    def path(self, node: int) -> list[int]:
        """Return the nodes from the root's child to `node`."""
        path = []
        while node > 0:
            path.append(node)
            node = self.nodes.parent[node]
        return path[::-1]

    def to_json(self) -> str:
        """Return the trace as one line of JSON."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str | bytes) -> "Trace":
        """Return the trace that `to_json` wrote.

        Raises TraceError in one sentence if it is not a trace, cut off, or of another version.
        """
        try:
            header = Header.model_validate_json(text)
        except ValidationError as failure:
            problem = failure.errors(include_url=False)[0]
            reason = problem["msg"] if problem["type"] == "json_invalid" else "it has no version"
            raise TraceError(f"This is not a trace, or it is cut off ({reason}); save it again.") from None
        if header.version != VERSION:
            raise TraceError(
                f"This trace has version {header.version}, this program reads {VERSION}; make the trace again."
            )
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):  # accepted by pydantic's parser: numbers of thousands of digits
            raise TraceError("This is not a trace, or it is damaged; save it again.") from None
        return parse(cls, values, "This trace is damaged", TraceError)


class Header(Settings, extra="ignore"):
    """The part of a trace common to all versions."""

    version: int
