"""Why a translation was missed, against traces of one width after another."""

import pytest

from seq2seq.errors import ConfigError
from seq2seq.explain import Autopsy, Verdict, autopsy
from seq2seq.search import Beam, Greedy, Sample, SearchOptions
from seq2seq.text import END, PAD, START
from seq2seq.trace import History, Trace
from seq2seq.translator import Translator

LINES = ["one two", "three four five", "seven", "five five two", "eight seven six five", "four four"]
WIDTHS = range(1, 10)


def options(size: int) -> SearchOptions:
    return SearchOptions(mode=Beam(size=size), n_best=size, max_length=10)


def tokens_of(trace: Trace, leaf: int) -> tuple[int, ...]:
    return tuple(trace.nodes.token[node] for node in trace.path(leaf))


@pytest.fixture(scope="module")
def cases(speller: Translator) -> list[tuple[Trace, Autopsy]]:
    """Narrow searches, each with some of what a wide one finds."""
    return [
        (trace, autopsy(speller.session(trace.source.text), trace, one.text, WIDTHS))
        for line in LINES
        for one in speller.trace(line, options=options(12)).hypotheses[:6]
        if one.finished and one.text
        for trace in [speller.trace(line, options=options(2))]
    ]


def path_of(trace: Trace, tokens: tuple[int, ...]) -> list[int]:
    """Return the nodes of the longest beginning of `tokens` that the trace has."""
    nodes, path = trace.nodes, [0]
    for token in tokens:
        found = [n for n in range(len(nodes)) if nodes.parent[n] == path[-1] and nodes.token[n] == token]
        if not found:
            break
        path += found
    return path[1:]


def kept_of(trace: Trace, tokens: tuple[int, ...]) -> list[int]:
    return [node for node in path_of(trace, tokens) if trace.nodes.status[node] != "pruned"]


def test_the_fall_is_where_the_trace_has_it(cases: list[tuple[Trace, Autopsy]]) -> None:
    falls = 0
    for trace, found in cases:
        kept = kept_of(trace, found.expected.tokens)
        assert [place.step for place in found.ranks] == list(range(1, len(found.ranks) + 1))
        assert [place.piece for place in found.ranks] == list(found.expected.pieces[: len(found.ranks)])
        if found.pruned_at is None:
            assert len(kept) == len(found.ranks)
        else:
            falls += 1
            assert found.pruned_at.step == len(kept) + 1
            assert not found.pruned_at.kept
        assert all(place.kept for place in found.ranks[: len(kept)])
    assert 0 < falls < len(cases)


def test_ranks_totals_and_edges_are_those_of_the_trace(cases: list[tuple[Trace, Autopsy]]) -> None:
    compared = 0
    for trace, found in cases:
        nodes = trace.nodes
        for place, node in zip(found.ranks, path_of(trace, found.expected.tokens), strict=False):
            at = [n for n in range(len(nodes)) if nodes.step[n] == place.step]
            kept = [nodes.total[n] for n in at if nodes.status[n] != "pruned"]
            assert place.beam_cutoff == len(kept)
            assert place.cutoff_total == pytest.approx(min(kept), abs=1e-4)
            assert place.total == pytest.approx(nodes.total[node], abs=1e-4)
            assert place.kept == (place.gap <= 0)
            if nodes.rank[node] <= 4:  # twice the beam: so far the trace has every candidate
                # A trace ranks forbidden tokens too.
                allowed = [n for n in at if nodes.token[n] not in (PAD, START)]
                assert place.rank == sum(nodes.rank[n] <= nodes.rank[node] for n in allowed)
                compared += 1
    assert compared > 20


def survives(trace: Trace, tokens: tuple[int, ...]) -> bool:
    """Return whether tokens were finished, or still growing when the search stopped."""
    kept = kept_of(trace, tokens)
    return len(kept) == len(tokens) or len(kept) == trace.stop.steps


def test_the_widths_are_those_of_one_search_after_another(
    speller: Translator, cases: list[tuple[Trace, Autopsy]]
) -> None:
    for trace, found in cases[::2]:
        wider = {
            width: speller.trace(
                trace.source.text,
                options=trace.options.model_copy(update={"mode": Beam(size=width, alpha=trace.options.alpha)}),
            )
            for width in WIDTHS
        }
        assert found.widths == tuple(WIDTHS)
        assert found.survived == tuple(w for w in WIDTHS if survives(wider[w], found.expected.tokens))


