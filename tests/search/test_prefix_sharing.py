"""Many searches for one source at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.search import Beam, PrefixSharingDecoder, RepeatedSource, SearchOptions, Step, search
from seq2seq.text import END
from tests.fakes import mixed, sources, table
from tests.tiny import encode, lively_model


@given(
    seed=st.integers(0, 500),
    levels=st.sampled_from([None, 3]),
    widths=st.lists(st.integers(1, 7), min_size=1, max_size=5),
    n_best=st.integers(1, 3),
)
def test_each_copy_is_searched_as_if_alone(seed: int, levels: int | None, widths: list[int], n_best: int) -> None:
    decoder, memory = mixed(8, seed, levels), sources(3)
    options = SearchOptions(mode=Beam(size=1, alpha=0.6), n_best=n_best, max_length=6)
    copies = RepeatedSource.of(memory, len(widths))
    together = search(PrefixSharingDecoder(decoder, memory), copies, options, widths=widths)
    for width, found in zip(widths, together, strict=True):
        alone = options.model_copy(update={"mode": Beam(size=width, alpha=0.6)})
        assert found == search(decoder, memory, alone)[0]


def test_a_real_model_says_the_same_of_every_copy() -> None:
    model = lively_model()
    memory = encode(model, [[4, 5, 6]])
    options = SearchOptions(mode=Beam(size=1, alpha=0.6))
    together = search(
        PrefixSharingDecoder(model.decoder, memory), RepeatedSource.of(memory, 6), options, widths=range(1, 7)
    )
    for width, (found,) in enumerate(together, 1):
        (alone,) = search(model.decoder, memory, SearchOptions(mode=Beam(size=width, alpha=0.6)))[0]
        assert found.tokens == alone.tokens
        assert found.score == pytest.approx(alone.score, abs=1e-5)


class Impatient:
    """Ends a search after so many steps."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.seen = 0

    def step(self, step: Step) -> bool:
        self.seen = step.number
        return step.number == self.most


def test_a_recorder_may_end_a_search() -> None:
    decoder = table({(): {3: 0.6, END: 0.4}, (3,): {3: 0.5, 4: 0.5}, (3, 3): {3: 1.0}}, 6)
    options = SearchOptions(mode=Beam(size=3, alpha=0.0), n_best=3)
    for most, finished in ((1, [(END,)]), (2, [(END,)])):
        recorder = Impatient(most)
        found = search(decoder, sources(3), options, recorder)[0]
        assert recorder.seen == most
        assert [one.tokens for one in found] == finished
    assert search(table({(): {3: 1.0}, (3,): {3: 1.0}}, 5), sources(3), options, Impatient(1)) == [[]]
