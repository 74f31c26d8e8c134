"""Looking up what depends on a single token changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch

from seq2seq.data.batches import source_batch
from seq2seq.models import CachedInputProjections, CompiledDecoder
from seq2seq.search import Beam, Greedy, SearchOptions, search
from tests.models.test_translation import SHAPES, name
from tests.tiny import lively_model, tiny_config, tiny_model

SOURCES = [[5, 6, 7, 8], [9], [4, 4, 10, 9, 8, 5]]


@pytest.mark.parametrize("compiles", [False, True], ids=["torch", "compiled"])
@pytest.mark.parametrize("shape", SHAPES, ids=name)
def test_a_tabled_model_encodes_and_steps_like_its_model(shape: dict[str, Any], compiles: bool) -> None:
    model = tiny_model(tiny_config(**shape))
    cached = CachedInputProjections(model, CompiledDecoder(model.decoder) if compiles else None)
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


def test_what_was_looked_up_before_changes_nothing() -> None:
    model = lively_model(source=40)
    before, alone = (CachedInputProjections(model, CompiledDecoder(model.decoder)) for _ in range(2))
    with torch.inference_mode():
        before.encode(*source_batch([[30, 6, 11], [12]]))
        found, fresh = (each.encode(*source_batch([[7, 6, 31, 5]])) for each in (before, alone))
    assert torch.equal(found.states, fresh.states)


def test_threads_may_share_the_tables() -> None:
    model = lively_model(source=40)
    expected = CachedInputProjections(model)
    shared = CachedInputProjections(model, CompiledDecoder(model.decoder))
    sources = [[4 + (7 * number) % 36, 4 + number] for number in range(36)]

    def states(cached: CachedInputProjections, ids: list[int]) -> torch.Tensor:
        with torch.inference_mode():
            return cached.encode(*source_batch([ids])).states

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda ids: states(shared, ids), sources))
    for ids, each in zip(sources, found, strict=True):
        torch.testing.assert_close(each, states(expected, ids))


@pytest.mark.parametrize("mode", [Greedy(), Beam(size=3), Beam(size=4, groups=2, coverage=0.3)])
def test_a_search_finds_the_same_with_tables(mode: Greedy | Beam) -> None:
    model = lively_model()
    cached = CachedInputProjections(model, CompiledDecoder(model.decoder))
    options = SearchOptions(mode=mode)
    with torch.inference_mode():
        memory = model.encode(*source_batch(SOURCES))
    plain, looked_up = search(model.decoder, memory, options), search(cached, memory, options)
    assert [[one.tokens for one in best] for best in plain] == [[one.tokens for one in best] for best in looked_up]
