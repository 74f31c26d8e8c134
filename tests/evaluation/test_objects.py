"""Things that captions name without grounds."""

import pytest

from seq2seq.evaluation.objects import KINDS, ungrounded


@pytest.mark.parametrize(
    ("caption", "references", "labels", "found"),
    [
        ("a dog runs on the beach", ["A puppy is running by the ocean."], [], []),
        ("a dog with a ball", ["a dog runs"], [], ["ball"]),
        ("a dog with a ball", ["a dog runs"], ["tennis ball"], []),
        ("a man and a man with a guitar", ["a woman sings"], [], ["man", "guitar"]),
        ("two boys play", ["some children play"], [], []),
        ("something is there", ["a dog"], [], []),
        ("", [], [], []),
    ],
)
def test_only_things_that_nobody_else_names(
    caption: str, references: list[str], labels: list[str], found: list[str]
) -> None:
    assert ungrounded(caption, references, labels) == found


def test_each_kind_has_words_of_its_own_and_no_other_kind_twice() -> None:
    assert len(set(KINDS)) == len(KINDS)
    for word in set().union(*KINDS):
        assert sum(word in kind for kind in KINDS) <= 2, word
