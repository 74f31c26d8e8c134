"""The replay page: one HTML file that shows a recorded search step by step, without a network or a model."""

import base64
import hashlib
import json
from pathlib import Path
from string import Template
from typing import Any

from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.trace.schema import Trace
from seq2seq.trace.view import prefix_text
from seq2seq.viz.palette import Palette, palette
from seq2seq.viz.theme import FONT, number, piece_label

_PAGE = Path(__file__).resolve().parent / "replay_page"


def replay_html(trace: Trace) -> str:
    """Return a self-contained HTML page that replays `trace`: it opens from disk without network or model.

    The trace's texts are embedded only as JSON, and the page's own script displays them as text. Its content
    security policy allows that one script by its hash, and no other.
    """
    script = "\n".join(_read(name) for name in ("trace.js", "tree.js", "page.js"))
    style = _variables(trace.options) + _read("page.css")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return Template(_read("page.html")).substitute(
        policy=policy,
        style=style,
        script=script,
        trace=_inert(trace.to_json()),
        shown=_inert(json.dumps(_shown(trace), ensure_ascii=False, separators=(",", ":"))),
    )


def _read(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return a text's hash source for a content security policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inert(text: str) -> str:
    """Return equivalent JSON that can't close the HTML element around it, or open a comment there."""
    return text.replace("<", "\\u003c")


def _shown(trace: Trace) -> dict[str, Any]:
    """Return the texts that the page shows, prepared here so that the script composes none.

    adds: what each node appends to its parent's text. whole: the full texts of nodes that change the text before
    them, as the second byte of a character does.
    """
    nodes = trace.nodes
    adds, whole = [""], {}
    texts = {0: ""}
    for node in range(1, len(nodes)):
        text, before = prefix_text(trace, node), texts[nodes.parent[node]]
        texts[node] = text
        if text.startswith(before):
            adds.append(text[len(before) :])
        else:
            adds.append("")
            whole[node] = text
    return {
        "labels": [piece_label(piece) for piece in nodes.piece],
        "adds": adds,
        "whole": whole,
        "title": trace.source.text,
        "said": "caption" if trace.source.kind == "photo" else "translation",
        "starts": trace.source.starts,
        "source": [piece_label(piece) for piece in trace.source.pieces],
        "facts": _facts(trace),
        "stop": f"The search ends when {trace.stop.rule}. The bound of a live hypothesis is {trace.stop.bound}.",
    }


def _facts(trace: Trace) -> list[tuple[str, str]]:
    """Return the names and values at the head of the page."""
    options = trace.options
    longest = "2 × source + 10" if options.max_length is None else str(options.max_length)
    facts = [
        ("model", trace.model.name),
        ("weights", trace.model.digest[:12]),
        *_mode(options),
        ("n-best outputs", str(options.n_best)),
        ("longest output", f"{longest} pieces"),
    ]
    if options.min_length > 1:
        facts.append(("shortest output", f"{options.min_length} pieces"))
    if options.no_repeat:
        facts.append(("no repeats", f"of {options.no_repeat} pieces in a row"))
    if options.prefix:
        facts.append(("forced prefix", f"{len(options.prefix)} pieces"))
    if trace.edits and trace.edits[-1].attention:
        steps = ", ".join(str(row.step) for row in trace.edits[-1].attention)
        facts.append(("attention replaced", f"at step {steps}"))
    return facts


def _mode(options: SearchOptions) -> list[tuple[str, str]]:
    mode = options.mode
    if isinstance(mode, Greedy):
        return [("search", "greedy: the most likely piece at every step")]
    if isinstance(mode, Beam):
        groups = f" in {mode.groups} groups, diversity {mode.diversity:g}" if mode.groups > 1 else ""
        coverage = [("coverage penalty", f"β = {number(mode.coverage)}")] if mode.coverage else []
        return [
            ("search", f"beam of {mode.size}{groups}"),
            ("length penalty", f"α = {number(mode.alpha)}"),
            *coverage,
        ]
    cuts = [("top-k", str(mode.top_k))] if mode.top_k else []
    cuts += [("top-p", f"{mode.top_p:g}")] if mode.top_p < 1 else []
    return [("search", "sampling"), ("temperature", f"{mode.temperature:g}"), *cuts, ("seed", str(mode.seed))]


def _variables(options: SearchOptions) -> str:
    """Return both palettes as CSS variables; --mode is the colour of this kind of search and of what it keeps."""
    light, dark = (_declarations(palette(is_dark), options) for is_dark in (False, True))
    fonts = ", ".join(f'"{name}"' if " " in name else name for name in FONT.split(", "))
    return f":root {{ --font: {fonts}; {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _declarations(colours: Palette, options: SearchOptions) -> str:
    plain = {name: value for name, value in colours._asdict().items() if isinstance(value, str)}
    plain["mode"] = plain["kept"] = plain[options.mode.kind]
    plain |= {f"scale-{level}": colour for level, colour in enumerate(colours.scale)}
    return " ".join(f"--{name}: {value};" for name, value in plain.items())
