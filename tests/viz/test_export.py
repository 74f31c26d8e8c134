"""Files that leave the app: readable on any ground, without network, and safe to open."""

import csv
import io
import json
import re

import pytest

from seq2seq.trace import Trace
from seq2seq.viz import attention_heatmap, beam_tree
from seq2seq.viz.export import figure_config, figure_html, for_export
from seq2seq.viz.palette import palette
from seq2seq.viz.tables import heatmap_csv, node_attention_csv, step_csv, table_csv, tree_csv
from tests.viz.traces import EVERY, by_hand


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("dark", [False, True])
def test_an_exported_figure_stands_on_its_own_ground(dark: bool) -> None:
    figure = beam_tree(by_hand(), dark=dark)
    copy = for_export(figure, dark)
    assert copy.layout.paper_bgcolor == copy.layout.plot_bgcolor == palette(dark).paper
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)", "the figure itself stays as it was"
    assert copy.data == figure.data


def test_only_figures_that_pan_have_buttons_to_zoom() -> None:
    plain, pans = figure_config("attention"), figure_config("Où ? tree/../x", "png", pan=True)
    assert plain["modeBarButtons"] == [["toImage"]]
    assert plain["toImageButtonOptions"] == {"format": "svg", "filename": "attention", "scale": 1}
    assert "zoomIn2d" in pans["modeBarButtons"][1]
    assert pans["toImageButtonOptions"] == {"format": "png", "filename": "Où-tree-x", "scale": 2}
    assert (plain["scrollZoom"], pans["scrollZoom"], plain["displaylogo"]) == (False, True, False)
    assert figure_config("?")["toImageButtonOptions"]["filename"] == "figure"
    json.dumps(pans)


def test_a_page_needs_no_network_and_keeps_text_as_text() -> None:
    says = 'says <script>alert("1")</script>'
    page = figure_html(beam_tree(EVERY["beam"], show_pruned=True), "a <b> & b", says)
    own = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "<title>a &lt;b&gt; &amp; b</title>" in own
    assert "says &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;" in own
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", page[:2000] + page[-60_000:])
    assert "plotly.js v" in page
    assert figure_html(beam_tree(by_hand()), "a", "b") == figure_html(beam_tree(by_hand()), "a", "b")


def test_the_wheel_zooms_only_where_a_part_is_shown() -> None:
    assert '"scrollZoom": true' in figure_html(beam_tree(by_hand()), "a", "b")
    assert '"scrollZoom": false' in figure_html(beam_tree(by_hand(), height=None), "a", "b")


def test_a_heatmap_page_is_written_too() -> None:
    figure = attention_heatmap(by_hand(), dark=True)
    assert figure is not None
    assert palette(True).paper in figure_html(figure, "attention", "says", dark=True, format="png")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", " =1", "＝1"])
def test_no_cell_becomes_a_formula(text: str) -> None:
    assert read(table_csv([text], [[text, -1.5, 3, None]])) == [[f"'{text}"], [f"'{text}", "-1.5", "3", ""]]


def test_tables_keep_quotes_and_accents() -> None:
    cells = ['a "b"', "où, là", "x;y", "日本"]
    data = table_csv(cells, [cells])
    assert data.startswith(b"\xef\xbb\xbf"), "Excel takes it for another code page without"
    assert read(data) == [cells, cells]


def test_the_attention_as_a_table() -> None:
    data = heatmap_csv(by_hand(), words=True)
    assert data is not None
    assert read(data) == [
        ["target", "le", "chat", "le", "</s>"],
        ["<b>", "0.2", "0.4", "0.2", "0.2"],
        ["le", "0.2", "0.4", "0.2", "0.2"],
        ["</s>", "0.2", "0.4", "0.2", "0.2"],
    ]
    assert heatmap_csv(EVERY["blind"]) is None


@pytest.mark.parametrize("trace", EVERY.values(), ids=EVERY.keys())
def test_the_tree_as_a_table_has_a_line_for_each_node(trace: Trace) -> None:
    header, *lines = read(tree_csv(trace))
    assert [int(line[0]) for line in lines] == list(range(len(trace.nodes)))
    column = {name: [line[i] for line in lines] for i, name in enumerate(header)}
    assert column["status"] == list(trace.nodes.status)
    assert [float(v) for v in column["log_prob"]] == trace.nodes.log_prob
    assert column["output"][trace.best.leaf] == "1"
    assert [n for n, on in enumerate(column["on_best_path"]) if on == "1"] == trace.path(trace.best.leaf)


def test_a_step_is_a_table_of_its_candidates() -> None:
    header, *lines = read(step_csv(by_hand(), 0))
    assert header == ["piece", "probability", "log_prob", "total", "status"]
    assert [line[0] for line in lines] == ["▁<b>", "▁$x$", "▁=1+1"]
    assert [float(line[1]) for line in lines] == pytest.approx([0.6, 0.3, 0.1], abs=1e-6)
    assert [line[4] for line in lines] == ["kept", "kept", "pruned"]


def test_where_a_step_looked_is_a_table_whose_weights_add_up_to_one() -> None:
    for words, names in ((True, ["le", "chat", "le", "</s>"]), (False, ["▁le", "▁ch", "at", "▁le", "</s>"])):
        header, *lines = read(node_attention_csv(by_hand(), 0, words=words))
        assert header == ["source", "attention"]
        assert [line[0] for line in lines] == names
        assert sum(float(line[1]) for line in lines) == pytest.approx(1, abs=1e-3)
    assert len(read(node_attention_csv(EVERY["blind"], 0))) == 1
