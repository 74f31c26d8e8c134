"""Experiments about teacher forcing: the coin, a planted mistake, forced scores."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from seq2seq import explain
from seq2seq.course.experiments.base import Base, Fact, Models, Result
from seq2seq.course.experiments.shared import joined, label
from seq2seq.errors import ConfigError
from seq2seq.evaluation import corpus_scores
from seq2seq.text import END, group_words
from seq2seq.training.lab import read_lab, title

if TYPE_CHECKING:
    from seq2seq.explain import PlantedError, Walk


class Coin(Base):
    """The decoder inputs of a training sentence, with a coin for each token or for the sentence.

    Facts: forced (how many inputs are the reference's), own (the others), tosses (of the coin), inputs (after the
    start), steps, share (of forced ones in per cent), all (whether all are alike), reads.1, writes.1, …
    """

    OWN = "reference"
    kind: Literal["coin"]
    source: str = Field(max_length=300)
    reference: str = Field(max_length=300)
    ratio: float = Field(0.5, ge=0, le=1)
    """The probability that an input is the reference's."""
    flip: Literal["token", "sentence"] = "token"
    seed: int = Field(1, ge=0, lt=2**31)
    step: int | None = Field(None, ge=1)
    """The step that the figure marks."""

    def run(self, models: Models) -> Result:
        """Return the inputs."""
        session = models.translator(self.model).session(self.source)
        flip: Literal["token", "sequence"] = "token" if self.flip == "token" else "sequence"
        walk = explain.walk(session, self.reference, self.ratio, seed=self.seed, flip=flip)
        tossed = walk.steps[1:]  # the first input is <s> either way
        forced = sum(step.forced for step in tossed)
        facts: dict[str, Fact] = {
            "forced": forced,
            "own": len(tossed) - forced,
            "steps": len(walk.steps),
            "inputs": len(tossed),
            "tosses": len(tossed) if self.flip == "token" else 1,
            "share": 100 * forced / max(1, len(tossed)),
            "all": forced in (0, len(tossed)),
        }
        for number, step in enumerate(walk.steps, 1):
            facts[f"reads.{number}"], facts[f"writes.{number}"] = label(step.decoder_input), label(step.predicted)
        return Result(facts, _coins(walk) | {"marked": self.step})


def _coins(walk: "Walk") -> dict[str, Any]:
    rows = [
        {
            "name": "reads",
            "cells": [
                {"text": label(step.decoder_input), "tone": "" if not i else "forced" if step.forced else "own"}
                for i, step in enumerate(walk.steps)
            ],
        },
        {
            "name": "writes",
            "cells": [
                {"text": label(step.predicted), "tone": "right" if step.correct else "wrong"} for step in walk.steps
            ],
        },
        {"name": "should write", "cells": [{"text": label(step.label)} for step in walk.steps]},
    ]
    return {"kind": "strip", "rows": rows, "marked": None, "coins": True}


class Forced(Base):
    """A translation scored with the reference fed in at every step, and the model's own.

    Facts: forced.right (per cent of the pieces that are right when the reference is fed), forced.loss (nats a
    piece), free.text, free.chrf (0 to 100), free.right (per cent of the reference's pieces that stand at the same
    place), same, steps; reference.total and free.total (natural logs of the probabilities), prefers (reference or
    own: which the model finds likelier).
    """

    OWN = "reference"
    kind: Literal["forced"]
    source: str = Field(max_length=300)
    reference: str = Field(max_length=300)

    def run(self, models: Models) -> Result:
        """Return both."""
        session = models.translator(self.model).session(self.source)
        walk = explain.walk(session, self.reference, 1.0)
        free = explain.free_run(session, self.reference)
        scores = corpus_scores([free.text], [self.reference])
        reference, own = session.score([session.tokens(self.reference), session.tokens(free.text)])
        facts: dict[str, Fact] = {
            "forced.right": 100 * walk.accuracy,
            "forced.loss": walk.loss,
            "free.text": free.text,
            "free.chrf": scores.chrf,
            "free.right": _right([*session.tokens(free.text), END], [*session.tokens(self.reference), END]),
            "same": free.same,
            "reference.total": sum(reference),
            "free.total": sum(own),
            "prefers": "reference" if sum(reference) > sum(own) else "own",
            "steps": len(walk.steps),
        }
        figure = _coins(walk)
        figure["coins"] = False
        figure["rows"].append(
            {"name": "by itself", "cells": [{"text": word} for word in free.text.split()], "free": True}
        )
        return Result(facts, figure)


