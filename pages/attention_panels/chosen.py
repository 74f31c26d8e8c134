"""What the visitor has chosen of an output: a piece, or the word around it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from pages.shared.subject import Subject
from pages.shared.views import AttentionView
from seq2seq.text import group_words
from seq2seq.trace.alignments import told_apart
from seq2seq.viz.labels import shortened


class ChosenWord(NamedTuple):
    """The chosen span of the output: its tokens are tokens[first:last]."""

    tokens: tuple[int, ...]  # of the whole output, with its end token if it has ended
    first: int  # counted from 0
    last: int
    step: int  # the chosen step, counted from 1, within the output
    name: str  # as it is written in a sentence: “word”, or the end of the sentence


def chosen(subject: Subject[AttentionView]) -> ChosenWord:
    """Return the piece of the chosen step, or, if the view is by words, the word that contains it."""
    nodes = subject.trace.nodes
    path = subject.trace.path(subject.node) or subject.trace.path(subject.trace.best.leaf)
    pieces = [nodes.piece[node] for node in path]
    step = min(max(1, subject.step), len(path))
    first, last, text = step - 1, step, pieces[step - 1]
    if subject.view.by == "words":
        word = next(word for word in group_words(pieces) if word.last >= step)
        first, last, text = word.first, word.last, word.text
    return ChosenWord(tuple(nodes.token[node] for node in path), first, last, step, told_apart([text])[0])


class SourceSpan(NamedTuple):
    """A source word, or a piece if the view is by pieces; it covers the pieces first .. last - 1."""

    name: str
    first: int
    last: int


def source_spans(subject: Subject[AttentionView]) -> list[SourceSpan]:
    """Return the source's words or pieces, its end token included; repeated ones are numbered."""
    source = subject.trace.source
    if subject.view.by == "words":
        edges = pairwise([*source.starts, len(source.pieces)])
        return [SourceSpan(name, *edge) for name, edge in zip(_names(source.words), edges, strict=True)]
    return [SourceSpan(name, i, i + 1) for i, name in enumerate(_names(source.pieces))]


def chosen_span(subject: Subject[AttentionView], places: Sequence[SourceSpan]) -> int:
    """Return the index of the chosen span: the map's column, or the one that the step attends to most."""
    column = subject.view.column
    if column is not None and column < len(places):
        return column
    row = attention_row(subject, chosen(subject))
    weights = [sum(row[place.first : place.last]) for place in places]
    return weights.index(max(weights))


def attention_row(subject: Subject[AttentionView], at: ChosenWord) -> tuple[float, ...]:
    """Return the attention row of the chosen step over the source's pieces; zeros without attention."""
    trace = subject.trace
    if trace.expanded.attention is None:
        return (0.0,) * len(trace.source.pieces)
    parent = trace.nodes.parent[trace.path(subject.node)[at.step - 1]]
    return tuple(trace.expanded.attention[trace.expanded.node.index(parent)])


def _names(texts: Sequence[str]) -> list[str]:
    named = told_apart([text.removeprefix("▁") or "␣" for text in texts])
    return [
        "⟨end⟩" if text == "</s>" else shortened(name.replace("“", "").replace("”", ""), 18)
        for text, name in zip(texts, named, strict=True)
    ]
