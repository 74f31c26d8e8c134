"""The attention figures say what the trace says: every weight in its place, repeated words apart."""

from html import unescape

import pytest

from seq2seq.errors import TraceError
from seq2seq.search import Beam, Greedy
from seq2seq.trace import Trace
from seq2seq.trace.alignments import alignment
from seq2seq.viz import attention_heatmap, attention_lines
from seq2seq.viz.theme import text_width
from tests.fakes import mixed, table
from tests.viz.traces import EVERY, by_hand, drawn, one_step

SEEING = {name: trace for name, trace in EVERY.items() if name != "blind"}
ALL = pytest.mark.parametrize("trace", SEEING.values(), ids=SEEING.keys())
LONG_SOURCE = [f"▁mot{i % 7}" for i in range(39)] + ["</s>"]


def with_attention(trace: Trace, rows: list[list[float]]) -> Trace:
    return trace.model_copy(update={"expanded": trace.expanded.model_copy(update={"attention": rows})})


def test_words_sum_over_the_source_and_average_over_the_target() -> None:
    # Token 3 is one word, then 8 and 10 ("▁le", "日本") another one, then </s>.
    decoder = table({(): {3: 1.0}, (3,): {8: 1.0}, (3, 8): {10: 1.0}, (3, 8, 10): {2: 1.0}}, 12)
    trace = drawn(decoder, Greedy())
    rows = [
        [0.1, 0.2, 0.3, 0.0, 0.4],
        [0.0, 0.5, 0.3, 0.2, 0.0],
        [1.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 1.0],
    ]
    trace = with_attention(trace, rows)
    pieces = alignment(trace, words=False)
    assert pieces is not None
    assert pieces.weights == rows
    assert pieces.target == ["▁<b>", "▁le", "日本", "</s>"]
    words = alignment(trace, words=True)
    assert words is not None
    assert words.target == ["<b>", "le日本", "</s>"]
    assert words.source == ["le", "chat", "le", "</s>"]
    assert [pytest.approx(row) for row in words.weights] == [
        [0.1, 0.5, 0.0, 0.4],
        [0.5, 0.4, 0.1, 0.0],  # of 0.0 0.8 0.2 0.0 and 1 0 0 0
        [0.0, 0.0, 0.0, 1.0],
    ]
    assert words.nodes == [pieces.nodes[0], pieces.nodes[1], pieces.nodes[3]]


@ALL
@pytest.mark.parametrize("words", [False, True])
def test_each_row_adds_up_to_one(trace: Trace, words: bool) -> None:
    for one in trace.hypotheses:
        matrix = alignment(trace, one.leaf, words)
        assert matrix is not None
        assert matrix.nodes[-1] == one.leaf or words
        assert [sum(row) for row in matrix.weights] == pytest.approx([1.0] * len(matrix.target), abs=1e-3)


def test_a_missing_row_is_one_clear_error() -> None:
    trace = by_hand()
    expanded = trace.expanded.model_copy(update={"node": [0], "entropy": [0.0], "attention": [[0.2] * 5]})
    with pytest.raises(TraceError, match="lacks the attention"):
        alignment(trace.model_copy(update={"expanded": expanded}))


def test_a_model_without_attention_has_no_figure() -> None:
    assert alignment(EVERY["blind"]) is None
    assert attention_heatmap(EVERY["blind"]) is None
    assert attention_lines(EVERY["blind"]) is None


