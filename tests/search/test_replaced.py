"""A decoder that must look where it is told."""

import pytest
import torch

from seq2seq.errors import ConfigError
from seq2seq.search import Beam, Greedy, ReplacedAttention, SearchOptions, forced_log_probs, search
from seq2seq.text import START
from tests.tiny import encode, lively_model

KINDS = [
    {},
    {"attention_at": "before", "attention": "additive"},
    {"input_feeding": True},
]


@pytest.mark.parametrize("changes", KINDS)
def test_the_models_own_weights_change_nothing(changes: dict[str, object]) -> None:
    model = lively_model(**changes)
    memory = encode(model, [[4, 5, 6]])
    options = SearchOptions(mode=Greedy(), max_length=6)
    (plain,) = search(model.decoder, memory, options)[0]
    attention = model.decoder.unroll(torch.tensor([[START, *plain.tokens[:-1]]]), memory).attention[0]
    rows = {step: row.tolist() for step, row in enumerate(attention, 1)}
    (again,) = search(ReplacedAttention(model.decoder, rows), memory, options)[0]
    assert again.tokens == plain.tokens
    assert again.log_prob == pytest.approx(plain.log_prob, abs=1e-5)


@pytest.mark.parametrize("changes", KINDS)
def test_forced_scores_are_those_of_the_search(changes: dict[str, object]) -> None:
    model = lively_model(**changes)
    memory = encode(model, [[4, 5, 6]])
    decoder = ReplacedAttention(model.decoder, {1: [0, 0, 0, 1.0], 2: [1.0, 0, 0, 0]})
    (found,) = search(decoder, memory, SearchOptions(mode=Beam(size=3, alpha=0.0)))[0]
    (values,) = forced_log_probs(decoder, memory, [found.tokens[:-1]])
    assert sum(values[: len(found.tokens)]) == pytest.approx(found.log_prob, abs=1e-5)
    (plain,) = forced_log_probs(model.decoder, memory, [found.tokens[:-1]])
    assert values[0] != pytest.approx(plain[0], abs=1e-5), "the first step looked elsewhere"


def test_rows_that_do_not_fit_are_named() -> None:
    model = lively_model()
    memory = encode(model, [[4, 5, 6]])
    with pytest.raises(ConfigError, match="step 1 has 2 weights, but the source has 4"):
        search(ReplacedAttention(model.decoder, {1: [0.5, 0.5]}), memory, SearchOptions())
    bare = lively_model(attention="none")
    with pytest.raises(ConfigError, match="no attention to replace"):
        search(ReplacedAttention(bare.decoder, {1: [0.25] * 4}), encode(bare, [[4, 5, 6]]), SearchOptions())
