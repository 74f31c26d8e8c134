"""What experiments compute with a model's own tensors; imported only where one is computed."""

from dataclasses import replace
from itertools import pairwise
from typing import Literal, NamedTuple

import torch

from seq2seq.errors import ConfigError
from seq2seq.models import device_of
from seq2seq.search import ReplacedAttention, search
from seq2seq.session import Session
from seq2seq.text import END, PAD, START, group_words


class Padded(NamedTuple):
    """A translation of a sentence that is filled up with padding, and its attention by words."""

    text: str
    words: list[str]
    weights: list[list[float]]  # a row for each word; the padding's columns are the last ones


@torch.inference_mode()
def padded(session: Session, pads: int, *, masked: bool) -> Padded:
    """Return what a beam finds with `pads` places of padding, with attention's mask or without it.

    The encoder has its mask either way, as in the common mistake. Raises ConfigError without attention.
    """
    sentence = session.require_sentence("Padding")
    decoder, _ = session.require_single("Padding")
    device = device_of(sentence.model)
    ids = torch.tensor([[*sentence.ids, END, *[PAD] * pads]], device=device)
    memory = sentence.model.encode(ids, ids != PAD)
    if not masked:
        memory = replace(memory, mask=torch.ones_like(memory.mask))
    tokens = list(search(decoder, memory, session.options.model_copy(update={"n_best": 1}))[0][0].tokens)
    rows = decoder.unroll(torch.tensor([[START, *tokens[:-1]]], device=device), memory).attention
    if rows is None:
        raise ConfigError("This model has no attention; name a model that has.")
    last = len(session.source.pieces)
    edges = [*session.source.starts, *range(last, last + pads + 1)]
    words = group_words(session.pieces(tokens))
    weights = []
    for word in words:
        row = rows[0, word.first : word.last].double().mean(0)
        weights.append([float(row[first:end].sum()) for first, end in pairwise(edges)])
    return Padded(session.text(tokens), [word.text for word in words], weights)


@torch.inference_mode()
def first_choices(session: Session, tokens: list[int], weights: Literal["uniform", "reversed"]) -> list[int]:
    """Return the likeliest token at every step after the tokens before it, with other attention at all steps.

    Raises ConfigError without attention.
    """
    decoder, memory = session.require_single("Replaced attention")
    given = torch.tensor([[START, *tokens[:-1]]], device=memory.mask.device)
    own = decoder.unroll(given, memory).attention
    if own is None:
        raise ConfigError("This model has no attention; name a model that has.")
    places = memory.mask.shape[1]
    even = [1 / places] * places
    rows = {step: even if weights == "uniform" else row.flip(0).tolist() for step, row in enumerate(own[0], 1)}
    logits = ReplacedAttention(decoder, rows).unroll(given, memory).logits[0]
    logits[:, [PAD, START]] = float("-inf")
    found: list[int] = logits.argmax(1).tolist()
    return found
