"""Measure the finished runs and collect what is kept of them in one folder."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from seq2seq.checkpoint_config import read_config
from seq2seq.data.pairs import Pair
from seq2seq.data.readers import read_pairs
from seq2seq.errors import CheckpointError, DataError
from seq2seq.evaluation import corpus_scores, paired_bootstrap
from seq2seq.evaluation.exposure import exposure, recovery
from seq2seq.folders import write_file
from seq2seq.search import Greedy
from seq2seq.text import normalise
from seq2seq.training.lab.record import FILE, Gradients, Lab, LabRun, Score, Snapshot, curve_of
from seq2seq.training.lab.regimes import ALWAYS, WATCHED, RunName, regimes
from seq2seq.training.lab.work import history
from seq2seq.training.progress import KEPT_CHECKPOINTS, read_progress
from seq2seq.training.resuming import training_folder
from seq2seq.translator import Translator

_ERROR_POSITIONS = (2, 4, 6)  # positions in the output where a wrong token replaces the model's
_MAX_PAIRS = 2000  # test pairs that exposure and recovery are measured on
_KEPT = ("config.json", "weights.safetensors", "source.model", "target.model")


def summarise(
    runs: Sequence[RunName],
    data: Path,
    work: Path,
    out: Path,
    gradients: Sequence[Gradients],
    device: str,
    report: Callable[[str], None],
) -> Lab:
    """Return the measurements of `runs`, and write lab.json and the weights and snapshots that ship into `out`.

    The test set is read here and nowhere else.
    Raises DataError without pairs, CheckpointError if a file is missing or the runs can't be compared.
    """
    vocabulary = _shared_vocabulary(runs, work)
    valid, test = _pairs(data / "valid.tsv"), _pairs(data / "test.tsv")
    texts: dict[RunName, list[str]] = {}
    measured = []
    for run in sorted(runs, key=lambda one: one.regime != ALWAYS):
        report(f"measuring {run}")
        model = Translator.load(work / str(run), device)
        texts[run] = _translate(model, test)
        against = texts.get(RunName(ALWAYS, run.seed)) if run.regime != ALWAYS else None
        measured.append(_measured(run, model, valid, test, texts[run], against, work))
    order = [regime.name for regime in regimes(1)]
    measured.sort(key=lambda one: (order.index(one.regime), one.seed))
    out.mkdir(parents=True, exist_ok=True)
    for one in measured:
        if one.folder:
            _keep(work / one.name, out / one.folder)
    lab = Lab(
        data=f"{len(_pairs(data / 'train.tsv')):,} pairs of {data.name}/train.tsv",
        vocabulary=vocabulary,
        runs=tuple(measured),
        gradients=tuple(gradients),
        watched=str(WATCHED) if WATCHED in runs else None,
        snapshots=_copy_snapshots(work, out) if WATCHED in runs else (),
    )
    write_file(out / FILE, lab.model_dump_json() + "\n")
    return lab


def _shared_vocabulary(runs: Sequence[RunName], work: Path) -> str:
    """Return the digest of the vocabularies. Raises CheckpointError if runs differ in more than their forcing."""
    kinds = set()
    for run in runs:
        config = read_config(work / str(run))
        digests = "-".join(config.vocabulary[side] for side in sorted(config.vocabulary))
        kinds.add((digests, config.model, read_progress(training_folder(work / str(run))).update))
    if len(kinds) > 1:
        raise CheckpointError(
            f"The runs in {work} differ in vocabulary, shape or budget and can't be compared; "
            "train all of them in a new folder."
        )
    ((vocabulary, _, _),) = kinds
    return vocabulary


def _measured(
    run: RunName,
    model: Translator,
    valid: Sequence[Pair],
    test: Sequence[Pair],
    texts: Sequence[str],
    against: Sequence[str] | None,
    work: Path,
) -> LabRun:
    references = [pair.target for pair in test]
    looked_at = test[:_MAX_PAIRS]
    progress = read_progress(training_folder(work / str(run)))
    p: dict[str, float] = {}
    if against is not None:
        p = {one.metric: round(one.p, 4) for one in paired_bootstrap(texts, against, references)}
    return LabRun(
        regime=run.regime,
        seed=run.seed,
        updates=progress.update,
        core_minutes=round(progress.core_seconds / 60, 2),
        parameters=sum(value.numel() for value in model.model.parameters()),
        curve=curve_of(history(work / str(run))),
        valid=_score(_translate(model, valid), valid),
        test=_score(texts, test),
        p_bleu=p.get("BLEU"),
        p_chrf=next((value for name, value in p.items() if name.startswith("chrF")), None),
        exposure=exposure(model, looked_at),
        recovery=tuple(recovery(model, looked_at, step) for step in _ERROR_POSITIONS),
        folder=str(run) if run.seed == 1 else None,
    )


def _pairs(path: Path) -> list[Pair]:
    pairs = [Pair(normalise(source), normalise(target)) for source, target in read_pairs(path)]
    if not pairs:
        raise DataError(f"{path} has no pairs; make it with `python -m seq2seq prepare`.")
    return pairs


def _translate(model: Translator, pairs: Sequence[Pair]) -> list[str]:
    return [one.text for one in model.translate([pair.source for pair in pairs], model.options(Greedy()))]


def _score(texts: Sequence[str], pairs: Sequence[Pair]) -> Score:
    scores = corpus_scores(texts, [pair.target for pair in pairs])
    return Score(
        pairs=len(pairs),
        bleu=round(scores.bleu, 2),
        chrf=round(scores.chrf, 2),
        bleu_signature=scores.bleu_signature,
        chrf_signature=scores.chrf_signature,
    )


def _keep(folder: Path, out: Path) -> None:
    """Copy what a model needs; its history is in lab.json already."""
    out.mkdir(parents=True, exist_ok=True)
    for name in _KEPT:
        shutil.copyfile(folder / name, out / name)


def _copy_snapshots(work: Path, out: Path) -> tuple[Snapshot, ...]:
    kept = []
    for folder in sorted(
        (training_folder(work / str(WATCHED)) / KEPT_CHECKPOINTS).glob("[0-9]*/")
    ):  # not the drafts of a killed training
        place = f"{KEPT_CHECKPOINTS}/{folder.name}"
        _keep(folder, out / place)
        kept.append(Snapshot(update=int(folder.name), folder=place))
    return tuple(kept)
