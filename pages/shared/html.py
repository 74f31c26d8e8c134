"""Small pieces of HTML that Streamlit has no widget for. All text is escaped here, and only here."""

import html
import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from seq2seq.trace.view import ShownWord
from seq2seq.viz.labels import percent
from seq2seq.viz.palette import CONFIDENCE_WORDS, confidence_level, palette

STYLE = """<style>
.s2s-line { font-size: 1.15rem; line-height: 2.1; overflow-wrap: anywhere; }
.s2s-word { padding: 0.12em 0.2em; border-radius: 0.3em; white-space: pre-wrap; }
.s2s-word.l0 { text-decoration: underline wavy; text-underline-offset: 0.25em; }
.s2s-word.l1 { text-decoration: underline dotted; text-underline-offset: 0.25em; }
.s2s-word.new { outline: 2px solid currentColor; }
.s2s-word.part { border-left: 4px solid currentColor; }
.s2s-written { animation: s2s-write 0.3s both; }
@keyframes s2s-write { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { .s2s-written { animation: none; } }
.s2s-facts { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; }
.s2s-facts div { display: flex; flex-direction: column; }
.s2s-facts b { font-size: 1.05rem; font-weight: 500; font-variant-numeric: tabular-nums; }
.s2s-facts span { font-size: 0.8rem; opacity: 0.85; }
.s2s-scroll { overflow-x: auto; }
.s2s-table { border-collapse: collapse; min-width: min(100%, 34rem); font-size: 0.95rem; }
.s2s-table th { font-weight: 500; opacity: 0.85; font-size: 0.85rem; }
.s2s-table th, .s2s-table td { padding: 0.3rem 1rem 0.3rem 0; border: 0 solid #8888; border-bottom-width: 1px;
  text-align: left; vertical-align: top; overflow-wrap: break-word; }
.s2s-table .s2s-number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.s2s-table mark { background: transparent; font-weight: 700; text-decoration: underline; }
.s2s-table tr.marked td:first-child { border-left: 4px solid currentColor; padding-left: 0.5rem; }
.s2s-legend { display: flex; flex-wrap: wrap; gap: 0.35rem 0.9rem; font-size: 0.85rem; align-items: baseline; }
.s2s-muted { opacity: 0.8; }
::highlight(term) { text-decoration: underline dotted 1.5px; text-underline-offset: .22em; }
.s2s-unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
/* More contrast for Streamlit's own pale texts (WCAG 2.1, 1.4.3). */
[data-testid=stCaptionContainer] { opacity: 0.8; }
[data-testid=stMain] button kbd { opacity: 0.8; }
[data-testid=stSliderThumbValue], [data-testid=stSliderThumbValue] * { color: inherit; }
[data-testid=stMain] [data-testid=stButtonGroup] button[role=radio][aria-checked=true],
[data-testid=stMain] [data-testid=stButtonGroup] button[data-variant][aria-pressed=true] { color: inherit; }
[data-testid=stMainBlockContainer] { padding-top: 3.8rem; }
/* A figure's menu saves it as a picture, by the button that is hidden here. */
[data-testid=stMain] .modebar-group:has([data-title*="ownload"]) { display: none; }
[data-testid=stMain] .modebar-container { top: auto !important; bottom: 0; }
/* Two figures side by side, or a figure and its panel, are stacked in a narrow window. */
@media (max-width: 1000px) {
  .st-key-tree_and_node > * > [data-testid=stHorizontalBlock],
  .st-key-two_trees > * > [data-testid=stHorizontalBlock] { flex-direction: column; }
  .st-key-tree_and_node > * > * > [data-testid=stColumn],
  .st-key-two_trees > * > * > [data-testid=stColumn] { width: 100%; flex: none; }
}
.st-key-phone_pages { display: none; }
@media (max-width: 640px) {
  .st-key-phone_pages { display: flex; }
  .st-key-phone_pages, .st-key-examples { flex-wrap: nowrap; overflow-x: auto; }
  .st-key-phone_pages { padding: 0.25rem 0; gap: 0.1rem; }
  .st-key-phone_pages a { padding: 0.2rem 0.3rem; white-space: nowrap; font-size: 0.8rem; }
  .st-key-phone_pages a > span:has([data-testid=stIconMaterial]) { display: none; }
  .st-key-phone_pages p { font-size: 0.8rem; }
  .st-key-begin { flex-direction: column; align-items: stretch; }
  .st-key-begin > * { flex: none; }
  [data-testid=stMainBlockContainer] { padding-top: 4rem; }
}
h3.s2s-name { margin: 0; padding: 0; font-size: 1.05rem; font-weight: 600; }
</style>"""


_BEAT = 0.35  # seconds from one word to the next


class MarkedWord(NamedTuple):
    """A sentence in three parts, the middle one marked."""

    before: str
    word: str
    after: str


_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|$:<>~&])")


