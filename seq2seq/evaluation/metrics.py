"""BLEU and chrF by sacreBLEU, on detokenised text, with the signatures that make them citable."""

from collections.abc import Sequence
from typing import NamedTuple


class Scores(NamedTuple):
    """Corpus scores, both from 0 to 100."""

    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str

    def __str__(self) -> str:
        return f"BLEU = {self.bleu:.2f} ({self.bleu_signature})  chrF2 = {self.chrf:.2f} ({self.chrf_signature})"


def corpus_scores(hypotheses: Sequence[str], references: Sequence[str]) -> Scores:
    """Return BLEU (13a, mixed case; Papineni et al. 2002, Post 2018) and chrF (Popović 2015) of a corpus."""
    from sacrebleu import BLEU, CHRF  # which those who only read records never need

    bleu, chrf = BLEU(), CHRF()
    bleu_score = bleu.corpus_score(list(hypotheses), [list(references)]).score
    chrf_score = chrf.corpus_score(list(hypotheses), [list(references)]).score
    return Scores(bleu_score, chrf_score, str(bleu.get_signature()), str(chrf.get_signature()))
