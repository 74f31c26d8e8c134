"""The searches that the app shows first: they are those of the shipped models, and bad files are passed over."""

from pathlib import Path

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.evaluation.opening import FILE, choose_opening, read_opening, save_opening
from seq2seq.evaluation.searches import DifferingOutput, SearchComparison
from seq2seq.loading import load_captioner
from seq2seq.trace import Trace
from seq2seq.trace.view import divergence
from seq2seq.translator import Translator
from seq2seq.vision.photos import read_photo

SAMPLES = Path(__file__).parents[2] / "pages" / "samples"
SHIPPED = Path(__file__).parents[2] / "checkpoints"


def outline(trace: Trace) -> tuple[list[int], list[str], list[float]]:
    """Return what a search did: tokens, fates, and totals as far as processors agree."""
    return trace.nodes.token, list(trace.nodes.status), [round(total, 2) for total in trace.nodes.total]


@pytest.mark.parametrize("name", ["fr-en", "en-fr"])
def test_the_shipped_models_find_again_what_is_shown_first(name: str) -> None:
    kept = read_opening(SHIPPED / name)
    assert kept is not None
    assert divergence(kept.greedy, kept.beam) is not None
    translator = Translator.load(SHIPPED / name)
    for trace in (kept.greedy, kept.beam):
        made = translator.trace(trace.source.text, options=trace.options)
        assert made.model.digest == trace.model.digest
        assert outline(made)[:2] == outline(trace)[:2]
        assert made.nodes.total == pytest.approx(trace.nodes.total, abs=0.01)


def test_the_shipped_captioner_finds_again_what_is_shown_first() -> None:
    folder = SHIPPED / "captions-attention"
    kept = read_opening(folder)
    assert kept is not None
    photo = read_photo(SAMPLES / kept.beam.source.text)
    captioner = load_captioner(folder)
    for trace in (kept.greedy, kept.beam):
        made = captioner.trace(photo, name=trace.source.text, options=trace.options)
        assert made.model.digest == trace.model.digest
        assert made.best.text == trace.best.text


def test_what_cant_be_read_is_passed_over(tmp_path: Path, translator: Translator) -> None:
    assert read_opening(tmp_path) is None
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    assert read_opening(tmp_path) is None
    traces = [translator.trace("Oui.", beam_size=size) for size in (1, 3)]
    save_opening(tmp_path, traces)
    found = read_opening(tmp_path)
    assert found is not None
    assert [found.greedy, found.beam] == traces


def output(source: str, greedy_chrf: float, beam_chrf: float) -> DifferingOutput:
    return DifferingOutput(
        source=source, reference="", greedy="", beam="", greedy_chrf=greedy_chrf, beam_chrf=beam_chrf
    )


def compared(*differing: DifferingOutput) -> SearchComparison:
    return SearchComparison.model_construct(differing=differing)


def test_a_sentence_of_middle_length_with_the_largest_gain_is_chosen() -> None:
    middle, more = "a b c d e f", "g b c d e f"
    found = compared(output("a b", 0, 100), output(middle, 10, 40), output(more, 10, 60), output("x " * 12, 0, 99))
    assert choose_opening(found) == more
    with pytest.raises(CheckpointError, match="No sentence"):
        choose_opening(compared(output(middle, 40, 10)))