@ALL
@pytest.mark.parametrize("words", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_every_cell_shows_its_weight_and_answers(trace: Trace, words: bool, dark: bool) -> None:
    matrix = alignment(trace, words=words)
    figure = attention_heatmap(trace, words=words, dark=dark, chosen=(0, 1))
    assert matrix is not None
    assert figure is not None
    cells, overlay = figure.data
    assert [list(row) for row in cells.z] == matrix.weights
    assert [list(c) for c in overlay.customdata] == [[i, j] for i in range(len(matrix.target))
                                                      for j in range(len(matrix.source))]  # fmt: skip
    assert [list(c) for c in overlay.customdata] == [[y, x] for x, y in zip(overlay.x, overlay.y, strict=True)]
    assert overlay.hoverinfo != "skip", "that would take the clicks away"
    assert figure.layout.hoverdistance == -1
    # Repeated words stay apart: one tick each.
    assert len(figure.layout.xaxis.tickvals) == len(figure.layout.xaxis.ticktext) == len(matrix.source)
    assert figure.layout.yaxis.ticktext[-1] == "⟨end⟩" or not trace.best.finished
    assert not any("<" in text or "$" in text for text in figure.layout.yaxis.ticktext)
    row, cell = figure.layout.shapes
    assert (row.y0, row.y1, cell.x0, cell.x1) == (-0.5, 0.5, 0.5, 1.5)


def test_weights_below_the_threshold_are_left_empty() -> None:
    trace = with_attention(one_step(), [[0.7, 0.2, 0.1, 0.0, 0.0]])
    figure = attention_heatmap(trace, threshold=0.15)
    assert figure is not None
    assert list(figure.data[0].z[0]) == [0.7, 0.2, None, None, None]
    assert len(figure.data[1].x) == 5, "empty cells answer too"


@pytest.mark.parametrize("room", [250, 540, 5000])
def test_a_map_that_fits_is_shown_whole_whichever_cell_is_chosen(room: int) -> None:
    trace = drawn(mixed(12, 1), Beam(size=2), LONG_SOURCE, max_length=4)
    columns = len(trace.source.pieces)
    for chosen in (0, columns // 2, columns - 1):
        figure = attention_heatmap(trace, chosen=(0, chosen), room=room)
        assert figure is not None
        left = figure.layout.xaxis.range[0]
        if 28 * columns <= room:
            assert left == -0.5
        assert left <= chosen


@pytest.mark.parametrize("count", [1, 3, 11, 13, 14, 40])
def test_column_labels_have_room_on_a_telephone(count: int) -> None:
    trace = drawn(mixed(12, 1), Beam(size=2), LONG_SOURCE[-count:], max_length=4)
    figure = attention_heatmap(trace)
    assert figure is not None
    across = figure.layout.xaxis
    widest = max(text_width(unescape(text)) for text in across.ticktext)
    room = figure.layout.margin
    if figure.layout.yaxis.scaleanchor:  # columns of a fixed width, and panning
        column = 24 / figure.layout.yaxis.scaleratio
        assert figure.layout.dragmode == "pan"
    else:
        column = (374 - room.l - room.r) / count
    assert column >= 15 or (widest < column and across.autotickangles == (0,))
    if across.autotickangles[-1] == -90:
        assert room.t >= widest
    inside = figure.layout.height - room.t - room.b
    assert inside == pytest.approx(24 * len(figure.layout.yaxis.tickvals), abs=1)


@ALL
def test_lines_join_what_looked_at_what(trace: Trace) -> None:
    matrix = alignment(trace, words=True)
    figure = attention_lines(trace, threshold=0.2, chosen_row=0)
    assert matrix is not None
    assert figure is not None
    *lines, source, target = figure.data
    strong = sum(weight >= 0.2 for row in matrix.weights for weight in row)
    assert sum(x is None for line in lines for x in line.x) == strong
    assert [list(c) for c in target.customdata] == [[i] for i in range(len(matrix.target))]
    assert len(source.text) == len(matrix.source)
    assert source.customdata is None
    assert figure.layout.margin.r >= max(text_width(unescape(text), 13) for text in target.text)
    assert not any("<" in text or "$" in text for text in target.text)
    for side in (source, target):
        gaps = [b - a for a, b in zip(side.y, side.y[1:], strict=False)]
        assert all(gap >= 1 - 1e-9 for gap in gaps), "labels a row apart"


def test_thicker_lines_stand_for_more_weight() -> None:
    trace = with_attention(one_step(), [[0.7, 0.2, 0.1, 0.0, 0.0]])
    figure = attention_lines(trace, words=False, threshold=0.0)
    assert figure is not None
    widths = {line.y[0]: line.line.width for line in figure.data[:-2]}
    assert len(widths) == 3, "nothing is drawn where nothing was looked at"
    assert [widths[y] for y in sorted(widths)] == sorted(widths.values(), reverse=True)


def test_a_small_heatmap_goes_without_its_colour_bar() -> None:
    trace = next(iter(SEEING.values()))
    whole, small = (attention_heatmap(trace, bar=bar) for bar in (True, False))
    assert whole is not None
    assert small is not None
    assert (whole.data[0].showscale, small.data[0].showscale) == (True, False)
    assert small.layout.height < whole.layout.height
