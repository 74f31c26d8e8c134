"""Attention scores of Luong et al. 2015, section 3.1, masked so that padding has a weight of exactly 0.

Luong's "concat" with its tanh, v . tanh(W [query; state]), is Bahdanau's additive score
v . tanh(U query + V state) with W = [U V]; both are `additive` here.
"""

import torch
from torch import Tensor, nn

from seq2seq.models.config import AttentionKind


class Attention(nn.Module):
    """Weights over the source for each query.

    kind: dot (query . state), general (query . W state) or additive (v . tanh(U query + V state),
    Bahdanau et al. 2015, appendix A.1.2).
    """

    def __init__(self, kind: AttentionKind, query: int, memory: int, hidden: int) -> None:
        super().__init__()
        self.kind = kind
        if kind == "general":
            self.query = nn.Linear(query, memory, bias=False)
        elif kind == "additive":
            self.query = nn.Linear(query, hidden)
            self.memory = nn.Linear(memory, hidden, bias=False)
            self.score = nn.Linear(hidden, 1, bias=False)

    def keys(self, states: Tensor) -> Tensor:
        """Return the attention keys, (batch, source, attention), computed once for each source.

        states: (batch, source, memory)
        """
        if self.kind != "additive":
            return states
        projected: Tensor = self.memory(states)
        return projected

    def forward(self, queries: Tensor, keys: Tensor, mask: Tensor) -> Tensor:
        """Return weights (batch, target, source) that sum to 1 over the real positions.

        queries: (batch, target, query); keys: (batch, source, attention); mask: (batch, source).
        A source without a real position has NaN weights; the encoder refuses it.
        """
        if self.kind == "additive":
            # tanh(x) = 2 sigmoid(2 x) - 1; the last term is the same for all positions, so it cancels in the
            # softmax. For bfloat16 torch computes sigmoid six times as fast as tanh.
            doubled = (2 * self.query(queries))[:, :, None] + (2 * keys)[:, None]
            mixed = torch.sigmoid(doubled)  # (batch, target, source, hidden)
            scores = 2 * self.score(mixed).squeeze(-1)
        else:
            projected = self.query(queries) if self.kind == "general" else queries
            scores = projected @ keys.transpose(1, 2)
        weights: Tensor = scores.masked_fill(~mask[:, None], float("-inf")).softmax(-1)
        return weights
