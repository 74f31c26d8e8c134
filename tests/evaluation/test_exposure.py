"""Exposure bias, position by position, and how soon a model is back after a planted word."""

import pytest
import torch

from seq2seq.data.pairs import Pair
from seq2seq.evaluation.exposure import continue_greedily, exposure, recovery, recovery_delay
from seq2seq.search import Greedy, SearchOptions, search
from seq2seq.text import END, START
from seq2seq.training.corpus import Vocabularies
from seq2seq.training.validation import pair_batches, teacher_forced_metrics
from seq2seq.translator import Translator
from tests.tiny import PAIRS, encode, lively_model

SOURCES = [[4, 5, 6], [7], [8, 4, 9, 5]]


LONG = [5, 6, 7, 8, END]


@pytest.mark.parametrize(
    ("path", "follows", "step", "delay"),
    [
        (LONG, [6, 7, 8, END], 1, 0),  # 9 in place of 5: goes on as if nothing had been
        (LONG, [5, 6, 7, 8, END], 1, 0),  # 9 was put in before 5
        (LONG, [7, 8, END], 1, 0),  # a token was left out, the rest is the path
        (LONG, [7, 8, END], 2, 0),
        (LONG, [4, 6, 7, 8, END], 1, 1),  # one more wrong token
        (LONG, [4, 4, 7, 8, END], 1, 2),
        (LONG, [4, 4, 4, 4, 5, 6, 7, 8, END], 1, 4),
        (LONG, [5, 6, 7, 8, END], 3, 2),  # 5 and 6 stand before the mistake and are no part of the way back
        (LONG, [4, 8, END], 1, None),  # only a stop and the end are the same
        (LONG, [END], 1, None),
        (LONG, [4, 4, 4, 4], 1, None),  # it never ends
        (LONG, [], 1, None),
        (LONG, [8, END], 4, None),  # too little is left of the path to tell
        ([8, 8, 8, END], [8, 8, END], 1, 0),  # the longest way that is the same counts
    ],
)
def test_back_is_the_end_of_the_path_without_the_mistake(
    path: list[int], follows: list[int], step: int, delay: int | None
) -> None:
    assert recovery_delay(path, follows, step) == delay


@torch.inference_mode()
def test_going_on_from_the_start_is_greedy_search() -> None:
    model = lively_model()
    memory = encode(model, SOURCES)
    said = continue_greedily(model.decoder, memory, torch.full((3, 1), START), 6)
    for row, found in zip(
        said.tolist(), search(model.decoder, memory, SearchOptions(mode=Greedy(), max_length=6)), strict=True
    ):
        tokens = list(found[0].tokens)
        assert row[: len(tokens)] == tokens
        assert all(token == 0 for token in row[len(tokens) :])


@torch.inference_mode()
def test_going_on_from_an_own_prefix_changes_nothing() -> None:
    model = lively_model()
    memory = encode(model, SOURCES[:1])
    whole = continue_greedily(model.decoder, memory, torch.tensor([[START]]), 8)
    later = continue_greedily(model.decoder, memory, torch.cat([torch.tensor([[START]]), whole[:, :2]], 1), 6)
    assert torch.equal(later, whole[:, 2:])


def test_behind_the_truth_it_is_the_forced_accuracy_and_loss(translator: Translator) -> None:
    pairs = [Pair(*pair) for pair in PAIRS]
    found = exposure(translator, pairs, positions=60)
    checkpoint = translator.checkpoint
    forced, _ = teacher_forced_metrics(
        translator.model, pair_batches(Vocabularies(checkpoint.source, checkpoint.target), pairs)
    )
    tokens = sum(found.sentences)
    weighted = sum(n * share for n, share in zip(found.sentences, found.teacher_forced_accuracy, strict=True))
    assert weighted / tokens == pytest.approx(forced.accuracy, abs=0.001)
    loss = sum(n * value for n, value in zip(found.sentences, found.teacher_forced_loss, strict=True))
    assert loss / tokens == pytest.approx(forced.loss, abs=0.001)
    lengths = [len(ids) + 1 for ids in checkpoint.target.encode_all([pair.target for pair in pairs])]
    assert found.sentences == tuple(sum(n > place for n in lengths) for place in range(60))


def test_the_first_position_has_no_own_prefix_yet(translator: Translator) -> None:
    found = exposure(translator, [Pair(*pair) for pair in PAIRS])
    assert found.free_running_accuracy[0] == found.teacher_forced_accuracy[0]
    assert found.free_running_loss[0] == pytest.approx(found.teacher_forced_loss[0], abs=1e-3)


def test_recovery_counts_sentences_long_enough_and_never_falls(translator: Translator) -> None:
    pairs = [Pair(*pair) for pair in PAIRS]
    found = recovery(translator, pairs, 2)
    assert 0 <= found.sentences <= len(pairs)
    assert list(found.back_within) == sorted(found.back_within)
    assert recovery(translator, pairs, 2) == found, "the same seed plants the same words"
