"""Sums of products and softmaxes written out: what a unit of a model is made of, down to one multiplication."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.models.cells import CellState, RecurrentLayer

TERMS = 6  # products of a sum that are shown one by one


class Product(NamedTuple):
    """A weight times a value, with what the value is."""

    name: str
    weight: float
    value: float


class Sum(NamedTuple):
    """A weighted sum: shown products + rest + bias = total; result = function(total)."""

    name: str
    products: tuple[Product, ...]
    others: int  # products that are not shown
    rest: float  # their sum
    bias: float
    total: float
    function: str  # sigmoid, tanh or "" for none
    result: float


class Share(NamedTuple):
    """A softmax: result = exp(score) / the sum of exp over all; what is the same for all is subtracted before."""

    name: str
    score: float
    largest: float
    power: float  # exp(score - largest)
    powers: float  # their sum
    result: float


class Unit(NamedTuple):
    """A value of a box and how it is computed, in order; the last one is the value itself."""

    name: str
    number: int
    steps: tuple[Sum | Share, ...]


def weighted(
    name: str, weights: Tensor, values: Tensor, names: Sequence[str], bias: float = 0.0, function: str = ""
) -> Sum:
    """Return the sum of weights (n,) times values (n,), with the largest products one by one."""
    weights, values = weights.double(), values.double()
    products = weights * values
    shown = products.abs().topk(min(TERMS, len(products))).indices.tolist()
    rest = float(products.sum() - products[shown].sum())
    total = float(products.sum()) + bias
    return Sum(
        name,
        tuple(Product(names[i], float(weights[i]), float(values[i])) for i in shown),
        len(products) - len(shown),
        rest if len(products) > len(shown) else 0.0,
        bias,
        total,
        function,
        _applied(function, total),
    )


def _applied(function: str, total: float) -> float:
    value = torch.tensor(total, dtype=torch.float64)
    return float({"": value, "tanh": value.tanh(), "sigmoid": value.sigmoid()}[function])


def _few(name: str, products: Sequence[Product], function: str = "") -> Sum:
    total = sum(product.weight * product.value for product in products)
    return Sum(name, tuple(products), 0, 0.0, 0.0, total, function, _applied(function, total))


def share(name: str, scores: Tensor, place: int) -> Share:
    """Return the softmax of scores (n,) at one place."""
    scores = scores.double()
    largest = float(scores.max())
    powers = (scores - largest).exp()
    return Share(
        name,
        float(scores[place]),
        largest,
        float(powers[place]),
        float(powers.sum()),
        float(powers[place] / powers.sum()),
    )


def cell_unit(layer: RecurrentLayer, unit: int, inputs: Tensor, names: Sequence[str], state: CellState) -> Unit:
    """Return how one unit of a recurrent cell comes about, given its inputs (width,) and its previous state."""
    s = layer.sequence
    hidden = layer.hidden
    before = [f"h′[{i}]" for i in range(hidden)]
    old = state[0][0]

    def gate(number: int, name: str, function: str) -> Sum:
        row = number * hidden + unit
        weights = torch.cat([s.weight_ih_l0[row], s.weight_hh_l0[row]])
        bias = float(s.bias_ih_l0[row].double() + s.bias_hh_l0[row].double())
        return weighted(name, weights, torch.cat([inputs, old]), [*names, *before], bias, function)

    if layer.cell == "rnn":
        return Unit(f"h[{unit}]", unit, (gate(0, "h", "tanh"),))
    if layer.cell == "lstm":
        into, forget, new, out = (
            gate(0, "i, the input gate", "sigmoid"),
            gate(1, "f, the forget gate", "sigmoid"),
            gate(2, "g, the candidate", "tanh"),
            gate(3, "o, the output gate", "sigmoid"),
        )
        kept = float(state[1][0, unit].double())
        memory = _few(
            "c = f c′ + i g", [Product("f · c′", forget.result, kept), Product("i · g", into.result, new.result)]
        )
        bounded = _applied("tanh", memory.result)
        end = _few("h = o tanh(c)", [Product("o · tanh(c)", out.result, bounded)])
        return Unit(f"h[{unit}]", unit, (into, forget, new, out, memory, end))
    reset, update = gate(0, "r, the reset gate", "sigmoid"), gate(1, "z, the update gate", "sigmoid")
    row = 2 * hidden + unit
    again = weighted("U h′ + b", s.weight_hh_l0[row], old, before, float(s.bias_hh_l0[row]))
    fresh = weighted("W x + b", s.weight_ih_l0[row], inputs, names, float(s.bias_ih_l0[row]))
    new = _few(
        "n, the candidate",
        [Product("1 · (W x + b)", 1.0, fresh.result), Product("r · (U h′ + b)", reset.result, again.result)],
        "tanh",
    )
    end = _few(
        "h = (1 − z) n + z h′",
        [
            Product("(1 − z) · n", 1 - update.result, new.result),
            Product("z · h′", update.result, float(old[unit].double())),
        ],
    )
    return Unit(f"h[{unit}]", unit, (reset, update, fresh, again, new, end))
