"""Attention scores, by hand and masked."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.models.attention import Attention
from tests.tiny import fill

KINDS = ["dot", "general", "additive"]


def test_dot_attention_over_two_words_by_hand() -> None:
    attention = Attention("dot", query=2, memory=2, hidden=1)
    states = torch.tensor([[[1.0, 0.0], [0.0, 2.0]]])
    query = torch.tensor([[[math.log(3.0), math.log(3.0)]]])
    # scores log 3 and 2 log 3, so 3 : 9, so a quarter and three quarters
    weights = attention(query, attention.keys(states), torch.ones(1, 2, dtype=torch.bool))
    assert weights[0, 0].tolist() == pytest.approx([0.25, 0.75])
    assert (weights @ states)[0, 0].tolist() == pytest.approx([0.25, 1.5])


def test_general_attention_by_hand() -> None:
    attention = Attention("general", query=1, memory=2, hidden=1)
    with torch.no_grad():
        attention.query.weight.copy_(torch.tensor([[2.0], [1.0]]))
    states = torch.tensor([[[1.0, 1.0], [0.5, 0.0]]])
    query = torch.tensor([[[math.log(2.0)]]])
    # W query = log 2 (2, 1); scores 3 log 2 and log 2, so 8 : 2
    weights = attention(query, attention.keys(states), torch.ones(1, 2, dtype=torch.bool))
    assert weights[0, 0].tolist() == pytest.approx([0.8, 0.2])


def test_additive_attention_by_hand() -> None:
    attention = Attention("additive", query=1, memory=1, hidden=2)
    with torch.no_grad():
        attention.query.weight.copy_(torch.tensor([[1.0], [0.0]]))
        attention.query.bias.copy_(torch.tensor([0.0, 0.5]))
        attention.memory.weight.copy_(torch.tensor([[0.0], [1.0]]))
        attention.score.weight.copy_(torch.tensor([[3.0, 2.0]]))
    states = torch.tensor([[[0.5], [-0.5]]])
    query = torch.tensor([[[0.25]]])
    # v . tanh(U q + b + V s): 3 tanh 0.25 + 2 tanh 1.0 against 3 tanh 0.25 + 2 tanh 0.0
    first, second = (math.exp(3 * math.tanh(0.25) + 2 * math.tanh(inner)) for inner in (1.0, 0.0))
    weights = attention(query, attention.keys(states), torch.ones(1, 2, dtype=torch.bool))
    assert weights[0, 0].tolist() == pytest.approx([first / (first + second), second / (first + second)])


@pytest.mark.parametrize("kind", KINDS)
@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_weights_sum_to_one_and_are_exactly_zero_on_padding(kind: str, lengths: list[int]) -> None:
    attention = fill(Attention(kind, query=3, memory=3, hidden=4))
    longest = max(lengths)
    states = torch.linspace(-2, 2, len(lengths) * longest * 3).reshape(len(lengths), longest, 3)
    queries = torch.linspace(-1, 3, len(lengths) * 2 * 3).reshape(len(lengths), 2, 3)
    mask = torch.arange(longest)[None] < torch.tensor(lengths)[:, None]
    weights = attention(queries, attention.keys(states), mask)
    torch.testing.assert_close(weights.sum(2), torch.ones(len(lengths), 2))
    assert (weights.masked_select(~mask[:, None].expand_as(weights)) == 0.0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_all_weight_is_on_the_only_word(kind: str) -> None:
    attention = fill(Attention(kind, query=3, memory=3, hidden=4))
    states = torch.ones(1, 2, 3)
    weights = attention(torch.ones(1, 1, 3), attention.keys(states), torch.tensor([[True, False]]))
    assert weights.tolist() == [[[1.0, 0.0]]]
