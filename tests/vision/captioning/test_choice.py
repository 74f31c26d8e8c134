"""Other choices than a search's winner."""

from seq2seq.vision.captioning.captioner import Caption
from seq2seq.vision.captioning.choice import best_match, consensus

FOUND = [
    Caption("two men sit", -1.0, -0.5, True),
    Caption("a dog runs on grass", -2.0, -0.6, True),
    Caption("a dog runs on sand", -2.1, -0.7, True),
]


def test_the_consensus_has_the_most_in_common_with_all() -> None:
    assert consensus(FOUND) in (1, 2)
    assert consensus(FOUND[:1]) == 0


def test_a_match_is_likely_and_fits_the_photo() -> None:
    assert best_match(FOUND, [0.0, 0.0, 0.0]) == 0
    assert best_match(FOUND, [0.0, 0.0, 0.9]) == 2
    assert best_match(FOUND, [0.5, 0.5, 0.5]) == 0
