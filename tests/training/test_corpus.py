"""What an epoch shows: the same pairs in other clothes, the same ones each time it is asked for."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seq2seq.data.batches import Batch
from seq2seq.data.pairs import Pair, write_pairs
from seq2seq.errors import ConfigError
from seq2seq.text import Tokenizer
from seq2seq.training.corpus import EpochBatches, make_vocabularies, read_corpus
from tests.training.recipes import recipe


def shown(batches: list[Batch], source: Tokenizer, target: Tokenizer) -> list[tuple[str, str]]:
    """Return the texts of some batches, sorted."""
    pairs = [pair for batch in batches for pair in zip(batch.source.tolist(), batch.labels.tolist(), strict=True)]
    return sorted((source.decode(s), target.decode(t)) for s, t in pairs)


def pieces(batches: list[Batch]) -> tuple[int, int]:
    """Return how many a source and a target side have in all."""
    return sum(int(batch.source_mask.sum()) for batch in batches), sum(batch.tokens for batch in batches)


def ids(batches: list[Batch]) -> list[list[list[int]]]:
    return [part.tolist() for batch in batches for part in batch]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**31 - 1),
    number=st.integers(0, 1000),
    dropout=st.floats(0.2, 0.9),
    sides=st.sampled_from([("source",), ("target",), ("source", "target")]),
    noise=st.sampled_from([0.0, 0.5]),
)
def test_an_epoch_with_dropped_merges_shows_the_same_pairs_and_can_be_asked_for_again(
    tmp_path: Path, seed: int, number: int, dropout: float, sides: tuple[str, ...], noise: float
) -> None:
    text = {f"{side}_dropout": dropout for side in sides}
    made = recipe(tmp_path, text=text, training={"seed": seed}, data={"noise": noise})
    corpus = read_corpus(made)
    vocabularies = make_vocabularies(made, corpus.train)
    epochs = EpochBatches(made, corpus.train, vocabularies)
    first = list(epochs.epoch(number))
    other = list(epochs.epoch(number + 1))
    assert ids(list(EpochBatches(made, corpus.train, vocabularies).epoch(number))) == ids(first)
    assert ids(other) != ids(first)
    texts = shown(first, *vocabularies)
    assert sorted(target for _, target in texts) == sorted(pair.target for pair in corpus.train)
    if not noise:
        assert texts == sorted(corpus.train)
    plain = EpochBatches(recipe(tmp_path), corpus.train, vocabularies)
    longer = (pieces(epoch) for epoch in (first, list(plain.epoch(number))))
    source, target = (more > fewer for more, fewer in zip(*longer, strict=True))
    assert target == ("target" in sides)
    assert source == ("source" in sides) or noise  # a source as people type it has other pieces


@pytest.mark.parametrize("kind", ["unigram", "word", "char"])
def test_dropout_with_a_vocabulary_that_was_kept_and_has_no_merges_is_a_clear_error(
    tmp_path: Path, kind: str
) -> None:
    words = make_vocabularies(recipe(tmp_path, text={"kind": kind}), read_corpus(recipe(tmp_path)).train)
    made = recipe(tmp_path, text={"target_dropout": 0.1})
    with pytest.raises(ConfigError, match="target_dropout needs a vocabulary of the kind bpe"):
        EpochBatches(made, read_corpus(made).train, words)


def test_dropout_without_merges_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"only the kind bpe has, not unigram; leave it out"):
        recipe(tmp_path, text={"kind": "unigram", "source_dropout": 0.1})


def test_vocabularies_are_learnt_from_the_pairs_that_the_recipe_names(tmp_path: Path) -> None:
    real = read_corpus(recipe(tmp_path))
    write_pairs(tmp_path / "made-up.tsv", [Pair("Zut zut zut !", "Damn it all!")] * 50)
    files = {"train": [tmp_path / "pairs.tsv", tmp_path / "made-up.tsv"]}
    both = recipe(tmp_path, data=files)
    named = recipe(tmp_path, data=files, text={"pairs": [tmp_path / "pairs.tsv"]})
    corpus = read_corpus(both)
    expected = [each.proto for each in make_vocabularies(recipe(tmp_path), real.train)]
    assert [each.proto for each in make_vocabularies(named, corpus.train)] == expected
    assert [each.proto for each in make_vocabularies(both, corpus.train)] != expected
