"""The leak lamp, against a search through all sentences."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from seq2seq.errors import CheckpointError
from seq2seq.explain.index_files import SEEN_FILE, index_folder
from seq2seq.explain.leaks import SeenSet, compared_words, load_seen, save_seen
from seq2seq.explain.storage import weights_digest
from seq2seq.translator import Translator

WORD = st.sampled_from(["le", "chat", "Chien", "dort", "où", "été", "a", "7"])
SENTENCE = st.lists(WORD, min_size=1, max_size=5)
CORPUS = st.lists(SENTENCE, min_size=1, max_size=8)


def one_word_apart(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Say whether one word was put in, taken out or changed, by trying all; something has to stay."""
    if len(one) == len(other):
        return len(one) > 1 and sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return any(short == long[:i] + long[i + 1 :] for i in range(len(long)))


@given(corpus=CORPUS, typed=SENTENCE)
def test_the_lamp_agrees_with_a_search_through_all_sentences(corpus: list[list[str]], typed: list[str]) -> None:
    trained = {compared_words(" ".join(words)) for words in corpus}
    own = compared_words(" ".join(typed))
    verdict = SeenSet.of(" ".join(words) for words in corpus).classify(" ".join(typed))
    near = {words for words in trained if one_word_apart(words, own)}
    assert verdict.novelty == ("seen" if own in trained else "near" if near else "new")
    if verdict.novelty == "near":
        assert {twin.words for twin in verdict.near_matches} == near
    for words, place, mine, theirs in verdict.near_matches:
        changed = [*words[:place], *([] if mine is None else [mine]), *words[place + (theirs is not None) :]]
        assert tuple(changed) == own, "the twin's change leads to the typed sentence"


@given(corpus=st.lists(st.text(max_size=20), min_size=1, max_size=6))
def test_every_training_sentence_is_seen_whatever_it_holds(corpus: list[str]) -> None:
    seen = SeenSet.of(corpus)
    assert all(seen.classify(text).novelty == "seen" for text in corpus)


@settings(max_examples=60)
@given(
    corpus=st.lists(st.lists(WORD, min_size=2, max_size=6), min_size=1, max_size=6),
    data=st.data(),
    new=st.sampled_from(["zèbre", "chat", "x"]),
)
def test_every_one_word_edit_of_a_training_sentence_is_near_or_seen(
    corpus: list[list[str]], data: st.DataObject, new: str
) -> None:
    seen = SeenSet.of(" ".join(words) for words in corpus)
    words = data.draw(st.sampled_from(corpus))
    place = data.draw(st.integers(0, len(words) - 1))
    edits = [words[:place] + words[place + 1 :], [*words[:place], new, *words[place + 1 :]],
             [*words[:place], new, *words[place:]], [*words, new]]  # fmt: skip
    for edit in edits:
        assert seen.classify(" ".join(edit)).novelty in ("near", "seen")


def test_capitals_accents_stops_and_apostrophes_are_not_compared() -> None:
    seen = SeenSet.of(["Où est l'été ?"])
    assert seen.classify("ou est l’ete").novelty == "seen"
    assert seen.classify("OÙ EST L'ÉTÉ !!").novelty == "seen"
    assert compared_words("L'œuf n° 7, déjà_vu.") == ("l", "oeuf", "n", "7", "deja", "vu")


def test_a_changed_lone_word_has_nothing_in_common() -> None:
    seen = SeenSet.of(["Bonjour", "Merci bien"])
    assert seen.classify("Merci").novelty == "near"
    assert seen.classify("Salut").novelty == "new"
    assert seen.classify("").novelty == "new"


def test_a_near_sentence_is_told_with_its_words() -> None:
    seen = SeenSet.of(["Il fait froid.", "Il fait très chaud."])
    twin = seen.classify("il fait chaud").near_matches
    assert [" ".join(one.words) for one in twin] == ["il fait froid", "il fait tres chaud"]
    assert [(one.place, one.typed, one.trained) for one in twin] == [(2, "chaud", "froid"), (2, None, "tres")]


def test_order_and_number_of_words_count() -> None:
    seen = SeenSet.of(["a b c d", "a a a"])
    assert [seen.classify(text).novelty for text in ("b a c d", "d c b a", "a a", "a")] == [
        "new",
        "new",
        "near",
        "new",
    ]


def test_what_is_written_is_read(writable_checkpoint: Path) -> None:
    seen = SeenSet.of(["Il fait froid.", "Où ?", "!!"])
    save_seen(writable_checkpoint, seen, weights_digest(writable_checkpoint))
    read = load_seen(writable_checkpoint)
    assert read is not None
    assert np.array_equal(read.sentences, seen.sentences)
    assert read.words == seen.words
    assert read.classify("où").novelty == "seen"
    Translator.load(writable_checkpoint)


def test_the_index_lies_beside_the_model_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "v1.5" / "inside").mkdir(parents=True)
    assert index_folder("models/v1.5") == Path("models/v1.5.index")
    monkeypatch.chdir(tmp_path / "v1.5")
    assert index_folder(".") == tmp_path / "v1.5.index"
    monkeypatch.chdir("inside")
    assert index_folder("..") == tmp_path / "v1.5.index"


def test_a_folder_without_the_file_has_no_lamp(tiny_checkpoint: Path) -> None:
    assert load_seen(tiny_checkpoint) is None


def test_a_set_for_other_weights_is_refused(writable_checkpoint: Path) -> None:
    save_seen(writable_checkpoint, SeenSet.of(["Il fait froid."]), "0" * 16)
    with pytest.raises(CheckpointError, match=r"other weights.*python -m seq2seq index --model"):
        load_seen(writable_checkpoint)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sentences": torch.tensor([2, 1])}, "out of order"),
        ({"sentences": torch.tensor([1.0, 2.0])}, "float32"),
        ({"sentences": torch.tensor([1])}, "int64"),
        ({"words": torch.zeros(3, dtype=torch.uint8)}, "words can't be read"),
        ({"more": torch.zeros(1)}, "unknown tensor more"),
    ],
)
def test_a_damaged_set_is_one_sentence(
    writable_checkpoint: Path, change: dict[str, torch.Tensor], says: str
) -> None:
    record = {"weights": weights_digest(writable_checkpoint), "sentences": 2}
    save_seen(writable_checkpoint, SeenSet.of(["Oui.", "Non."]), "")
    path = index_folder(writable_checkpoint) / SEEN_FILE
    save_file({**load_file(path), **change}, path, {"record": json.dumps(record)})
    with pytest.raises(CheckpointError, match=says):
        load_seen(writable_checkpoint)


def test_rubbish_is_one_sentence(writable_checkpoint: Path) -> None:
    index_folder(writable_checkpoint).mkdir()
    (index_folder(writable_checkpoint) / SEEN_FILE).write_bytes(b"rubbish")
    with pytest.raises(CheckpointError, match="is damaged"):
        load_seen(writable_checkpoint)
