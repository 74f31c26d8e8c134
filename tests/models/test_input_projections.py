"""Looking up what depends on a single token changes nothing."""

from typing import Any

import pytest
import torch

from seq2seq.data.batches import source_batch
from seq2seq.models import CachedInputProjections
from seq2seq.search import Beam, Greedy, SearchOptions, search
from tests.models.test_translation import SHAPES, name
from tests.tiny import lively_model, tiny_config, tiny_model

SOURCES = [[5, 6, 7, 8], [9], [4, 4, 10, 9, 8, 5]]


@pytest.mark.parametrize("shape", SHAPES, ids=name)
def test_a_tabled_model_encodes_and_steps_like_its_model(shape: dict[str, Any]) -> None:
    model = tiny_model(tiny_config(**shape))
    cached = CachedInputProjections(model)
    with torch.inference_mode():
        memory, looked_up = model.encode(*source_batch(SOURCES)), cached.encode(*source_batch(SOURCES))
        torch.testing.assert_close(looked_up.states[memory.mask], memory.states[memory.mask])
        for layer, looked in zip(memory.initial.layers, looked_up.initial.layers, strict=True):
            torch.testing.assert_close(looked, layer)
        state, other = model.decoder.start(memory), cached.start(memory)
        for tokens in (torch.tensor([1, 1, 1]), torch.tensor([7, 5, 9])):
            logits, state, attention = model.decoder.step(tokens, state, memory)
            found, other, looked = cached.step(tokens, other, memory)
            torch.testing.assert_close(found, logits)
            torch.testing.assert_close(looked, attention)


@pytest.mark.parametrize("mode", [Greedy(), Beam(size=3)])
def test_a_search_finds_the_same_with_tables(mode: Greedy | Beam) -> None:
    model = lively_model()
    cached = CachedInputProjections(model)
    options = SearchOptions(mode=mode)
    with torch.inference_mode():
        memory = model.encode(*source_batch(SOURCES))
    plain, looked_up = search(model.decoder, memory, options), search(cached, memory, options)
    assert [[one.tokens for one in best] for best in plain] == [[one.tokens for one in best] for best in looked_up]
