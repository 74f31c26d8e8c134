"""Attention surgery: the row that was asked for, at the step that was asked for, and nothing else."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from seq2seq.errors import ConfigError, EmptySourceError
from seq2seq.explain import Surgery, drop, one_hot, operate, uniform
from seq2seq.search import Beam, Greedy, ReplacedAttention, Sample, SearchOptions, forced_log_probs, search
from seq2seq.text import END
from seq2seq.trace import Trace, alignment
from seq2seq.translator import Translator
from tests.explain.translators import READINGS, Tokenizers, made, reading
from tests.fakes import FakeDecoder, FakeMemory, Prefixes, mixed, sources

SOURCE = "Elle mange une pomme, puis elle dort."


@dataclass(frozen=True)
class Weighed:
    """A fake that takes weights; they change what it says of its prefix."""

    fake: FakeDecoder

    def start(self, memory: FakeMemory) -> Prefixes:
        return self.fake.start(memory)

    def step(
        self, tokens: Tensor, state: Prefixes, memory: FakeMemory, weights: Tensor | None = None
    ) -> tuple[Tensor, Prefixes, Tensor]:
        logits, after, attention = self.fake.step(tokens, state, memory)
        if weights is None:
            return logits, after, attention
        assert weights.shape == attention.shape
        return logits + swayed(weights[:, 0].tolist(), logits.shape[1]), after, weights


def swayed(firsts: Sequence[float], vocabulary: int) -> Tensor:
    """Return what weights add to the logits, by the one on the first place."""
    return torch.tensor([[math.sin(7 * first + 2 * token) for token in range(vocabulary)] for first in firsts])


@settings(max_examples=80)
@given(
    seed=st.integers(0, 500),
    rows=st.dictionaries(st.integers(1, 6), st.sampled_from([0.0, 0.3, 1.0]), max_size=3),
    mode=st.one_of(
        st.just(Greedy()),
        st.builds(Beam, size=st.integers(1, 5), alpha=st.sampled_from([0.0, 0.8])),
        st.builds(Sample, seed=st.integers(0, 9)),
    ),
)
def test_every_hypothesis_of_a_step_gets_the_step_s_weights(
    seed: int, rows: dict[int, float], mode: Greedy | Beam | Sample
) -> None:
    """The reference counts the step by the length of the prefix, which the decoder under test never looks at."""
    plain = mixed(7, seed)

    def logits(number: int, prefix: tuple[int, ...]) -> Sequence[float]:
        values = torch.tensor([list(plain.logits(number, prefix))])
        first = rows.get(len(prefix) + 1)
        return (values if first is None else values + swayed([first], 7))[0].tolist()

    options = SearchOptions(mode=mode, n_best=3, max_length=7)
    weights = {step: [first, 1 - first] for step, first in rows.items()}
    every = search(ReplacedAttention(Weighed(plain), weights), sources(2, 2), options)
    for found, expected in zip(every, search(FakeDecoder(logits), sources(2, 2), options), strict=True):
        assert [one.tokens for one in found] == [one.tokens for one in expected]
        assert [one.score for one in found] == pytest.approx([one.score for one in expected], abs=1e-5)


def steps_of(trace: Trace) -> list[int]:
    return [trace.nodes.token[node] for node in trace.path(trace.best.leaf)]


def own_rows(trace: Trace) -> list[list[float]]:
    found = alignment(trace, trace.best.leaf, words=False)
    assert found is not None
    return found.weights


@pytest.mark.parametrize("changes", READINGS, ids=reading)
def test_the_attention_s_own_row_changes_nothing(tokenizers: Tokenizers, changes: dict[str, Any]) -> None:
    translator = made(tokenizers, **changes)
    options = translator.options(Beam(size=1), max_length=12)
    trace = translator.trace(SOURCE, options=options)
    tokens, rows = steps_of(trace), own_rows(trace)
    found = operate(translator.session(SOURCE), options, tokens[:2], {3: rows[2]})
    # A trace keeps four digits of a weight.
    assert found.divergence < 1e-4
    assert all(piece.divergence < 1e-3 for piece in found.pieces)
    assert found.new_text == found.old_text == trace.best.text
    assert steps_of(found.new) == tokens
    assert found.sentences[-1] == f"The translation stays “{trace.best.text}”"


@pytest.mark.parametrize("changes", READINGS, ids=reading)
def test_what_a_changed_row_reaches_depends_on_where_the_attention_stands(
    tokenizers: Tokenizers, changes: dict[str, Any]
) -> None:
    translator = made(tokenizers, **changes)
    options = translator.options(Beam(size=3), max_length=10, min_length=8)
    old = steps_of(translator.trace(SOURCE, options=options))
    row = own_rows(translator.trace(SOURCE, options=options))[1]
    places = sorted(range(len(row)), key=lambda place: row[place])
    found = operate(translator.session(SOURCE), options, old[:1], {2: one_hot(row, places[0])}, old=old)
    assert found.divergence > 0
    assert [piece.first_step for piece in found.pieces] == list(range(2, len(old) + 1))
    later = [(piece.divergence, piece.old == piece.new) for piece in found.pieces[1:]]
    if changes.get("input_feeding") or changes["attention_at"] == "before":
        assert all(divergence > 0 and not same for divergence, same in later)
        assert "every later step" in found.reach
    else:
        assert all(divergence == 0 and same for divergence, same in later)
        assert "only through a different word" in found.reach


@pytest.mark.parametrize("changes", READINGS, ids=reading)
def test_the_numbers_are_those_of_stepping_by_hand(tokenizers: Tokenizers, changes: dict[str, Any]) -> None:
    translator = made(tokenizers, **changes)
    options = translator.options(Beam(size=2), max_length=9, min_length=6)
    old = steps_of(translator.trace(SOURCE, options=options))
    width = len(translator.source_ids(SOURCE)) + 1
    row = one_hot([0.0] * width, 0, 3)
    found = operate(translator.session(SOURCE), options, (), {3: row, 5: row}, old=old)
    plain, changed = (by_hand(translator, old, rows) for rows in ({}, {3: row, 5: row}))
    assert found.step == 3
    for piece in found.pieces:
        p, q = plain[piece.first_step - 1], changed[piece.first_step - 1]
        token = old[piece.first_step - 1]
        assert piece.old == pytest.approx(p[token], abs=1e-5)
        assert piece.new == pytest.approx(q[token], abs=1e-5)
        kl = sum(math.exp(a) * (a - b) for a, b in zip(p, q, strict=True))
        assert piece.divergence == pytest.approx(kl, abs=1e-5)
    for one in found.candidates:
        assert (one.old, one.new) == pytest.approx((plain[2][one.token], changed[2][one.token]), abs=1e-5)
    best = {max(range(len(p)), key=p.__getitem__) for p in (plain[2], changed[2])}
    assert best <= {one.token for one in found.candidates}
    inside = [word for word in found.words if word.first_step >= 3]
    assert sum(word.divergence for word in inside) <= sum(piece.divergence for piece in found.pieces) + 1e-9
    assert found.words[-1].text == ("</s>" if old[-1] == END else found.words[-1].text)


@torch.inference_mode()
def by_hand(translator: Translator, tokens: list[int], rows: dict[int, Sequence[float]]) -> list[list[float]]:
    """Return log-probabilities (target, vocabulary) of the decoder, asked step by step."""
    decoder, memory = translator.model.decoder, translator.encode([translator.source_ids(SOURCE)])
    state = decoder.start(memory)
    said = []
    for step, token in enumerate([1, *tokens[:-1]], 1):
        weights = torch.tensor([rows[step]]) if step in rows else None
        logits, state, _ = decoder.step(torch.tensor([token]), state, memory, weights)
        said.append(logits[0].double().log_softmax(0).tolist())
    return said


@pytest.mark.parametrize("changes", READINGS, ids=reading)
def test_the_new_search_shows_the_row_and_agrees_with_forced_scoring(
    tokenizers: Tokenizers, changes: dict[str, Any]
) -> None:
    translator = made(tokenizers, **changes)
    options = translator.options(Beam(size=4), n_best=4, max_length=12)
    kept = steps_of(translator.trace(SOURCE, options=options))[:1]
    width = len(translator.source_ids(SOURCE)) + 1
    row = uniform([0.0] * width)
    found = operate(translator.session(SOURCE), options, kept, {2: row})
    trace = found.new
    row = trace.edits[-1].rows[2]  # in thousandths
    assert row == pytest.approx(uniform([0.0] * width), abs=1e-3)
    assert trace.options.prefix == tuple(kept)
    assert trace.expanded.attention is not None
    asked = [
        a for n, a in zip(trace.expanded.node, trace.expanded.attention, strict=True) if trace.nodes.step[n] == 1
    ]
    assert asked
    assert all(each == pytest.approx(row, abs=1e-4) for each in asked)
    operated = ReplacedAttention(translator.model.decoder, {2: row})
    memory = translator.encode([translator.source_ids(SOURCE)])
    for one in trace.hypotheses:
        tokens = [trace.nodes.token[n] for n in trace.path(one.leaf)]
        (values,) = forced_log_probs(operated, memory, [[token for token in tokens if token != END]])
        assert one.log_prob == pytest.approx(sum(values[: len(tokens)]), abs=1e-4)


def test_threads_share_a_surgery_decoder(translator: Translator) -> None:
    memory = translator.encode([translator.source_ids(SOURCE)])
    row = one_hot([0.0] * memory.mask.shape[1], 1)
    operated = ReplacedAttention(translator.model.decoder, {2: row, 4: row})
    options = translator.options(Beam(size=4), n_best=4, max_length=15)
    alone = search(operated, memory, options)
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(search, operated, memory, options) for _ in range(12)]
        assert all(run.result() == alone for run in runs)


def test_a_word_s_change_adds_up_its_pieces(translator: Translator) -> None:
    options = translator.options(Beam(size=2), max_length=12, min_length=8)
    old = steps_of(translator.trace(SOURCE, options=options))
    width = len(translator.source_ids(SOURCE)) + 1
    found = operate(translator.session(SOURCE), options, (), {1: one_hot([0.0] * width, 2)}, old=old)
    for name in ("old", "new", "divergence"):
        words, pieces = (sum(getattr(one, name) for one in each) for each in (found.words, found.pieces))
        assert words == pytest.approx(pieces)
    assert found.words[0].first_step == 1


def surgery_at(translator: Translator, rows: dict[int, Sequence[float]], **more: Any) -> Surgery:
    return operate(translator.session(SOURCE), translator.options(Greedy(), max_length=6), (), rows, **more)


def test_what_can_not_be_operated_is_one_clear_error(translator: Translator, tokenizers: Tokenizers) -> None:
    width = len(translator.source_ids(SOURCE)) + 1
    row = [1.0] * width
    with pytest.raises(ConfigError, match=r"^This model has no attention"):
        surgery_at(made(tokenizers, attention="none"), {1: row})
    with pytest.raises(ConfigError, match=r"^Weights are given for the steps \[\]"):
        surgery_at(translator, {})
    with pytest.raises(ConfigError, match=r"^Weights are given for the steps \[0\]"):
        surgery_at(translator, {0: row})
    with pytest.raises(ConfigError, match=f"^There are {width - 1} weights for {width} source pieces"):
        surgery_at(translator, {1: row[1:]})
    with pytest.raises(ConfigError, match=r"^All attention weights are 0"):
        surgery_at(translator, {1: [0.0] * width})
    with pytest.raises(ConfigError, match="reach step 30, the first to be changed"):
        surgery_at(translator, {30: row})
    with pytest.raises(ConfigError, match="must begin with the 2 kept ones"):
        operate(translator.session(SOURCE), translator.options(Greedy()), (5, 6), {1: row}, old=(5, 7, END))
    with pytest.raises(ConfigError, match=r"^The output has token 99999, the last one is"):
        surgery_at(translator, {1: row}, old=(99999, END))
    with pytest.raises(EmptySourceError):
        operate(translator.session(""), translator.options(Greedy()), (), {1: row})


def test_weights_of_another_source_are_refused() -> None:
    wrong = ReplacedAttention(Weighed(mixed(7)), {1: [0.5, 0.5]})
    with pytest.raises(ConfigError, match="of step 1 has 2 weights, but the source has 3 pieces"):
        search(wrong, sources(3), SearchOptions(mode=Greedy(), max_length=3))


def test_dropping_what_was_looked_at_is_told_in_words(translator: Translator) -> None:
    options = translator.options(Greedy(), max_length=6)
    row = own_rows(translator.trace(SOURCE, options=options))[0]
    found = operate(translator.session(SOURCE), options, (), {1: drop(row, row.index(max(row)))})
    at_step, reach, outcome = found.sentences
    assert at_step.startswith(f"At step 1 the next-piece distribution moves by {found.divergence:.2f} nats; ")
    assert reach == found.reach
    assert found.new_text in outcome


def test_a_piece_that_can_not_come_leaves_the_divergence_a_number(translator: Translator) -> None:
    from seq2seq.explain.surgery import _changes

    session = translator.session("il fait froid")
    was = torch.tensor([[0.5, 0.5, 0.0]]).log()
    now = torch.tensor([[0.25, 0.75, 0.0]]).log()
    [change] = _changes(session, [1], was.double(), now.double())
    assert change.divergence == pytest.approx(0.5 * math.log(2) + 0.5 * math.log(2 / 3))
