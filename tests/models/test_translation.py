"""The whole model: what must hold for every cell, attention, place of attention, depth and direction."""

import itertools
from typing import Any

import pytest
import torch

from seq2seq.config import parse
from seq2seq.data.batches import source_batch
from seq2seq.errors import ConfigError, ShapeError
from seq2seq.models import ModelConfig
from seq2seq.models.memory import Memory, State
from tests.tiny import encode, padded, tiny_config, tiny_model

PLACES: list[dict[str, Any]] = [
    {"attention_at": "before"},
    {"attention_at": "after"},
    {"attention_at": "after", "input_feeding": True},
]
SHAPES = [
    {"cell": cell, "encoder_layers": layers, "decoder_layers": layers, "bidirectional": both, **reading}
    for cell, layers, both in itertools.product(("rnn", "gru", "lstm"), (1, 2), (True, False))
    for reading in [
        {"attention": "none"},
        *({"attention": kind, **place} for kind in ("dot", "general", "additive") for place in PLACES),
    ]
]
SHAPES += [
    {"cell": cell, "encoder_layers": 2, "decoder_layers": 2, "bidirectional": True, "attention": "general",
     "attention_at": place, "layer_norm": True, "variational": True, "dropout": 0.3}
    for cell in ("gru", "lstm") for place in ("before", "after")
]  # fmt: skip
SOURCES = [[4, 5, 6, 7, 8], [9, 4], [10]]
TARGETS = torch.tensor([[1, 5, 6, 7], [1, 12, 4, 5], [1, 8, 8, 9]])
READERS = [shape for shape in SHAPES if shape["cell"] == "gru" and shape["encoder_layers"] == 2]


def name(shape: dict[str, Any]) -> str:
    place = "feeding" if shape.get("input_feeding") else shape.get("attention_at", "")
    directions = 2 if shape["bidirectional"] else 1
    place += "-norm" * shape.get("layer_norm", False)
    return f"{shape['cell']}{shape['encoder_layers']}x{directions}-{shape['attention']}-{place}".strip("-")


