"""Decoding beside JoeyNMT and CTranslate2, in words a second and milliseconds a sentence, in one run.

python -m benchmarks.peers [--threads N] [--joeynmt PYTHON] [--ctranslate2 PYTHON] [--model checkpoints/fr-en]
Writes benchmarks/results/peers-N-PROCESSOR.md. Run it with nothing else on the machine. A peer whose environment is
missing is skipped with a word; benchmarks/peer/ says how to make them.

JoeyNMT searches with the very weights of this side, as in `benchmarks.speed`. CTranslate2 has no recurrent models,
so it gets Transformers of two shapes with random weights: a tiny student, made for speed, and one of opus-mt. They
translate as many pieces to as many as the shipped model does. Its times begin and end with pieces, and are the
shortest of five for each batch of 64; those of the shipped model begin and end with text, and are the shortest of
five for all sentences, in its own batches.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import torch

from benchmarks.machine import describe, kind, matmul_gflops
from benchmarks.speed import ALONE, BATCH, MODES, RESULTS, ROUNDS, SENTENCES, limits, make_job, ours, peer, rates
from seq2seq.allocation import keep_freed_memory
from seq2seq.data.grammar import generate
from seq2seq.search import Beam, Greedy
from seq2seq.translator import Translator

SHAPES = {
    "a tiny student (6-2 layers of 256, 32,000 words)": {
        "encoder_layers": 6, "decoder_layers": 2, "width": 256, "inner": 1536, "heads": 8, "vocabulary": 32_000,
    },
    "opus-mt (6-6 layers of 512, 58,101 words)": {
        "encoder_layers": 6, "decoder_layers": 6, "width": 512, "inner": 2048, "heads": 8, "vocabulary": 58_101,
    },
}  # fmt: skip
LINES = 400


class Row(NamedTuple):
    """What one side reaches, by the name of the search."""

    name: str
    words: dict[str, float]  # a second
    alone: dict[str, float]  # milliseconds of one sentence of ten pieces
    share: dict[str, float]  # of what float32 products allow


def with_joeynmt(threads: int, python: Path) -> Iterator[Row]:
    """Yield this project's rows and then JoeyNMT's, with the weights that JoeyNMT has learnt."""
    job = make_job(threads)
    if python.exists():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "job.json"
            path.write_text(json.dumps(job), encoding="utf-8")
            sides = peer(python, path, job)
    else:
        print(f"{python} is missing, so JoeyNMT is left out; see benchmarks/peer/requirements.txt.")
        sides = ours(job, None)
    most = limits(job, sides, matmul_gflops(torch.float32))
    for side in sides:
        if side["searches"]:
            reached = rates(job, side)
            words = job["words"] / SENTENCES
            yield Row(
                side["name"],
                {name: reached[name] * words for name in MODES},
                {name: 1000 * mean(side["alone"][name]["seconds"]) for name in MODES},
                {} if side["name"].endswith("int8") else {name: reached[name] / most[name] for name in MODES},
            )


def shipped(folder: Path, job: dict[str, Any]) -> Iterator[Row]:
    """Yield a row of the shipped model in each precision; write into `job` what CTranslate2 is to do."""
    lines = [pair.source for pair in generate(LINES, 2)]
    words = sum(len(line.split()) for line in lines)
    for int8 in (False, True):
        model = Translator.load(folder, int8=int8)
        single = [line for line in lines if len(model.source_ids(line)) == ALONE][:ALONE]
        reached, alone = {}, {}
        for name, mode in MODES.items():
            reached[name] = words / _shortest(model, lines, mode)
            alone[name] = 1000 * mean(_shortest(model, [line], mode) for line in single)
            if not int8:
                for part, texts, size in (("together", lines, BATCH), ("alone", single, 1)):
                    job[part][name] = list(_batches(model, texts, mode, size))
        yield Row(f"this toolkit, {folder.name}, {'int8' if int8 else 'float32'}", reached, alone, {})


def _shortest(model: Translator, lines: Sequence[str], mode: Greedy | Beam) -> float:
    options, times = model.options(mode), []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        model.translate(lines, options)
        times.append(time.perf_counter() - start)
    return min(times)


def _batches(
    model: Translator, lines: Sequence[str], mode: Greedy | Beam, size: int
) -> Iterator[tuple[list[list[int]], int]]:
    """Yield batches of pieces, each with the mean length of this side's outputs."""
    source, target = model.vocabularies
    outputs = model.translate(lines, model.options(mode))
    pairs = [(source.encode(a), len(target.encode(b.text)) + 1) for a, b in zip(lines, outputs, strict=True)]
    pairs.sort(key=lambda pair: len(pair[0]))
    for i in range(0, len(pairs), size):
        part = pairs[i : i + size]
        yield [ids for ids, _ in part], round(mean(length for _, length in part))


def with_ctranslate2(python: Path, job: dict[str, Any], words: int) -> Iterator[Row]:
    """Yield a row for each of `SHAPES`. words: of all sentences of the job."""
    if not python.exists():
        print(f"{python} is missing, so CTranslate2 is left out; see benchmarks/peer/ctranslate2.txt.")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        script = Path(__file__).parent / "peer" / "ctranslate2_side.py"
        done = subprocess.run([python, script, path], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"CTranslate2 failed:\n{done.stderr[-2000:]}")
    for side in json.loads(done.stdout.splitlines()[-1]):
        found = side["searches"]
        yield Row(
            side["name"],
            {name: words / sum(found[name]["together"]) for name in MODES},
            {name: 1000 * mean(found[name]["alone"]) for name in MODES},
            {},
        )


def report(rows: Sequence[Row], threads: int, gflops: float) -> str:
    """Return the table that the README shows."""
    lines = [
        f"{describe()}, {threads} thread(s); a float32 matrix product runs at {gflops:,.0f} GFLOP/s.",
        "",
        "| | greedy, words/s | share of the bound | beam 5, words/s | share of the bound "
        "| one sentence of ten pieces, greedy | beam 5 |",
        "|---" * 7 + "|",
    ]
    for row in rows:
        cells = [
            cell
            for name in MODES
            for cell in (f"{row.words[name]:,.0f}", f"{row.share[name]:.0%}" if row.share else "–")
        ]
        alone = (f"{row.alone[name]:.1f} ms" for name in MODES)
        lines.append(f"| {row.name} | {' | '.join([*cells, *alone])} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run all sides and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--joeynmt", type=Path, default=Path(".venv-peer/bin/python"))
    parser.add_argument("--ctranslate2", type=Path, default=Path(".venv-ctranslate2/bin/python"))
    parser.add_argument("--model", type=Path, default=Path("checkpoints/fr-en"))
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    keep_freed_memory()
    rows = [*with_joeynmt(asked.threads, asked.joeynmt)]
    job: dict[str, Any] = {
        "threads": asked.threads, "rounds": ROUNDS, "shapes": SHAPES, "beams": {"greedy": 1, "beam": 5},
        "together": {}, "alone": {},
    }  # fmt: skip
    rows += shipped(asked.model, job)
    words = sum(len(pair.source.split()) for pair in generate(LINES, 2))
    rows += with_ctranslate2(asked.ctranslate2, job, words)
    table = report(rows, asked.threads, matmul_gflops(torch.float32))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"peers-{asked.threads}-{kind()}.md").write_text(table, encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
