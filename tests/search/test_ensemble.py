"""Several models that decide together."""

import pytest
import torch

from seq2seq.data.batches import source_batch
from seq2seq.models import CachedInputProjections
from seq2seq.search import Beam, DecoderEnsemble, Ensemble, EnsembleMemory, Greedy, Mode, SearchOptions, search
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


@torch.inference_mode()
def test_decoders_together_say_the_same_step_by_step_and_at_once() -> None:
    models = [lively_model(), lively_model(embedding=7)]
    together = DecoderEnsemble([model.decoder for model in models])
    memory = EnsembleMemory(tuple(encode(model, SOURCES) for model in models))
    targets = torch.tensor([[1, 5, 6], [1, 7, 7], [1, 4, 9]])
    state, steps = together.start(memory), []
    for tokens in targets.unbind(1):
        log_probs, state, _ = together.step(tokens, state, memory)
        steps.append(log_probs)
    torch.testing.assert_close(together.unroll(targets, memory).logits, torch.stack(steps, 1))
    alone = [model.decoder.unroll(targets, own).logits for model, own in zip(models, memory.members, strict=True)]
    mean = torch.stack([each.softmax(-1) for each in alone]).mean(0)
    torch.testing.assert_close(torch.stack(steps, 1).exp(), mean)


@torch.inference_mode()
def test_given_weights_replace_the_attention_of_each_decoder() -> None:
    models = [lively_model(), lively_model(attention="dot")]
    together = DecoderEnsemble([model.decoder for model in models])
    memory = EnsembleMemory(tuple(encode(model, SOURCES) for model in models))
    tokens = torch.tensor([1, 1, 1])
    weights = torch.zeros(memory.mask.shape)
    weights[:, 0] = 1
    log_probs, _, attention = together.step(tokens, together.start(memory), memory, weights)
    each = [
        model.decoder.step(tokens, model.decoder.start(own), own, weights)[0].softmax(1)
        for model, own in zip(models, memory.members, strict=True)
    ]
    torch.testing.assert_close(log_probs.exp(), (each[0] + each[1]) / 2)
    assert attention is not None
    torch.testing.assert_close(attention, weights)
