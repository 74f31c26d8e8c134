"""Experiments about scores: BLEU by hand, and leaks between training and test."""

from typing import Literal

from pydantic import Field
from sacrebleu.metrics.bleu import BLEU

from seq2seq.course.experiments.base import Base, Fact, Models, Result
from seq2seq.course.experiments.shared import table
from seq2seq.errors import ConfigError


class Bleu(Base):
    """BLEU of one sentence, by its n-grams (Papineni et al. 2002), without smoothing.

    Facts: match.1 to match.4 (clipped counts), total.1 to total.4, precision.1 to precision.4 (per cent), brevity
    (the penalty, 0 to 1), bleu (0 to 100), length, reference.length (tokens).
    """

    OWN = "candidate"
    kind: Literal["bleu"]
    candidate: str = Field(max_length=300)
    references: tuple[str, ...] = Field(min_length=1, max_length=4)
    longest: int = Field(4, ge=1, le=4)
    """The longest n-grams."""

    def run(self, models: Models) -> Result:
        """Return the counts."""
        metric = BLEU(smooth_method="none", max_ngram_order=self.longest)
        score = metric.corpus_score([self.candidate], [[each] for each in self.references])
        facts: dict[str, Fact] = {
            "brevity": score.bp, "bleu": score.score, "length": score.sys_len, "reference.length": score.ref_len,
        }  # fmt: skip
        rows = []
        for n, (match, total, precision) in enumerate(
            zip(score.counts, score.totals, score.precisions, strict=True), 1
        ):
            facts |= {f"match.{n}": match, f"total.{n}": total, f"precision.{n}": precision}
            rows.append([str(n), str(match), str(total), f"{precision:.0f} %"])
        rows.append(["length", str(score.sys_len), str(score.ref_len), f"brevity {score.bp:.2f}"])
        figure = table(["words in a run", "found in a reference", "of", ""], rows)
        figure["above"] = [["translation", self.candidate], *(["reference", each] for each in self.references)]
        return Result(facts, figure)


class Leaks(Base):
    """Which of some sentences the model has seen in training.

    Facts: seen (what to pick: those that were in the training data), count, near (how many are one word away from
    one that was), known (what to pick: both together), known.count, new.
    """

    OWN = "sentences"
    kind: Literal["leaks"]
    sentences: tuple[str, ...] = Field(min_length=2, max_length=8)

    def run(self, models: Models) -> Result:
        """Return what the leak lamp says of each. Raises ConfigError without the training sentences' index."""
        seen = models.seen(self.model)
        if seen is None:
            raise ConfigError(f"{self.model} keeps no index of its training sentences; make one with: index.")
        found = [seen.classify(sentence) for sentence in self.sentences]
        said = {"seen": "seen in training", "near": "one word away from a training sentence", "new": "new"}
        items = [
            {"id": f"s{i}", "text": sentence, "marked": each.novelty == "seen", "below": said[each.novelty]}
            for i, (sentence, each) in enumerate(zip(self.sentences, found, strict=True))
        ]
        kinds = [each.novelty for each in found]
        facts: dict[str, Fact] = {
            "seen": tuple(f"s{i}" for i, kind in enumerate(kinds) if kind == "seen"),
            "known": tuple(f"s{i}" for i, kind in enumerate(kinds) if kind != "new"),
            "count": kinds.count("seen"),
            "known.count": len(kinds) - kinds.count("new"),
            "near": kinds.count("near"),
            "new": kinds.count("new"),
        }
        return Result(facts, {"kind": "items", "items": items, "inline": False, "shaded": "seen in training"})
