"""Rare words shown as unknown: both sides at once, the rarest, alike for the same seed."""

from seq2seq.data.unknowns import RareWordMasker
from seq2seq.text import UNKNOWN, Tokenizer

ANIMALS = {"chat": "cat", "chien": "dog", "zébu": "zebu", "loup": "wolf"}
TEXTS = [
    (f"le {one} voit le {other} .", f"the {ANIMALS[one]} sees the {ANIMALS[other]} .")
    for one in ANIMALS for other in ANIMALS if one != other
]  # fmt: skip


def test_the_rarest_word_and_its_translation_are_hidden_together() -> None:
    vocabularies = tuple(Tokenizer.train([pair[side] for pair in TEXTS], "word", 40) for side in (0, 1))
    sources, targets = (v.encode_all([pair[side] for pair in TEXTS]) for side, v in enumerate(vocabularies))
    rare = RareWordMasker(sources, targets, (vocabularies[0], vocabularies[1]))
    names = [{text: i for i, text in enumerate(v.vocabulary())} for v in vocabularies]
    for french, english in ANIMALS.items():
        assert rare.translations[names[0][french]] == names[1][english]
    assert names[0]["."] not in rare.translations
    shown = rare.mask_rare(sources, targets, 1.0, "seed")
    for old, new, other_old, other_new in zip(sources, shown[0], targets, shown[1], strict=True):
        [mask_rare] = {a for a, b in zip(old, new, strict=True) if a != b}
        [translated] = {a for a, b in zip(other_old, other_new, strict=True) if a != b}
        assert rare.translations[mask_rare] == translated
        assert UNKNOWN in new
        assert UNKNOWN in other_new
    assert rare.mask_rare(sources, targets, 0.0, "seed") == (sources, targets)
    half = [rare.mask_rare(sources, targets, 0.5, seed) for seed in ("a", "a", "b")]
    assert half[0] == half[1] != half[2]
