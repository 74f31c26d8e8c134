"""The stage's own rules in the browser agree with those of the toolkit."""

import json
import math
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.text import group_words
from seq2seq.trace import Trace
from seq2seq.trace.view import divergence, prefix_text, why_pruned
from seq2seq.translator import Translator
from seq2seq.viz import stage
from seq2seq.viz.stage import Search

PIECES = [
    "▁le",
    "▁",
    "chat",
    "s",
    "'",
    "▁l'",
    "eau",
    "▁qu",
    "-",
    "il",
    ".",
    "▁Tom",
    "<0xC3>",
    "<0xA9>",
    "￭,",
    "12",
    "</s>",
]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.add_script_tag(content=stage.script())
    yield page
    page.close()


@pytest.fixture(scope="module")
def traces(translator: Translator) -> tuple[Trace, Trace]:
    text = "Où est le chien ?"
    modes = Greedy(), Beam(size=4)
    greedy, beam = (
        translator.trace(
            text, options=SearchOptions(mode=mode, n_best=mode.size if isinstance(mode, Beam) else 1, max_length=9)
        )
        for mode in modes
    )
    return greedy, beam


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_are_those_of_the_toolkit(page: Page, pieces: list[str]) -> None:
    words = page.evaluate("pieces => wordsOf(pieces)", pieces)
    assert [len(word) for word in words] == [word.last - word.first for word in group_words(pieces)]


def scene(page: Page, traces: tuple[Trace, Trace], program: str) -> object:
    """Return what a program finds in the scene of a greedy and a beam search."""
    searches = stage.searches_of([Search("Greedy", traces[0]), Search("Beam 4", traces[1])])["searches"]
    return page.evaluate(
        f"searches => {{ const scene = makeScene(searches); return ({program})(scene); }}", searches
    )


def test_each_node_has_the_text_that_the_toolkit_gives_it(page: Page, traces: tuple[Trace, Trace]) -> None:
    found = scene(
        page, traces,
        "scene => scene.nodes.flatMap(n => [...n.of].map(([search, at]) => [search, at, textTo(scene, n.id)]))",
    )  # fmt: skip
    assert isinstance(found, list)
    assert len(found) == sum(len(trace.nodes) for trace in traces)
    for search, at, text in found:
        assert text == prefix_text(traces[search], at)


def test_the_searches_part_where_the_toolkit_says(page: Page, traces: tuple[Trace, Trace]) -> None:
    part = divergence(*traces)
    found = scene(
        page, traces, "scene => scene.part && [scene.part.step, scene.part.price, textTo(scene, scene.part.at)]"
    )
    if part is None:
        assert found is None
        return
    assert isinstance(found, list)
    assert found[0] == part.step
    assert found[1] == pytest.approx(part.cost, abs=1e-5)
    assert found[2] == part.common


def test_what_is_given_up_names_its_step_and_by_how_much(page: Page, traces: tuple[Trace, Trace]) -> None:
    beam = traces[1]
    nodes = beam.nodes
    found = scene(
        page, traces, "scene => scene.nodes.filter(n => n.of.has(1)).map(n => [n.of.get(1), endOf(scene, n)])"
    )  # fmt: skip
    assert isinstance(found, list)
    dropped = [(at, end) for at, end in found if end and end["why"] == "dropped"]
    assert dropped
    for at, end in dropped:
        children = [n for n, parent in enumerate(nodes.parent) if parent == at]
        assert all(nodes.status[n] == "pruned" for n in children)
        kept = [
            nodes.total[n]
            for n, step in enumerate(nodes.step)
            if step == end["step"] and nodes.status[n] != "pruned"
        ]
        assert end["behind"] == pytest.approx(min(kept) - max(nodes.total[n] for n in children))
        if end["behind"] > 0:
            best = max(children, key=lambda n: nodes.total[n])
            assert why_pruned(beam, best) == "others of its step had better totals"


def test_every_shown_probability_is_the_traces(page: Page, traces: tuple[Trace, Trace]) -> None:
    found = scene(page, traces, "scene => scene.nodes.map(n => [...n.of].map(([s, at]) => [s, at, chance(n)]))")
    assert isinstance(found, list)
    for search, at, p in (each for of in found for each in of):
        if at:
            assert p == pytest.approx(math.exp(traces[search].nodes.log_prob[at]), abs=1e-6)


def test_no_two_labels_of_a_row_touch(page: Page, traces: tuple[Trace, Trace]) -> None:
    for words in ("true", "false"):
        found = scene(
            page, traces,
            f"""scene => {{ const layout = layOut(scene, {words}, label => 7 * label.length, 900);
            return layout.items.map(
                i => [i.row, layout.x[i.step], layout.x[i.step] + i.width, i.step, i.last]); }}""",
        )  # fmt: skip
        assert isinstance(found, list)
        rows: dict[int, list[list[float]]] = {}
        for row, *place in found:
            rows.setdefault(row, []).append(place)
        for places in rows.values():
            places.sort()
            for one, other in pairwise(places):
                assert one[1] < other[0], json.dumps(places)
                assert one[3] < other[2]
