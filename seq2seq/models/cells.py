"""Recurrent layers that process a whole sequence, or a single step, with the same weights."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import dropout, linear

from seq2seq.models.config import Cell

# The recurrent state of a layer: (hidden,) for rnn and gru, (hidden, memory cell) for lstm.
CellState = tuple[Tensor, ...]

_SEQUENCES = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class RecurrentLayer(nn.Module):
    """One layer in one direction.

    `lstm` is Hochreiter and Schmidhuber 1997 with a forget gate and without peepholes, `gru` is Cho et al. 2014
    (reset gate after the matrix product, as in cuDNN), `rnn` is Elman 1990 with tanh.
    """

    def __init__(self, cell: Cell, width: int, hidden: int, weight_drop: float = 0.0) -> None:
        """weight_drop: dropout rate of the recurrent weights in `forward` in training (Merity et al. 2018)."""
        super().__init__()
        self.cell = cell
        self.weight_drop = weight_drop
        self.hidden = hidden
        self.sequence = _SEQUENCES[cell](width, hidden, batch_first=True)
        for name, parameter in self.sequence.named_parameters():
            if name.startswith("weight_hh"):
                for gate in parameter.data.split(hidden):
                    nn.init.orthogonal_(gate)
            elif name.startswith("weight_ih"):
                for gate in parameter.data.split(hidden):
                    nn.init.xavier_uniform_(gate)
            else:
                nn.init.zeros_(parameter)
        if cell == "lstm":
            # A forget gate bias of 1 lets gradients through at the start (Jozefowicz et al. 2015).
            self.sequence.bias_ih_l0.data[hidden : 2 * hidden] = 1.0

    def forward(self, inputs: Tensor, state: CellState | None = None) -> tuple[Tensor, CellState]:
        """Return the hidden states (batch, time, hidden) of inputs (batch, time, width), and the last state."""
        given: tuple[Any, ...] = (inputs,)
        if state is not None:
            first = tuple(part[None].contiguous() for part in state)  # (1, batch, hidden)
            given = (inputs, first if self.cell == "lstm" else first[0])
        if self.training and self.weight_drop:
            dropped = dropout(self.sequence.weight_hh_l0, self.weight_drop)
            outputs, end = functional_call(self.sequence, {"weight_hh_l0": dropped}, given)
        else:
            outputs, end = self.sequence(*given)
        return outputs, tuple(part[0] for part in (end if self.cell == "lstm" else (end,)))

    def steps(self, input_gates: Tensor) -> Tensor:
        """Return the hidden states (batch, time, hidden) of a sequence's input gates, from a zero state."""
        zero = input_gates.new_zeros(len(input_gates), self.hidden)
        state: CellState = (zero, zero) if self.cell == "lstm" else (zero,)
        outputs = []
        for step_gates in input_gates.unbind(1):
            state = self.step(step_gates, state)
            outputs.append(state[0])
        return torch.stack(outputs, 1)

    def project_inputs(self, inputs: Tensor, first: int = 0) -> Tensor:
        """Return the input projection of the gates, W x + b: inputs (..., width) to (..., gates x hidden).

        first: index of the first input feature, if `inputs` are only some of them; biases are added for index 0.
        """
        s = self.sequence
        if first:
            return linear(inputs, s.weight_ih_l0[:, first : first + inputs.shape[-1]])
        # The gru's second bias is multiplied by the reset gate, so it can't be added here.
        bias = s.bias_ih_l0 if self.cell == "gru" else s.bias_ih_l0 + s.bias_hh_l0
        return linear(inputs, s.weight_ih_l0[:, : inputs.shape[-1]], bias)

    def step(self, input_gates: Tensor, state: CellState) -> CellState:
        """Return the next state; part 0 is the output (rows, hidden). input_gates: from `project_inputs`."""
        s = self.sequence
        hidden = state[0]
        if self.cell == "gru":
            recurrent_gates = linear(hidden, s.weight_hh_l0, s.bias_hh_l0)
            reset, update, new = recurrent_gates.chunk(3, 1)
            reset_in, update_in, new_in = input_gates.chunk(3, 1)
            update = (update + update_in).sigmoid()
            new = torch.tanh(new_in + (reset + reset_in).sigmoid() * new)
            return (new + update * (hidden - new),)
        gates = torch.addmm(input_gates, hidden, s.weight_hh_l0.t())
        if self.cell == "rnn":
            return (gates.tanh(),)
        into, forget, new, out = gates.chunk(4, 1)
        memory = forget.sigmoid() * state[1] + into.sigmoid() * new.tanh()
        return out.sigmoid() * memory.tanh(), memory
