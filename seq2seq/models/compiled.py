"""A decoder that searches with ONNX Runtime, on a CPU.

torch runs a step as some forty operations, and lays out each weight anew in every product. ONNX Runtime lays the
weights out once, fuses the small operations, and multiplies in int8 if asked to.
"""

from dataclasses import replace

import torch
from torch import Tensor

from seq2seq.models.decoder import Decoder, Unrolled
from seq2seq.models.memory import Memory, State
from seq2seq.models.step_graph import Precision, parts, step_graph


class CompiledDecoder:
    """Steps as the `Decoder` that it is made of, whose weights must no longer change. Threads may share it."""

    def __init__(self, decoder: Decoder, precision: Precision = "float32") -> None:
        """precision: of the products with the recurrent, the readout and the output weights."""
        import onnxruntime  # loaded when the first model is

        self._decoder = decoder
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        # A thread that spins while it waits takes a core from torch's.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            step_graph(decoder, precision).SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {each.name for each in self._session.get_inputs()}
        self._outputs = [each.name for each in self._session.get_outputs()]

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
        embedded = decoder.embedding(tokens)
        if input_gates is None:
            input_gates = decoder.layer(0).project_inputs(embedded)
        given = {
            "input_gates": input_gates,
            "embedded": embedded,
            "feed": state.feed,
            "states": memory.states,
            "keys": memory.keys,
            "mask": memory.mask,
        }
        for number, layer in enumerate(state.layers):
            given |= {f"state.{number}.{part}": values for part, values in enumerate(layer)}
        arrays = {name: value.numpy() for name, value in given.items() if name in self._inputs}
        found = dict(zip(self._outputs, map(torch.from_numpy, self._session.run(None, arrays)), strict=True))
        after = tuple(
            tuple(found[f"after.{number}.{part}"] for part in range(parts(decoder.layer(number))))
            for number in range(len(state.layers))
        )
        said = decoder.said(tokens, state, memory)
        logits = decoder.limited(found["logits"], memory, said)
        return logits, replace(state, layers=after, feed=found.get("readout"), said=said), found.get("attention")
