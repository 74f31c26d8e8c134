"""The map of a step: every number of it comes out again from the model's weights, in NumPy."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from seq2seq.explain import Arithmetic, Box, Share, Sum, arithmetic
from seq2seq.session import Session
from seq2seq.text import START
from seq2seq.translator import Translator
from tests.explain.translators import READINGS, Tokenizers, made, reading
from tests.tiny import PAIRS

Vector = NDArray[np.float64]
SOURCE = PAIRS[3][0]
SHAPES: list[dict[str, Any]] = [
    *READINGS,
    {"cell": "rnn"},
    {"cell": "gru", "attention": "dot"},
    {"attention": "none"},
    {"encoder_layers": 2, "decoder_layers": 2, "layer_norm": True},
    {"bidirectional": False},
]


def step_of(translator: Translator, prefix: list[int], token: int) -> tuple[Session, Arithmetic]:
    session = translator.session(SOURCE)
    return session, arithmetic(session, prefix, token)


def vector(tensor: torch.Tensor) -> Vector:
    return tensor.detach().double().numpy()


def sigmoid(values: Vector) -> Vector:
    return 1 / (1 + np.exp(-values))


def near(one: Any, other: Any) -> bool:
    return bool(np.allclose(one, other, atol=1e-5, rtol=1e-5))


@pytest.mark.parametrize("changes", SHAPES, ids=reading)
def test_sums_add_up_and_units_end_in_the_value_of_their_box(
    tokenizers: Tokenizers, changes: dict[str, Any]
) -> None:
    _, found = step_of(made(tokenizers, **changes), [7, 9], 11)
    for box in found.boxes:
        for unit in box.units:
            listed = box.name in ("logits", "softmax")  # of the likeliest pieces only, not of all
            value = box.values[box.labels.index(unit.name) if listed else unit.number]
            assert near(unit.steps[-1].result, value), f"{box.name} {unit.name}"
            for step in unit.steps:
                check_step(step)


def check_step(step: Sum | Share) -> None:
    if isinstance(step, Share):
        assert near(step.power, np.exp(step.score - step.largest))
        assert near(step.result, step.power / step.powers)
        return
    total = sum(one.weight * one.value for one in step.products) + step.rest + step.bias
    assert near(step.total, total)
    made_of: dict[str, Any] = {"": total, "tanh": np.tanh(total), "sigmoid": sigmoid(np.array(total))}
    assert near(step.result, made_of[step.function])


@pytest.mark.parametrize("changes", SHAPES, ids=reading)
def test_the_probability_is_that_of_forced_decoding(tokenizers: Tokenizers, changes: dict[str, Any]) -> None:
    translator = made(tokenizers, **changes)
    session, found = step_of(translator, [7, 9], 11)
    decoder, memory = session.require_single("this")
    with torch.inference_mode():
        log_probs = decoder.unroll(torch.tensor([[START, 7, 9]]), memory).logits[0, -1].double().log_softmax(-1)
    assert near(found.probability, log_probs[11].exp())


def test_the_way_through_a_model_is_that_of_the_papers(tokenizers: Tokenizers) -> None:
    translator = made(tokenizers, attention_at="after")
    session, found = step_of(translator, [7], 11)
    model, decoder = translator.model, translator.model.decoder
    ids = [*translator.source_ids(SOURCE), 2]
    embedded = vector(model.encoder.embedding.weight)[ids]
    forward, _ = lstm(model.encoder.forwards[0].sequence, embedded)
    backward, _ = lstm(model.encoder.backwards[0].sequence, embedded[::-1])
    states = np.concatenate([forward, backward[::-1]], 1)
    written = vector(decoder.embedding.weight)[[START, 7]]
    first = [vector(part[0]) for part in session.memory.initial.layers[0]]
    outputs, _ = lstm(decoder.layers[0].sequence, written, first[0], first[1])
    assert decoder.attention is not None
    scores = states @ (vector(decoder.attention.query.weight) @ outputs[-1])
    weights = np.exp(scores) / np.exp(scores).sum()
    context = weights @ states
    readout = np.tanh(
        vector(decoder.readout.weight) @ np.concatenate([outputs[-1], context]) + vector(decoder.readout.bias)
    )
    logits = vector(decoder.output.weight) @ readout + vector(decoder.output.bias)
    place = int(weights.argmax())
    expected = {
        "embedding": embedded[place], "forward": forward[place], "backward": backward[::-1][place],
        "state": states[place], "input": written[-1], "cell": outputs[-1], "scores": scores, "weights": weights,
        "context": context, "readout": readout,
    }  # fmt: skip
    for name, values in expected.items():
        assert near(found.box(name).values, values), name
    assert near(found.box("logits").values[0], logits[11])
    assert near(found.probability, np.exp(logits[11]) / np.exp(logits).sum())


def lstm(layer: torch.nn.LSTM, inputs: Vector, hidden: Any = None, memory: Any = None) -> tuple[Vector, Vector]:
    """Return the hidden states and memory cells of an LSTM, by Graves 2013, eq. 7 to 11."""
    width = layer.hidden_size
    hidden = np.zeros(width) if hidden is None else hidden
    memory = np.zeros(width) if memory is None else memory
    states, cells = [], []
    bias = vector(layer.bias_ih_l0) + vector(layer.bias_hh_l0)
    for one in inputs:
        gates = vector(layer.weight_ih_l0) @ one + vector(layer.weight_hh_l0) @ hidden + bias
        into, forget, new, out = np.split(gates, 4)
        memory = sigmoid(forget) * memory + sigmoid(into) * np.tanh(new)
        hidden = sigmoid(out) * np.tanh(memory)
        states.append(hidden)
        cells.append(memory)
    return np.array(states), np.array(cells)


def test_products_are_the_largest_and_name_what_they_weigh(tokenizers: Tokenizers) -> None:
    _, found = step_of(made(tokenizers, attention_at="after"), [7], 11)
    box: Box = found.box("context")
    for unit in box.units:
        (step,) = unit.steps
        assert isinstance(step, Sum)
        sizes = [abs(one.weight * one.value) for one in step.products]
        assert sizes == sorted(sizes, reverse=True)
        assert step.others == len(box_words(found)) - len(step.products)
        assert {one.name for one in step.products} <= set(box_words(found))


def box_words(found: Arithmetic) -> tuple[str, ...]:
    return found.box("weights").labels
