"""Several models that decide together."""

import pytest
import torch

from seq2seq.data.batches import source_batch
from seq2seq.models import CachedInputProjections
from seq2seq.search import Beam, Ensemble, EnsembleMemory, Greedy, Mode, SearchOptions, search
from tests.tiny import encode, lively_model

SOURCES = [[5, 6, 7, 8], [9], [4, 4, 10, 9, 8, 5]]


@torch.inference_mode()
def test_the_mean_of_probabilities_and_attention_by_hand() -> None:
    models = [lively_model(), lively_model(attention="dot", embedding=7)]
    tokens = torch.tensor([1, 1, 1])
    memories = [encode(model, SOURCES) for model in models]
    alone = [
        model.decoder.step(tokens, model.decoder.start(memory), memory)
        for model, memory in zip(models, memories, strict=True)
    ]
    ensemble = Ensemble([CachedInputProjections(model) for model in models])
    memory = ensemble.encode(*source_batch(SOURCES))
    log_probs, _, attention = ensemble.step(tokens, ensemble.start(memory), memory)
    mean = (alone[0][0].softmax(1) + alone[1][0].softmax(1)) / 2
    torch.testing.assert_close(log_probs.exp(), mean)
    assert attention is not None
    assert alone[0][2] is not None
    assert alone[1][2] is not None
    torch.testing.assert_close(attention, (alone[0][2] + alone[1][2]) / 2)


@pytest.mark.parametrize("mode", [Greedy(), Beam(size=3), Beam(size=4, groups=2), Beam(coverage=0.3)], ids=str)
def test_a_model_beside_itself_finds_what_it_finds_alone(mode: Mode) -> None:
    model = lively_model()
    options = SearchOptions(mode=mode)
    memory = encode(model, SOURCES)
    twice = search(Ensemble([CachedInputProjections(model)] * 2), EnsembleMemory((memory, memory)), options)
    once = search(model.decoder, memory, options)
    assert [best[0].tokens for best in twice] == [best[0].tokens for best in once]
    assert [best[0].score for best in twice] == pytest.approx([best[0].score for best in once], abs=1e-5)
