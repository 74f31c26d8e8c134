"""One sentence forced, free, and by coin; and a planted mistake."""

import pytest
import torch

from seq2seq.errors import EmptySourceError
from seq2seq.explain.forcing import free_run, plant, walk
from seq2seq.search import Greedy
from seq2seq.translator import Translator
from seq2seq.viz import forcing_strip, strip_summary
from tests.tiny import PAIRS

SOURCE, REFERENCE = PAIRS[0]


def test_forced_it_costs_what_scoring_says_and_is_fed_the_reference(translator: Translator) -> None:
    found = walk(translator.session(SOURCE), REFERENCE, 1.0)
    (scores,) = translator.score([(SOURCE, REFERENCE)])
    assert [-step.loss for step in found.steps] == pytest.approx(scores, abs=1e-4)
    assert all(step.forced for step in found.steps)
    assert [step.decoder_input for step in found.steps[1:]] == [step.label for step in found.steps[:-1]]
    assert found.steps[-1].label == "</s>"


def test_free_it_is_fed_what_it_said_and_says_what_greedy_says(translator: Translator) -> None:
    found = walk(translator.session(SOURCE), REFERENCE, 0.0)
    assert [step.decoder_input for step in found.steps[1:]] == [step.predicted for step in found.steps[:-1]]
    assert not any(step.forced for step in found.steps[1:])
    trace = translator.trace(SOURCE, options=translator.options(Greedy()))
    greedy = [trace.nodes.piece[node] for node in trace.path(trace.best.leaf)]
    said = [step.predicted for step in found.steps]
    shared = min(len(greedy), len(said))
    assert said[:shared] == greedy[:shared]


def test_the_same_seed_flips_the_same_coins(translator: Translator) -> None:
    first, again, other = (walk(translator.session(SOURCE), REFERENCE, 0.5, seed=seed) for seed in (3, 3, 5))
    assert first == again
    assert [step.forced for step in first.steps] != [step.forced for step in other.steps]
    whole = walk(translator.session(SOURCE), REFERENCE, 0.5, seed=3, flip="sequence")
    assert len({step.forced for step in whole.steps[1:]}) == 1


def test_its_own_translation_as_reference_is_never_left(translator: Translator) -> None:
    own = translator.translate([SOURCE], translator.options(Greedy()))[0].text
    ids = translator.checkpoint.target.encode(own)
    trace = translator.trace(SOURCE, options=translator.options(Greedy()))
    if [trace.nodes.token[node] for node in trace.path(trace.best.leaf)][:-1] == ids:
        assert free_run(translator.session(SOURCE), own).same
    left = free_run(translator.session(SOURCE), REFERENCE)
    assert left.diverges_at is not None
    assert left.diverges_at >= 1


def test_a_planted_mistake_stands_where_it_was_asked_for(translator: Translator) -> None:
    found = plant(translator.session(SOURCE), 2, "dog")
    assert found.step == 2
    assert "".join(found.wrong) == "▁dog"
    assert "dog" in found.text
    far = plant(translator.session(SOURCE), 300, "dog")
    assert far.step == len(far.path) - 1


def test_what_can_not_be_read_is_refused(translator: Translator) -> None:
    with pytest.raises(EmptySourceError):
        walk(translator.session(""), REFERENCE, 1.0)
    with pytest.raises(EmptySourceError, match="reference"):
        walk(translator.session(SOURCE), " ", 1.0)
    with pytest.raises(EmptySourceError, match="planted"):
        plant(translator.session(SOURCE), 1, "\u200b")


@pytest.mark.parametrize("dark", [False, True])
def test_the_strip_has_a_row_for_each_step_with_its_coin(translator: Translator, dark: bool) -> None:
    found = walk(translator.session(SOURCE), REFERENCE, 0.5, seed=3)
    figure = forcing_strip(found, dark=dark)
    bars, rng, *texts = figure.data
    assert len(bars.x) == len(found.steps)
    assert list(rng.marker.symbol) == ["circle" if step.forced else "circle-open" for step in found.steps]
    assert [len(one.text) for one in texts] == [len(found.steps)] * 3
    own = sum(not step.forced for step in found.steps)
    assert strip_summary(found).startswith(f"{own} of {len(found.steps)} inputs are the model's own")


def test_walking_changes_no_global_random_numbers(translator: Translator) -> None:
    before = torch.get_rng_state()
    walk(translator.session(SOURCE), REFERENCE, 0.5, feedback="sample")
    assert torch.equal(before, torch.get_rng_state())
