"""Words that a model hardly knows, beside a dictionary's translations."""

from pathlib import Path

import seq2seq
from seq2seq import explain
from seq2seq.text import KnownWords
from seq2seq.text.lexicon import Lexicon

ROOT = Path(__file__).parents[2]
LEXICON = Lexicon("dépanneur\trepairman; troubleshooter\nchuchoter\twhisper\n", "fr")


def test_rare_words_are_told_and_what_the_translation_uses() -> None:
    model = seq2seq.load(ROOT / "checkpoints" / "fr-en")
    trace = model.session("Le dépanneur Inès chuchotait, le dépanneur.").trace()
    found = {one.word: one for one in explain.doubts(trace, LEXICON, "en", model.checkpoint.known)}
    assert list(found) == ["dépanneur", "chuchotait"]  # each once, and no name
    assert found["dépanneur"].alternatives == ("repairman", "troubleshooter")
    assert found["chuchotait"].used == (("whisper",) if "whisper" in trace.best.text else ())


def test_a_word_that_training_lacked_is_unknown() -> None:
    model = seq2seq.load(ROOT / "checkpoints" / "fr-en")
    trace = model.session("je parle à la gare").trace()
    assert explain.doubts(trace, LEXICON, "en", KnownWords(["je", "parle", "à", "la", "gare"])) == ()
    (one,) = explain.doubts(trace, LEXICON, "en", KnownWords(["je", "parle", "à", "la"]))
    assert (one.word, one.unknown, one.alternatives) == ("gare", True, ())


def test_a_sentence_of_unknown_words_is_far() -> None:
    known = KnownWords(["je", "parle", "à", "la", "gare"])
    assert explain.is_far("je zorgle à tribule", known)
    assert not explain.is_far("je parle à la gare", known)
    assert not explain.is_far("zorgle", known)  # too short to tell
