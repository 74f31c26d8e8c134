"""Beam search compared with greedy search on a whole test set, stored next to a model for browsing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from seq2seq.checkpoint_config import read_config
from seq2seq.config import Settings
from seq2seq.evaluation.folder_records import TestRecord, read_record, save_record
from seq2seq.evaluation.significance import paired_bootstrap

FILE = "searches.json"


class ComparedMetric(Settings):
    """One metric of both searches."""

    metric: str
    greedy: float
    beam: float
    p: float = Field(ge=0, le=1)
    """p-value by paired bootstrap: how often a difference this large arises by chance."""
    signature: str


class DifferingOutput(Settings):
    """A sentence that the two searches translate differently. Sentence chrF, from 0 to 100."""

    source: str
    reference: str
    greedy: str
    beam: str
    greedy_chrf: float
    beam_chrf: float

    @property
    def gain(self) -> float:
        """How much nearer the beam's translation is to the reference, in chrF."""
        return self.beam_chrf - self.greedy_chrf


class SearchComparison(TestRecord):
    """What searches.json holds."""

    format: Literal[1] = 1
    beam_size: int = Field(ge=2)
    alpha: float
    sentences: int = Field(ge=1)
    """Of the whole test set."""
    metrics: tuple[ComparedMetric, ...]
    differing: tuple[DifferingOutput, ...]

    @property
    def share(self) -> float:
        """Share of sentences whose outputs differ."""
        return len(self.differing) / self.sentences


def compare_searches(
    folder: Path,
    sources: Sequence[str],
    references: Sequence[str],
    greedy: Sequence[str],
    beam: Sequence[str],
    *,
    test: str,
    beam_size: int,
    alpha: float,
) -> SearchComparison:
    """Return what the beam's translations change, by sacreBLEU's own metrics and bootstrap.

    The four sequences have one text for each sentence. Raises CheckpointError without a checkpoint in `folder`.
    """
    from sacrebleu import CHRF  # which those who only read records never need

    chrf = CHRF()
    rows = zip(sources, references, greedy, beam, strict=True)
    return SearchComparison(
        weights=read_config(folder).weights,
        test=test,
        beam_size=beam_size,
        alpha=alpha,
        sentences=len(sources),
        metrics=tuple(
            ComparedMetric(
                metric=one.metric,
                greedy=round(one.baseline.score, 2),
                beam=round(one.system.score, 2),
                p=round(one.p, 4),
                signature=one.signature,
            )
            for one in paired_bootstrap(beam, greedy, references)
        ),
        differing=tuple(
            DifferingOutput(
                source=source,
                reference=reference,
                greedy=first,
                beam=second,
                greedy_chrf=round(chrf.sentence_score(first, [reference]).score, 1),
                beam_chrf=round(chrf.sentence_score(second, [reference]).score, 1),
            )
            for source, reference, first, second in rows
            if first != second
        ),
    )


def save_searches(folder: Path, compared: SearchComparison) -> None:
    """Write the record into the checkpoint folder. Raises CheckpointError if the place can't be written."""
    save_record(folder, FILE, compared)


def read_searches(folder: Path) -> SearchComparison | None:
    """Return the record of a checkpoint folder, None if it has none.

    Raises CheckpointError if it is damaged, or made for other weights than those of the folder.
    """
    return read_record(folder, FILE, SearchComparison, "evaluate --save-searches")
