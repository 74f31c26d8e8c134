"""What a search is asked to do. A mode is a type, not a set of flags."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq.config import Settings


class Greedy(Settings):
    """Take the likeliest token at every step."""

    kind: Literal["greedy"] = "greedy"


class Beam(Settings):
    """Keep the `size` best hypotheses; rank the finished ones by total / lp(length), Wu et al. 2016, eq. 14."""

    kind: Literal["beam"] = "beam"
    size: int = Field(5, ge=1, le=200)
    alpha: float = Field(0.6, ge=-5, le=5)


class Sample(Settings):
    """Draw every token from the model's distribution, sharpened by `temperature`, cut by top_k and top_p."""

    kind: Literal["sample"] = "sample"
    temperature: float = Field(1.0, gt=0, le=100)
    top_k: int = Field(0, ge=0)
    """Keep the k likeliest tokens (Fan et al. 2018); 0 keeps all."""
    top_p: float = Field(1.0, gt=0, le=1)
    """Keep the fewest likeliest tokens that together have this probability (Holtzman et al. 2020)."""
    seed: int = Field(0, ge=0, lt=2**31)


Mode = Annotated[Greedy | Beam | Sample, Field(discriminator="kind")]


class SearchOptions(Settings):
    """A mode and what all modes have in common. Lengths count target tokens with the end token."""

    mode: Mode = Beam()
    n_best: int = Field(1, ge=1, le=200)
    min_length: int = Field(1, ge=1)
    max_length: int | None = Field(None, ge=1)
    """None stands for 2 x source + 10, for each source."""
    prefix: tuple[Annotated[int, Field(ge=0)], ...] = ()
    """Target tokens that every hypothesis begins with."""

    @property
    def alpha(self) -> float:
        """Exponent of the length penalty; 0 where the mode has none, so that the score is the total."""
        return self.mode.alpha if isinstance(self.mode, Beam) else 0.0

    @property
    def width(self) -> int:
        """Number of slots of one source."""
        if isinstance(self.mode, Beam):
            return self.mode.size
        return self.n_best if isinstance(self.mode, Sample) else 1


def length_penalty(length: float, alpha: float) -> float:
    """Return lp(length) = ((5 + length) / 6) ** alpha (Wu et al. 2016, eq. 14)."""
    return float(((5.0 + length) / 6.0) ** alpha)
