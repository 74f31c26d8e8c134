"""The paired bootstrap."""

from seq2seq.evaluation import corpus_scores, paired_bootstrap

REFERENCES = [f"this is sentence number {n} of the small test set" for n in range(40)]
GOOD = [text.replace("small", "little") if n % 2 else text for n, text in enumerate(REFERENCES)]
BAD = [text.replace("sentence number", "phrase") for text in REFERENCES]


def test_a_better_system_is_better_and_not_by_chance() -> None:
    bleu, chrf = paired_bootstrap(GOOD, BAD, REFERENCES, resamples=200)
    assert (bleu.metric, chrf.metric) == ("BLEU", "chrF2")
    for one in (bleu, chrf):
        assert one.system.score > one.baseline.score
        assert one.p < 0.05
    assert bleu.system.score == corpus_scores(GOOD, REFERENCES).bleu
    assert bleu.baseline.score == corpus_scores(BAD, REFERENCES).bleu
    assert "bs:200" in bleu.signature


def test_a_system_does_not_differ_from_itself() -> None:
    assert all(one.p > 0.9 for one in paired_bootstrap(GOOD, GOOD, REFERENCES, resamples=100))


def test_the_score_lies_in_its_interval() -> None:
    for one in paired_bootstrap(GOOD, BAD, REFERENCES, resamples=200):
        assert abs(one.system.score - one.system.mean) <= one.system.half
