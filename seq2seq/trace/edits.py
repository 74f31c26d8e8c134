"""What-if edits: forced prefixes and attention, their history, and its encoding as a short text for links."""

import math
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from seq2seq.config import Settings, parse
from seq2seq.errors import ConfigError
from seq2seq.text import normalise

MOST_VERSIONS = 100
LONGEST_PREFIX = 300
LONGEST_NAME = 40
LONGEST_TEXT = 20_000  # characters of a whole history; a link is far shorter
_FORMAT, _WITH_WORDS = 1, 2  # the second has a number more for each edit: whether its prefix ends a word
_MOST = 2**21  # exclusive limit of three-byte numbers; no vocabulary is larger
_WHERE = "This what-if edit"

Token = Annotated[int, Field(ge=0, lt=_MOST)]
Weight = Annotated[float, Field(ge=0, le=1)]


class AttentionRow(Settings):
    """The attention weights forced at one step, in place of the model's own."""

    step: int = Field(ge=1, le=LONGEST_PREFIX)
    weights: tuple[Weight, ...] = Field(min_length=1, max_length=LONGEST_PREFIX)
    """Over the source's pieces, in thousandths, so that links and traces store them exactly."""

    @field_validator("weights")
    @classmethod
    def _in_thousandths(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if any(weight != round(weight, 3) for weight in weights):
            raise ValueError("weights are given in thousandths")
        return weights


class Edit(Settings):
    """One version of a search: everything forced in it, so that it can be reproduced from this alone."""

    parent: int = Field(0, ge=0)
    """The version that it was derived from; 0 is the unedited search."""
    prefix: tuple[Token, ...] = Field((), max_length=LONGEST_PREFIX)
    """Target tokens that every hypothesis begins with."""
    whole_word: bool = False
    """Whether the prefix ends a word, so that no piece that would go on with it may follow."""
    attention: tuple[AttentionRow, ...] = ()
    """In ascending order of steps."""
    name: str = Field("", max_length=LONGEST_NAME)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        steps = [row.step for row in self.attention]
        if steps != sorted(set(steps)):
            raise ValueError("the steps of the attention do not rise")
        if self.name != normalise(self.name):
            raise ValueError("the name has signs that can't be seen")
        return self

    @property
    def rows(self) -> dict[int, tuple[float, ...]]:
        """The replaced attention by step, counted from 1."""
        return {row.step: row.weights for row in self.attention}


def make_edit(
    prefix: Sequence[int],
    attention: Mapping[int, Sequence[float]] | None = None,
    name: str = "",
    parent: int = 0,
    *,
    whole_word: bool = False,
) -> Edit:
    """Return an edit; weights are rounded to thousandths such that a row that sums to 1 still does.

    attention: by step, counted from 1, weights over the source's pieces.
    Raises ConfigError that names the invalid value.
    """
    values = {
        "parent": parent,
        "prefix": tuple(prefix),
        "whole_word": whole_word,
        "attention": [
            {"step": step, "weights": _thousandths(weights)} for step, weights in sorted((attention or {}).items())
        ],
        "name": normalise(name),
    }
    return parse(Edit, values, _WHERE)


class History(Settings):
    """The versions of a search made by edits: a tree whose root 0 is the unedited search.

    Version k is versions[k - 1]; no version comes before its parent. Immutable: every operation returns a new
    history.
    """

    versions: tuple[Edit, ...] = Field((), max_length=MOST_VERSIONS)
    current: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if any(edit.parent >= number for number, edit in enumerate(self.versions, 1)):
            raise ValueError("a version comes before its parent")
        if self.current > len(self.versions):
            raise ValueError("the current version is not there")
        if len(self.to_text()) > LONGEST_TEXT:
            raise ValueError("the edits are too many for a link; undo some or start again")
        return self

    def version(self, number: int) -> Edit:
        """Return version `number`; 0 is an empty edit. Raises ConfigError if it does not exist."""
        if not 0 <= number <= len(self.versions):
            raise ConfigError(f"There is no version {number}; the newest one is {len(self.versions)}.")
        return self.versions[number - 1] if number else Edit()

    def edit(
        self,
        prefix: Sequence[int],
        attention: Mapping[int, Sequence[float]] | None = None,
        name: str = "",
        *,
        whole_word: bool = False,
    ) -> "History":
        """Return the history with a new child of the current version, which becomes the current one.

        The edit contains everything forced, including what the parent forced. If a child with equal
        content exists, and `name` is empty or that child's, it becomes current instead of a duplicate.
        Raises ConfigError if the edit is not possible or the history is full.
        """
        made = make_edit(prefix, attention, name, self.current, whole_word=whole_word)
        for number in self.children(self.current):
            same = self.version(number)
            if same.model_copy(update={"name": ""}) == made.model_copy(update={"name": ""}) and (
                made.name in ("", same.name)
            ):
                return self.go_to(number)
        return self._with((*self.versions, made), len(self.versions) + 1)

    def undo(self) -> "History":
        """Return the history at the current version's parent; the current version is deleted if newest."""
        if not self.current:
            return self
        newest = self.current == len(self.versions)  # so it has no children
        return self._with(self.versions[:-1] if newest else self.versions, self.version(self.current).parent)

    def go_to(self, number: int) -> "History":
        """Return the history at version `number`. Raises ConfigError if it does not exist."""
        self.version(number)
        return self._with(self.versions, number)

    def rename(self, number: int, name: str) -> "History":
        """Return the history with version `number` renamed. Raises ConfigError if that is not possible."""
        if number < 1:
            raise ConfigError("The plain search bears no name; name an edit.")
        named = parse(Edit, self.version(number).model_dump() | {"name": normalise(name)}, _WHERE)
        return self._with((*self.versions[: number - 1], named, *self.versions[number:]), self.current)

    def children(self, number: int) -> tuple[int, ...]:
        """Return the child versions of version `number`."""
        return tuple(child for child, edit in enumerate(self.versions, 1) if edit.parent == number)

    def lineage(self, number: int | None = None) -> tuple[Edit, ...]:
        """Return the edits from the root to a version (None: the current one), as stored in a Trace.

        The edits are renumbered, so that History(versions=lineage) is the history of this line alone.
        """
        number = self.current if number is None else number
        line: list[Edit] = []
        while number:
            line.append(self.version(number))
            number = line[-1].parent
        return tuple(edit.model_copy(update={"parent": place}) for place, edit in enumerate(reversed(line)))

    def to_text(self) -> str:
        """Return the history in URL-safe base64; an empty string for the unedited search."""
        if not self.versions:
            return ""
        form = _WITH_WORDS if any(edit.whole_word for edit in self.versions) else _FORMAT
        numbers = _packed(self, words=form == _WITH_WORDS)
        packed = b"".join(map(_number, [form, len(self.versions), self.current, *numbers]))
        return urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def from_text(cls, text: str) -> "History":
        """Return the history that `to_text` wrote. Raises ConfigError in one sentence if the text is invalid."""
        if len(text) > LONGEST_TEXT:
            raise ConfigError(
                f"The edits in this link have {len(text):,} characters and {LONGEST_TEXT:,} is the most; undo some."
            )
        if not text:
            return cls()
        broken = ConfigError("The edits in this link can't be read; copy the whole link again, or take them out.")
        try:
            packed = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            history = _unpacked(_numbers(packed))
        except (ValueError, StopIteration, ConfigError):
            raise broken from None
        # The encoding is unique, so this detects truncated, padded or changed text.
        if history.to_text() != text:
            raise broken
        return history

    def _with(self, versions: tuple[Edit, ...], current: int) -> "History":
        return parse(History, {"versions": versions, "current": current}, "These edits")


def _thousandths(weights: Sequence[float]) -> list[float]:
    """Return weights in thousandths, rounded by largest remainder to keep their sum."""
    wrong = [weight for weight in weights if not 0 <= weight <= 1]
    if wrong:
        raise ConfigError(f"{_WHERE}: an attention weight of {wrong[0]} is not possible; give 0 to 1.")
    scaled = [1000 * weight for weight in weights]
    parts = [math.floor(value) for value in scaled]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - scaled[place])
    for place in by_remainder[: round(sum(scaled)) - sum(parts)]:
        parts[place] += 1
    return [part / 1000 for part in parts]