@pytest.mark.parametrize("shape", SHAPES, ids=name)
@torch.inference_mode()
def test_step_repeated_equals_unroll(shape: dict[str, Any]) -> None:
    model = tiny_model(tiny_config(**shape))
    memory = encode(model, SOURCES)
    whole = model.decoder.unroll(TARGETS, memory)
    state = model.decoder.start(memory)
    for time in range(TARGETS.shape[1]):
        logits, state, attention = model.decoder.step(TARGETS[:, time], state, memory)
        torch.testing.assert_close(logits, whole.logits[:, time], atol=1e-5, rtol=1e-5)
        if whole.attention is None:
            assert attention is None
        else:
            torch.testing.assert_close(attention, whole.attention[:, time], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(state.vector(), whole.state.vector(), atol=1e-5, rtol=1e-5)
    assert (whole.attention is None) == (shape["attention"] == "none")


@pytest.mark.parametrize("shape", READERS, ids=name)
@torch.no_grad()
def test_what_can_come_once_comes_once_step_by_step_and_at_once(shape: dict[str, Any]) -> None:
    model = tiny_model(tiny_config(**shape))
    limited, other = int(TARGETS[0, 1]), int(TARGETS[0, 2])
    nothing = torch.zeros(len(SOURCES), 1, dtype=torch.long)
    memory = encode(model, SOURCES).with_limits(nothing, nothing + limited)
    whole = model.decoder.unroll(TARGETS, memory).logits
    state = model.decoder.start(memory)
    for time in range(TARGETS.shape[1]):
        logits, state, _ = model.decoder.step(TARGETS[:, time], state, memory)
        torch.testing.assert_close(logits, whole[:, time], atol=1e-5, rtol=1e-5)
        came = (TARGETS[:, : time + 1] == limited).any(1)
        assert torch.equal(logits[:, limited].isneginf(), came)
        assert other == limited or not logits[:, other].isneginf().any()


@pytest.mark.parametrize("shape", SHAPES, ids=name)
@torch.inference_mode()
def test_a_batch_equals_its_sentences_one_by_one(shape: dict[str, Any]) -> None:
    model = tiny_model(tiny_config(**shape))
    together = encode(model, SOURCES)
    logits = model.decoder.unroll(TARGETS, together)
    for row, source in enumerate(SOURCES):
        alone = encode(model, [source])
        length = len(source) + 1
        torch.testing.assert_close(together.states[row, :length], alone.states[0])
        for many, one in zip(together.initial.layers, alone.initial.layers, strict=True):
            for part, own in zip(many, one, strict=True):
                torch.testing.assert_close(part[row], own[0])
        single = model.decoder.unroll(TARGETS[row : row + 1], alone)
        torch.testing.assert_close(logits.logits[row], single.logits[0], atol=1e-5, rtol=1e-5)
        if logits.attention is not None:
            torch.testing.assert_close(logits.attention[row, :, :length], single.attention[0])
            assert (logits.attention[row, :, length:] == 0.0).all()


@pytest.mark.parametrize("shape", READERS, ids=name)
@torch.inference_mode()
def test_rubbish_behind_the_mask_changes_nothing(shape: dict[str, Any]) -> None:
    model = tiny_model(tiny_config(**shape))
    ids, mask = source_batch(SOURCES)
    rubbish = torch.where(mask, ids, torch.tensor(3))
    wider = torch.cat([rubbish, torch.full((3, 4), 9)], 1)
    memory = model.encode(ids, mask)
    other = model.encode(wider, torch.cat([mask, torch.zeros(3, 4, dtype=torch.bool)], 1))
    a, b = (model.decoder.unroll(TARGETS, each) for each in (memory, other))
    torch.testing.assert_close(a.logits, b.logits)


@torch.inference_mode()
def test_states_behind_the_mask_are_not_read() -> None:
    model = tiny_model()
    memory = encode(model, [[4, 5, 6]])
    states, mask = padded(memory, 3)
    wider = model.decoder.build_memory(states, mask, memory.initial)
    a, b = (model.decoder.unroll(TARGETS[:1], each) for each in (memory, wider))
    torch.testing.assert_close(a.logits, b.logits)
    assert b.attention is not None
    assert (b.attention[0, :, 4:] == 0.0).all()


@pytest.mark.parametrize("shape", READERS, ids=name)
@torch.inference_mode()
def test_selected_rows_go_on_as_those_rows(shape: dict[str, Any]) -> None:
    model = tiny_model(tiny_config(**shape))
    memory = encode(model, SOURCES)
    _, state, _ = model.decoder.step(TARGETS[:, 0], model.decoder.start(memory), memory)
    logits, _, _ = model.decoder.step(TARGETS[:, 1], state, memory)
    rows = torch.tensor([2, 0, 0])
    picked, _, _ = model.decoder.step(TARGETS[rows, 1], state.select(rows), memory.select(rows))
    torch.testing.assert_close(picked, logits[rows])


@pytest.mark.parametrize("shape", [s for s in READERS if s["attention"] != "none"], ids=name)
@torch.inference_mode()
def test_given_weights_replace_the_attention(shape: dict[str, Any]) -> None:
    model = tiny_model(tiny_config(**shape))
    memory = encode(model, SOURCES)
    start = model.decoder.start(memory)
    own_logits, _, own = model.decoder.step(TARGETS[:, 0], start, memory)
    assert own is not None
    again, _, _ = model.decoder.step(TARGETS[:, 0], start, memory, own)
    torch.testing.assert_close(again, own_logits)
    given = torch.zeros_like(own)
    given[:, 0] = 1.0
    logits, _, shown = model.decoder.step(TARGETS[:, 0], start, memory, given)
    assert shown is given
    assert not torch.allclose(logits, own_logits)
    # With all weight on the first word the other states do not matter.
    states = memory.states.clone()
    states[:, 1:] = 3.0
    elsewhere = Memory(states, memory.mask, memory.initial, memory.keys)
    torch.testing.assert_close(model.decoder.step(TARGETS[:, 0], start, elsewhere, given)[0], logits)


@torch.inference_mode()
def test_without_attention_the_states_do_not_matter() -> None:
    model = tiny_model(tiny_config(attention="none"))
    memory = encode(model, [[4, 5, 6]])
    emptied = Memory(torch.zeros_like(memory.states), memory.mask, memory.initial)
    a, b = (model.decoder.unroll(TARGETS[:1], each) for each in (memory, emptied))
    torch.testing.assert_close(a.logits, b.logits)
    assert a.attention is None


def test_each_decoder_layer_has_a_bridge_of_its_own() -> None:
    model = tiny_model(tiny_config(encoder_layers=1, decoder_layers=3))
    assert len(model.bridge.layers) == 3
    assert [len(parts) for parts in model.bridge.layers] == [2, 2, 2]
    ids, mask = source_batch([[4, 5]])
    summary = model.encoder(ids, mask).summaries[0]
    memory = model.encode(ids, mask)
    for number, layer in enumerate(memory.initial.layers):
        for part, value in enumerate(layer):
            bridge = model.bridge.layers[number][part]
            torch.testing.assert_close(value, (summary @ bridge.weight.T + bridge.bias).tanh())


@torch.inference_mode()
def test_the_summary_is_the_last_word_of_each_direction() -> None:
    model = tiny_model()
    ids, mask = source_batch(SOURCES)
    encoded = model.encoder(ids, mask)
    hidden = encoded.states.shape[2] // 2
    for row, source in enumerate(SOURCES):
        ends = torch.cat([encoded.states[row, len(source), :hidden], encoded.states[row, 0, hidden:]])
        torch.testing.assert_close(encoded.summaries[0][row], ends)


@torch.inference_mode()
def test_the_encoder_equals_packed_torch_layers() -> None:
    model = tiny_model(tiny_config(cell="lstm"))
    layer = torch.nn.LSTM(6, 4, batch_first=True, bidirectional=True)
    for suffix, own in (("", model.encoder.forwards[0]), ("_reverse", model.encoder.backwards[0])):
        for part, value in own.sequence.named_parameters():
            getattr(layer, part + suffix).copy_(value)
    ids, mask = source_batch(SOURCES)
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        model.encoder.embedding(ids), mask.sum(1), batch_first=True, enforce_sorted=False
    )
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True)
    torch.testing.assert_close(model.encoder(ids, mask).states[mask], expected[mask])


