"""Search options. A mode is a type, not a set of flags."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seq2seq.config import Settings
from seq2seq.errors import ConfigError

LONGEST_OUTPUT = 1000
"""Tokens; over ten times the longest training target, and a limit for degenerate outputs."""


class Greedy(Settings):
    """Take the most probable token at every step."""

    kind: Literal["greedy"] = "greedy"


class Beam(Settings):
    """Keep the `size` best hypotheses; rank the finished ones by total / lp(length), Wu et al. 2016, eq. 14."""

    kind: Literal["beam"] = "beam"
    size: int = Field(5, ge=1, le=200)
    alpha: float = Field(0.6, ge=-5, le=5)
    coverage: float = Field(0.0, ge=0, le=10)
    """Weight of the penalty for source positions with little attention (Wu et al. 2016, eq. 15, beta)."""
    groups: int = Field(1, ge=1, le=200)
    """Groups of diverse beam search, searched one after the other at each step (Vijayakumar et al. 2018)."""
    diversity: float = Field(0.5, ge=0, le=100)
    """Penalty on a token for each time that an earlier group chose it at this step; natural log."""

    @model_validator(mode="after")
    def _splits(self) -> Self:
        if self.size % self.groups:
            raise ValueError(
                f"a beam of {self.size} can't be split into {self.groups} equal groups; change one of them"
            )
        return self


class Sample(Settings):
    """Sample every token from the model's distribution, with `temperature`, top_k and top_p."""

    kind: Literal["sample"] = "sample"
    temperature: float = Field(1.0, gt=0, le=100)
    top_k: int = Field(0, ge=0)
    """Keep the k most probable tokens (Fan et al. 2018); 0 keeps all."""
    top_p: float = Field(1.0, gt=0, le=1)
    """Nucleus sampling: keep the fewest top tokens with this total probability (Holtzman et al. 2020)."""
    seed: int = Field(0, ge=0, lt=2**31)


Mode = Annotated[Greedy | Beam | Sample, Field(discriminator="kind")]


class SearchOptions(Settings):
    """A mode and the options common to all modes. Lengths count target tokens with the end token."""

    mode: Mode = Beam()
    n_best: int = Field(1, ge=1, le=200)
    min_length: int = Field(1, ge=1, le=LONGEST_OUTPUT)
    max_length: int | None = Field(None, ge=1, le=LONGEST_OUTPUT)
    """None means 2 x source + 10, for each source."""
    prefix: tuple[Annotated[int, Field(ge=0)], ...] = ()
    """Target tokens that every hypothesis begins with."""
    not_next: tuple[Annotated[int, Field(ge=0)], ...] = ()
    """Tokens that may not follow the prefix, as those that would go on with its last word."""
    no_repeat: int = Field(0, ge=0, le=20)
    """No n-gram of this size occurs twice in an output; 0 allows all repeats."""

    @property
    def alpha(self) -> float:
        """Exponent of the length penalty; 0 if the mode has none, so that the score is the total."""
        return self.mode.alpha if isinstance(self.mode, Beam) else 0.0

    @property
    def coverage(self) -> float:
        """Weight of the coverage penalty; 0 if the mode has none."""
        return self.mode.coverage if isinstance(self.mode, Beam) else 0.0

    @property
    def groups(self) -> int:
        """Number of groups that the slots of one source are split into."""
        return self.mode.groups if isinstance(self.mode, Beam) else 1

    @property
    def width(self) -> int:
        """Number of slots of one source."""
        if isinstance(self.mode, Beam):
            return self.mode.size
        return self.n_best if isinstance(self.mode, Sample) else 1


def require_plain(options: SearchOptions, what: str) -> None:
    """Raise ConfigError if the options include a feature that `what` does not support."""
    more = {
        "a coverage penalty": options.coverage > 0,
        "groups": options.groups > 1,
        "a ban on repeats": options.no_repeat > 0,
    }
    for name, asked in more.items():
        if asked:
            raise ConfigError(f"{what} is worked out for searches without {name}; search without it first.")


def beam_options(options: SearchOptions, *, size: int | None = None, alpha: float | None = None) -> SearchOptions:
    """Return the options with a beam of another size or alpha; greedy counts as a beam of 1.

    Raises ConfigError for sampling, and for searches with further beam features.
    """
    require_plain(options, "This")
    if options.mode.kind == "sample":
        raise ConfigError("Samples have no beam and no alpha; use this with a greedy or a beam search.")
    mode = Beam(size=options.width if size is None else size, alpha=options.alpha if alpha is None else alpha)
    return options.model_copy(update={"mode": mode})


def length_penalty(length: float, alpha: float) -> float:
    """Return lp(length) = ((5 + length) / 6) ** alpha (Wu et al. 2016, eq. 14)."""
    return float(((5.0 + length) / 6.0) ** alpha)