def _packed(history: History, *, words: bool) -> Iterator[int]:
    """Yield a history as numbers; prefixes and attention rows are delta-encoded against the parent."""
    for edit in history.versions:
        parent = history.version(edit.parent)
        shared = _shared(parent.prefix, edit.prefix)
        yield from (edit.parent, shared, len(edit.prefix) - shared, *edit.prefix[shared:], len(edit.attention))
        if words:
            yield int(edit.whole_word)
        for step, weights in edit.rows.items():
            # No row is empty, so a length of 0 can stand for the parent's row.
            own = () if parent.rows.get(step) == weights else weights
            yield from (step, len(own), *(round(1000 * weight) for weight in own))
        name = edit.name.encode()
        yield from (len(name), *name)


def _unpacked(numbers: Iterator[int]) -> History:
    """Return the history decoded from numbers. Raises ValueError, StopIteration or ConfigError if invalid."""
    form = next(numbers)
    if form not in (_FORMAT, _WITH_WORDS):
        raise ValueError("another format")
    count, current = next(numbers), next(numbers)
    versions: list[Edit] = []
    for _ in range(min(count, MOST_VERSIONS)):
        parent_number = next(numbers)
        if parent_number > len(versions):
            raise ValueError("a version comes before its parent")
        parent = versions[parent_number - 1] if parent_number else Edit()
        prefix = parent.prefix[: next(numbers)] + tuple(_take(numbers))
        rows = []
        replaced = next(numbers)
        whole_word = form == _WITH_WORDS and bool(next(numbers))
        for _ in range(replaced):
            step, weights = next(numbers), [part / 1000 for part in _take(numbers)]
            rows.append({"step": step, "weights": weights or parent.rows.get(step, ())})
        name = bytes(_take(numbers)).decode()
        values = {
            "parent": parent_number,
            "prefix": prefix,
            "whole_word": whole_word,
            "attention": rows,
            "name": name,
        }
        versions.append(parse(Edit, values, _WHERE))
    return parse(History, {"versions": versions, "current": current}, "These edits")


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Return the length of the common prefix of two sequences."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _take(numbers: Iterator[int]) -> list[int]:
    """Return a length-prefixed list of numbers."""
    return [next(numbers) for _ in range(next(numbers))]


def _number(value: int) -> bytes:
    """Return a number in groups of seven bits, lowest first; the top bit marks that more follow (LEB128)."""
    groups = []
    while value >= 128:
        groups.append(value % 128 | 128)
        value //= 128
    return bytes([*groups, value])


def _numbers(packed: bytes) -> Iterator[int]:
    """Yield the numbers that `_number` wrote. Raises ValueError if the last is truncated or one is too large."""
    value = place = 0
    for byte in packed:
        value |= (byte & 127) << place
        place += 7
        if value >= _MOST:
            raise ValueError("too large")
        if byte < 128:
            yield value
            value = place = 0
    if place:
        raise ValueError("cut off")
