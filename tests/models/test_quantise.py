"""Products in int8 stay near those in float32, and leave the decoder that they are made of alone."""

from typing import Any

import pytest
import torch

from seq2seq.models.quantise import quantised
from tests.models.test_translation import READERS, name
from tests.models.test_translation import SHAPES as EVERY
from tests.tiny import encode, tiny_config, tiny_model

SHAPES = [*READERS, *(s for s in EVERY if s["attention"] == "general" and s["bidirectional"])]


@pytest.mark.parametrize("shape", SHAPES, ids=name)
@torch.inference_mode()
def test_int8_steps_stay_near_those_in_float32(shape: dict[str, Any]) -> None:
    model = tiny_model(tiny_config(**shape))
    memory = encode(model, [[4, 5, 6], [9]])
    before = {key: value.clone() for key, value in model.state_dict().items()}
    made = quantised(model.decoder)
    state, other = model.decoder.start(memory), made.start(memory)
    for tokens in (torch.tensor([1, 1]), torch.tensor([7, 5])):
        logits, state, _ = model.decoder.step(tokens, state, memory)
        near, other, _ = made.step(tokens, other, memory)
        assert not torch.equal(near, logits)
        torch.testing.assert_close(near, logits, atol=0.1, rtol=0.05)
    for key, value in model.state_dict().items():
        assert torch.equal(value, before[key])
