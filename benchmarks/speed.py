"""Training and decoding speed: against this processor's bound, and against JoeyNMT in the same run.

python -m benchmarks.speed [--threads N] [--peer .venv-peer/bin/python]
Writes benchmarks/results/speed.json and speed.md. Run it with nothing else on the machine.
"""

import argparse
import json
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.machine import describe, matmul_gflops
from seq2seq.config import parse
from seq2seq.data.batches import make_batch, source_batch
from seq2seq.models import ModelConfig, TranslationModel
from seq2seq.search import Beam, Greedy, SearchOptions, search
from seq2seq.training import Recipe
from seq2seq.training.update import Updater

RESULTS = Path(__file__).parent / "results"
SIZES = {"embedding": 512, "encoder_hidden": 256, "decoder_hidden": 512, "vocabulary": 4000, "dropout": 0.2}
TOKENS = 1500  # in a training batch
UPDATES, WARM_UP = 24, 4
SENTENCES, LENGTH = 320, 12  # of a decoding; tokens of each output
BATCH = 64

Seconds = Sequence[float]


def make_job(threads: int) -> dict[str, Any]:
    """Return batches of random ids whose lengths are those of Tatoeba: 4 to 20 tokens, 9 on average."""
    draw = random.Random(1)

    def sentence(length: int) -> list[int]:
        return [draw.randrange(4, SIZES["vocabulary"]) for _ in range(length)]

    def lengths(count: int) -> list[int]:
        return sorted(min(20, max(4, round(draw.gauss(9, 3)))) for _ in range(count))

    pairs = [(sentence(length + draw.choice((-1, 0, 1))), sentence(length)) for length in lengths(8000)]
    batches, held = [], []
    for pair in pairs:
        held.append(pair)
        if sum(len(target) + 1 for _, target in held) >= TOKENS:
            batches.append(tuple(map(list, zip(*held, strict=True))))
            held = []
    draw.shuffle(batches)
    sources = [sentence(length) for length in lengths(SENTENCES)]
    return {
        "threads": threads,
        "sizes": SIZES,
        "training": batches[:UPDATES],
        "decoding": [sources[i : i + BATCH] for i in range(0, SENTENCES, BATCH)],
        "length": LENGTH,
    }


def ours(job: dict[str, Any]) -> dict[str, Any]:
    """Return what `joeynmt_side` returns, for this project."""
    config = ModelConfig.model_validate(
        {name: value for name, value in SIZES.items() if name != "vocabulary"} | {"tied": False}
    )
    recipe = parse(
        Recipe,
        {
            "data": {"grammar": 1},
            "training": {"precision": "float32", "schedule": {"kind": "one-cycle", "updates": 1000}},
        },
        "benchmark",
    )
    torch.manual_seed(1)
    model = TranslationModel(config, SIZES["vocabulary"], SIZES["vocabulary"])
    updater = Updater(model, recipe, "float32")
    training = []
    for sources, targets in job["training"]:
        batch = make_batch(sources, targets)
        start = time.perf_counter()
        updater.update(batch, 0.5)
        training.append(time.perf_counter() - start)
    model.eval()
    return {
        "name": f"seq2seq on torch {torch.__version__}",
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "training": training,
        "greedy": decode(model, job, SearchOptions(mode=Greedy(), min_length=LENGTH, max_length=LENGTH)),
        "beam": decode(model, job, SearchOptions(mode=Beam(size=5), min_length=LENGTH, max_length=LENGTH)),
    }


def decode(model: TranslationModel, job: dict[str, Any], options: SearchOptions) -> list[float]:
    """Return the seconds of each batch."""
    seconds = []
    for sources in job["decoding"]:
        start = time.perf_counter()
        with torch.inference_mode():
            memory = model.encode(*source_batch(sources))
        search(model.decoder, memory, options)
        seconds.append(time.perf_counter() - start)
    return seconds


