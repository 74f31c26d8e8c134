"""What the recorder of a search writes down."""

import math
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2seq.search import Beam, Greedy, Sample, SearchOptions, forced_log_probs, search
from seq2seq.text import END
from seq2seq.trace import TextSource, Trace, TraceRecorder, text_source
from seq2seq.trace.schema import ModelName
from seq2seq.translator import Translator
from tests.fakes import Blind, FakeDecoder, mixed, sources, table
from tests.tiny import PAIRS

MODES = st.one_of(
    st.just(Greedy()),
    st.builds(
        Beam,
        size=st.integers(1, 6),
        alpha=st.sampled_from([-0.5, 0.0, 0.6, 2.0]),
        coverage=st.sampled_from([0.0, 0.5]),
    ),
    st.builds(Beam, size=st.sampled_from([2, 4, 6]), groups=st.just(2), diversity=st.sampled_from([0.0, 0.7])),
    st.builds(Sample, seed=st.integers(0, 99), top_k=st.sampled_from([0, 2])),
)


def traced(decoder: FakeDecoder, options: SearchOptions, length: int = 3) -> Trace:
    """Return the trace of a search for one source of a fake."""
    pieces = ["▁w"] * length
    source = TextSource(text="w " * length, pieces=pieces, words=["w"] * length, starts=list(range(length)))
    recorder = TraceRecorder(source, ModelName(name="fake", digest="0"), options)
    found = search(decoder, sources(length), options, recorder)[0]
    trace = recorder.trace(found, lambda ids: [f"▁{i}" for i in ids], lambda ids: " ".join(map(str, ids)))
    # Whatever else a test asks, the outputs of the trace are those of the search, in its order.
    assert [h.text for h in trace.hypotheses] == [" ".join(map(str, h.tokens)) for h in found]
    return trace


def options_of(mode: Greedy | Beam | Sample, n_best: int, prefix: tuple[int, ...] = ()) -> SearchOptions:
    return SearchOptions(mode=mode, n_best=n_best, prefix=prefix, max_length=8)


@settings(max_examples=150)
@given(
    seed=st.integers(0, 1000),
    levels=st.sampled_from([None, 3]),
    mode=MODES,
    n_best=st.integers(1, 5),
    prefix=st.sampled_from([(), (5,), (4, 4, 7)]),
)
def test_a_trace_agrees_with_the_search(
    seed: int, levels: int | None, mode: Greedy | Beam | Sample, n_best: int, prefix: tuple[int, ...]
) -> None:
    decoder = mixed(9, seed, levels)
    options = options_of(mode, n_best, prefix)
    trace = traced(decoder, options)
    nodes = trace.nodes
    tokens = {node: tuple(nodes.token[n] for n in trace.path(node)) for node in range(len(nodes))}
    assert len(set(tokens.values())) == len(nodes), "every prefix has one node"
    for node in range(1, len(nodes)):
        parent = nodes.parent[node]
        assert nodes.step[node] == nodes.step[parent] + 1 == len(tokens[node])
        assert nodes.total[node] == pytest.approx(nodes.total[parent] + nodes.log_prob[node], abs=1e-5)
        said = decoder.log_probs(0, tokens[parent])
        assert nodes.log_prob[node] == pytest.approx(said[nodes.token[node]], abs=1e-5)
        assert (nodes.status[node] == "finished") == (nodes.token[node] == END and nodes.status[node] != "pruned")
        assert nodes.status[parent] in ("root", "kept")
        assert parent in trace.expanded.node
    assert len(set(trace.expanded.node)) == len(trace.expanded.node)
    for one in trace.hypotheses:
        path = trace.path(one.leaf)
        assert sum(nodes.log_prob[n] for n in path) == pytest.approx(one.log_prob, abs=1e-4)
        assert len(path) == one.length
        assert nodes.normalised[one.leaf] == pytest.approx(one.normalised, abs=1e-5)
        assert one.finished == (nodes.token[one.leaf] == END)
    assert trace.best == trace.hypotheses[0]


@settings(max_examples=80)
@given(seed=st.integers(0, 1000), levels=st.sampled_from([None, 2]), mode=MODES, prefix=st.sampled_from([(), (8,)]))
def test_every_step_has_its_best_candidates_with_their_true_ranks(
    seed: int, levels: int | None, mode: Greedy | Beam | Sample, prefix: tuple[int, ...]
) -> None:
    decoder = mixed(12, seed, levels)
    options = options_of(mode, 3, prefix)
    trace = traced(decoder, options)
    nodes = trace.nodes
    for step in range(1, trace.stop.steps + 1):
        expanded = [n for n in trace.expanded.node if nodes.step[n] == step - 1]
        totals = []
        for node in expanded:
            prefix_tokens = tuple(nodes.token[n] for n in trace.path(node))
            totals += [nodes.total[node] + lp for lp in decoder.log_probs(0, prefix_tokens)]
        totals.sort(reverse=True)
        shown = sorted((nodes.rank[n], nodes.total[n]) for n in range(len(nodes)) if nodes.step[n] == step)
        wanted = min(2 * options.width, len(totals))
        assert [rank for rank, _ in shown[:wanted]] == list(range(1, wanted + 1))
        for rank, total in shown:
            assert total == pytest.approx(totals[rank - 1], abs=1e-4)
        # Each expanded node shows at least its own best five.
        own = Counter(nodes.parent[n] for n in range(len(nodes)) if nodes.step[n] == step)
        assert all(own[node] >= 5 for node in expanded)


