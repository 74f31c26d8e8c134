"""One HTML file that translates without a network: models, a decoder in JavaScript and WebAssembly, the stage."""

import base64
import html
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

from seq2seq.checkpoint import Checkpoint
from seq2seq.data.languages import english_name
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.evaluation.finds import read_finds
from seq2seq.evaluation.opening import read_opening
from seq2seq.exported.pack import packed
from seq2seq.translator import Translator
from seq2seq.version import VERSION
from seq2seq.viz import stage
from seq2seq.viz.document import Held, document, json_held

_HERE = Path(__file__).resolve().parent
# Each is named as the part of the toolkit that it repeats, where it does.
_ENGINE = (
    "pattern.js",
    "normalise.js",
    "sentences.js",
    "figures.js",
    "passages.js",
    "known.js",
    "preparation.js",
    "vocabulary.js",
    "kernels.js",
    "model.js",
    "choosing.js",
    "search.js",
    "record.js",
    "options.js",
    "translator.js",
    "serve.js",
)
_PAGE = ("client.js", "views.js", "lessons.js", "results.js", "page.js")
_MODEL_CARD = "README.md"
_BYTES = "application/octet-stream"
_EXAMPLES = 5
_LONGEST_EXAMPLE = 60  # characters


class Exported(NamedTuple):
    """A model for a page, and its folder, for its card and its examples."""

    translator: Translator
    folder: Path


def exported_page(models: Sequence[Exported], lessons: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """Return an HTML page in UTF-8 that translates by itself: it opens from disk and asks no network and no server.

    models: one for each direction. lessons: as `course.play` computes them.
    Raises ConfigError for a model that a page can't read, or a second one of the same direction.
    """
    about = [_about(each) for each in models]
    directions = [each["direction"] for each in about]
    if len(set(directions)) < len(directions):
        raise ConfigError(f"Two of the models translate {_repeated(directions)}; leave one of them out.")
    weights = sum(p.numel() for each in models for p in each.translator.model.parameters())
    title = " and ".join(each["title"] for each in about)
    body = Template(_read("page/page.html")).substitute(
        title=html.escape(f"{title}, in this file"),
        version=html.escape(VERSION),
        licence=html.escape(_read("page/licence.txt")),
        cards="\n".join(map(_card, models)),
    )
    # Megabytes of ASCII would take four bytes a character in a text with a single emoji, so they are put in last.
    heavy = {
        own["id"]: packed(each.translator.checkpoint, each.translator.name)
        for own, each in zip(about, models, strict=True)
    }
    page = document(
        f"{title} – translates by itself",
        body,
        scripts={
            "engine": engine_script(),
            "page": f"{stage.lesson_script()}\n(() => {{\n{_joined('page', _PAGE)}\n}})();",
        },
        style="\n".join([stage.lesson_style(), stage.read("replay.css"), _read("page/page.css")]),
        held={
            **{name: Held(_place(name), _BYTES) for name in heavy},
            "kernels": Held(base64.b64encode(kernels()).decode(), _BYTES),
            "about": json_held({"models": about, "weights": f"{weights / 1e6:.1f} million", "lessons": lessons}),
        },
        runs="'wasm-unsafe-eval'",
        policy="worker-src blob:",
    ).encode()
    for name, data in heavy.items():
        page = page.replace(_place(name).encode(), base64.b64encode(data))
    return page


def fits(checkpoint: Checkpoint) -> bool:
    """Return whether a page can read a model."""
    return all(each.has_bytes and each.has_merges for each in (checkpoint.source, checkpoint.target))


@cache
def engine_script() -> str:
    """Return the engine as one text, which defines `engine`: {makeServer, serve}."""
    inside = f"{stage.read('words.js')}\n{_joined('engine', _ENGINE)}"
    return f"const engine = (() => {{\n{inside}\nreturn {{makeServer, serve}};\n}})();"


def kernels() -> bytes:
    """Return the products of kernels.c in WebAssembly."""
    return (_HERE / "engine" / "kernels.wasm").read_bytes()


def _joined(folder: str, names: Sequence[str]) -> str:
    return "\n".join(_read(f"{folder}/{name}") for name in names)


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _place(name: str) -> str:
    """Return what stands for a model's bytes; neither HTML nor JSON writes such signs."""
    return f"\0{name}\0"


def _about(model: Exported) -> dict[str, Any]:
    """Return what the page says of a model, as JSON values."""
    translator = model.translator
    source, target = translator.config.source, translator.config.target
    return {
        "id": f"model-{source}-{target}",
        "direction": f"{source}-{target}",
        "title": f"{english_name(source)} to {english_name(target)}",
        "source_name": english_name(source),
        "source": source,
        "target": target,
        "alpha": translator.config.alpha,
        "examples": _examples(model.folder),
    }


def _examples(folder: Path) -> list[str]:
    """Return sentences to start from: the one that the app opens with, and such in which searches part."""
    opening = read_opening(folder)
    try:
        finds = read_finds(folder)
    except CheckpointError:  # of other weights, or damaged: these are only examples
        finds = None
    found = [opening.beam.source.text] if opening else []
    found += [each.source for each in finds.finds if len(each.source) <= _LONGEST_EXAMPLE] if finds else []
    return list(dict.fromkeys(found))[:_EXAMPLES]


def _card(model: Exported) -> str:
    """Return a model's card as HTML; signs that mean something in HTML are text there."""
    try:
        text = (model.folder / _MODEL_CARD).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = "This model has no card."
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    markdown.add_render_rule("link_open", _link)
    shown = markdown.render(text)
    name = html.escape(model.translator.name)
    return (
        f"<details><summary>Model card of {name}: data, licences, scores, limits</summary>"
        f'<div class="modelcard">{shown}</div></details>'
    )


def _link(_renderer: object, tokens: Sequence[Any], place: int, *_: object) -> str:
    """Return the beginning of a link of a card: to the web in a window of its own, else to nowhere."""
    address = str(tokens[place].attrGet("href"))
    if not address.startswith(("http://", "https://")):
        return "<a>"  # of a file beside the card, which the page does not have
    return f'<a href="{html.escape(address)}" target="_blank" rel="noreferrer">'


def _repeated(directions: Sequence[str]) -> str:
    return next(each for each in directions if directions.count(each) > 1)
