"""A lesson on paper: the questions, empty figures and space to write, and the answers on a page of their own."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from seq2seq.course.files import LessonFile
from seq2seq.course.wording import truth_of

_STYLE = """
body { font: 12pt/1.45 Georgia, serif; max-width: 44rem; margin: 1.5rem auto; padding: 0 1rem; color: #111; }
h1 { font-size: 20pt; margin: 0 0 .2rem; }
h2 { font-size: 14pt; margin: 1.6rem 0 .4rem; }
p, li { margin: .3rem 0; }
section { break-inside: avoid; }
.ask { font-weight: bold; }
.box { display: inline-block; width: 1em; height: 1em; border: 1.5px solid #111; margin-right: .6em; }
.line { border-bottom: 1px solid #777; height: 2rem; }
.meta { color: #444; }
table { border-collapse: collapse; margin: .6rem 0; max-width: 100%; font-size: 11pt; }
td, th { border: 1px solid #777; padding: .35rem .7rem; min-width: 2.2rem; }
td.empty { min-width: 2rem; height: 1.9rem; }
svg { width: 100%; height: auto; }
img { max-width: 16rem; display: block; }
.answers { break-before: page; }
code { font-size: .92em; }
@media print { body { margin: 0; } }
"""


def handout_html(file: LessonFile, played: Mapping[str, Any]) -> str:
    """Return a lesson, as `play` computes it, as a page to print: without an answer before the last sheet."""
    steps = played["steps"]
    parts = [_question(number, step) for number, step in enumerate(steps, 1)]
    answers = [_answer(number, step) for number, step in enumerate(steps, 1) if step["predict"]]
    title = html.escape(str(played["title"]))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>"
        f'<body><h1>{title}</h1><p class="meta">{html.escape(str(played["summary"]))} '
        f"About {file.lesson.minutes} minutes. Name: ________________________</p>{''.join(parts)}"
        f'<section class="answers"><h2>Answers</h2><ol>{"".join(answers)}</ol></section></body></html>\n'
    )


def _question(number: int, step: Mapping[str, Any]) -> str:
    asks = f'<p class="ask">{html.escape(step["ask"])}</p>{_space(step["predict"])}' if step["predict"] else ""
    lines = '<div class="line"></div>' * 2
    figure = _figure(step["figure"], bool(step["predict"]))
    return (
        f"<section><h2>{number}. {html.escape(step['title'])}</h2>{_prose(step['read'])}{figure}{asks}"
        f"<p>Why?</p>{lines}</section>"
    )


def _answer(number: int, step: Mapping[str, Any]) -> str:
    return f'<li value="{number}"><b>{html.escape(truth_of(step))}</b>{_prose(step["why"])}</li>'


def _prose(blocks: Sequence[Sequence[Any]]) -> str:
    found = []
    for kind, runs in blocks:
        inside = "".join(
            f"<{style}>{html.escape(text)}</{style}>" if style else html.escape(text) for text, style in runs
        )
        found.append(f"<ul><li>{inside}</li></ul>" if kind == "li" else f"<p>{inside}</p>")
    return "".join(found)


def _space(predict: Mapping[str, Any]) -> str:
    """Return the place for an answer."""
    if predict["kind"] in ("choose", "order"):
        listed = predict["options"] if predict["kind"] == "choose" else predict["items"]
        return "".join(f'<p><span class="box"></span>{html.escape(text)}</p>' for _, text in listed)
    if predict["kind"] == "bar":
        return f"<p>Your guess: ____________ {html.escape(predict['unit'])}</p>"
    return '<div class="line"></div>'


def _figure(figure: Mapping[str, Any], hidden: bool) -> str:
    """Return a figure without what is asked for."""
    kind = figure["kind"]
    if kind == "hand":
        rows = [
            [row["before"] or "⟨start⟩", one["text"], _sum(row["total"], one["log_prob"]), None]
            for row in figure["rows"]
            for one in row["next"]
        ]
        return _table(["beginning", "next piece", "log-probabilities", "total"], rows)
    if kind == "heatmap":
        columns, asked = figure["columns"], figure["asked"]
        rows = [[f"→ {row}" if i == asked else row, *[None] * len(columns)] for i, row in enumerate(figure["rows"])]
        return _table(["", *columns], rows)
    if kind == "strip":
        most = max((len(row["cells"]) for row in figure["rows"]), default=0)
        return _table(
            ["step", *map(str, range(1, most + 1))], [[row["name"], *[None] * most] for row in figure["rows"]]
        )
    if kind == "items":
        return "".join(f'<p><span class="box"></span>{html.escape(item["text"])}</p>' for item in figure["items"])
    if kind == "photos":
        return f'<img src="{html.escape(figure["photos"][0]["picture"])}" alt="the photo">'
    if kind == "stage":
        return _empty_tree()
    if not hidden and kind == "table":
        return _table(figure["columns"], figure["rows"])
    return ""


def _sum(total: float, log_prob: float) -> str:
    """Return what is to be added: the total so far, where there is one, and a log-probability."""
    parts = [total, log_prob] if total else [log_prob]
    return " + ".join(f"{part:.2f}" for part in parts).replace("-", "−")


def _table(header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> str:
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in header)
    lines = ["".join(_cell(cell) for cell in row) for row in rows]
    return f"<table><tr>{heads}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _cell(text: str | None) -> str:
    return '<td class="empty"></td>' if text is None else f"<td>{html.escape(text)}</td>"


def _empty_tree() -> str:
    """Return a tree of three steps with two branches each, to be filled in."""
    columns = [[90], [45, 135], [22, 68, 112, 158], [11, 33, 57, 79, 101, 123, 147, 169]]
    lines, boxes = [], []
    for step, places in enumerate(columns):
        for i, y in enumerate(places):
            if step:
                lines.append(f'<path d="M{step * 150 - 60} {columns[step - 1][i // 2]}L{step * 150} {y}"/>')
            boxes.append(f'<rect x="{step * 150}" y="{y - 8}" width="90" height="16" rx="3"/>')
    return f'<svg viewBox="-5 0 560 185" fill="none" stroke="#777">{"".join([*lines, *boxes])}</svg>'