def test_a_slot_freed_by_pruning_is_flagged() -> None:
    decoder = table({(): {3: 0.5, 4: 0.3, 5: 0.2}, (3,): {END: 1.0}, (4,): {END: 1.0}}, 6)
    trace = traced(decoder, SearchOptions(mode=Beam(size=2), n_best=2))
    status = {tuple(trace.nodes.token[n] for n in trace.path(n)): trace.nodes.status[n] for n in range(6)}
    assert status == {
        (): "root",
        (3,): "kept",
        (4,): "kept",
        (5,): "pruned",
        (3, END): "finished",
        (4, END): "finished",
    }


def test_entropy_by_hand() -> None:
    decoder = table({(): {3: 0.5, 4: 0.25, 5: 0.25}}, 6)
    trace = traced(decoder, SearchOptions(mode=Greedy()))
    # 1/2 ln 2 + 2 * 1/4 ln 4 = 1.5 ln 2; then the end is certain.
    assert trace.expanded.entropy == pytest.approx([1.5 * math.log(2), 0.0], abs=1e-6)


def test_samples_that_have_not_parted_share_their_nodes() -> None:
    decoder = table({(): {3: 1.0}, (3,): {4: 0.5, 5: 0.5}}, 6)
    trace = traced(decoder, SearchOptions(mode=Sample(seed=1), n_best=6))
    assert trace.nodes.status.count("kept") == 3  # 3, 3 4 and 3 5
    assert len(trace.hypotheses) == 6


def test_a_drawn_token_has_its_rank_among_all() -> None:
    decoder = mixed(40, 4)
    order = sorted(range(40), key=lambda token: -decoder.log_probs(0, ())[token])
    forced = order[29]
    trace = traced(decoder, SearchOptions(mode=Greedy(), prefix=(forced,), max_length=3))
    (node,) = (n for n in range(len(trace.nodes)) if trace.nodes.step[n] == 1 and trace.nodes.status[n] == "kept")
    assert (trace.nodes.token[node], trace.nodes.rank[node]) == (forced, 30)


@pytest.mark.parametrize("source", [pair[0] for pair in PAIRS[:4]])
def test_shown_step_scores_add_up_to_the_forced_score(translator: Translator, source: str) -> None:
    trace = translator.trace(source, beam_size=4)
    ids = translator.checkpoint.source.encode(source)
    ended = [one for one in trace.hypotheses if one.finished]
    for one in ended:
        path = trace.path(one.leaf)
        tokens = [trace.nodes.token[n] for n in path]
        memory = translator.encode([ids])
        forced = forced_log_probs(translator.model.decoder, memory, [tokens[:-1]])[0]
        assert [trace.nodes.log_prob[n] for n in path] == pytest.approx(forced, abs=1e-4)
        assert sum(trace.nodes.log_prob[n] for n in path) == pytest.approx(one.log_prob, abs=1e-4)


def test_each_expanded_node_has_the_attention_that_its_children_share(translator: Translator) -> None:
    trace = translator.trace("Il fait froid dehors.", beam_size=3)
    assert trace.expanded.attention is not None
    assert len(trace.expanded.attention) == len(trace.expanded.node) == len(set(trace.expanded.node))
    for row in trace.expanded.attention:
        assert len(row) == len(trace.source.pieces)
        assert sum(row) == pytest.approx(1, abs=1e-3)
    # The row of the root is what the decoder's first step attends to.
    ids = translator.checkpoint.source.encode("Il fait froid dehors.")
    memory = translator.encode([ids])
    decoder = translator.model.decoder
    with torch.inference_mode():
        _, _, first = decoder.step(torch.tensor([1]), decoder.start(memory), memory)
    assert first is not None
    assert trace.expanded.attention[0] == pytest.approx(first[0].tolist(), abs=1e-4)


def test_a_beam_of_ten_over_thirty_steps_stays_below_300_kilobytes() -> None:
    decoder = mixed(4000, 1, end=-20)
    fast = [float(v) for v in decoder.logits(0, ())]

    def logits(number: int, prefix: tuple[int, ...]) -> list[float]:
        turn = sum(prefix) % 4000
        return [*fast[:3], *fast[3 + turn :], *fast[3 : 3 + turn]]

    options = SearchOptions(mode=Beam(size=10, alpha=0.6), n_best=10, max_length=30)
    trace = traced(FakeDecoder(logits), options, length=20)
    assert trace.stop.steps == 30
    assert len(trace.expanded.node) == 291
    assert len(trace.to_json()) < 300_000


def test_words_point_at_their_pieces() -> None:
    source = text_source("l'eau froide", ["▁l", "'", "eau", "▁fro", "ide", "</s>"])
    assert (source.words, source.starts) == (["l'", "eau", "froide", "</s>"], [0, 2, 3, 5])


def test_the_trace_of_a_model_without_attention_has_none() -> None:
    trace = traced(Blind(mixed(6, 1).logits), SearchOptions(mode=Beam(size=2), max_length=4))
    assert trace.expanded.attention is None
    assert Trace.from_json(trace.to_json()) == trace
