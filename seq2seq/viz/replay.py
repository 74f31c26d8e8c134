"""Pages that open from disk: recorded searches on the stage, and computed lessons, without a network or a model."""

from collections.abc import Mapping, Sequence
from typing import Any

from seq2seq.trace.schema import Trace
from seq2seq.viz import stage
from seq2seq.viz.document import document, json_held
from seq2seq.viz.stage import Search, name_of


def replay_html(trace: Trace, *, beside: Sequence[Search] = ()) -> str:
    """Return a self-contained HTML page that replays `trace`: it opens from disk without network or model.

    beside: other searches of the same source that are shown in the same picture, greedy search first.
    The traces' texts are embedded only as JSON, and the page's own script displays them as text. Its content
    security policy allows that one script by its hash, and no other.
    """
    searches = [*beside, Search(name_of(trace), trace)]
    return document(
        "Search replay",
        stage.read("replay.html"),
        scripts={"page": stage.script() + stage.read("replay.js")},
        style="\n".join([stage.style(), stage.read("replay.css")]),
        held={"searches": json_held(stage.searches_of(searches))},
    )


def lesson_html(played: Mapping[str, Any]) -> str:
    """Return a self-contained HTML page with one lesson, as `course.play` computes it: it opens from disk.

    It is built as `replay_html` builds its page; only sources of one's own can't be tried there.
    """
    return document(
        "Lesson",
        stage.read("lesson.html"),
        scripts={"page": stage.lesson_script() + stage.read("lesson_page.js")},
        style="\n".join([stage.lesson_style(), stage.read("replay.css")]),
        held={"played": json_held(played)},
    )
