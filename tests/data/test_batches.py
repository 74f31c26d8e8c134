"""Mini-batches of similar lengths, filled by real tokens."""

import random

import torch
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.batches import batches, make_batch, pad, source_batch
from seq2seq.data.noise import as_typed, without_accents
from seq2seq.text import END, PAD, START, normalise

IDS = st.lists(st.integers(3, 9), min_size=1, max_size=9)
CORPUS = st.lists(st.tuples(IDS, IDS), min_size=1, max_size=40)


def rows(ids: torch.Tensor, mask: torch.Tensor) -> list[list[int]]:
    return [row[real].tolist() for row, real in zip(ids, mask, strict=True)]


@given(corpus=CORPUS, tokens=st.integers(1, 60), seed=st.none() | st.integers(0, 99))
def test_every_pair_comes_exactly_once(
    corpus: list[tuple[list[int], list[int]]], tokens: int, seed: int | None
) -> None:
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    sources, targets = ([pair[side] for pair in corpus] for side in (0, 1))
    found = []
    for batch in batches(sources, targets, tokens, generator):
        real = int(batch.mask.sum())
        assert real <= tokens or len(batch.labels) == 1, "no batch is over the bound but a single over-long pair"
        for source, decoder_input, asked in zip(
            rows(batch.source, batch.source_mask),
            rows(batch.decoder_input, batch.mask),
            rows(batch.labels, batch.mask),
            strict=True,
        ):
            assert source[-1] == END
            assert decoder_input[0] == START
            assert decoder_input[1:] == asked[:-1]
            assert asked[-1] == END
            found.append((source[:-1], asked[:-1]))
    assert sorted(found) == sorted(corpus)


@given(corpus=CORPUS, seed=st.integers(0, 99))
def test_the_same_seed_gives_the_same_order(corpus: list[tuple[list[int], list[int]]], seed: int) -> None:
    sources, targets = ([pair[side] for pair in corpus] for side in (0, 1))
    first, again = (
        [batch.labels.tolist() for batch in batches(sources, targets, 20, torch.Generator().manual_seed(seed))]
        for _ in range(2)
    )
    assert first == again


def test_another_seed_gives_another_order() -> None:
    ids = [[3 + i % 5] * (1 + i % 7) for i in range(60)]
    first, other = (
        [batch.labels.tolist() for batch in batches(ids, ids, 20, torch.Generator().manual_seed(seed))]
        for seed in (1, 2)
    )
    assert first != other


@given(st.lists(st.lists(st.integers(3, 9), max_size=6), min_size=1, max_size=8))
def test_padding_is_what_the_mask_leaves_out(lines: list[list[int]]) -> None:
    ids, mask = source_batch(lines)
    assert rows(ids, mask) == [[*line, END] for line in lines]
    assert (ids[~mask] == PAD).all()
    # True comes first, so that padding stands at the end.
    assert (mask.int().diff(dim=1) <= 0).all()


def test_a_batch_by_hand() -> None:
    batch = make_batch([[5, 6], [7]], [[8], [9, 4]])
    assert batch.source.tolist() == [[5, 6, END], [7, END, PAD]]
    assert batch.source_mask.tolist() == [[True] * 3, [True, True, False]]
    assert batch.decoder_input.tolist() == [[START, 8, PAD], [START, 9, 4]]
    assert batch.labels.tolist() == [[8, END, PAD], [9, 4, END]]
    assert batch.mask.tolist() == [[True, True, False], [True] * 3]


def test_lengths_in_a_batch_are_alike() -> None:
    ids = [[3] * (1 + i % 10) for i in range(200)]
    mixed = list(batches(ids, ids, 60, torch.Generator().manual_seed(1)))
    real = sum(int(batch.mask.sum()) for batch in mixed)
    assert real / sum(batch.mask.numel() for batch in mixed) > 0.9


def test_no_pairs_make_no_batches() -> None:
    assert list(batches([], [], 10)) == []


def test_rows_without_ids_are_padding_alone() -> None:
    ids, mask = pad([[], [3]])
    assert ids.tolist() == [[PAD], [3]]
    assert mask.tolist() == [[False], [True]]


@given(st.text(), st.integers(0, 99))
def test_typed_text_is_a_variant_of_the_text(text: str, seed: int) -> None:
    clean = normalise(text)
    typed = as_typed(clean, random.Random(seed))
    assert typed == as_typed(clean, random.Random(seed))
    assert len(typed.splitlines()) <= 1


def test_accents_go_and_letters_stay() -> None:
    assert without_accents("Où ça ? Un cœur, l'Œuvre, naïf") == "Ou ca ? Un coeur, l'Oeuvre, naif"


def test_every_kind_of_typing_comes() -> None:
    seen = {as_typed("L'été est là.", random.Random(seed)) for seed in range(300)}
    expected = {"L'ete est la.", "l'été est là", "L'été est là", "l'ete est la", "L'ÉTÉ EST LÀ."}
    assert expected <= seen
