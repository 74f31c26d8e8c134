"""From the form's choices to a recipe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.teacher_forcing_panels.choices import Choice, Forcing, epochs, forcing, recipe
from pages.teacher_forcing_panels.training_actions import slower
from seq2seq.config import parse
from seq2seq.data.upload import UploadedFile
from seq2seq.training.corpus import EpochBatches, make_vocabularies, read_corpus
from seq2seq.training.recipe import ForcingRecipe
from seq2seq.training.schedules import forcing_ratio


@pytest.mark.parametrize("kind", ["linear", "exponential", "inverse-sigmoid"])
@pytest.mark.parametrize("half", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("count", [30, 1500, 20_000])
def test_a_falling_ratio_is_a_half_where_it_was_asked_to_be(kind: Forcing, half: float, count: int) -> None:
    table = forcing(Choice(forcing=kind, half=half), count)
    ratio = parse(ForcingRecipe, {"ratio": table}, "test").ratio
    place = int(half * count)
    assert forcing_ratio(ratio, place - 1) >= 0.49
    assert forcing_ratio(ratio, place + 1) <= 0.51


@given(
    st.builds(
        Choice,
        cell=st.sampled_from(["rnn", "gru", "lstm"]),
        size=st.sampled_from(["small", "medium", "large"]),
        attention=st.sampled_from(["none", "dot", "general", "additive"]),
        forcing=st.sampled_from(["always", "constant", "linear", "exponential", "inverse-sigmoid"]),
        ratio=st.floats(0, 1),
        half=st.floats(0.1, 0.9),
        rate=st.floats(1e-5, 1),
        updates=st.integers(50, 20_000),
        swapped=st.booleans(),
    ),
    st.none()
    | st.builds(
        UploadedFile, st.integers(200, 30_000), st.integers(180, 27_000), st.integers(200, 300_000), st.just(())
    ),
)
def test_whatever_the_form_allows_is_a_recipe(choice: Choice, uploaded: UploadedFile | None) -> None:
    made = recipe(choice, uploaded)
    assert made.training.schedule.updates == choice.updates
    direction = ("en", "fr") if choice.swapped else ("fr", "en")
    assert (made.data.source, made.data.target) == direction


def test_the_epochs_of_the_grammar_are_about_as_many_as_its_updates_have() -> None:
    choice = Choice(grammar=3000, updates=200)
    made = recipe(choice, None)
    corpus = read_corpus(made)
    batches = EpochBatches(made, corpus.train, make_vocabularies(made, corpus.train))
    assert 200 / sum(1 for _ in batches.epoch(0)) == pytest.approx(epochs(choice, None), rel=0.1)


def test_slower_is_a_third_and_else_the_same() -> None:
    made = recipe(Choice(rate=0.006), None)
    lower = slower(made)
    assert lower.training.decoder_rate == lower.training.encoder_rate == 0.002
    assert lower.model == made.model
