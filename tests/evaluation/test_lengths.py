"""Scores by length, and what outputs look like."""

import pytest

from seq2seq.evaluation import by_length, corpus_scores, output_statistics


def test_each_source_is_in_the_band_of_its_words() -> None:
    sources = ["a " * count for count in (0, 1, 5, 6, 10, 11, 15, 16, 40)]
    texts = [f"the text number {number} is this" for number in range(9)]
    bands = by_length(sources, texts, texts)
    assert [(band.shortest, band.longest, band.pairs) for band in bands] == [
        (1, 5, 3),
        (6, 10, 2),
        (11, 15, 2),
        (16, None, 2),
    ]
    assert all(band.scores is not None and band.scores.bleu == pytest.approx(100) for band in bands)


def test_a_band_is_scored_by_its_own_pairs_alone() -> None:
    sources = ["a", "a b c d e f"]
    bands = by_length(sources, ["the cat sat down here", "nothing"], ["the cat sat down here", "the dog ran away"])
    assert bands[0].scores == corpus_scores(["the cat sat down here"], ["the cat sat down here"])
    assert bands[1].scores is not None
    assert bands[1].scores.bleu == 0
    assert bands[2].scores is None


def test_shares_and_length_ratio_are_counted() -> None:
    outputs = output_statistics(["", "a b", "c", "d"], [True, False, True, True], ["a b", "a b", "c d", "d e"])
    assert outputs.empty == 0.25
    assert outputs.cut_off == 0.25
    assert outputs.length_ratio == pytest.approx(4 / 8)