def _right(own: Sequence[int], labels: Sequence[int]) -> float:
    """Return how many per cent of the labels stand at the same place in the model's own output."""
    return 100 * sum(one == other for one, other in zip(own, labels, strict=False)) / len(labels)


class Planted(Base):
    """A wrong word planted into the outputs of some models.

    Facts, for each of `models`: NAME.text, NAME.back (pieces until it is back on its own way, 0 if it never is),
    NAME.recovers.
    """

    kind: Literal["planted"]
    source: str = Field(max_length=300)
    models: tuple[str, ...] = Field(min_length=1, max_length=3)
    step: int = Field(2, ge=1, le=50)
    wrong: str = Field(max_length=60)
    names: dict[str, str] = Field(default_factory=dict)
    """What the models are called in the figure."""

    def run(self, models: Models) -> Result:
        """Return how each goes on. Raises ConfigError without a word to plant."""
        if not self.wrong.strip():
            raise ConfigError("wrong is empty; name the word that is planted.")
        facts: dict[str, Fact] = {}
        rows: list[dict[str, Any]] = []
        for name in self.models:
            found = explain.plant(models.translator(name).session(self.source), self.step, self.wrong)
            facts |= {
                f"{name}.text": found.text,
                f"{name}.back": found.back_after or 0,
                f"{name}.recovers": found.back_after is not None,
            }
            shown = self.names.get(name, name)
            rows.append(
                {
                    "name": f"{shown}, undisturbed",
                    "cells": [{"text": word} for word in joined(found.path) if word != "</s>"],
                    "free": True,
                }
            )
            rows.append({"name": f"{shown}, with the mistake", "cells": _with_mistake(found), "free": True})
        return Result(facts, {"kind": "strip", "rows": rows, "marked": None, "coins": False})


def _with_mistake(found: "PlantedError") -> list[dict[str, str]]:
    """Return the words of a disturbed output, those that the mistake is in marked."""
    first = found.step - 1
    last = first + len(found.wrong)
    words = group_words([*found.path[:first], *found.wrong, *found.follows])
    return [
        {"text": word.text, "tone": "planted" if word.first < last and word.last > first else ""}
        for word in words
        if word.text != "</s>"
    ]


class Curves(Base):
    """The recorded runs of the laboratory, which were trained alike but for what their decoders read.

    Facts, for each of `regimes`: NAME.first, NAME.last and NAME.best (of its first run, over the training); best
    (the name of the regime with the best last value).
    """

    OWN = ""
    kind: Literal["curves"]
    regimes: tuple[str, ...] = Field(min_length=1, max_length=5)
    """Names of regimes, as in checkpoints/lab: always, ratio-0.5, never and others."""
    measure: Literal["bleu", "forced_loss", "accuracy", "chrf"] = "bleu"
    """BLEU or chrF of the model by itself, or loss or top-1 accuracy with the reference fed in."""

    def run(self, models: Models) -> Result:
        """Return a line for each regime. Raises ConfigError for a regime that has no run."""
        lab = read_lab(models.folder(f"lab-{self.regimes[0]}-1").parent)
        if lab is None:
            raise ConfigError("there are no recorded runs here; make them with: lab.")
        facts: dict[str, Fact] = {}
        lines = []
        for regime in self.regimes:
            runs = lab.of(regime)
            if not runs:
                raise ConfigError(f"there is no recorded run {regime!r}; there are {', '.join(lab.regimes)}.")
            curve = runs[0].curve
            values = getattr(curve, self.measure)
            lower = self.measure == "forced_loss"
            facts |= {
                f"{regime}.first": values[0],
                f"{regime}.last": values[-1],
                f"{regime}.best": min(values) if lower else max(values),
            }
            colour = f"ratio-{_RATIOS.index(regime)}" if regime in _RATIOS else "decays"
            points = [[x, y] for x, y in zip(curve.valid_updates, values, strict=True)]
            lines.append({"name": title(regime), "colour": colour, "points": points})
        best = min if self.measure == "forced_loss" else max
        facts["best"] = best(self.regimes, key=lambda regime: float(str(facts[f"{regime}.last"])))
        figure = {"kind": "curves", "lines": lines, "x": "updates", "y": _MEASURES[self.measure]}
        return Result(facts, figure)


_RATIOS = ("always", "ratio-0.75", "ratio-0.5", "ratio-0.25", "never")  # whose colours go from blue to orange
_MEASURES = {
    "bleu": "BLEU, by itself",
    "chrf": "chrF, by itself",
    "forced_loss": "loss in nats a piece, reference fed in",
    "accuracy": "share of right pieces, reference fed in",
}
