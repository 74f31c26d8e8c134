"""The learned bridge from a source's summary to the decoder's first state."""

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from seq2seq.models.cells import CellState
from seq2seq.models.config import Cell


class Bridge(nn.Module):
    """One tanh layer for each part of each decoder layer's state (Bahdanau et al. 2015, appendix A.2.2).

    Each decoder layer has its own weights, so encoder and decoder may differ in depth, width and directions.
    """

    def __init__(self, cell: Cell, summaries: Sequence[int], hidden: int) -> None:
        """summaries: for each decoder layer the width of the source summary that initialises it."""
        super().__init__()
        parts = 2 if cell == "lstm" else 1
        self.layers = nn.ModuleList(
            nn.ModuleList(nn.Linear(width, hidden) for _ in range(parts)) for width in summaries
        )

    def forward(self, summaries: Sequence[Tensor]) -> tuple[CellState, ...]:
        """Return a state for each decoder layer; summaries: for each of them (batch, width)."""
        return tuple(
            tuple(part(summary).tanh() for part in cast(nn.ModuleList, layer))
            for layer, summary in zip(self.layers, summaries, strict=True)
        )
