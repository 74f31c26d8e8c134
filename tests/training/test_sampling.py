"""Scheduled sampling: coins decide what is fed, one function picks the model's own token."""

from pathlib import Path

import pytest
import torch

from seq2seq.data.batches import Batch, make_batch
from seq2seq.search import Greedy, SearchOptions, search
from seq2seq.text import START
from seq2seq.training.decoding import DecoderLearner
from seq2seq.training.losses import token_losses
from seq2seq.training.sampling import mixed_decoding
from tests.fakes import FakeDecoder, sources
from tests.tiny import encode, lively_model
from tests.training.recipes import recipe

FED = torch.tensor([[1, 5, 6, 7, 8], [1, 9, 4, 5, 6]])
SOURCES = [[4, 5, 6], [7]]
SHAPES = [{}, {"attention_at": "before"}, {"input_feeding": True}, {"attention": "none", "cell": "gru"}]


def rng(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@torch.inference_mode()
def test_a_ratio_of_one_is_teacher_forcing(shape: dict[str, object]) -> None:
    model = lively_model(**shape)
    memory = encode(model, SOURCES)
    logits, given, _ = mixed_decoding(model.decoder, FED, memory, 1.0, "argmax", rng())
    assert torch.equal(given, FED)
    torch.testing.assert_close(logits, model.decoder.unroll(FED, memory).logits, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@torch.inference_mode()
def test_a_ratio_of_zero_with_argmax_is_greedy_decoding(shape: dict[str, object]) -> None:
    model = lively_model(**shape)
    memory = encode(model, SOURCES)
    given = mixed_decoding(model.decoder, FED, memory, 0.0, "argmax", rng()).decoder_input
    found = search(model.decoder, memory, SearchOptions(mode=Greedy(), max_length=4))
    for row, best in enumerate(found):
        tokens = list(best[0].tokens)
        assert given[row, 1 : 1 + len(tokens)].tolist() == tokens


def stubborn() -> FakeDecoder:
    """A decoder that always says 9, and means it."""
    return FakeDecoder(lambda number, prefix: [0.0] * 9 + [50.0])


@pytest.mark.parametrize("ratio", [0.0, 0.25, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("feedback", ["argmax", "sample"])
def test_the_truth_is_fed_as_often_as_asked(ratio: float, feedback: str) -> None:
    decoder_input = torch.full((100, 21), 5)
    decoder_input[:, 0] = START
    given = mixed_decoding(stubborn(), decoder_input, sources(*[1] * 100), ratio, feedback, rng()).decoder_input
    assert (given[:, 0] == START).all()
    assert float((given[:, 1:] == 5).float().mean()) == pytest.approx(ratio, abs=0.04)
    if 0 < ratio < 1:
        assert (given[:, 1:] == 5).float().mean(1).std() > 0, "a coin for every token, not for every sentence"


def test_the_same_coins_give_the_same_mixture() -> None:
    model = lively_model()
    memory = encode(model, SOURCES)
    first, again, other = (
        mixed_decoding(model.decoder, FED.repeat(1, 4), memory, 0.5, "sample", rng(seed)).decoder_input
        for seed in (3, 3, 4)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_feedback_by_sampling_follows_the_distribution() -> None:
    fair = FakeDecoder(lambda number, prefix: [-50.0] * 8 + [0.0, 0.0])
    decoder_input = torch.full((200, 11), 5)
    decoder_input[:, 0] = START
    given = mixed_decoding(fair, decoder_input, sources(*[1] * 200), 0.0, "sample", rng()).decoder_input
    assert float((given[:, 1:] == 8).float().mean()) == pytest.approx(0.5, abs=0.04)


def test_gradients_reach_the_weights_whatever_is_fed() -> None:
    model = lively_model()
    logits = mixed_decoding(model.decoder, FED, encode(model, SOURCES), 0.5, "argmax", rng()).logits
    logits.log_softmax(-1)[:, :, 3].sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_one_coin_for_a_sentence_feeds_it_whole_or_not_at_all() -> None:
    decoder_input = torch.full((400, 11), 5)
    decoder_input[:, 0] = START
    _, given, truth = mixed_decoding(
        stubborn(), decoder_input, sources(*[1] * 400), 0.3, "argmax", rng(), flip="sequence"
    )
    shares = (given[:, 1:] == 5).float().mean(1)
    assert set(shares.tolist()) == {0.0, 1.0}
    assert float(shares.mean()) == pytest.approx(0.3, abs=0.06)
    assert torch.equal(truth[:, 1:], given[:, 1:] == 5)


def test_it_says_which_inputs_were_the_truth() -> None:
    decoder_input = torch.full((50, 9), 5)
    decoder_input[:, 0] = START
    _, given, truth = mixed_decoding(stubborn(), decoder_input, sources(*[1] * 50), 0.5, "argmax", rng())
    assert truth[:, 0].all()
    assert torch.equal(truth[:, 1:], given[:, 1:] == 5)


@pytest.mark.parametrize("feedback", ["argmax", "sample"])
def test_no_gradient_flows_through_the_choice_of_a_token(feedback: str) -> None:
    """With what was fed held fast, teacher forcing on those tokens gives the same gradients."""
    model = lively_model()
    mixed = mixed_decoding(model.decoder, FED, encode(model, SOURCES), 0.3, feedback, rng())
    mixed.logits.log_softmax(-1)[:, :, 3].sum().backward()
    through = {name: parameter.grad for name, parameter in model.named_parameters()}
    model.zero_grad(set_to_none=True)
    model.decoder.unroll(mixed.decoder_input, encode(model, SOURCES)).logits.log_softmax(-1)[
        :, :, 3
    ].sum().backward()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, through[name], atol=1e-3, rtol=1e-3)


# -- the two ends of the ratio, to the number ------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@torch.inference_mode()
def test_at_both_ends_the_numbers_are_those_of_forcing_and_of_greedy_search(shape: dict[str, object]) -> None:
    """In double precision nothing is left of the order in which two ways add up the same products."""
    model = lively_model(**shape).double()
    memory = encode(model, SOURCES)
    forced = mixed_decoding(model.decoder, FED, memory, 1.0, "argmax", rng()).logits
    torch.testing.assert_close(forced, model.decoder.unroll(FED, memory).logits, atol=1e-12, rtol=1e-12)
    free = mixed_decoding(model.decoder, FED, memory, 0.0, "argmax", rng())
    log_probs = free.logits.log_softmax(-1)
    for row, best in enumerate(search(model.decoder, memory, SearchOptions(mode=Greedy(), max_length=4))):
        tokens = list(best[0].tokens)
        assert free.decoder_input[row, 1 : 1 + len(tokens)].tolist() == tokens
        total = float(log_probs[row, range(len(tokens)), tokens].sum())
        assert total == pytest.approx(best[0].log_prob, rel=1e-6, abs=1e-6), "the search adds up in float32"


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_an_update_that_always_forces_learns_what_the_mixture_would_teach(
    tmp_path: Path, shape: dict[str, object]
) -> None:
    """A ratio of 1 takes a short cut past the mixture; loss and gradients are the same."""
    model = lively_model(**shape).double()
    batch = make_batch(SOURCES, [[5, 6, 7, 8], [9, 4]])
    made = recipe(tmp_path, training={"label_smoothing": 0.1})
    short = DecoderLearner(model, made, Batch.parts).losses(batch, 1.0)
    short.smoothed.backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    model.zero_grad(set_to_none=True)
    logits = mixed_decoding(model.decoder, batch.decoder_input, encode(model, SOURCES), 1.0, "argmax", rng()).logits
    long = token_losses(logits[batch.mask], batch.labels[batch.mask], 0.1)
    long.smoothed.backward()
    assert float(short.plain) == pytest.approx(float(long.plain), rel=1e-6)
    assert (int(short.correct), short.tokens) == (int(long.correct), long.tokens) == (int(long.correct), 8)
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, gradients[name], atol=1e-5, rtol=1e-5)
