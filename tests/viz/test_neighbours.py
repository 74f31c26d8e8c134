"""The map of training states."""

import pytest

from seq2seq.explain.neighbour_map import MapPoint, MapState, StateMap
from seq2seq.explain.neighbours import Neighbour
from seq2seq.viz import neighbour_map, palette
from seq2seq.viz.neighbours import marked


def neighbour(word: str = "cold", before: str = "It is ") -> Neighbour:
    """Return a state of a sentence."""
    return Neighbour(0, 3, before, word, " outside.", "outside", "Il fait froid.", "It is cold outside.", 1.5)


MAP = StateMap(
    (MapPoint(0.0, 0.0), MapPoint(0.1, 0.0), MapPoint(5.0, 2.0)),
    (MapState(MapPoint(1.0, 1.0), neighbour(), ()), MapState(MapPoint(4.9, 2.0), neighbour("<b>$"), (3,))),
    0.25,
)


@pytest.mark.parametrize("dark", [False, True])
def test_the_path_is_numbered_and_the_states_lie_below(dark: bool) -> None:
    figure = neighbour_map(MAP, ["▁It", "▁is", "</s>"], dark=dark)
    far, near, path = figure.data
    assert (len(far.x), len(near.x), list(path.x)) == (1, 1, [0.0, 0.1, 5.0])
    assert [note.text for note in figure.layout.annotations] == ["1 It", "2 is", "3 ⟨end⟩"]
    assert path.line.color == palette(dark).winner
    assert "25 %" in figure.layout.xaxis.title.text


def test_the_word_is_marked_and_stays_text() -> None:
    assert marked(neighbour()) == "It is <b>cold</b> outside."
    assert marked(neighbour("", "")) == "<b>⟨start⟩</b>  outside."
    hover = neighbour_map(MAP, ["a", "b", "c"]).data[1].customdata[0]
    assert "<b>&lt;b&gt;&#36;</b>" in hover
    assert "near step 3, distance 1.50" in hover


def test_labels_of_near_steps_stand_apart() -> None:
    notes = neighbour_map(MAP, ["▁It", "▁is", "</s>"]).layout.annotations
    one, other = ((note.ax, note.ay) for note in notes[:2])
    assert abs(one[0] - other[0]) > 20 or abs(one[1] - other[1]) >= 15


def test_a_single_step_has_a_map() -> None:
    single = StateMap((MapPoint(0.0, 0.0),), (), 0.0)
    assert len(neighbour_map(single, ["</s>"]).data[2].x) == 1
