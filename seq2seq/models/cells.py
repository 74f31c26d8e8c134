"""Recurrent layers that run a whole sequence at once, or one step, with the same weights."""

import torch
from torch import Tensor, nn

from seq2seq.models.config import Cell

# What a layer carries from step to step: (hidden,) for rnn and gru, (hidden, memory cell) for lstm.
CellState = tuple[Tensor, ...]

_SEQUENCES = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class RecurrentLayer(nn.Module):
    """One layer in one direction.

    `lstm` is Hochreiter and Schmidhuber 1997 with a forget gate and without peepholes, `gru` is Cho et al. 2014
    (reset gate behind the matrix product, as in cuDNN), `rnn` is Elman 1990 with tanh.
    """

    def __init__(self, cell: Cell, width: int, hidden: int) -> None:
        super().__init__()
        self.cell = cell
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
            # A forget gate that starts open lets gradients through (Jozefowicz et al. 2015).
            self.sequence.bias_ih_l0.data[hidden : 2 * hidden] = 1.0

    def forward(self, inputs: Tensor, state: CellState | None = None) -> tuple[Tensor, CellState]:
        """Return the hidden states (batch, time, hidden) of inputs (batch, time, width), and the last state."""
        if state is None:
            outputs, end = self.sequence(inputs)
        else:
            first = tuple(part[None].contiguous() for part in state)  # (1, batch, hidden)
            outputs, end = self.sequence(inputs, first if self.cell == "lstm" else first[0])
        return outputs, tuple(part[0] for part in (end if self.cell == "lstm" else (end,)))

    def step(self, inputs: Tensor, state: CellState) -> CellState:
        """Return the state after inputs (rows, width); its first part is the layer's output (rows, hidden)."""
        s = self.sequence
        weights = (s.weight_ih_l0, s.weight_hh_l0, s.bias_ih_l0, s.bias_hh_l0)
        if self.cell == "lstm":
            return torch.lstm_cell(inputs, list(state), *weights)
        if self.cell == "gru":
            return (torch.gru_cell(inputs, state[0], *weights),)
        return (torch.rnn_tanh_cell(inputs, state[0], *weights),)
