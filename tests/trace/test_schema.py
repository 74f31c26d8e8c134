"""Trace files: what is written is read, and anything else is one clear error."""

import base64
import io
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from seq2seq.errors import TraceError
from seq2seq.search import Beam, Greedy, Sample, SearchOptions
from seq2seq.trace import PhotoSource, Trace
from seq2seq.translator import Translator
from tests.fakes import mixed
from tests.trace.test_record import traced

SMALL = traced(mixed(6, 1), SearchOptions(mode=Beam(size=2), n_best=2, max_length=4)).to_json()


@pytest.mark.parametrize("mode", [Greedy(), Beam(size=4, alpha=-0.5), Sample(seed=3, top_p=0.9)])
def test_a_trace_survives_json(translator: Translator, mode: Greedy | Beam | Sample) -> None:
    trace = translator.trace("Où est le chien ?", options=SearchOptions(mode=mode, n_best=2))
    text = trace.to_json()
    assert Trace.from_json(text) == trace
    assert Trace.from_json(text.encode()) == trace
    assert "\n" not in text
    assert Trace.from_json(text).to_json() == text


def refused(text: str | bytes) -> str:
    with pytest.raises(TraceError) as caught:
        Trace.from_json(text)
    message = str(caught.value)
    assert message.splitlines() == [message]
    assert message.isprintable()
    assert len(message) < 400
    return message


@settings(max_examples=300)
@given(st.text() | st.binary() | st.text(st.characters(codec=None, exclude_categories=())))
@example("")
@example("{}")
@example("null")
@example("[" * 100_000)
@example('{"version": 1}')
@example('{"version": 1, "x": ' + "9" * 5000 + "}")
@example('{"version": 1, "x": "\\ud800"}')
@example('{"version": 1, "\\n\\u2028": 3}')
@example('{"version": NaN}')
@example(b'\xff\xfe{"version": 1}')
@example('{"version": 1}'.encode("utf-16"))
@example("\ufeff" + SMALL)
@example('{"version": "\ud800"}')
def test_what_is_no_trace_is_one_clear_error(text: str | bytes) -> None:
    refused(text)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_foreign_json_is_one_clear_error(value: Any) -> None:
    refused(json.dumps(value))
    refused(json.dumps({"version": 1, "nodes": value}))


@given(st.integers(0, len(SMALL) - 1))
def test_a_cut_off_trace_is_one_clear_error(length: int) -> None:
    assert "cut off" in refused(SMALL[:length])


@given(st.integers(0, len(SMALL) - 1), st.characters())
@example(SMALL.index('"kind":"text"') + 9, "\x85")
@example(SMALL.index('"kind":"beam"') + 9, "\x7f")
def test_a_changed_character_gives_a_trace_or_one_clear_error(place: int, character: str) -> None:
    text = SMALL[:place] + character + SMALL[place + 1 :]
    try:
        Trace.from_json(text)
    except TraceError:
        refused(text)


def test_another_version_is_named() -> None:
    other = json.loads(SMALL) | {"version": 2, "new": "things"}
    assert "version 2, this program reads 1" in refused(json.dumps(other))


def changed(path: str, value: Any) -> str:
    """Return SMALL with the value at a dotted path replaced."""
    whole = json.loads(SMALL)
    *parents, last = path.split(".")
    inner = whole
    for key in parents:
        inner = inner[int(key)] if key.isdigit() else inner[key]
    inner[last] = value(inner[last]) if callable(value) else value
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("nodes.token", lambda column: column[:-1], "columns differ in length"),
        ("nodes.rank", [], "columns differ in length"),
        ("nodes.parent", lambda column: [0, *column[1:]], "a node comes before its parent"),
        ("nodes.parent", lambda column: [*column[:-1], len(column)], "a node comes before its parent"),
        ("nodes.step", lambda column: [*column[:-1], 9], "a node is not one step after its parent"),
        ("stop.steps", 1_000_000_000, "number of steps does not fit"),
        ("nodes.status", lambda column: ["odd", *column[1:]], "'odd' is not possible"),
        ("expanded.node", lambda column: [10_000, *column[1:]], "a node is named that is not there"),
        ("expanded.node", lambda column: [-1, *column[1:]], "a node is named that is not there"),
        ("expanded.entropy", lambda column: column[1:], "entropies do not fit"),
        ("expanded.attention", lambda rows: rows[1:], "attention does not fit"),
        ("expanded.attention", lambda rows: [row[1:] for row in rows], "attention does not fit"),
        ("hypotheses", [], "hypotheses = "),
        ("hypotheses.0.leaf", 99_999, "a node is named that is not there"),
        ("hypotheses.0.leaf", 0, "does not end at its leaf"),
        ("hypotheses.0.length", lambda length: length + 1, "does not end at its leaf"),
        ("hypotheses.0.log_prob", 0.5, "a log-probability is above 0"),
        ("nodes.total", lambda column: [*column[:-1], 1e6], "a log-probability is above 0"),
        ("expanded.node", lambda column: [column[-1], *column[1:]], "was not expanded"),
        ("source.starts", lambda starts: [*starts[:-1], 50], "words do not fit"),
        ("source.starts", lambda starts: starts[::-1], "words do not fit"),
        ("source.words", lambda words: words[1:], "words do not fit"),
        ("options.mode.size", 0, "mode.beam.size = 0 is not possible"),
        ("model.digest", 3, "model.digest = 3 is not possible"),
        ("edits", [{"parent": 1}], "not one line from the plain search"),
        ("edits", [{"prefix": [5]}], "forces another prefix"),
        ("edits", [{"attention": [{"step": 1, "weights": [1.0]}]}], "replaced attention does not fit"),
        ("edits", [{"attention": [{"step": 1, "weights": [0.12345]}]}], "in thousandths"),
    ],
)
def test_parts_that_do_not_fit_are_named(path: str, value: Any, message: str) -> None:
    assert message in refused(changed(path, value))


