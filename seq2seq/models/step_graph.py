"""Steps as ONNX graphs (https://onnx.ai): `Decoder.step` and `RecurrentLayer.step`, operation by operation.

The inputs and outputs are named in `step_graph` and `layer_graph`; `rows` and `source` may differ at every step.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from torch import Tensor, nn

from seq2seq.models.attention import Attention
from seq2seq.models.cells import RecurrentLayer
from seq2seq.models.decoder import Decoder

Precision = Literal["float32", "int8"]

_OPSET, _IR = 18, 9  # as old as has all operations, so that every runtime of the range reads it
# Weights take 7 of the 8 bits: processors without VNNI add two products in 16 bits, which 8 bits would overflow.
_MOST = 63


def step_graph(decoder: Decoder, precision: Precision) -> ModelProto:
    """Return the graph of a decoder's step.

    Inputs: input_gates (rows, gates x hidden); state.LAYER.PART (rows, hidden); with attention states (rows,
    source, memory), mask (rows, source) and, if it is additive, keys (rows, source, attention); with attention
    before the cell embedded (rows, embedding); with input feeding feed (rows, embedding).
    Outputs: logits (rows, vocabulary); after.LAYER.PART; with attention, attention (rows, source); with input
    feeding, readout (rows, embedding).
    precision: of the products with the recurrent, the query, the readout and the output weights.
    """
    graph = _Graph(precision)
    gates = graph.input("input_gates")
    before = [[graph.input(f"state.{n}.{part}") for part in range(parts(layer))] for n, layer in layers(decoder)]
    attention = None if decoder.attention is None else _Attention(graph, decoder.attention)
    weights = context = beside = None
    if attention and decoder.before:
        weights, context = attention.read(before[-1][0])
        beside = context
    elif decoder.input_feeding:
        beside = graph.input("feed")
    if beside:
        width = decoder.embedding.embedding_dim
        gates = graph.add(gates, graph.product(beside, decoder.layer(0).sequence.weight_ih_l0[:, width:]))
    outputs = ""
    for number, layer in layers(decoder):
        inside = graph.product(outputs, *input_weights(layer)) if number else gates
        after = _cell(graph, layer, inside, before[number])
        outputs = graph.add(after[0], outputs) if number else after[0]
        for part, name in enumerate(after):
            graph.output(f"after.{number}.{part}", name)
    if isinstance(decoder.norm, nn.LayerNorm):
        outputs = graph.layer_norm(outputs, decoder.norm)
    read = [outputs]
    if attention and context:
        read = [outputs, context, graph.input("embedded")]
    elif attention:
        weights, context = attention.read(outputs)
        read = [outputs, context]
    joined = graph.node("Concat", *read, axis=1) if len(read) > 1 else outputs
    readout = graph.tanh(graph.fast_product(joined, decoder.readout.weight, decoder.readout.bias))
    graph.output("logits", graph.fast_product(readout, decoder.output.weight, decoder.output.bias))
    if weights:
        graph.output("attention", weights)
    if decoder.input_feeding:
        graph.output("readout", readout)
    return graph.model()


def layer_graph(layers: Sequence[RecurrentLayer], precision: Precision) -> ModelProto:
    """Return the graph of a step of recurrent layers side by side.

    Inputs: input_gates.LAYER (rows, gates x hidden) and state.LAYER.PART (rows, hidden). Outputs: after.LAYER.PART.
    """
    graph = _Graph(precision)
    for number, layer in enumerate(layers):
        before = [graph.input(f"state.{number}.{part}") for part in range(parts(layer))]
        for part, name in enumerate(_cell(graph, layer, graph.input(f"input_gates.{number}"), before)):
            graph.output(f"after.{number}.{part}", name)
    return graph.model()


def layers(decoder: Decoder) -> list[tuple[int, RecurrentLayer]]:
    """Return the recurrent layers with their numbers."""
    return [(number, decoder.layer(number)) for number in range(len(decoder.layers))]


def parts(layer: RecurrentLayer) -> int:
    """Return the number of parts of a layer's state."""
    return 2 if layer.cell == "lstm" else 1


def input_weights(layer: RecurrentLayer) -> tuple[Tensor, Tensor]:
    """Return what `RecurrentLayer.project_inputs` multiplies by and adds."""
    s = layer.sequence
    return s.weight_ih_l0, s.bias_ih_l0 if layer.cell == "gru" else s.bias_ih_l0 + s.bias_hh_l0


def _cell(graph: "_Graph", layer: RecurrentLayer, inside: str, before: Sequence[str]) -> list[str]:
    """Return the parts of the next state, as `RecurrentLayer.step` does."""
    s, hidden = layer.sequence, before[0]
    sigmoid, tanh = graph.sigmoid, graph.tanh
    if layer.cell == "gru":
        reset, update, new = graph.split(graph.fast_product(hidden, s.weight_hh_l0, s.bias_hh_l0), 3)
        reset_in, update_in, new_in = graph.split(inside, 3)
        kept = sigmoid(graph.add(update, update_in))
        new = tanh(graph.add(new_in, graph.mul(sigmoid(graph.add(reset, reset_in)), new)))
        return [graph.add(new, graph.mul(kept, graph.node("Sub", hidden, new)))]
    gates = graph.add(graph.fast_product(hidden, s.weight_hh_l0), inside)
    if layer.cell == "rnn":
        return [tanh(gates)]
    into, forget, new, out = graph.split(gates, 4)
    memory = graph.add(graph.mul(sigmoid(forget), before[1]), graph.mul(sigmoid(into), tanh(new)))
    return [graph.mul(sigmoid(out), tanh(memory)), memory]