def multiply_adds(job: dict[str, Any], training: bool) -> float:
    """Return the multiply-adds of a target token in these batches: twice more for the backward pass in training.

    Counted are the matrix products: LSTM layers, attention, readout and output; the rest is small.
    """
    e, h, d, v = (SIZES[name] for name in ("embedding", "encoder_hidden", "decoder_hidden", "vocabulary"))
    source = 2 * 4 * h * (e + h)  # two directions, four gates
    target = 4 * d * (e + d) + d * 2 * h + (d + 2 * h) * e + e * v
    if not training:
        tokens = sum(len(s) + 1 for part in job["decoding"] for s in part)
        return target + source * tokens / (SENTENCES * LENGTH)
    sources = sum(len(s) + 1 for batch in job["training"] for s in batch[0])
    targets = sum(len(t) + 1 for batch in job["training"] for t in batch[1])
    attention = 2 * 2 * h * sources / sum(len(batch[0]) for batch in job["training"])
    return 3 * (target + attention + source * sources / targets)


def rate(count: float, seconds: Seconds) -> float:
    """Return how many a second, by the median."""
    return count / statistics.median(seconds)


def report(job: dict[str, Any], sides: Sequence[dict[str, Any]], bound: float) -> str:
    """Return the table that the README shows. bound: GFLOP/s of a matrix product."""
    tokens = statistics.mean(sum(len(t) + 1 for t in batch[1]) for batch in job["training"])
    per_token = {"training": multiply_adds(job, True), "greedy": multiply_adds(job, False)}
    limits = {
        "training": bound * 1e9 / (2 * per_token["training"]),
        "greedy": bound * 1e9 / (2 * per_token["greedy"] * LENGTH),
    }
    limits["beam"] = limits["greedy"] / 5
    lines = [
        f"{describe()}, {job['threads']} thread(s), float32; a matrix product runs at {bound:.0f} GFLOP/s.",
        f"LSTM 2 x {SIZES['encoder_hidden']} to {SIZES['decoder_hidden']}, embeddings {SIZES['embedding']}, "
        f"Luong attention without input feeding, vocabulary {SIZES['vocabulary']}; training batches of "
        f"{tokens:.0f} real target tokens, decoding batches of {BATCH} sentences, outputs of {LENGTH} tokens.",
        "",
        "| | " + " | ".join(["bound by matrix products", *(side["name"] for side in sides)]) + " | ratio |",
        "|---" * (len(sides) + 3) + "|",
    ]
    for key, what, count in (
        ("training", "training, target tokens/s", tokens),
        ("greedy", "greedy, sentences/s", BATCH),
        ("beam", "beam 5, sentences/s", BATCH),
    ):
        rates = [rate(count, side[key][WARM_UP if key == "training" else 1 :]) for side in sides]
        share = f"{limits[key]:,.0f} ({100 * rates[0] / limits[key]:.0f} % reached)"
        ratio = f"{rates[0] / rates[1]:.1f}" if len(rates) > 1 else "no peer here"
        lines.append(f"| {what} | {share} | " + " | ".join(f"{r:,.0f}" for r in rates) + f" | {ratio} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run both sides and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peer", type=Path, default=Path(".venv-peer/bin/python"))
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    job = make_job(asked.threads)
    sides = [ours(job)]
    if asked.peer.exists():
        sides.append(peer(asked.peer, job))
    else:
        print(f"{asked.peer} is missing, so there is no comparison; see benchmarks/peer/requirements.txt.")
    bound = matmul_gflops(torch.float32)
    table = report(job, sides, bound)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"speed-{asked.threads}.md").write_text(table, encoding="utf-8")
    print(table)


def peer(python: Path, job: dict[str, Any]) -> dict[str, Any]:
    """Return what JoeyNMT does with the same job."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        script = Path(__file__).parent / "peer" / "joeynmt_side.py"
        done = subprocess.run([python, script, path], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
