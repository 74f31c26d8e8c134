"""Numbers and pieces formatted for sentences."""

import math


def percent(log_prob: float) -> str:
    """Return a natural log-probability as "62 %", "0.4 %" or "under 0.1 %"."""
    probability = math.exp(log_prob)
    if probability >= 0.0995:
        return f"{100 * probability:.0f} %"
    return f"{100 * probability:.1f} %" if probability >= 0.001 else "under 0.1 %"


def quoted(piece: str) -> str:
    """Return a piece or word as it is quoted in a sentence."""
    if piece == "</s>":
        return "the end"
    return f"“{piece.replace('▁', '').replace('￭', '') or '␣'}”"


def signed(number: float, digits: int = 2) -> str:
    """Return a number with a real minus sign."""
    return f"{number:.{digits}f}".replace("-", "−")
