"""Decoders that are no models: what they say is known beforehand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from seq2seq.text import START


@dataclass(frozen=True)
class FakeMemory:
    """Sources that are nothing but a number and a length."""

    numbers: Tensor  # (batch,)
    mask: Tensor  # (batch, source)

    def select(self, rows: Tensor) -> "FakeMemory":
        return FakeMemory(self.numbers[rows], self.mask[rows])


def sources(*lengths: int, first: int = 0) -> FakeMemory:
    """Return sources of these lengths, numbered from `first`."""
    mask = torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]
    return FakeMemory(torch.arange(first, first + len(lengths)), mask)


@dataclass(frozen=True)
class Prefixes:
    """The whole prefix as state, so that a fake may answer by all of it."""

    tokens: Tensor  # (rows, length so far)

    def select(self, rows: Tensor) -> "Prefixes":
        return Prefixes(self.tokens[rows])


Logits = Callable[[int, tuple[int, ...]], Sequence[float]]


class FakeDecoder:
    """Asks a function of (source number, prefix) for the next logits; its attention is even."""

    def __init__(self, logits: Logits) -> None:
        self.logits = logits

    def start(self, memory: FakeMemory) -> Prefixes:
        return Prefixes(torch.empty(len(memory.numbers), 0, dtype=torch.long))

    def step(self, tokens: Tensor, state: Prefixes, memory: FakeMemory) -> tuple[Tensor, Prefixes, Tensor | None]:
        assert len(tokens) == len(memory.numbers) == len(state.tokens)
        if state.tokens.shape[1] == 0:
            assert (tokens == START).all()
        grown = torch.cat([state.tokens, tokens[:, None]], 1)
        rows = zip(memory.numbers.tolist(), grown[:, 1:].tolist(), strict=True)
        logits = torch.tensor([list(self.logits(number, tuple(prefix))) for number, prefix in rows])
        return logits, Prefixes(grown), memory.mask / memory.mask.sum(1, keepdim=True)

    def log_probs(self, number: int, prefix: tuple[int, ...]) -> list[float]:
        """Return what the search makes of the logits."""
        return torch.tensor([list(self.logits(number, prefix))]).log_softmax(1)[0].tolist()


class Blind(FakeDecoder):
    """A decoder without attention."""

    def step(self, tokens: Tensor, state: Prefixes, memory: FakeMemory) -> tuple[Tensor, Prefixes, Tensor | None]:
        return (*super().step(tokens, state, memory)[:2], None)


def mixed(vocabulary: int, seed: int = 0, levels: int | None = None, end: float = 0.0) -> FakeDecoder:
    """Return a decoder whose logits depend on source and prefix like a hash, in [-2, 2].

    levels: take only so many different values, so that many are equal. end: added to the end token's logit.
    """

    def logits(number: int, prefix: tuple[int, ...]) -> list[float]:
        mixer = seed * 7_368_787 + number * 104_729 + 1
        for token in prefix:
            mixer = (mixer * 1_000_003 + token * 7_919 + 12_345) % (2**31 - 1)
        values = []
        for token in range(vocabulary):
            drawn = (mixer * 48_271 + (token + 1) * 69_621 * (mixer % 1_009 + 1)) % (2**31 - 1) / (2**31 - 1)
            values.append(4 * (drawn if levels is None else int(drawn * levels) / levels) - 2)
        values[2] += end
        return values

    return FakeDecoder(logits)


def table(rows: dict[tuple[int, ...], dict[int, float]], vocabulary: int) -> FakeDecoder:
    """Return a decoder that gives each prefix the probabilities written out for it, and else ends."""

    def logits(number: int, prefix: tuple[int, ...]) -> list[float]:
        probabilities = rows.get(prefix, {2: 1.0})
        written = torch.tensor([probabilities.get(token, 0.0) for token in range(vocabulary)])
        return written.log().tolist()

    return FakeDecoder(logits)
