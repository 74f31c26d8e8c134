"""How the panels write numbers and texts."""

from collections.abc import Sequence

NOTHING = "⟨nothing⟩"


def shown(text: str) -> str:
    """Return a translation as it is displayed, with a placeholder for the empty one."""
    return text or NOTHING


def listed(words: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def spans(numbers: Sequence[int]) -> str:
    """Return ascending integers as "1, 3 to 5 and 8"."""
    runs: list[list[int]] = []
    for each in numbers:
        if runs and each == runs[-1][-1] + 1:
            runs[-1].append(each)
        else:
            runs.append([each])
    return listed(
        [
            " to ".join(map(str, (run[0], run[-1]))) if len(run) > 2 else listed([str(each) for each in run])
            for run in runs
        ]
    )
