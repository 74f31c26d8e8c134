"""Groups of pairs that share sentences, and where they go."""

from collections.abc import Sequence
from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data import Languages, Pair
from seq2seq.data.split import (
    LARGEST_HELD_OUT,
    hashed,
    one_reference,
    sentence_hash,
    sentence_key,
    split,
    without_shared,
)

FR_EN = Languages("fr", "en")

# Few sentences, so that pairs share them.
few = st.integers(0, 30).map(lambda number: f"sentence {number}")
lists_of_pairs = st.lists(st.builds(Pair, few, few), max_size=60)


def sides_of(pairs: Sequence[Pair], languages: Languages = FR_EN) -> list[str]:
    return list(split(list(hashed(pairs, languages))).sides)


def groups_of(pairs: Sequence[Pair]) -> int:
    return sum(split(list(hashed(pairs, FR_EN))).groups.values())


def far_apart(count: int) -> list[Pair]:
    return [Pair(f"phrase {number}", f"sentence {number}") for number in range(count)]


@given(lists_of_pairs)
def test_pairs_on_different_sides_share_no_sentence(pairs: list[Pair]) -> None:
    for (a, here), (b, there) in product(zip(pairs, sides_of(pairs), strict=True), repeat=2):
        assert here == there or (a.source != b.source and a.target != b.target)


@given(lists_of_pairs, st.randoms())
def test_order_does_not_matter(pairs: list[Pair], random: Random) -> None:
    shuffled = sorted(pairs, key=lambda _: random.random())
    assert dict(zip(pairs, sides_of(pairs), strict=True)) == dict(zip(shuffled, sides_of(shuffled), strict=True))


@given(lists_of_pairs)
def test_both_directions_split_alike(pairs: list[Pair]) -> None:
    turned = [Pair(target, source) for source, target in pairs]
    assert sides_of(turned, Languages("en", "fr")) == sides_of(pairs)


def test_a_chain_of_shared_sides_is_one_group() -> None:
    chain = [Pair("Va !", "Go."), Pair("Allez !", "go"), Pair("Allez.", "Leave!"), Pair("Pars.", "leave")]
    assert groups_of(chain) == 1
    assert groups_of([*chain, Pair("Salut.", "Hi.")]) == 2
    assert groups_of([chain[0], chain[2]]) == 2


def test_the_same_text_in_two_languages_joins_nothing() -> None:
    assert groups_of([Pair("Pain.", "Bread."), Pair("Douleur.", "Pain.")]) == 2


def test_a_key_forgets_case_punctuation_and_spaces_and_nothing_else() -> None:
    assert sentence_key("« L’ÂNE » — est  là\u00a0!") == sentence_key("l'âne est là.") == "l âne est là"
    assert sentence_key("où") != sentence_key("ou")
    assert sentence_key("कि") != sentence_key("की")  # vowel signs are no punctuation
    assert sentence_key("?!") != sentence_key("...")  # nothing but punctuation: compared as it is


def test_hashes_are_the_same_on_every_machine() -> None:
    assert sentence_hash("fr", "Va !").hex() == "3f617f91606be1c8e14bd8a19a623503"


def test_a_twentieth_of_the_groups_goes_to_valid_and_to_test() -> None:
    groups = split(list(hashed(far_apart(20_000), FR_EN))).groups
    assert 900 < groups["valid"] < 1100
    assert 900 < groups["test"] < 1100


def test_large_groups_are_held_out_no_more_often_than_small_ones() -> None:
    # The smallest of many hashes is near zero; were it the draw, nearly all of these would go to valid.
    pairs = [Pair(f"phrase {group}", f"sentence {group} {number}") for group in range(400) for number in range(30)]
    groups = split(list(hashed(pairs, FR_EN))).groups
    assert 8 < groups["valid"] < 36
    assert 8 < groups["test"] < 36


def test_a_group_too_large_for_a_sample_goes_to_train() -> None:
    start = next(
        pair.source for pair, side in zip(far_apart(100), sides_of(far_apart(100)), strict=True) if side == "test"
    )
    growing = [Pair(start, f"sentence {number}") for number in range(LARGEST_HELD_OUT + 1)]
    assert set(sides_of(growing)) == {"train"}


def test_growth_keeps_the_side_of_every_group_it_does_not_touch() -> None:
    before = far_apart(1000)
    after = before + [Pair(f"plus {number}", f"more {number}") for number in range(1000)]
    assert sides_of(after)[:1000] == sides_of(before)


def test_a_group_that_grows_keeps_its_side_unless_a_smaller_hash_joins() -> None:
    before = far_apart(300)
    grown = before + [Pair(pair.source, f"other {number}") for number, pair in enumerate(before)]
    for pair, new, old_side, side in zip(before, grown[300:], sides_of(before), sides_of(grown), strict=False):
        old_hash = min(sentence_hash("fr", pair.source), sentence_hash("en", pair.target))
        assert side == old_side or sentence_hash("en", new.target) < old_hash


def test_one_reference_stays_for_each_source_whatever_the_order() -> None:
    pairs = list(hashed([Pair("Va !", "Go."), Pair("va", "Leave."), Pair("Va.", "Go!"), Pair("Oui", "Yes")], FR_EN))
    kept = one_reference(pairs)
    assert [pair.source for pair in kept] == [pairs[0].source, pairs[3].source]
    assert set(one_reference(reversed(pairs))) == set(kept)
    assert set(one_reference(pairs[1:])) <= {*kept, *pairs[1:]}


def test_a_pair_with_either_side_held_out_is_taken_away() -> None:
    train = list(hashed([Pair("a b", "c"), Pair("d", "e f"), Pair("g", "h"), Pair("c", "a b")], FR_EN))
    held_out = hashed([Pair("A, b.", "x"), Pair("y", "E f!")], FR_EN)
    assert [pair.pair for pair in without_shared(train, held_out)] == [("g", "h"), ("c", "a b")]
