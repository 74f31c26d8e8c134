"""The experiment that opens the whole model, down to one multiplication."""

import math
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from seq2seq import explain
from seq2seq.course.experiments.base import Base, Fact, Models, Result
from seq2seq.course.experiments.shared import greedy, label

if TYPE_CHECKING:
    from seq2seq.explain import Arithmetic, Share, Sum


class Numbers(Base):
    """A step of greedy search as a map of the model, with the real value of everything.

    Facts: word (what is written), before (the text before it), chance, score (its score before the softmax), source
    (the source word it looks at most), weight (of that word), e.1 and e.2 (the two largest attention scores), gap
    (between them), factor (exp(gap)), forget, input, output (the gates of the decoder's strongest unit, where it is
    an LSTM), unit (its number).
    """

    kind: Literal["numbers"]
    source: str = Field(max_length=300)
    step: int = Field(1, ge=1)
    open: Literal[
        "", "embedding", "forward", "backward", "state", "input", "cell", "scores", "weights", "context", "readout",
        "logits", "softmax",
    ] = ""  # fmt: skip
    """The box that is open."""

    def run(self, models: Models) -> Result:
        """Return the map."""
        session = models.translator(self.model).session(self.source)
        trace = greedy(session)
        path = trace.path(trace.best.leaf)
        step = min(self.step, len(path))
        tokens = [trace.nodes.token[node] for node in path]
        found = explain.arithmetic(session, tokens[: step - 1], tokens[step - 1])
        facts: dict[str, Fact] = {
            "word": label(found.written),
            "before": session.text(tokens[: step - 1]) or "the start",
            "chance": found.probability,
            "source": found.word,
            "score": found.box("logits").values[0],
        }
        names = {box.name for box in found.boxes}
        if "weights" in names:
            scores = sorted(found.box("scores").values, reverse=True)
            facts |= {
                "weight": max(found.box("weights").values),
                "e.1": scores[0],
                "e.2": scores[min(1, len(scores) - 1)],
            }
            facts["gap"] = scores[0] - scores[min(1, len(scores) - 1)]
            facts["factor"] = math.exp(min(scores[0] - scores[min(1, len(scores) - 1)], 50))
        unit = found.box("cell").units[0]
        facts["unit"] = unit.number
        for sum_ in unit.steps:
            if isinstance(sum_, explain.Sum) and sum_.name.endswith("gate"):
                facts[sum_.name.split()[2]] = sum_.result
        return Result(facts, map_of(found, opened=self.open))


def map_of(found: "Arithmetic", *, opened: str = "") -> dict[str, Any]:
    """Return a step as the map that the runner draws. opened: the box that is open."""
    return {
        "kind": "map",
        "written": label(found.written),
        "members": found.members,
        "open": opened,
        "boxes": [
            {
                "name": box.name,
                "title": box.title,
                "formula": box.formula,
                "source": box.source,
                "reads": list(box.reads),
                "values": [_short(value) for value in box.values],
                "labels": [label(each) if each.startswith("<") else each for each in box.labels],
                "units": [
                    {
                        "name": label(unit.name) if unit.name.startswith("<") else unit.name,
                        "index": unit.number,
                        "steps": [_step(step) for step in unit.steps],
                    }
                    for unit in box.units
                ],
            }
            for box in found.boxes
        ],
    }


def _step(step: "Sum | Share") -> dict[str, Any]:
    if isinstance(step, explain.Share):
        return {"kind": "share"} | {
            name: value if isinstance(value, str) else _short(value) for name, value in step._asdict().items()
        }
    return {
        "kind": "sum",
        "name": step.name,
        "products": [[one.name, _short(one.weight), _short(one.value)] for one in step.products],
        "others": step.others,
        "rest": _short(step.rest),
        "bias": _short(step.bias),
        "total": _short(step.total),
        "function": step.function,
        "result": _short(step.result),
    }


def _short(value: float) -> float:
    """Return a number with seven significant digits, which is what a float32 has."""
    return float(f"{value:.7g}")