def test_tied_layers_share_one_parameter() -> None:
    tied, own = (tiny_model(tiny_config(tied=answer)) for answer in (True, False))
    assert tied.decoder.output.weight is tied.decoder.embedding.weight
    assert own.decoder.output.weight is not own.decoder.embedding.weight
    assert len(list(own.parameters())) == len(list(tied.parameters())) + 1


@pytest.mark.parametrize("shape", READERS, ids=name)
def test_gradients_reach_every_weight(shape: dict[str, Any]) -> None:
    model = tiny_model(tiny_config(**shape))
    memory = encode(model, SOURCES)
    model.decoder.unroll(TARGETS, memory).logits.square().sum().backward()
    for part, parameter in model.named_parameters():
        assert parameter.grad is not None, part
        assert parameter.grad.abs().sum() > 0, part


def test_gradients_flow_through_steps() -> None:
    model = tiny_model(tiny_config(attention="general"))
    memory = encode(model, [[4, 5]])
    state = model.decoder.start(memory)
    for token in (1, 5, 6):
        logits, state, _ = model.decoder.step(torch.tensor([token]), state, memory)
    logits[0, 7].backward()
    assert model.decoder.attention is not None
    assert model.decoder.attention.query.weight.grad.abs().sum() > 0
    assert model.encoder.embedding.weight.grad[5].abs().sum() > 0


def test_dropout_acts_only_in_training() -> None:
    model = tiny_model(tiny_config(dropout=0.5))
    memory = encode(model, SOURCES)
    a, b = (model.decoder.unroll(TARGETS, memory).logits for _ in range(2))
    torch.testing.assert_close(a, b)
    model.train()
    a, b = (model.decoder.unroll(TARGETS, memory).logits for _ in range(2))
    assert not torch.allclose(a, b)


def test_a_source_without_tokens_is_refused() -> None:
    model = tiny_model()
    with pytest.raises(ShapeError, match="leave it out"):
        model.encode(torch.zeros(2, 3, dtype=torch.long), torch.tensor([[True] * 3, [False] * 3]))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"attention": "dot", "encoder_hidden": 8, "decoder_hidden": 8}, "decoder_hidden = 16"),
        ({"attention": "none", "input_feeding": True}, "input_feeding needs attention after"),
        ({"attention_at": "before", "input_feeding": True}, "input_feeding needs attention after"),
        ({"cell": "gru2"}, "cell = 'gru2' is not possible"),
        ({"hidden": 3}, "unknown key 'hidden'"),
        ({"dropout": 1.0}, "dropout = 1.0 is not possible"),
    ],
)
def test_a_config_that_does_not_fit_is_a_clear_error(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse(ModelConfig, values, "recipe.toml")
    assert "\n" not in str(caught.value)


def test_a_state_shows_its_top_layer() -> None:
    low, high = torch.zeros(2, 3), torch.ones(2, 3)
    assert State(((low,), (high,))).vector() is high
