"""One sentence forced, free and with a planted mistake, by translators whose every word is known beforehand."""

import pytest

from seq2seq.explain.forcing import FreeRun, free_run, plant, walk
from seq2seq.text import END
from tests.scripted import LIKELY, UNLIKELY, Says, translator_that

SOURCE, REFERENCE = "4 5", "5 6 7 8 9"


def saying(*tokens: int) -> Says:
    """Return what says these tokens one after the other, whatever it is fed."""
    return lambda _, prefix: tokens[min(len(prefix), len(tokens) - 1)]


@pytest.mark.parametrize(
    ("said", "leaves", "back_after"),
    [
        ((5, 6, 7, 8, 9, END), None, None),  # the reference itself
        ((4, 6, 7, 8, 9, END), 1, 0),
        ((5, 6, 4, 8, 9, END), 3, 0),  # one word for another
        ((5, 4, 6, 7, 8, 9, END), 2, 0),  # a word put in
        ((5, 7, 8, 9, END), 2, 0),  # a word left out
        ((5, 4, 4, 4, 8, 9, END), 2, 2),
        ((5, 4, 4, 4, 9, END), 2, None),  # only the last word and the end are the same
        ((5, 6, END), 3, None),  # ends too soon
        ((5, 6, 7, 8, 9, 4, END), 6, None),  # goes on too long
        ((5, 6, 7, 4), 4, None),  # never ends
    ],
)
def test_where_a_free_run_leaves_its_reference_and_when_it_is_back(
    said: tuple[int, ...], leaves: int | None, back_after: int | None
) -> None:
    found = free_run(translator_that(saying(*said)).session(SOURCE), REFERENCE)
    assert (found.diverges_at, found.back_after) == (leaves, back_after)
    assert found.same == (leaves is None)
    if said[-1] == END:
        assert found == FreeRun(" ".join(map(str, said)), leaves, back_after)


def listening(_: int, prefix: tuple[int, ...]) -> int:
    """Know the reference as long as no 4 was fed, and say 10 from then on."""
    if 4 in prefix:
        return 10
    return (5, 6, 4, 8, 9, END)[min(len(prefix), 5)]


def test_forced_a_slip_costs_one_step_and_free_it_costs_all_that_follow() -> None:
    translator = translator_that(listening)
    forced, free = (walk(translator.session(SOURCE), REFERENCE, ratio) for ratio in (1.0, 0.0))
    assert [step.decoder_input for step in forced.steps] == ["1", "5", "6", "7", "8", "9"]
    assert [step.predicted for step in forced.steps] == ["5", "6", "4", "8", "9", "2"]
    assert [step.correct for step in forced.steps] == [True, True, False, True, True, True]
    assert [step.loss for step in forced.steps] == pytest.approx([LIKELY, LIKELY, UNLIKELY, *[LIKELY] * 3])
    assert (forced.accuracy, forced.loss) == pytest.approx((5 / 6, (5 * LIKELY + UNLIKELY) / 6))
    assert [step.decoder_input for step in free.steps] == ["1", "5", "6", "4", "10", "10"]
    assert [step.predicted for step in free.steps] == ["5", "6", "4", "10", "10", "10"]
    assert [step.forced for step in free.steps] == [True, *[False] * 5]
    assert (free.accuracy, free.loss) == pytest.approx((2 / 6, (2 * LIKELY + 4 * UNLIKELY) / 6))
    assert all(step.probability == pytest.approx(0.5) for step in (*forced.steps, *free.steps))


def recovering(_: int, prefix: tuple[int, ...]) -> int:
    """Be lost for one token behind an 11, whose place counts as that of the right word."""
    if 11 not in prefix:
        return saying(5, 6, 7, 8, 9, END)(0, prefix)
    behind = prefix[prefix.index(11) + 1 :]
    return saying(5, 6, 7, 8, 9, END)(0, prefix[:-1]) if behind else 10


def test_behind_a_planted_word_it_is_counted_how_long_the_way_back_is() -> None:
    found = plant(translator_that(recovering).session(SOURCE), 2, "11")
    assert found.path == ("5", "6", "7", "8", "9", "2")
    assert (found.step, found.wrong) == (2, ("11",))
    assert found.follows == ("10", "7", "8", "9", "2")
    assert found.text == "5 11 10 7 8 9 2"
    assert found.back_after == 1


@pytest.mark.parametrize("wrong", ["4", "4 4"])
def test_a_model_that_is_thrown_off_never_comes_back(wrong: str) -> None:
    def thrown_off(_: int, prefix: tuple[int, ...]) -> int:
        return 10 if 4 in prefix else saying(5, 6, 7, 8, 9, END)(0, prefix)

    found = plant(translator_that(thrown_off).session(SOURCE), 3, wrong)
    assert found.back_after is None
    assert set(found.follows) == {"10"}
    assert " ".join(found.wrong) == wrong
