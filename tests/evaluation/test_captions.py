"""Scores of captions: by hand, by the authors' CIDEr, by sacreBLEU."""

import math
import random

import pytest
from pycocoevalcap.cider.cider import Cider
from sacrebleu.metrics.bleu import BLEU

from seq2seq.errors import DataError
from seq2seq.evaluation.captions import caption_scores, cider_d, likeness, words

WORDS = ["a", "the", "dog", "cat", "man", "runs", "sits", "on", "in", "red", "green", "grass", "beach", "ball"]


def drawn(generator: random.Random) -> list[str]:
    return generator.choices(WORDS, k=generator.randint(1, 12))


@pytest.mark.parametrize("seed", range(5))
def test_cider_is_the_authors(seed: int) -> None:
    generator = random.Random(seed)
    references = [[drawn(generator) for _ in range(5)] for _ in range(30)]
    captions = [generator.choice([drawn(generator), generator.choice(photo)]) for photo in references]
    theirs, each = Cider().compute_score(
        {number: [" ".join(caption) for caption in photo] for number, photo in enumerate(references)},
        {number: [" ".join(caption)] for number, caption in enumerate(captions)},
    )
    ours = cider_d(captions, references)
    assert ours == pytest.approx(list(each), abs=1e-9)
    assert sum(ours) / len(ours) == pytest.approx(float(theirs))


def test_cider_of_a_caption_that_equals_its_only_reference_is_ten() -> None:
    references = [[["a", "dog", "runs", "far"]], [["the", "cat", "sits", "there"]]]
    assert cider_d([photo[0] for photo in references], references) == pytest.approx([10, 10])
    assert cider_d([["x"], []], references) == [0, 0]


def test_bleu_by_hand() -> None:
    """Three of four words, two of three pairs, one of two triples, no brevity penalty."""
    scores = caption_scores(["A dog runs home ."], [["a dog runs far", "the dog sleeps"]])
    assert scores.bleu[0] == pytest.approx(75)
    assert scores.bleu[1] == pytest.approx(100 * math.sqrt(3 / 4 * 2 / 3))
    assert scores.bleu[2] == pytest.approx(100 * (3 / 4 * 2 / 3 * 1 / 2) ** (1 / 3))


def test_case_and_the_final_stop_do_not_count() -> None:
    one = caption_scores(["A Dog on the grass ."], [["a dog on the grass"]])
    assert one.bleu == pytest.approx((100, 100, 100, 100))


def test_photos_may_have_different_numbers_of_references() -> None:
    scores = caption_scores(["a dog", "a cat sits"], [["a dog", "the dog"], ["a cat sits"]])
    assert scores.bleu[0] == pytest.approx(100)
    expected = BLEU(max_ngram_order=2).corpus_score(
        ["a dog", "a cat sits"], [["a dog", "a cat sits"], ["the dog", None]]
    )
    assert scores.bleu[1] == pytest.approx(expected.score)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="1 captions do not fit"):
        caption_scores(["a"], [["a"], ["b"]])
    with pytest.raises(DataError, match="no reference"):
        caption_scores(["a"], [[]])


def test_words_of_a_caption() -> None:
    assert words("A man 's T-shirt , isn't it ?") == ["a", "man", "s", "t-shirt", "isn't", "it"]


def test_the_likest_caption_shares_most_with_the_others() -> None:
    captions = ["a dog runs on grass", "a dog runs on sand", "a dog runs", "two men sit at a table"]
    shared = likeness(captions)
    assert max(range(4), key=lambda place: shared[place]) in (0, 1)
    assert min(range(4), key=lambda place: shared[place]) == 3
    assert likeness(["a b", "a b"]) == pytest.approx([10 / 2, 10 / 2])  # two orders of four are empty
    assert likeness(["a b c d"] * 3) == pytest.approx([10.0] * 3)
    assert likeness([""]) == [0.0]
