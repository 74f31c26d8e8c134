"""The stage: the player of recorded searches, in JavaScript, SVG and CSS, made from the files of stage/.

It takes traces alone: layout, joined words, forks and sentences are made in the browser. The same files are a
component of the app and the replay page.
"""

import json
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

from seq2seq.trace.schema import Trace
from seq2seq.viz.palette import ATTENTIONS, FONT, Palette, palette

_FOLDER = Path(__file__).resolve().parent / "stage"
# In this order, since each uses names of those before it.
_SCRIPTS = (
    "words.js",
    "shapes.js",
    "scene.js",
    "say.js",
    "source.js",
    "layout.js",
    "tree.js",
    "inspector.js",
    "menu.js",
    "save.js",
    "player.js",
)


class Search(NamedTuple):
    """A search on the stage and its name there."""

    name: str
    trace: Trace
    kind: Literal["search", "before"] = "search"
    """before: the search before a what-if edit, which the one behind it is compared with."""


def name_of(trace: Trace) -> str:
    """Return what a search is called on the stage."""
    mode = trace.options.mode
    return {"greedy": "Greedy", "sample": "Sample"}.get(mode.kind) or f"Beam {trace.options.width}"


_LESSON_SCRIPTS = ("predict.js", "map.js", "figures.js", "lesson.js")


@cache
def script() -> str:
    """Return the modules as one text, which defines `makeStage(root, tell)`."""
    return "\n".join(read(name) for name in _SCRIPTS)


@cache
def lesson_script() -> str:
    """Return the stage's modules and the runner of lessons as one text, which defines `makeLesson(root, tell)`."""
    return "\n".join([script(), *(read(name) for name in _LESSON_SCRIPTS)])


@cache
def lesson_style() -> str:
    """Return the style sheet of lessons, with the stage's."""
    return "\n".join([style(), read("lesson.css")])


@cache
def style() -> str:
    """Return the style sheet; its colours are the variables of `variables`."""
    return read("stage.css")


def read(name: str) -> str:
    """Return a file of the stage."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def searches_of(searches: Sequence[Search]) -> dict[str, Any]:
    """Return what the stage is given of some searches of one source.

    The first two are compared: greedy search and the beam, or a search before and after an edit.
    `id` is the same for the same traces, so that the stage need not be drawn again.
    """
    found = [
        {"name": each.name, "kind": each.kind, "trace": each.trace.model_dump(mode="json")} for each in searches
    ]
    digest = sha256(json.dumps(found).encode()).hexdigest()
    return {"id": digest[:16], "searches": found}


def variables(*, dark: bool) -> dict[str, str]:
    """Return the colours for a background and the font as CSS variables."""
    colours: Palette = palette(dark)
    plain = {f"--{name}": value for name, value in colours._asdict().items() if isinstance(value, str)}
    scale = {f"--scale-{level}": colour for level, colour in enumerate(colours.scale)}
    fonts = ", ".join(f'"{name}"' if " " in name else name for name in FONT.split(", "))
    # On the scale black can be read up to some share of its strong colour, and white from there on, or the reverse.
    weak, strong, share = ("#ffffff", "#000000", "0.6") if dark else ("#000000", "#ffffff", "0.936")
    ink = {"--ink": weak, "--ink-hot": strong, "--hot": share}
    kinds = zip(ATTENTIONS, colours.attentions, strict=True)
    attentions = {f"--attention-{kind}": colour for kind, colour in kinds}
    ratios = {f"--ratio-{place}": colour for place, colour in enumerate(colours.ratios)}
    return (
        plain
        | scale
        | attentions
        | ratios
        | ink
        | {"--page": colours.paper, "--line": colours.grid, "--font": fonts}
    )
