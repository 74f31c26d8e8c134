"""Exposure and recovery of decoders that are no models, so that every figure can be counted by hand."""

import pytest
import torch

from seq2seq.data.pairs import Pair
from seq2seq.evaluation.exposure import exposure, recovery
from seq2seq.search import Greedy, SearchOptions, search
from seq2seq.text import END
from seq2seq.translator import Translator
from tests.scripted import LIKELY, UNLIKELY, Says, translator_that
from tests.tiny import PAIRS, encode

PATH = (5, 6, 7, 8, 9, END)
WRONG, LOST = 4, 10


def pairs(*firsts: int, target: str = f"{WRONG} {WRONG} {WRONG}") -> list[Pair]:
    """Return a pair for each first token; the planted word is drawn from the targets."""
    return [Pair(f"{first} 5", target) for first in firsts]


# -- recovery --------------------------------------------------------------------------------------------------


def goes_by_place(_: int, prefix: tuple[int, ...]) -> int:
    """Never look at the prefix: the path's token of this number."""
    return PATH[len(prefix)] if len(prefix) < len(PATH) else END


def detour(length: int) -> Says:
    """Return a decoder that is lost for `length` tokens behind a wrong one, then goes on where it was."""

    def says(number: int, prefix: tuple[int, ...]) -> int:
        if WRONG not in prefix:
            return goes_by_place(number, prefix)
        behind = len(prefix) - prefix.index(WRONG) - 1
        return LOST if behind < length else goes_by_place(number, prefix[: len(prefix) - length])

    return says


def starts_over(number: int, prefix: tuple[int, ...]) -> int:
    """Take the wrong token for one that was put in, and say the replaced one behind it."""
    return goes_by_place(number, tuple(token for token in prefix if token != WRONG))


def stops(number: int, prefix: tuple[int, ...]) -> int:
    """End at once behind a wrong token."""
    return END if WRONG in prefix else goes_by_place(number, prefix)


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("says", [goes_by_place, starts_over])
def test_a_decoder_that_always_recovers_is_back_at_once(says: Says, step: int) -> None:
    found = recovery(translator_that(says), pairs(4, 5, 6), step)
    assert (found.step, found.sentences, found.back) == (step, 3, 1.0)
    assert set(found.back_within) == {1.0}


@pytest.mark.parametrize("says", [detour(1000), stops], ids=["rambles", "stops"])
def test_a_decoder_that_never_recovers_is_never_back(says: Says) -> None:
    found = recovery(translator_that(says), pairs(4, 5, 6), 2)
    assert (found.sentences, found.back) == (3, 0.0)
    assert set(found.back_within) == {0.0}


@pytest.mark.parametrize("length", [1, 3, 6, 7])
def test_a_detour_is_as_long_as_it_is(length: int) -> None:
    found = recovery(translator_that(detour(length)), pairs(4), 2)
    assert found.back_within == tuple(float(delay >= length) for delay in range(7))


def test_the_share_is_of_the_sentences_that_were_spoilt() -> None:
    lost = detour(1000)
    found = recovery(
        translator_that(lambda number, prefix: (lost if number == 5 else goes_by_place)(number, prefix)),
        pairs(4, 5, 6, 7),
        2,
    )
    assert (found.sentences, found.back) == (4, 0.75)


def test_every_model_gets_the_same_wrong_tokens() -> None:
    """Else a model could be luckier with its mistakes; other seeds plant others."""
    made = [Pair(f"{4 + i % 5} 5", f"{4 + i % 3} {7 + i % 4} {8 + i % 2}") for i in range(40)]

    def planted(says: Says, seed: int) -> dict[int, list[int]]:
        """Return the second tokens that a decoder was fed and had not said, by source."""
        seen: dict[int, list[int]] = {}

        def listens(number: int, prefix: tuple[int, ...]) -> int:
            if len(prefix) == 2 and prefix[1] != says(number, prefix[:1]):
                seen.setdefault(number, []).append(prefix[1])
            return says(number, prefix)

        recovery(translator_that(listens), made, 2, seed)
        return seen

    by_place, other = planted(goes_by_place, 1), planted(goes_by_place, 2)
    assert by_place == planted(detour(2), 1)
    assert by_place != other
    assert set(by_place) == {4, 5, 6, 7, 8}


