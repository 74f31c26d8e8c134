"""The regimes of the laboratory: ways to choose a small decoder's input during training."""

import math
from typing import NamedTuple

from seq2seq.training.recipe import Recipe


class Regime(NamedTuple):
    """One way to choose the decoder input."""

    name: str
    title: str
    short: str  # the title where there is little room
    seeds: tuple[int, ...]
    changes: tuple[str, ...]  # to the recipe, as --set takes them


class RunName(NamedTuple):
    """A regime and a seed."""

    regime: str
    seed: int

    def __str__(self) -> str:
        return f"{self.regime}-{self.seed}"


ALWAYS, NEVER = "always", "never"
WATCHED = RunName(ALWAYS, 1)  # the run whose snapshots are kept
_LAST_RATIO = 0.02  # of the exponential decay at the end of the budget
_THREE, _ONE = (1, 2, 3), (1,)


def regimes(updates: int) -> tuple[Regime, ...]:
    """Return the regimes for a budget of `updates`; each decay reaches a low ratio at its end.

    The decays are those of Bengio et al. 2015, section 2.4.
    """
    return (
        Regime(ALWAYS, "always forced", "always", _THREE, _constant(1.0)),
        Regime("ratio-0.75", "forced 75 %", "75 %", _ONE, _constant(0.75)),
        Regime("ratio-0.5", "forced 50 %", "50 %", _THREE, _constant(0.5)),
        Regime("ratio-0.25", "forced 25 %", "25 %", _ONE, _constant(0.25)),
        Regime(NEVER, "never forced", "never", _ONE, _constant(0.0)),
        Regime("linear", "linear decay", "linear", _ONE, _decay("linear", f"slope={1 / updates:.8f}")),
        Regime(
            "exponential",
            "exponential decay",
            "exponential",
            _ONE,
            _decay("exponential", f"base={_LAST_RATIO ** (1 / updates):.8f}"),
        ),
        Regime(
            "inverse-sigmoid",
            "inverse-sigmoid decay",
            "inverse sigmoid",
            _THREE,
            _decay("inverse-sigmoid", f"k={half_at(updates / 2):.2f}"),
        ),
        Regime(
            "sequence-0.5",
            "50 %, one coin a sentence",
            "50 % by sentence",
            _ONE,
            (*_constant(0.5), "forcing.flip=sequence"),
        ),
        Regime(
            "sampled-0.5",
            "50 %, own token sampled",
            "50 % sampled",
            _ONE,
            (*_constant(0.5), "forcing.feedback=sample"),
        ),
    )


def half_at(update: float) -> float:
    """Return the k of the inverse sigmoid decay whose ratio is a half at `update`: k ln k = update."""
    k = max(2.0, update / max(1.0, math.log(max(update, 3.0))))
    for _ in range(50):  # Newton's method; k ln k is increasing and convex
        k -= (k * math.log(k) - update) / (math.log(k) + 1)
        k = max(k, 1.0)
    return k


def snapshot_updates(updates: int) -> tuple[int, ...]:
    """Return ten updates at which a snapshot is kept, denser at the beginning."""
    return tuple(dict.fromkeys(max(1, round(updates * share)) for share in
                 (0.0125, 0.025, 0.05, 0.1, 0.175, 0.275, 0.4, 0.55, 0.75, 1.0)))  # fmt: skip


def runs(updates: int) -> list[RunName]:
    """Return all runs, starting with those that the others are compared with."""
    named = [RunName(regime.name, seed) for regime in regimes(updates) for seed in regime.seeds]
    return sorted(named, key=lambda run: (run.seed > 1, run.regime not in (ALWAYS, NEVER, "ratio-0.5")))


def changes(run: RunName, updates: int) -> tuple[str, ...]:
    """Return a run's changes to the lab's recipe: seed and regime; data order and initial weights stay."""
    regime = next(one for one in regimes(updates) if one.name == run.regime)
    kept = (f"training.snapshot_updates={list(snapshot_updates(updates))}",) if run == WATCHED else ()
    return (*regime.changes, f"training.seed={run.seed}", f"training.schedule.updates={updates}", *kept)


def title(name: str) -> str:
    """Return the display title of a regime."""
    return next((one.title for one in regimes(1000) if one.name == name), name)


def short_title(name: str) -> str:
    """Return the short display title of a regime."""
    return next((one.short for one in regimes(1000) if one.name == name), name)


def budget(recipe: Recipe) -> int:
    """Return the number of updates in the lab's recipe."""
    return recipe.training.schedule.updates


def _constant(ratio: float) -> tuple[str, ...]:
    return ('forcing.ratio.kind="constant"', f"forcing.ratio.ratio={ratio}")


def _decay(kind: str, setting: str) -> tuple[str, ...]:
    return (f'forcing.ratio.kind="{kind}"', f"forcing.ratio.{setting}")
