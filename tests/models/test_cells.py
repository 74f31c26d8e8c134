"""Recurrent steps against their formulas, and against the fast kernels over a whole sequence."""

import pytest
import torch
from torch import Tensor

from seq2seq.models.cells import RecurrentLayer
from tests.tiny import fill

WIDTH, HIDDEN, ROWS = 3, 4, 2


def layer(cell: str) -> RecurrentLayer:
    made = RecurrentLayer(cell, WIDTH, HIDDEN)
    fill(made)
    return made


def gates(made: RecurrentLayer, inputs: Tensor, hidden: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Return W x + b and U h + c of each gate."""
    s = made.sequence
    into = inputs @ s.weight_ih_l0.T + s.bias_ih_l0
    again = hidden @ s.weight_hh_l0.T + s.bias_hh_l0
    return list(into.split(HIDDEN, 1)), list(again.split(HIDDEN, 1))


INPUTS = torch.linspace(-1, 1, ROWS * WIDTH).reshape(ROWS, WIDTH)
BEFORE = torch.linspace(1, -0.5, ROWS * HIDDEN).reshape(ROWS, HIDDEN)
CARRIED = torch.linspace(-0.3, 0.9, ROWS * HIDDEN).reshape(ROWS, HIDDEN)


def test_an_rnn_step_is_the_tanh_of_both_products() -> None:
    made = layer("rnn")
    (into,), (again,) = gates(made, INPUTS, BEFORE)
    (after,) = made.step(made.project_inputs(INPUTS), (BEFORE,))
    torch.testing.assert_close(after, (into + again).tanh())


def test_a_gru_step_mixes_the_old_state_and_a_reset_candidate() -> None:
    made = layer("gru")
    into, again = gates(made, INPUTS, BEFORE)
    reset = (into[0] + again[0]).sigmoid()
    update = (into[1] + again[1]).sigmoid()
    candidate = (into[2] + reset * again[2]).tanh()
    (after,) = made.step(made.project_inputs(INPUTS), (BEFORE,))
    torch.testing.assert_close(after, update * BEFORE + (1 - update) * candidate)


def test_an_lstm_step_forgets_writes_and_shows() -> None:
    made = layer("lstm")
    into, again = gates(made, INPUTS, BEFORE)
    write, forget, new, show = (a + b for a, b in zip(into, again, strict=True))
    cell = forget.sigmoid() * CARRIED + write.sigmoid() * new.tanh()
    hidden, carried = made.step(made.project_inputs(INPUTS), (BEFORE, CARRIED))
    torch.testing.assert_close(carried, cell)
    torch.testing.assert_close(hidden, show.sigmoid() * cell.tanh())


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_steps_equal_the_whole_sequence(cell: str) -> None:
    made = layer(cell)
    inputs = torch.linspace(-2, 2, ROWS * 5 * WIDTH).reshape(ROWS, 5, WIDTH)
    state = (BEFORE, CARRIED) if cell == "lstm" else (BEFORE,)
    outputs, end = made(inputs, state)
    for time in range(5):
        state = made.step(made.project_inputs(inputs[:, time]), state)
        torch.testing.assert_close(outputs[:, time], state[0])
    torch.testing.assert_close(end, state)


def test_the_forget_gate_starts_open() -> None:
    made = RecurrentLayer("lstm", WIDTH, HIDDEN)
    bias = made.sequence.bias_ih_l0 + made.sequence.bias_hh_l0
    assert bias.split(HIDDEN)[1].tolist() == [1.0] * HIDDEN
    assert sum(map(abs, bias.tolist())) == HIDDEN
