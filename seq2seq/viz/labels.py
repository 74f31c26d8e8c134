"""How pieces, numbers and long texts are written, in figures and beside them."""


def shortened(text: str, longest: int = 26, *, keep_end: bool = False) -> str:
    """Return `text` with at most `longest` characters."""
    if len(text) <= longest:
        return text
    return "…" + text[1 - longest :] if keep_end else text[: longest - 1] + "…"


def piece_label(piece: str) -> str:
    """Return a piece as a readable label: without ▁ at the start of a word, with a dot before a continuation."""
    if piece in ("</s>", "<s>"):
        return "⟨end⟩" if piece == "</s>" else "⟨start⟩"
    if piece.startswith("▁"):
        return piece[1:].replace("￭", "·") or "␣"
    return f"·{piece}" if piece[:1].isalnum() else piece


def percent(value: float) -> str:
    """Return a probability as text: "62 %", "0.4 %", "under 0.1 %"."""
    if value >= 0.0995:
        return f"{100 * value:.0f} %"
    return f"{100 * value:.1f} %" if value >= 0.001 else "under 0.1 %"


def number(value: float, digits: int = 2) -> str:
    """Return a number with a real minus sign."""
    return f"{value:.{digits}f}".replace("-", "−")
