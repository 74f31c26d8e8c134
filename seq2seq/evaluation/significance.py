"""Whether one system is better than another, or only luckier with this test set."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sacrebleu.significance import Result


class Estimate(NamedTuple):
    """A score, and its range in 95 % of the resampled test sets: mean - half .. mean + half."""

    score: float
    mean: float
    half: float


class Comparison(NamedTuple):
    """One metric of two systems. p: p-value, how often a difference this large arises by chance."""

    metric: str
    system: Estimate
    baseline: Estimate
    p: float
    signature: str


def paired_bootstrap(
    system: Sequence[str], baseline: Sequence[str], references: Sequence[str], resamples: int = 1000
) -> list[Comparison]:
    """Return sacreBLEU's paired bootstrap (Koehn 2004) of BLEU and chrF; its seed is fixed."""
    from sacrebleu import BLEU, CHRF  # which those who only read records never need
    from sacrebleu.significance import PairedTest, Result

    metrics = {"BLEU": BLEU(), "chrF": CHRF()}
    named: list[tuple[str, Sequence[str]]] = [("baseline", list(baseline)), ("system", list(system))]
    test = PairedTest(named, metrics, [list(references)], test_type="bs", n_samples=resamples)
    signatures, results = test()
    compared = []
    for metric, signature in signatures.items():
        first, second = (result for result in results[metric] if isinstance(result, Result))
        # sacreBLEU counts differences above the real one, so two equal systems would get the smallest p of all.
        p = 1.0 if first.score == second.score else float(second.p_value or 0.0)
        compared.append(Comparison(metric, _estimate(second), _estimate(first), p, str(signature)))
    return compared


def _estimate(result: "Result") -> Estimate:
    return Estimate(result.score, float(result.mean or 0.0), float(result.ci or 0.0))
