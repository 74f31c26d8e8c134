"""Word vectors by skip-gram."""

import torch

from seq2seq.training.task import Learner, Objective, Plan
from seq2seq.training.update import Updater
from seq2seq.vision.retrieval.skipgram import (
    SkipGram,
    SkipGramRecipe,
    SparseAdagrad,
    WordBatch,
    WordBatches,
    neighbour_pairs,
)

# Words 0 and 1 keep company with 4 and 5, words 2 and 3 with 6 and 7.
_NEAR = [[4, 5], [4, 5], [6, 7], [6, 7]]
TEXTS = [[word, friend] for word, friends in enumerate(_NEAR) for friend in friends for _ in range(25)]
RECIPE = SkipGramRecipe(epochs=30, window=2, drawn=16, frequent=1.0, batch=64, rate=0.2)


class Words(Learner[WordBatch]):
    """Word vectors alone."""

    sums = ("loss",)
    plan = Plan(RECIPE.epochs, unit="epoch")

    def __init__(self) -> None:
        torch.manual_seed(1)
        self.model = SkipGram(8, 6)
        self.rng = torch.Generator()
        group = {"params": [*self.model.parameters()], "peak": RECIPE.rate, "name": "words"}
        self.optimisers = (SparseAdagrad([group], lr=RECIPE.rate),)

    def objective(self, share: WordBatch, batch: WordBatch, update: int) -> Objective:
        loss = self.model(share.pairs, share.drawn, RECIPE.negatives)
        return Objective(loss, (loss,))


def epochs(count: int) -> tuple[SkipGram, list[float]]:
    """Return word vectors after some epochs, and the mean loss of each epoch's batches."""
    words = Words()
    updater, batches = Updater(words), WordBatches(RECIPE, TEXTS, 8, seed=1)
    losses = []
    for number in range(count):
        found = [updater.update(batch, batch.rate_factor)["loss"] for batch in batches.epoch(number)]
        losses.append(sum(found) / len(found))
    return words.model, losses


def test_words_of_the_same_company_come_together() -> None:
    vectors = torch.nn.functional.normalize(epochs(RECIPE.epochs)[0].word.weight.detach(), dim=1)
    cosines = vectors @ vectors.T
    for word, twin in ((0, 1), (1, 0), (2, 3), (3, 2), (4, 5), (6, 7)):
        others = [number for number in range(8) if number != word]
        assert max(others, key=lambda number: float(cosines[word, number])) == twin


def test_the_loss_falls() -> None:
    _, losses = epochs(10)
    assert losses[-1] < losses[0]


def test_the_same_seed_gives_the_same_vectors() -> None:
    assert torch.equal(epochs(3)[0].word.weight, epochs(3)[0].word.weight)


def test_the_rate_falls_linearly_to_nothing() -> None:
    batches = WordBatches(RECIPE, TEXTS, 8, seed=1)
    factors = [batch.rate_factor for number in range(RECIPE.epochs) for batch in batches.epoch(number)]
    assert factors[0] == 1
    assert factors == sorted(factors, reverse=True)
    assert 0 < factors[-1] < 2 / RECIPE.epochs


def test_pairs_are_neighbours_within_a_text_and_no_further_than_the_window() -> None:
    texts = [torch.tensor([0, 1, 2, 3]), torch.tensor([4, 5])]
    everything = torch.ones(6)
    found: set[tuple[int, int]] = set()
    for seed in range(50):
        pairs = neighbour_pairs(texts, everything, 2, torch.Generator().manual_seed(seed))
        found |= {(a, b) for a, b in pairs.tolist()}
    near = {(a, b) for a in range(4) for b in range(4) if 0 < abs(a - b) <= 2}
    assert found == near | {(4, 5), (5, 4)}


def test_a_word_that_is_never_kept_is_nobodys_neighbour() -> None:
    kept = torch.tensor([1.0, 0.0, 1.0])
    pairs = neighbour_pairs([torch.tensor([0, 1, 2])], kept, 1, torch.Generator().manual_seed(1))
    assert {tuple(pair) for pair in pairs.tolist()} == {(0, 2), (2, 0)}


def test_a_rest_with_fewer_pairs_than_processes_is_left_out() -> None:
    sizes = [
        [batch.rows for batch in WordBatches(RECIPE, TEXTS, 8, 1, processes).epoch(0)] for processes in (1, 200)
    ]
    assert sum(sizes[0]) == 2 * len(TEXTS)
    assert sizes[1] == [sum(sizes[0])]
    assert not list(WordBatches(RECIPE, TEXTS, 8, 1, 2 * len(TEXTS) + 1).epoch(0))


def test_texts_of_one_word_have_no_batches() -> None:
    assert not list(WordBatches(RECIPE, [[1], [2], []], 3, seed=1).epoch(0))
