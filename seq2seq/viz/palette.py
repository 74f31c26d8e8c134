"""Colours and the font of all figures. Hues are Okabe and Ito's, which colour-blind people can distinguish.

Status is also shown by shape: see `SYMBOLS`.
"""

from typing import Any, NamedTuple

from seq2seq.models.config import AttentionKind


class Palette(NamedTuple):
    """Colours for one background."""

    paper: str  # the page behind a figure; images are saved on it
    text: str
    muted: str
    label: str  # behind a label that lies over lines and dots
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


FONT = "Source Sans Pro, Source Sans, Segoe UI, Helvetica, Arial, sans-serif"
ON_PHOTO = "#ffffff"
"""Numbers on a photo, whatever its colours; they have a dark halo."""
HALO = "0 0 2px rgb(0,0,0), 0 0 3px rgb(0,0,0), 0 0 4px rgb(0,0,0)"
# Light and dark. No colour between #000001 and #0000ff: Streamlit replaces those.
_COLOURS: dict[str, tuple[Any, Any]] = {
    "paper": ("#ffffff", "#12161f"),
    "text": ("#1c2333", "#e8ebf3"),
    "muted": ("#5b6478", "#a3abbd"),
    "label": ("rgba(255,255,255,0.7)", "rgba(14,17,23,0.7)"),
    "grid": ("#e3e6ee", "#343b4d"),
    "idle": ("#aeb6c8", "#5d667b"),
    "greedy": ("#b34700", "#f28e4b"),
    "beam": ("#005f99", "#66b5ec"),
    "sample": ("#00735a", "#3dc9a3"),
    "kept": ("#005f99", "#66b5ec"),
    "pruned": ("#737b8c", "#8c94a6"),
    "finished": ("#8a5a00", "#e6b450"),
    "winner": ("#b0307a", "#ec83bd"),
    "scale": (
        ("#f4f6fb", "#c6dbef", "#6baed6", "#2171b5", "#08306b"),
        ("#1d2230", "#123a5e", "#1f6aa5", "#66b5ec", "#dff1ff"),
    ),
    "confidence": (
        (("#f2a66e", "#1c2333"), ("#f8d3ae", "#1c2333"), ("#e4e8f0", "#1c2333"), ("#c3dcf2", "#1c2333")),
        (("#7d3c0a", "#ffffff"), ("#5e4426", "#ffffff"), ("#3a4254", "#ffffff"), ("#1c4a73", "#ffffff")),
    ),
    "attentions": (("#8a610f", "#0b6547", "#136eae", "#7d30e8"), ("#e8ab30", "#13ae7b", "#bcdef5", "#9b63e9")),
    "truth": ("#005f99", "#66b5ec"),
    "own": ("#b34700", "#f28e4b"),
    "ratios": (
        ("#005f99", "#2a7ca8", "#666e80", "#946b1f", "#b34700"),
        ("#66b5ec", "#a8d3f0", "#a3abbd", "#f5bf94", "#f28e4b"),
    ),
    "decays": ("#7d30e8", "#b995f2"),
    "variants": ("#00735a", "#3dc9a3"),
}
LIGHT, DARK = (Palette(**{name: pair[side] for name, pair in _COLOURS.items()}) for side in (0, 1))

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
