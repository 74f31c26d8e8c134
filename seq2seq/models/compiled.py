"""Steps of a decoder and of an encoder's layers that ONNX Runtime computes, on a CPU.

torch runs a step as some forty operations, and lays out each weight anew in every product. ONNX Runtime lays the
weights out once, fuses the small operations, and multiplies in int8 if asked to. The number of threads is torch's
when a step is compiled; weights must no longer change after that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from onnx import ModelProto
from torch import Tensor

from seq2seq.models.cells import RecurrentLayer
from seq2seq.models.decoder import Decoder, Unrolled
from seq2seq.models.devices import device_of
from seq2seq.models.memory import Memory, State
from seq2seq.models.step_graph import Precision, layer_graph, parts, step_graph


class _Compiled:
    """A graph that ONNX Runtime runs."""

    def __init__(self, graph: ModelProto) -> None:
        import onnxruntime  # loaded when the first model is compiled

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.enable_mem_pattern = False  # one would be kept for every number of rows and source positions
        # A thread that spins while it waits takes a core from torch's.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {each.name for each in self._session.get_inputs()}
        self._outputs = [each.name for each in self._session.get_outputs()]

    def __call__(self, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return all outputs by name; of `given`, what the graph has no input for is left out."""
        arrays = {name: value.detach().numpy() for name, value in given.items() if name in self._inputs}
        return dict(zip(self._outputs, map(torch.from_numpy, self._session.run(None, arrays)), strict=True))


class CompiledLayers:
    """Recurrent layers side by side, such as the two directions of an encoder. Threads may share it."""

    def __init__(self, layers: Sequence[RecurrentLayer], precision: Precision = "float32") -> None:
        self._layers = layers
        self._graph = _Compiled(layer_graph(layers, precision))

    def steps(self, input_gates: Sequence[Tensor]) -> list[Tensor]:
        """Return what `RecurrentLayer.steps` returns for each layer, given each one's input gates."""
        by_time = [gates.transpose(0, 1).contiguous() for gates in input_gates]
        state = {
            f"state.{number}.{part}": by_time[number].new_zeros(by_time[number].shape[1], layer.hidden)
            for number, layer in enumerate(self._layers)
            for part in range(parts(layer))
        }
        outputs: list[list[Tensor]] = [[] for _ in self._layers]
        for step in zip(*by_time, strict=True):
            found = self._graph(state | {f"input_gates.{number}": gates for number, gates in enumerate(step)})
            state = {name.replace("after", "state"): value for name, value in found.items()}
            for number, said in enumerate(outputs):
                said.append(found[f"after.{number}.0"])
        return [torch.stack(said, 1) for said in outputs]


class CompiledDecoder:
    """Steps as the `Decoder` that it is made of. Threads may share it."""

    def __init__(self, decoder: Decoder, precision: Precision = "float32") -> None:
        """precision: of the products with the recurrent, the query, the readout and the output weights."""
        self._decoder = decoder
        self.precision = precision
        self._graph = _Compiled(step_graph(decoder, precision))

    def unroll(self, targets: Tensor, memory: Memory) -> Unrolled:
        """Return what `Decoder.unroll` returns, which it is asked for."""
        return self._decoder.unroll(targets, memory)

    def start(self, memory: Memory) -> State:
        """Return the state before the first token, a row for each source."""
        return self._decoder.start(memory)

    def step(
        self,
        tokens: Tensor,
        state: State,
        memory: Memory,
        weights: Tensor | None = None,
        input_gates: Tensor | None = None,
    ) -> tuple[Tensor, State, Tensor | None]:
        """Return what `Decoder.step` returns; with `weights` it is asked itself."""
        decoder = self._decoder
        if weights is not None:
            return decoder.step(tokens, state, memory, weights, input_gates)
        wanted = input_gates is None or decoder.before
        embedded = decoder.embedding(tokens) if wanted else torch.empty(0)
        given = {
            "input_gates": decoder.layer(0).project_inputs(embedded) if input_gates is None else input_gates,
            "embedded": embedded,
            "feed": state.feed,
            "states": memory.states,
            "keys": memory.keys,
            "mask": memory.mask,
        }
        for number, layer in enumerate(state.layers):
            given |= {f"state.{number}.{part}": values for part, values in enumerate(layer)}
        found = self._graph({name: value for name, value in given.items() if value is not None})
        after = tuple(
            tuple(found[f"after.{number}.{part}"] for part in range(parts(decoder.layer(number))))
            for number in range(len(state.layers))
        )
        said = decoder.said(tokens, state, memory)
        logits = decoder.limited(found["logits"], memory, said)
        return logits, replace(state, layers=after, feed=found.get("readout"), said=said), found.get("attention")


def for_search(decoder: Decoder, precision: Precision = "float32") -> Decoder | CompiledDecoder:
    """Return what searches in place of a decoder: compiled on a CPU, itself elsewhere."""
    return CompiledDecoder(decoder, precision) if device_of(decoder).type == "cpu" else decoder