@pytest.mark.parametrize(
    ("says", "step"),
    [
        (goes_by_place, 4),  # only 9 </s> would be left, too little to tell
        (lambda number, prefix: LOST, 1),  # no end, so no path
        (lambda number, prefix: WRONG if len(prefix) == 1 else PATH[min(len(prefix), 5)], 2),  # wrong is right here
    ],
    ids=["too short", "endless", "the same token"],
)
def test_sentences_that_tell_nothing_are_not_counted(says: Says, step: int) -> None:
    found = recovery(translator_that(says), pairs(4, 5), step)
    assert (found.sentences, found.back) == (0, 0.0)


# -- exposure --------------------------------------------------------------------------------------------------

REFERENCES = [Pair("4 5", "5 6 7"), Pair("5 5", "5 6"), Pair("6 5", "5 6 7")]
TABLE = {
    (4, ()): 5, (4, (5,)): 6, (4, (5, 6)): 7, (4, (5, 6, 7)): END,
    # leaves the reference at its second token, and is lost behind its own word alone
    (5, ()): 5, (5, (5,)): 8, (5, (5, 6)): END, (5, (5, 8)): 9, (5, (5, 8, 9)): END,
    # ends too soon
    (6, ()): 5, (6, (5,)): END, (6, (5, 6)): 7, (6, (5, 6, 7)): END,
}  # fmt: skip


def test_positions_are_those_that_one_counts_by_hand() -> None:
    said = translator_that(lambda number, prefix: TABLE.get((number, prefix), END))
    found = exposure(said, REFERENCES, positions=5)
    assert found.sentences == (3, 3, 3, 2, 0)
    assert found.teacher_forced_accuracy == pytest.approx((1, 1 / 3, 1, 1, 0), abs=1e-4)
    # At the fourth position one has </s> in its place, the other has ended long ago.
    assert found.free_running_accuracy == pytest.approx((1, 1 / 3, 1 / 3, 1 / 2, 0), abs=1e-4)
    second = (LIKELY + 2 * UNLIKELY) / 3
    assert found.teacher_forced_loss == pytest.approx((LIKELY, second, LIKELY, LIKELY, 0), abs=1e-4)
    # From the third position on the one that has ended is left out.
    assert found.free_running_loss == pytest.approx((LIKELY, second, (LIKELY + UNLIKELY) / 2, LIKELY, 0), abs=1e-4)


def test_figures_are_those_of_the_first_positions_that_are_asked_for() -> None:
    said = translator_that(lambda number, prefix: TABLE.get((number, prefix), END))
    whole, short = exposure(said, REFERENCES, positions=4), exposure(said, REFERENCES, positions=2)
    for name, values in short:
        assert values == getattr(whole, name)[:2]


def test_a_decoder_that_knows_its_references_has_no_exposure_bias() -> None:
    references = dict(zip((4, 5, 6), ((5, 6, 7, END), (5, 6, END), (5, 6, 7, END)), strict=True))
    said = translator_that(lambda number, prefix: references[number][min(len(prefix), len(references[number]) - 1)])
    found = exposure(said, REFERENCES, positions=4)
    assert found.free_running_accuracy == found.teacher_forced_accuracy == (1, 1, 1, 1)
    assert found.free_running_loss == found.teacher_forced_loss


@torch.inference_mode()
def test_behind_the_own_prefix_it_is_the_output_of_greedy_search(translator: Translator) -> None:
    lines = [source for source, _ in PAIRS]
    said = [one.text for one in translator.translate(lines, translator.options(Greedy()))]
    # References that are now and then what an untrained model says: its own outputs, each second one cut.
    made = [
        Pair(line, text[: len(text) // (1 + number % 2)] or "x")
        for number, (line, text) in enumerate(zip(lines, said, strict=True))
    ]
    checkpoint = translator.checkpoint
    sources = checkpoint.source.encode_all([pair.source for pair in made])
    targets = [[*ids, END] for ids in checkpoint.target.encode_all([pair.target for pair in made])]
    right, count = [0] * 12, [0] * 12
    for source, target in zip(sources, targets, strict=True):
        options = SearchOptions(mode=Greedy(), max_length=len(target))
        tokens = search(translator.model.decoder, encode(translator.model, [source]), options)[0][0].tokens
        for place, asked in enumerate(target[:12]):
            count[place] += 1
            right[place] += place < len(tokens) and tokens[place] == asked
    assert 0 < sum(right) < sum(count)
    found = exposure(translator, made)
    assert found.sentences == tuple(count)
    assert found.free_running_accuracy == tuple(round(r / max(n, 1), 4) for r, n in zip(right, count, strict=True))