def plain(text: str) -> str:
    """Return `text` escaped for Markdown; lone surrogates, which can't be sent, become �."""
    return _MARKDOWN.sub(r"\\\1", clean(text)).replace("\n", "  \n")


def clean(text: str) -> str:
    """Return `text` without lone surrogates, which can't be sent to a browser."""
    return text.encode("utf-8", "replace").decode("utf-8")


def coloured_words(
    words: Sequence[ShownWord],
    *,
    dark: bool,
    parts_at: int | None = None,
    new_from: int | None = None,
    changed: Collection[int] = (),
) -> str:
    """Return an output whose words are coloured by confidence.

    parts_at: the step whose word gets a bar in front, since another search diverges there.
    new_from: the step whose word gets a frame. changed: places of words that get one, too.
    """
    colours = palette(dark).confidence
    spans: list[str] = []
    for number, word in enumerate(words):
        level = confidence_level(word.probability)
        background, text = colours[level]
        after = words[number + 1].first_step if number + 1 < len(words) else None
        marks = "".join(
            f" {mark}"
            for mark, step in (("part", parts_at), ("new", new_from))
            if step is not None and word.first_step <= step and (after is None or step < after)
        ) + (" new" if number in changed else "")
        spans.append(
            (" " if word.space and spans else "")
            + f'<span class="s2s-word l{level}{marks}" style="background:{background};color:{text}" '
            f'title="{percent(word.probability)} sure">{html.escape(clean(word.text))}</span>'
        )
    return f'<div class="s2s-line">{"".join(spans) or "(nothing)"}</div>'


def written_line(words: Sequence[tuple[str, str]], *, dark: bool) -> str:
    """Return an output's words, which appear in turn, each with its mark: "" for none, "wrong" or "lost"."""
    colour = palette(dark).own
    styles = {
        "": "",
        "wrong": f"outline:2px solid {colour};color:{colour};font-weight:700;",
        "lost": f"color:{colour};text-decoration:underline dotted;",
    }
    spans = (
        f'<span class="s2s-word s2s-written" style="{styles[mark]}animation-delay:{_BEAT * place:.2f}s">'
        f"{html.escape(clean(word))}</span>"
        for place, (word, mark) in enumerate(words)
    )
    return f'<div class="s2s-line">{" ".join(spans) or "(nothing)"}</div>'


def confidence_legend(*, dark: bool) -> str:
    """Return the legend of the four colours."""
    spans = (
        f'<span class="s2s-word l{level}" style="background:{background};color:{text}">{meaning}</span>'
        for level, ((background, text), meaning) in enumerate(
            zip(palette(dark).confidence, CONFIDENCE_WORDS, strict=True)
        )
    )
    return f'<div class="s2s-legend"><span>How sure of a word:</span>{"".join(spans)}</div>'


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Return names and values in a row that wraps."""
    items = "".join(
        f"<div><b>{html.escape(value)}</b><span>{html.escape(name)}</span></div>" for name, value in pairs
    )
    return f'<div class="s2s-facts">{items}</div>'


def heading(text: str, colour: str) -> str:
    """Return a small heading in the colour of a search."""
    return f'<h3 class="s2s-name" style="color:{colour}">{html.escape(text)}</h3>'


def sentence_lines(first: Sequence[str], others: Sequence[str]) -> str:
    """Return sentences one after another, the first ones on a line of their own."""
    lead = " ".join(html.escape(clean(text)) for text in first)
    rest = " ".join(html.escape(clean(text)) for text in others)
    return (f"<div><b>{lead}</b></div>" if lead else "") + (f'<div class="s2s-muted">{rest}</div>' if rest else "")


def muted(text: str) -> str:
    """Return a remark in muted colour."""
    return f'<div class="s2s-muted">{html.escape(clean(text))}</div>'


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str | MarkedWord]],
    *,
    numbers: Sequence[int] = (),
    marked: int | None = None,
    dark: bool,
) -> str:
    """Return a table. numbers: the right-aligned columns; marked: the row that gets a bar in front."""
    kinds = [' class="s2s-number"' if column in numbers else "" for column in range(len(header))]
    heads = "".join(f"<th{kind}>{_cell(name, dark)}</th>" for kind, name in zip(kinds, header, strict=True))
    lines = []
    for number, row in enumerate(rows):
        cells = "".join(f"<td{kind}>{_cell(cell, dark)}</td>" for kind, cell in zip(kinds, row, strict=True))
        lines.append(f'<tr class="marked">{cells}</tr>' if number == marked else f"<tr>{cells}</tr>")
    return (
        f'<div class="s2s-scroll"><table class="s2s-table"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cell(cell: str | MarkedWord, dark: bool) -> str:
    if isinstance(cell, str):
        return html.escape(clean(cell))
    before, word, after = (html.escape(clean(part)) for part in cell)
    return f'{before}<mark style="color:{palette(dark).winner}">{word}</mark>{after}'
