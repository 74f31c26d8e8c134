"""What was predicted in the course, as a text that fits into a link.

`greedy:0+0,2-1~pieces:1+ch.u` is: in the lesson greedy, step 0 right with answer 0, step 2 wrong with answer 1; and
so on. Answers are what the runner gives; signs that the text itself uses are written as %XX.
"""

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

_LONGEST = 200  # characters of an answer
_ONE = re.compile(r"(\d{1,2})([+-])([^,~:]*)")


class Prediction(NamedTuple):
    """An answer and whether it was right."""

    given: str
    right: bool


Predictions = dict[str, dict[int, Prediction]]
"""By lesson and step, counted from 0."""


def read(text: str) -> Predictions:
    """Return predictions from a link; what can't be read is left out."""
    found: Predictions = {}
    for part in text.split("~"):
        name, _, answers = part.partition(":")
        own = {
            int(one[1]): Prediction(unquote(one[3])[:_LONGEST], one[2] == "+")
            for one in map(_ONE.fullmatch, answers.split(","))
            if one
        }
        if name and own:
            found[unquote(name)] = own
    return found


def written(predictions: Predictions) -> str:
    """Return predictions as the text that `read` reads."""
    parts = []
    for name, own in predictions.items():
        answers = [
            f"{step}{'+' if one.right else '-'}{_quoted(one.given[:_LONGEST])}" for step, one in sorted(own.items())
        ]
        if answers:
            parts.append(f"{_quoted(name)}:{','.join(answers)}")
    return "~".join(parts)


def _quoted(text: str) -> str:
    return quote(text, safe=" .").replace("~", "%7E")  # which quote leaves as it is
