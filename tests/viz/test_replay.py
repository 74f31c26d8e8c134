"""The replay page: a trace in, one HTML file out that holds it whole and fetches nothing."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.search import Beam, Greedy, Sample, SearchOptions
from seq2seq.trace import Nodes, TextSource, Trace
from seq2seq.translator import Translator
from seq2seq.viz.palette import DARK, LIGHT
from seq2seq.viz.replay import replay_html
from seq2seq.viz.stage import Search
from tests.fakes import mixed
from tests.trace.test_record import traced

SMALL = traced(mixed(9, 1), SearchOptions(mode=Beam(size=3), n_best=3, max_length=6))
NASTY = (
    "</script><img src=x onerror=alert(1)><b>&amp;</b><!--<script>$trace ${x} \\u003c \u2028 \x00 ]]> 你好 مرحبا 😀"
)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text inside of each of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.inside = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.texts.append("")
        self.inside = True

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.texts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def block(self, name: str) -> str:
        """Return the text of the element of this id."""
        return next(t for (_, a), t in zip(self.found, self.texts, strict=True) if a.get("id") == name)


def nasty(text: str) -> Trace:
    """Return a trace that has `text` wherever a trace has text."""
    nodes = Nodes(**SMALL.nodes.model_dump() | {"piece": [text] * len(SMALL.nodes)})
    source = TextSource(text=text, pieces=[text, "</s>", text], words=[text, text], starts=[0, 2])
    model = SMALL.model.model_copy(update={"name": text, "digest": text})
    hypotheses = [one.model_copy(update={"text": text}) for one in SMALL.hypotheses]
    stop = SMALL.stop.model_copy(update={"rule": text, "bound": text})
    return SMALL.model_copy(
        update={"source": source, "model": model, "nodes": nodes, "hypotheses": hypotheses, "stop": stop}
    )


@pytest.mark.parametrize("mode", [Greedy(), Beam(size=4, alpha=-0.5), Sample(seed=3, top_p=0.9, top_k=5)])
@pytest.mark.parametrize("attention", [True, False])
def test_the_page_holds_the_whole_trace(
    translator: Translator, mode: Greedy | Beam | Sample, attention: bool
) -> None:
    trace = translator.trace("Où est le chien ?", options=SearchOptions(mode=mode, n_best=2, prefix=(7, 8)))
    if not attention:
        trace = trace.model_copy(update={"expanded": trace.expanded.model_copy(update={"attention": None})})
    assert held(replay_html(trace)) == [trace]


def held(page: str) -> list[Trace]:
    """Return the traces in a page."""
    searches = json.loads(Elements(page).block("searches"))["searches"]
    return [Trace.from_json(json.dumps(each["trace"])) for each in searches]


def skeleton(trace: Trace) -> list[tuple[str, dict[str, str | None]]]:
    return [(tag, attributes) for tag, attributes in Elements(replay_html(trace)).found if tag not in ("meta",)]


@pytest.mark.parametrize("text", [NASTY, "</script>", "<!--", "<script>", "]]>", "&lt;b&gt;", '"', "$style"])
def test_no_text_of_a_trace_becomes_markup(text: str) -> None:
    page = replay_html(nasty(text))
    assert skeleton(nasty(text)) == skeleton(SMALL)
    assert "<img" not in page
    elements = Elements(page)
    assert held(page)[0].source.text == text
    assert "<" not in elements.block("searches")


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_comes_back_from_the_page_as_it_was(text: str) -> None:
    trace = nasty(text)
    page = replay_html(trace).encode().decode()
    block = re.search(r'id="searches">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    assert Trace.from_json(json.dumps(json.loads(block.group(1))["searches"][0]["trace"])) == trace


def test_the_page_names_nothing_outside_of_itself() -> None:
    elements = Elements(replay_html(SMALL))
    for tag, attributes in elements.found:
        for name in ("src", "href", "action", "srcset", "data", "poster"):
            assert (attributes.get(name) or "data:,").startswith("data:"), (tag, attributes)
        assert not any(name.startswith("on") for name in attributes)
    page = replay_html(SMALL).replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert not re.search(r"https?://|url\(|@import|fetch\(|XMLHttp|WebSocket|innerHTML|insertAdjacent|eval\(", page)


def test_the_policy_lets_the_own_script_run_and_nothing_else() -> None:
    elements = Elements(replay_html(SMALL))
    policy = next(a["content"] or "" for t, a in elements.found if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        found = zip(elements.found, elements.texts, strict=True)
        texts = [text for (name, own), text in found if name == tag and "type" not in own]
        assert len(texts) == 1
        named = base64.b64encode(hashlib.sha256(texts[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{named}'" in policy


def test_the_colours_are_those_of_the_figures() -> None:
    page = replay_html(SMALL)
    light, dark = page.split("@media (prefers-color-scheme: dark)")[:2]
    for colours, text in ((LIGHT, light), (DARK, dark)):
        assert f"--greedy: {colours.greedy};" in text
        assert f"--finished: {colours.finished};" in text
        assert f"--winner: {colours.winner};" in text


def test_a_page_is_small(translator: Translator) -> None:
    traces = [
        translator.trace("Elle mange une pomme, puis elle dort.", options=SearchOptions(mode=mode, max_length=15))
        for mode in (Greedy(), Beam(size=5))
    ]
    page = replay_html(traces[1], beside=[Search("Greedy", traces[0])])
    assert len(page.encode()) < 250_000
    assert len(page.encode()) < sum(len(trace.to_json().encode()) for trace in traces) + 120_000


def test_several_searches_stand_on_one_page(translator: Translator) -> None:
    greedy = translator.trace("Oui.", options=SearchOptions(mode=Greedy()))
    beam = translator.trace("Oui.", beam_size=3)
    page = replay_html(beam, beside=[Search("Greedy", greedy)])
    assert held(page) == [greedy, beam]
    names = [each["name"] for each in json.loads(Elements(page).block("searches"))["searches"]]
    assert names == ["Greedy", "Beam 3"]
