"""Colours, used consistently in all figures. Hues are Okabe and Ito's, which colour-blind people can distinguish.

Status is also shown by shape: see `SYMBOLS`.
"""

from typing import NamedTuple

from seq2seq.models.config import AttentionKind


class Palette(NamedTuple):
    """Colours for one background."""

    paper: str  # the page behind a figure; images are saved on it
    text: str
    muted: str
    grid: str
    idle: str  # bars of items not chosen
    greedy: str
    beam: str
    sample: str
    kept: str
    pruned: str
    finished: str
    winner: str
    scale: tuple[str, ...]  # attention, from 0 to 1
    confidence: tuple[tuple[str, str], ...]  # (background, text), from unsure to sure
    attentions: tuple[str, str, str, str]  # kinds of attention, as in ATTENTIONS
    truth: str  # decoder input is the reference's token
    own: str  # decoder input is the model's own token, or its prediction differs from the reference
    ratios: tuple[str, str, str, str, str]  # forced always, 75, 50, 25 %, never
    decays: str
    variants: str  # of a ratio: one coin flip per sentence, sampled tokens


# No colour between #000001 and #0000ff: Streamlit replaces those.
LIGHT = Palette(
    paper="#ffffff",
    text="#1c2333",
    muted="#5b6478",
    grid="#e3e6ee",
    idle="#aeb6c8",
    greedy="#b34700",
    beam="#005f99",
    sample="#00735a",
    kept="#005f99",
    pruned="#737b8c",
    finished="#8a5a00",
    winner="#b0307a",
    scale=("#f4f6fb", "#c6dbef", "#6baed6", "#2171b5", "#08306b"),
    confidence=(
        ("#f2a66e", "#1c2333"),
        ("#f8d3ae", "#1c2333"),
        ("#e4e8f0", "#1c2333"),
        ("#c3dcf2", "#1c2333"),
    ),
    attentions=("#8a610f", "#0b6547", "#136eae", "#7d30e8"),
    truth="#005f99",
    own="#b34700",
    ratios=("#005f99", "#2a7ca8", "#666e80", "#946b1f", "#b34700"),
    decays="#7d30e8",
    variants="#00735a",
)
DARK = Palette(
    paper="#12161f",
    text="#e8ebf3",
    muted="#a3abbd",
    grid="#343b4d",
    idle="#5d667b",
    greedy="#f28e4b",
    beam="#66b5ec",
    sample="#3dc9a3",
    kept="#66b5ec",
    pruned="#8c94a6",
    finished="#e6b450",
    winner="#ec83bd",
    scale=("#1d2230", "#123a5e", "#1f6aa5", "#66b5ec", "#dff1ff"),
    confidence=(
        ("#7d3c0a", "#ffffff"),
        ("#5e4426", "#ffffff"),
        ("#3a4254", "#ffffff"),
        ("#1c4a73", "#ffffff"),
    ),
    attentions=("#e8ab30", "#13ae7b", "#bcdef5", "#9b63e9"),
    truth="#66b5ec",
    own="#f28e4b",
    ratios=("#66b5ec", "#a8d3f0", "#a3abbd", "#f5bf94", "#f28e4b"),
    decays="#b995f2",
    variants="#3dc9a3",
)

ATTENTIONS: tuple[AttentionKind, ...] = ("none", "dot", "general", "additive")
CONFIDENCE_EDGES = (0.3, 0.6, 0.9)
CONFIDENCE_WORDS = ("under 30 %", "30 to 60 %", "60 to 90 %", "90 % and more")
SYMBOLS = {
    "kept": "circle",
    "pruned": "x-thin-open",
    "finished": "square",
    "winner": "star",
    "forced": "diamond",
    "new": "circle-open",
    "chosen": "square-open",
}


def palette(dark: bool) -> Palette:
    """Return the colours for a dark or a light background."""
    return DARK if dark else LIGHT


def confidence_level(probability: float) -> int:
    """Return 0 (unsure) to 3 (sure)."""
    return sum(probability >= edge for edge in CONFIDENCE_EDGES)
