"""Pages that open from disk: recorded searches on the stage, and computed lessons, without a network or a model."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

from seq2seq.trace.schema import Trace
from seq2seq.viz import stage
from seq2seq.viz.stage import Search, name_of


def replay_html(trace: Trace, *, beside: Sequence[Search] = ()) -> str:
    """Return a self-contained HTML page that replays `trace`: it opens from disk without network or model.

    beside: other searches of the same source that are shown in the same picture, greedy search first.
    The traces' texts are embedded only as JSON, and the page's own script displays them as text. Its content
    security policy allows that one script by its hash, and no other.
    """
    searches = [*beside, Search(name_of(trace), trace)]
    script = stage.script() + stage.read("replay.js")
    return _page("Search replay", "replay.html", "searches", stage.searches_of(searches), script, stage.style())


def lesson_html(played: Mapping[str, Any]) -> str:
    """Return a self-contained HTML page with one lesson, as `course.play` computes it: it opens from disk.

    It is built as `replay_html` builds its page; only sources of one's own can't be tried there.
    """
    script = stage.lesson_script() + stage.read("lesson_page.js")
    return _page("Lesson", "lesson.html", "played", played, script, stage.lesson_style())


def _page(title: str, body: str, name: str, data: Mapping[str, Any], script: str, style: str) -> str:
    """Return a page with the data as JSON under the id `name`, around the file `body`."""
    style = "\n".join([_colours(), style, stage.read("replay.css")])
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    held = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Template(stage.read("page.html")).substitute(
        title=title, body=stage.read(body), name=name, policy=policy, style=style, script=script, data=_inert(held)
    )


def _hash(text: str) -> str:
    """Return a text's hash source for a content security policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inert(text: str) -> str:
    """Return equivalent JSON that can't close the HTML element around it, or open a comment there."""
    return text.replace("<", "\\u003c")


def _colours() -> str:
    light, dark = (
        " ".join(f"{name}: {value};" for name, value in stage.variables(dark=is_dark).items())
        for is_dark in (False, True)
    )
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