class _Attention:
    """Reads the source, as `Attention` does."""

    def __init__(self, graph: "_Graph", attention: Attention) -> None:
        self._graph = graph
        self._attention = attention
        self._states = graph.input("states", 3)
        self._keys = graph.input("keys", 3) if attention.kind == "additive" else self._states
        self._mask = graph.input("mask", 2, TensorProto.BOOL)
        self._one = graph.constant(np.array([1]))

    def read(self, query: str) -> tuple[str, str]:
        """Return the weights (rows, source) and the context (rows, memory) of queries (rows, query)."""
        graph, attention = self._graph, self._attention
        if attention.kind != "dot":
            query = graph.fast_product(query, attention.query.weight, attention.query.bias)
        query = graph.node("Unsqueeze", query, self._one)
        if attention.kind == "additive":
            mixed = graph.tanh(graph.add(query, self._keys))  # (rows, source, attention)
            scores = graph.node("Squeeze", graph.product(mixed, attention.score.weight), graph.constant([2]))
        else:
            across = graph.node("Transpose", self._keys, perm=[0, 2, 1])
            scores = graph.node("Squeeze", graph.node("MatMul", query, across), self._one)
        nothing = graph.constant(np.float32("-inf"))
        weights = graph.node("Softmax", graph.node("Where", self._mask, scores, nothing), axis=1)
        context = graph.node("MatMul", graph.node("Unsqueeze", weights, self._one), self._states)
        return weights, graph.node("Squeeze", context, self._one)


class _Graph:
    """A graph under construction; its values are known by their names."""

    def __init__(self, precision: Precision) -> None:
        self._precision = precision
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def input(self, name: str, dimensions: int = 2, kind: int = TensorProto.FLOAT) -> str:
        """Add an input, (rows, any) or (rows, source, any), and return its name."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, [None] * dimensions))
        return name

    def output(self, name: str, value: str) -> None:
        """Add an output."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, None]))

    def constant(self, values: Any) -> str:
        """Add a constant and return its name."""
        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def node(self, operation: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add an operation with one result and return the result's name."""
        name = f"value{len(self._nodes)}"
        self._nodes.append(helper.make_node(operation, inputs, [name], domain=domain, **attributes))
        return name

    def split(self, value: str, count: int) -> list[str]:
        """Return the equal parts of each row."""
        names = [f"{value}.{part}" for part in range(count)]
        self._nodes.append(helper.make_node("Split", [value], names, axis=1, num_outputs=count))
        return names

    def add(self, one: str, other: str) -> str:
        """Return the sum."""
        return self.node("Add", one, other)

    def mul(self, one: str, other: str) -> str:
        """Return the product of each element."""
        return self.node("Mul", one, other)

    def sigmoid(self, value: str) -> str:
        """Return the sigmoid of each element."""
        return self.node("Sigmoid", value)

    def tanh(self, value: str) -> str:
        """Return the tanh of each element."""
        return self.node("Tanh", value)

    def layer_norm(self, value: str, norm: nn.LayerNorm) -> str:
        """Return each row, normalised."""
        scale, shift = (self.constant(_values(each)) for each in (norm.weight, norm.bias))
        return self.node("LayerNormalization", value, scale, shift, axis=-1, epsilon=norm.eps)

    def product(self, value: str, weight: Tensor, bias: Tensor | None = None) -> str:
        """Return x W^T + b in float32. weight: (outputs, inputs)."""
        found = self.node("MatMul", value, self.constant(_values(weight).T.copy()))
        return found if bias is None else self.add(found, self.constant(_values(bias)))

    def fast_product(self, value: str, weight: Tensor, bias: Tensor | None = None) -> str:
        """Return x W^T + b in the graph's precision.

        In int8 a weight has one scale for each output, and the inputs have one for the whole step.
        """
        if self._precision == "float32":
            return self.product(value, weight, bias)
        rows = _values(weight)
        scales = np.maximum(np.abs(rows).max(1), np.finfo(np.float32).tiny) / _MOST
        rounded = np.round(rows / scales[:, None]).astype(np.int8).T.copy()
        given = [value, self.constant(rounded), self.constant(scales.astype(np.float32))]
        if bias is not None:
            given += ["", self.constant(_values(bias))]
        return self.node("DynamicQuantizeMatMul", *given, domain="com.microsoft")

    def model(self) -> ModelProto:
        """Return the finished graph."""
        graph = helper.make_graph(self._nodes, "step", self._inputs, self._outputs, self._constants)
        known = [helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=known, ir_version=_IR)


def _values(tensor: Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = tensor.detach().cpu().float().numpy()
    return found
