"""Translators that say what a function tells them; their texts are ids, so that all can be counted by hand."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from seq2seq.models.decoder import Unrolled
from seq2seq.search.options import SearchOptions
from seq2seq.session import Session
from seq2seq.text import END, Preparation
from seq2seq.trace.schema import ModelName, TextSource
from tests.fakes import FakeDecoder, FakeMemory

Says = Callable[[int, tuple[int, ...]], int]  # (first token of the source, prefix) -> the likeliest token

VOCABULARY = 12
LIKELY, UNLIKELY = math.log(2), math.log(22)  # nats of the token that is said, and of every other one


class Scripted(FakeDecoder):
    """Says what a function tells it with a probability of a half, and all eleven others alike."""

    def __init__(self, says: Says) -> None:
        def logits(number: int, prefix: tuple[int, ...]) -> list[float]:
            said = says(number, prefix)
            return [math.log(VOCABULARY - 1) if token == said else 0.0 for token in range(VOCABULARY)]

        super().__init__(logits)

    def unroll(self, decoder_input: Tensor, memory: FakeMemory) -> Unrolled:
        """Return what `step` says of each token."""
        state: Any = self.start(memory)  # the decoder's own kind, which only it looks into
        rows = []
        for tokens in decoder_input.unbind(1):
            logits, state, _ = self.step(tokens, state, memory)
            rows.append(logits)
        return Unrolled(torch.stack(rows, 1), state, None)


class Numbers:
    """A tokenizer of texts that are ids already."""

    def encode(self, text: str) -> list[int]:
        """Return the ids."""
        return [int(word) for word in text.split()]

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text."""
        return [self.encode(text) for text in texts]

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """Return each id as a word."""
        return [str(token) for token in ids]

    def decode(self, ids: Sequence[int]) -> str:
        """Return ids as words."""
        return " ".join(map(str, ids))


@dataclass(frozen=True)
class Model:
    """A model that knows of a source its first token alone."""

    decoder: Scripted

    def encode(self, source: Tensor, mask: Tensor) -> FakeMemory:
        """Return a memory of that token."""
        return FakeMemory(source[:, 0], mask)

    def parameters(self) -> Iterator[Tensor]:
        """Yield what says where the model is."""
        yield torch.zeros(1)


@dataclass(frozen=True)
class Vocabularies:
    """Both sides' tokenizers."""

    source: Numbers = field(default_factory=Numbers)
    target: Numbers = field(default_factory=Numbers)
    preparation: Preparation = field(default_factory=lambda: Preparation("fr", "en"))


@dataclass(frozen=True)
class ScriptedTranslator:
    """What analyses ask of a translator."""

    model: Model
    checkpoint: Vocabularies = field(default_factory=Vocabularies)

    def source_ids(self, text: str) -> list[int]:
        """Return the ids of a source."""
        return self.checkpoint.source.encode(text)

    def session(self, text: str) -> Any:
        """Return one source in front of the model."""
        ids = torch.tensor([[*self.source_ids(text), END]])
        memory: Any = self.model.encode(ids, torch.ones_like(ids, dtype=torch.bool))
        vocabulary: Any = self.checkpoint.target
        decoder: Any = self.model.decoder
        source = TextSource(text=text, pieces=["1"], words=["1"], starts=[0])
        return Session(decoder, memory, vocabulary, SearchOptions(), source, ModelName(name="scripted", digest="0"))


def translator_that(says: Says) -> Any:
    """Return a translator whose likeliest token is the one that `says` names."""
    return ScriptedTranslator(Model(Scripted(says)))
