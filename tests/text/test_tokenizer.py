"""One wrapper for four kinds of SentencePiece."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.text import END, PAD, START, UNKNOWN, Tokenizer, VocabularyKind, normalise
from tests.text.test_normalise import ANY, TYPED
from tests.tiny import PAIRS

LINES = [source for source, _ in PAIRS]
SIZES: dict[VocabularyKind, int] = {"bpe": 330, "unigram": 330, "word": 200, "char": 100}


@pytest.fixture(scope="module")
def trained() -> dict[VocabularyKind, Tokenizer]:
    return {kind: Tokenizer.train(LINES, kind, size) for kind, size in SIZES.items()}


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
@settings(max_examples=300)
@given(text=ANY | TYPED)
@example(text="▁ ▁▁a￭ ￭b")
@example(text="<s></s><pad><unk><0x41>")
@example(text="👩\u200d🔬 مرحبا 你好 \u0338")
def test_decoding_gives_the_normalised_text_back(
    trained: dict[VocabularyKind, Tokenizer], kind: VocabularyKind, text: str
) -> None:
    tokenizer = trained[kind]
    assert tokenizer.decode(tokenizer.encode(text)) == normalise(text)


@pytest.mark.parametrize("kind", list(SIZES))
@pytest.mark.parametrize("line", LINES)
def test_every_kind_gives_its_training_lines_back(
    trained: dict[VocabularyKind, Tokenizer], kind: VocabularyKind, line: str
) -> None:
    tokenizer = trained[kind]
    assert tokenizer.decode(tokenizer.encode(line)) == normalise(line)
    assert UNKNOWN not in tokenizer.encode(line)


WORDS = ["Le", "chien", "dort", "l'", "eau", "est", "froide", "aujourd'hui", "c'"]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))
def test_known_words_in_any_order_rejoin_exactly(
    trained: dict[VocabularyKind, Tokenizer], words: list[str]
) -> None:
    text = normalise(" ".join(words).replace("l' ", "l'").replace("c' ", "c'").rstrip("'") + ".")
    ids = trained["word"].encode(text)
    if UNKNOWN not in ids:
        assert trained["word"].decode(ids) == text


def test_word_pieces_are_whole_words(trained: dict[VocabularyKind, Tokenizer]) -> None:
    word = trained["word"]
    assert word.pieces(word.encode("J'ai un chien.")) == ["▁J'", "▁￭ai", "▁un", "▁chien", "▁￭."]


def test_a_word_vocabulary_without_punctuation_still_splits_it_off() -> None:
    word = Tokenizer.train(["le chien dort", "le chat dort"], "word", 50)
    ids = word.encode("le chien.")
    assert word.pieces(ids)[:2] == ["▁le", "▁chien"]
    assert ids[2:] == [UNKNOWN]


def test_a_strange_mark_does_not_make_a_word_vocabulary_of_another() -> None:
    tokenizer = Tokenizer.train(["a ￭b ￭b ￭b ￭b", *LINES], "bpe", 330)
    assert tokenizer.decode(tokenizer.encode("a , b")) == "a , b"


@given(ANY)
def test_unknown_words_and_characters_still_give_text(trained: dict[VocabularyKind, Tokenizer], text: str) -> None:
    for kind in ("word", "char"):
        shown = trained[kind].decode(trained[kind].encode(text))
        assert normalise(shown) == shown


@given(st.lists(st.integers(0, 329)))
def test_any_ids_decode_to_normal_text(trained: dict[VocabularyKind, Tokenizer], ids: list[int]) -> None:
    shown = trained["bpe"].decode(ids)
    assert normalise(shown) == shown


def test_special_ids_show_as_nothing(trained: dict[VocabularyKind, Tokenizer]) -> None:
    for tokenizer in trained.values():
        ids = tokenizer.encode("Le chien dort")
        assert tokenizer.decode([START, *ids, END, PAD, PAD]) == "Le chien dort"
        assert tokenizer.pieces([PAD, START, END, UNKNOWN]) == ["<pad>", "<s>", "</s>", "<unk>"]


def test_encode_all_is_encode_of_each(trained: dict[VocabularyKind, Tokenizer]) -> None:
    lines = [*LINES, "", "  "]
    for tokenizer in trained.values():
        assert tokenizer.encode_all(lines) == [tokenizer.encode(line) for line in lines]
        assert tokenizer.encode("") == []


def test_the_same_lines_give_the_same_vocabulary() -> None:
    assert Tokenizer.train(LINES, "bpe", 330).proto == Tokenizer.train(LINES, "bpe", 330).proto


def test_no_vocabulary_is_larger_than_asked(trained: dict[VocabularyKind, Tokenizer]) -> None:
    for kind, size in SIZES.items():
        assert len(trained[kind]) <= size


@pytest.mark.parametrize("lines", [[], ["", "   "]])
@pytest.mark.parametrize("kind", list(SIZES))
def test_no_text_is_a_clear_error(kind: VocabularyKind, lines: list[str]) -> None:
    with pytest.raises(ConfigError, match="can't be learnt from this text") as caught:
        Tokenizer.train(lines, kind, 300)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("proto", [b"", b"\x00", b"not a model", b"\x0a\xff\xff\xff\xff"])
def test_what_is_no_vocabulary_is_refused(proto: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"^x\.model ") as caught:
        Tokenizer(proto, "x.model")
    assert "\n" not in str(caught.value)


def test_a_missing_vocabulary_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="can't be read: No such file"):
        Tokenizer.load(tmp_path / "source.model")
    with pytest.raises(CheckpointError, match="can't be read: Is a directory"):
        Tokenizer.load(tmp_path)


# -- BPE-dropout ---------------------------------------------------------------------------------------------------


def test_the_kind_bpe_alone_has_merges(trained: dict[VocabularyKind, Tokenizer]) -> None:
    assert [kind for kind in SIZES if trained[kind].has_merges] == ["bpe"]


@settings(max_examples=50)
@given(texts=st.lists(ANY | TYPED, max_size=4), dropout=st.floats(0.01, 0.99), seed=st.integers(0, 2**31 - 1))
def test_dropped_merges_change_the_pieces_and_never_the_text(
    trained: dict[VocabularyKind, Tokenizer], texts: list[str], dropout: float, seed: int
) -> None:
    bpe = trained["bpe"]
    drawn = bpe.encode_dropped(texts, dropout, seed)
    assert [bpe.decode(ids) for ids in drawn] == [normalise(text) for text in texts]
    bpe.encode_dropped(LINES, 0.5, 1)  # what others draw meanwhile changes nothing
    assert bpe.encode_dropped(texts, dropout, seed) == drawn


def test_another_process_draws_the_same_merges(trained: dict[VocabularyKind, Tokenizer], tmp_path: Path) -> None:
    bpe = trained["bpe"]
    (tmp_path / "bpe.model").write_bytes(bpe.proto)
    program = (
        "import sys, json; from pathlib import Path; from seq2seq.text import Tokenizer\n"
        "print(Tokenizer.load(Path(sys.argv[1])).encode_dropped(json.loads(sys.argv[2]), 0.5, 7))"
    )
    words = [sys.executable, "-c", program, str(tmp_path / "bpe.model"), json.dumps(LINES)]
    found = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    assert json.loads(found.stdout) == bpe.encode_dropped(LINES, 0.5, 7)


def test_dropped_merges_are_drawn_anew_for_each_seed_and_are_as_many_as_asked(
    trained: dict[VocabularyKind, Tokenizer],
) -> None:
    bpe = trained["bpe"]
    lines = LINES * 20
    drawn = [bpe.encode_dropped(lines, 0.1, seed) for seed in (1, 2)]
    assert drawn[0] != drawn[1]
    sizes = [sum(map(len, bpe.encode_dropped(lines, dropout, 3))) for dropout in (0.001, 0.1, 0.5, 0.999)]
    assert sum(map(len, bpe.encode_all(lines))) <= sizes[0] < sizes[1] < sizes[2] < sizes[3]
    # Without merges a word falls apart into its characters and the mark of the space before each word.
    letters = sum(len(normalise(line)) + 1 for line in lines)
    assert sizes[3] == pytest.approx(letters, rel=0.01)