def test_it_falls_exactly_if_its_width_is_not_among_the_survived(cases: list[tuple[Trace, Autopsy]]) -> None:
    for _, found in cases:
        assert (found.pruned_at is None) == (2 in found.survived)


def test_the_verdict_follows_the_scores(cases: list[tuple[Trace, Autopsy]]) -> None:
    assert {found.verdict for _, found in cases} == {Verdict.FOUND, Verdict.SEARCH_ERROR, Verdict.MODEL_ERROR}
    for trace, found in cases:
        assert found.winner.score == pytest.approx(trace.best.normalised, abs=1e-4)
        assert found.winner.log_prob == pytest.approx(trace.best.log_prob, abs=1e-4)
        assert len(found.reason.splitlines()) == 1
        if found.expected.tokens == found.winner.tokens:
            assert found.verdict is Verdict.FOUND
            assert found.pruned_at is None
        elif trace.best.finished:
            better = found.expected.score > found.winner.score
            assert found.verdict is (Verdict.SEARCH_ERROR if better else Verdict.MODEL_ERROR)
        else:
            assert found.verdict is Verdict.SEARCH_ERROR


def test_what_a_search_finds_has_the_score_that_it_found(speller: Translator) -> None:
    for line in LINES:
        trace = speller.trace(line, options=options(4))
        for one in trace.hypotheses:
            if one.finished and one.text:
                found = autopsy(speller.session(trace.source.text), trace, one.text, [4])
                assert found.expected.tokens == tokens_of(trace, one.leaf)
                assert found.expected.score == pytest.approx(one.normalised, abs=1e-4)
                assert found.survived == (4,)


def test_a_found_text_counts_however_it_is_spelt(translator: Translator) -> None:
    """A model may write a word in other pieces than the tokenizer would."""
    longer = options(3).model_copy(update={"max_length": 12})
    trace = translator.trace("Il fait chaud aujourd'hui.", options=longer)
    target = translator.checkpoint.target
    assert (*target.encode(trace.best.text), END) != tokens_of(trace, trace.best.leaf)
    found = autopsy(translator.session(trace.source.text), trace, f"  {trace.best.text} ", [3])
    assert trace.best.finished
    assert found.verdict is Verdict.FOUND
    assert found.expected == found.winner


@pytest.mark.parametrize(
    ("text", "changes", "reason"),
    [
        ("", {}, "is empty"),
        ("one zebra", {}, "can't spell"),
        ("one two three four", {"max_length": 4}, "has 5 tokens, and 1 to 4 are allowed"),
        ("one", {"min_length": 4}, "has 2 tokens, and 4 to"),
        ("one two", {"prefix": (7, 8)}, "does not begin as the search was forced to"),
    ],
)
def test_what_can_not_be_compared_is_undecided(
    speller: Translator, text: str, changes: dict[str, object], reason: str
) -> None:
    trace = speller.trace("three four five", options=options(2).model_copy(update=changes))
    found = autopsy(speller.session(trace.source.text), trace, text, [1, 2])
    assert found.verdict is Verdict.UNDECIDED
    assert reason in found.reason
    assert (found.ranks, found.survived, found.pruned_at) == ((), (), None)


def test_greedy_is_a_beam_of_one_and_samples_have_no_beam(speller: Translator) -> None:
    for line in LINES:
        greedy = speller.trace(line, options=SearchOptions(mode=Greedy(), max_length=10))
        found = autopsy(speller.session(greedy.source.text), greedy, "one", [1])
        assert (found.pruned_at is None) == (found.survived == (1,))
    sample = speller.trace("one", options=SearchOptions(mode=Sample(), max_length=10))
    with pytest.raises(ConfigError, match="no beam"):
        autopsy(speller.session(sample.source.text), sample, "one")


def test_edits_hold_in_an_autopsy_too(speller: Translator) -> None:
    row = [0.0, 0.0, 0.0, 1.0]
    edits = History().edit((), dict.fromkeys(range(1, 11), row)).lineage()
    plain = speller.trace("three four five", options=options(3))
    changed = speller.trace("three four five", options=options(3), edits=edits)
    assert changed.best.normalised != plain.best.normalised
    found = autopsy(speller.session(changed.source.text), changed, "one", [1, 3])
    assert found.winner.score == pytest.approx(changed.best.normalised, abs=1e-4)
    assert found.expected.score != pytest.approx(
        autopsy(speller.session(plain.source.text), plain, "one", [1]).expected.score, abs=1e-6
    )
