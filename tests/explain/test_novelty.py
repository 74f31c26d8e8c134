"""Scores split by the leak lamp."""

from seq2seq.evaluation import corpus_scores
from seq2seq.explain import SeenSet, by_novelty


def test_each_group_is_scored_alone() -> None:
    seen = SeenSet.of(["Il fait froid dehors.", "Je suis là."])
    sources = ["il fait froid dehors", "Il fait chaud dehors.", "Tu dors.", "Elle mange une pomme."]
    outputs = ["It is cold outside.", "It is warm outside.", "You sleep.", "She eats."]
    references = ["It is cold outside.", "It is hot outside.", "You sleep.", "She eats an apple."]
    groups = by_novelty(seen, sources, outputs, references)
    assert [(group.novelty, group.pairs) for group in groups] == [("seen", 1), ("near", 1), ("new", 2)]
    assert groups[2].scores == corpus_scores(outputs[2:], references[2:])


def test_an_empty_group_has_no_scores() -> None:
    groups = by_novelty(SeenSet.of(["Oui."]), ["Il pleut."], ["It rains."], ["It rains."])
    assert [group.scores is None for group in groups] == [True, True, False]
