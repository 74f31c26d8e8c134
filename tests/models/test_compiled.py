"""A compiled step is the decoder's own, in float32 and nearly in int8."""

from typing import Any

import pytest
import torch

from seq2seq.models.compiled import CompiledDecoder
from tests.models.test_translation import SHAPES, name
from tests.tiny import encode, tiny_config, tiny_model

GENERAL = [shape for shape in SHAPES if shape["attention"] == "general" and shape["bidirectional"]]
STEPS = (torch.tensor([1, 1]), torch.tensor([7, 5]))


@pytest.mark.parametrize("shape", SHAPES, ids=name)
@torch.inference_mode()
def test_every_decoder_steps_alike_when_compiled(shape: dict[str, Any]) -> None:
    model = tiny_model(tiny_config(**shape))
    memory = encode(model, [[4, 5, 6], [9]])
    compiled = CompiledDecoder(model.decoder)
    state, other = model.decoder.start(memory), compiled.start(memory)
    for tokens in STEPS:
        logits, state, attention = model.decoder.step(tokens, state, memory)
        near, other, weights = compiled.step(tokens, other, memory)
        torch.testing.assert_close((near, weights), (logits, attention), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close((other.layers, other.feed), (state.layers, state.feed), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("shape", GENERAL, ids=name)
@torch.inference_mode()
def test_int8_steps_stay_near_those_in_float32(shape: dict[str, Any]) -> None:
    model = tiny_model(tiny_config(**shape))
    memory = encode(model, [[4, 5, 6], [9]])
    made = CompiledDecoder(model.decoder, "int8")
    state, other = model.decoder.start(memory), made.start(memory)
    for tokens in STEPS:
        logits, state, _ = model.decoder.step(tokens, state, memory)
        near, other, _ = made.step(tokens, other, memory)
        assert not torch.equal(near, logits)
        torch.testing.assert_close(near, logits, atol=0.1, rtol=0.05)


@torch.inference_mode()
def test_what_can_not_come_does_not_come() -> None:
    model = tiny_model(tiny_config())
    memory = encode(model, [[4, 5, 6], [9]]).with_limits(torch.tensor([[4], [0]]), torch.tensor([[7], [5]]))
    compiled = CompiledDecoder(model.decoder)
    state = compiled.start(memory)
    for tokens in STEPS:
        logits, state, _ = compiled.step(tokens, state, memory)
    assert logits[0].isneginf().nonzero().flatten().tolist() == [0, 4, 7]  # <pad> stands for nothing to bar
    assert logits[1].isneginf().nonzero().flatten().tolist() == [0, 5]


@torch.inference_mode()
def test_given_weights_replace_the_attention() -> None:
    model = tiny_model(tiny_config())
    memory = encode(model, [[4, 5, 6], [9]])
    weights = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0]])
    compiled = CompiledDecoder(model.decoder)
    expected = model.decoder.step(STEPS[1], model.decoder.start(memory), memory, weights)
    found = compiled.step(STEPS[1], compiled.start(memory), memory, weights)
    assert torch.equal(found[0], expected[0])