def test_an_unknown_key_is_named() -> None:
    whole = json.loads(SMALL)
    whole["nodes"]["colour"] = []
    assert "unknown key 'nodes.colour'" in refused(json.dumps(whole))


def test_a_path_leads_from_the_first_token_to_the_leaf() -> None:
    trace = Trace.from_json(SMALL)
    path = trace.path(trace.best.leaf)
    assert path[-1] == trace.best.leaf
    assert [trace.nodes.step[n] for n in path] == list(range(1, len(path) + 1))
    assert trace.path(0) == []


def thumbnail(side: int = 32) -> str:
    """Return a grey JPEG in base64."""
    written = io.BytesIO()
    Image.new("RGB", (side, side), "grey").save(written, "JPEG")
    return base64.b64encode(written.getvalue()).decode()


def photo(**changes: Any) -> PhotoSource:
    settings = {"name": "dog.jpg", "width": 640, "height": 360, "grid": (2, 3)} | changes
    return PhotoSource(**settings)


def test_a_trace_of_a_photo_survives_json() -> None:
    source = photo(greyed=((0, 0, 20, 30),), thumbnail=thumbnail())
    rows = [[0.5, 0.1, 0.1, 0.1, 0.1, 0.1] for _ in Trace.from_json(SMALL).expanded.node]
    whole = json.loads(SMALL)
    whole["source"] = json.loads(source.model_dump_json())
    whole["expanded"]["attention"] = rows
    trace = Trace.from_json(json.dumps(whole))
    assert trace.source == source
    assert Trace.from_json(trace.to_json()) == trace
    whole["expanded"]["attention"] = [row[1:] for row in rows]
    assert "attention does not fit" in refused(json.dumps(whole))


def test_the_regions_of_a_photo_are_its_words_row_by_row() -> None:
    source = photo()
    assert source.pieces == ["▁1", "▁2", "▁3", "▁4", "▁5", "▁6"]
    assert source.words[4] == "region 5"
    assert source.starts == [0, 1, 2, 3, 4, 5]
    assert source.box(1) == (0, 0, 214, 180)
    assert source.box(5) == (213, 180, 427, 360)


@pytest.mark.parametrize("size", [(1, 1), (640, 360), (7, 1000), (20_000, 20)])
@pytest.mark.parametrize("grid", [(1, 1), (8, 8), (40, 3)])
def test_the_regions_of_a_photo_cover_it_whole(size: tuple[int, int], grid: tuple[int, int]) -> None:
    source = photo(width=size[0], height=size[1], grid=grid)
    boxes = [source.box(region) for region in range(1, len(source.pieces) + 1)]
    # Each is a part of the photo that can be painted, however small the photo is.
    assert photo(width=size[0], height=size[1], grid=grid, greyed=tuple(boxes)).greyed == tuple(boxes)
    assert max(box[2] for box in boxes) == size[0]
    assert max(box[3] for box in boxes) == size[1]
    for one, other in pairwise(boxes[: grid[1]]):
        assert other[0] <= one[2]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("width", 0),
        ("grid", (0, 8)),
        ("grid", (8, 41)),
        ("greyed", ((0, 0, 641, 10),)),
        ("greyed", ((5, 5, 5, 10),)),
        ("thumbnail", "é"),
        ("thumbnail", base64.b64encode(b"GIF89a").decode()),
        ("thumbnail", base64.b64encode(b"\xff\xd8" + bytes(20_000)).decode()),
        ("pieces", ["▁1"]),
    ],
)
def test_a_photo_that_can_not_be_is_refused(key: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        photo(**{key: value})
