"""One source in front of one model, be it a sentence or a photo."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seq2seq.errors import ConfigError, TraceError
from seq2seq.explain import Verdict, autopsy, models_best, sweep, trace_states
from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.session import Session
from seq2seq.text import goes_on, group_words
from seq2seq.trace import Trace, make_edit
from seq2seq.translator import Translator
from seq2seq.vision.captioning.captioner import Captioner
from tests.photos import photo

Make = Callable[[], Session]


@pytest.fixture(params=["sentence", "photo"])
def make(request: pytest.FixtureRequest, translator: Translator, caption_models: Path) -> Make:
    """Make sessions of a sentence, and of a photo."""
    if request.param == "sentence":
        return lambda: translator.session("Je suis froid.")
    captioner = Captioner.load(caption_models / "tiny-attention")
    return lambda: captioner.session(photo("red", "left"), name="box.png")


def tokens_of(trace: Trace) -> tuple[int, ...]:
    return tuple(trace.nodes.token[node] for node in trace.path(trace.best.leaf))


def test_the_models_trace_is_the_sessions(translator: Translator, caption_models: Path) -> None:
    assert translator.session("Il pleut.").trace() == translator.trace("Il pleut.")
    captioner, picture = Captioner.load(caption_models / "tiny-attention"), photo("blue", "right")
    assert captioner.session(picture, hidden=[3]).trace() == captioner.trace(picture, hidden=[3])


def test_forced_scores_are_the_totals_of_the_search(make: Make) -> None:
    session = make()
    trace = session.trace()
    (values,) = session.score([tokens_of(trace)[: trace.best.length - trace.best.finished]])
    assert sum(values[: trace.best.length]) == pytest.approx(trace.best.log_prob, abs=1e-4)


def test_a_search_goes_on_from_what_an_edit_forces(make: Make) -> None:
    session = make()
    plain = session.trace(SearchOptions(mode=Greedy(), max_length=12))
    edit = make_edit(tokens_of(plain)[:2])
    again = session.trace(plain.options, [edit])
    assert tokens_of(again) == tokens_of(plain)
    assert again.edits == (edit,)
    assert again.source == plain.source


@pytest.mark.parametrize("mode", [Greedy(), Beam(size=3)])
def test_nothing_goes_on_with_a_forced_word(make: Make, mode: Greedy | Beam) -> None:
    session = make()
    pieces = session.pieces(range(len(session.vocabulary)))
    first = next(token for token, piece in enumerate(pieces) if piece[0] == "▁" and piece[-1].isalpha())
    edit = make_edit([first], whole_word=True)
    trace = session.trace(SearchOptions(mode=mode, max_length=8), [edit])
    kept = [
        node for node, step in enumerate(trace.nodes.step) if step == 2 and trace.nodes.status[node] != "pruned"
    ]
    assert all(len(group_words([pieces[first], trace.nodes.piece[node]])) == 2 for node in kept)
    going_on = [piece for piece in pieces if goes_on(pieces[first], piece)]
    assert len(trace.options.not_next) == len(going_on)
    assert going_on or session.sentence is None  # every piece of a caption model is a word
    assert trace.edits == (edit,)


def test_replaced_attention_is_obeyed_by_search_and_scores(make: Make) -> None:
    session = make()
    width = session.memory.mask.shape[1]
    edit = make_edit((), {1: [1.0] + [0.0] * (width - 1)})
    plain = session.trace(SearchOptions(mode=Greedy(), max_length=8))
    edited = session.trace(plain.options, [edit])
    target = tokens_of(plain)[: plain.best.length - plain.best.finished]
    assert session.score([target], [edit]) != session.score([target])
    assert edited.expanded.attention is not None
    assert edited.expanded.attention[0][0] == 1.0


def test_text_and_tokens_are_each_others_inverse(make: Make) -> None:
    session = make()
    text = session.trace().best.text
    assert session.text(session.tokens(text)) == text


def test_every_analysis_of_a_search_takes_either_source(make: Make) -> None:
    session = make()
    trace = session.trace(SearchOptions(mode=Beam(size=2), n_best=2, max_length=8))
    found = autopsy(session, trace, trace.best.text, [2])
    assert found.winner.score == pytest.approx(trace.best.normalised, abs=1e-4)
    assert found.verdict is Verdict.FOUND or not trace.best.finished
    assert [row.width for row in sweep(session, trace, clock=lambda: 0.0, widths=[1, 2])] == [1, 2]
    assert models_best(session, trace, clock=lambda: 0.0, most=50).exact.empty is not None
    assert len(trace_states(session, trace).decoder) == trace.best.length


def test_a_photo_has_no_words(caption_models: Path, translator: Translator) -> None:
    captioner = Captioner.load(caption_models / "tiny-attention")
    with pytest.raises(ConfigError, match=r"An attribution needs the words of a sentence"):
        captioner.session(photo("red", "left")).require_sentence("An attribution")
    assert translator.session("Il pleut.").require_sentence("An attribution").ids


def test_the_trace_of_another_model_is_refused(translator: Translator, caption_models: Path) -> None:
    trace = Captioner.load(caption_models / "tiny-attention").trace(photo("red", "left"))
    with pytest.raises(TraceError, match="made by the model tiny-attention"):
        translator.session("Il pleut.").require_own(trace)


def test_threads_that_share_a_session_get_the_same_trace(make: Make) -> None:
    session = make()
    with ThreadPoolExecutor(4) as pool:
        traces = list(pool.map(lambda size: session.trace(SearchOptions(mode=Beam(size=size))), [1, 3, 1, 3]))
    assert traces[0] == traces[2]
    assert traces[1] == traces[3]
