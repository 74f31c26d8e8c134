"""Recall and ranks, by hand."""

import torch

from seq2seq.vision.retrieval.metrics import photos_by_texts, texts_by_photos

# Two photos, three texts: the last two are of photo 1.
COSINES = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
OWNER = torch.tensor([0, 1, 1])


def test_texts_find_their_photo() -> None:
    found = photos_by_texts(COSINES, OWNER)  # ranks 1, 2, 1
    assert (found.recall_1, found.recall_5, found.recall_10) == (2 / 3, 1, 1)
    assert (found.median_rank, found.queries) == (1, 3)


def test_of_a_photos_texts_the_best_placed_counts() -> None:
    found = texts_by_photos(COSINES, OWNER)  # photo 0: 0.9 first; photo 1: 0.7 first
    assert (found.recall_1, found.median_rank, found.queries) == (1, 1, 2)


def test_an_answer_that_ties_with_wrong_ones_stands_behind_them() -> None:
    found = photos_by_texts(torch.zeros(1, 20), torch.tensor([0]))
    assert found.median_rank == 20
    assert found.recall_10 == 0
