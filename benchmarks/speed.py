"""Training and decoding speed: against this processor's bound, and against JoeyNMT in the same run.

python -m benchmarks.speed [--threads N] [--peer .venv-peer/bin/python]
Writes benchmarks/results/speed-N.md. Run it with nothing else on the machine.

Both sides train on the same batches. Then both search with the weights that JoeyNMT has learnt, so that outputs end
where they should and can be compared; without a peer this side searches with its own.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.machine import describe, matmul_gflops
from benchmarks.peer.weights import from_joeynmt
from seq2seq.allocation import keep_freed_memory
from seq2seq.config import parse
from seq2seq.data.batches import batches, make_batch, source_batch
from seq2seq.data.grammar import generate
from seq2seq.models import Decoder, ModelConfig, TabledModel, TranslationModel
from seq2seq.models.quantise import quantised
from seq2seq.search import Beam, Greedy, Hypothesis, SearchOptions, search
from seq2seq.text import Tokenizer
from seq2seq.training import Recipe
from seq2seq.training.update import Updater

RESULTS = Path(__file__).parent / "results"
SIZES = {"embedding": 512, "encoder_hidden": 256, "decoder_hidden": 512, "vocabulary": 4000, "dropout": 0.2}
TOKENS = 1500  # in a training batch
UPDATES, TIMED = 100, 20  # of the training; the last ones are timed
SENTENCES, BATCH = 320, 64
ALPHA, LONGEST = 0.6, 60
MODES = {"greedy": Greedy(), "beam": Beam(size=5, alpha=ALPHA)}

Outputs = list[list[int]]


def make_job(threads: int) -> dict[str, Any]:
    """Return batches of ids of built-in French-English pairs, and other French sentences to translate."""
    pairs = generate(20_000, 1)
    french = Tokenizer.train((pair.source for pair in pairs), "bpe", SIZES["vocabulary"])
    english = Tokenizer.train((pair.target for pair in pairs), "bpe", SIZES["vocabulary"])
    sources = french.encode_all([pair.source for pair in pairs])
    targets = english.encode_all([pair.target for pair in pairs])
    made = batches(sources[SENTENCES:], targets[SENTENCES:], TOKENS, torch.Generator().manual_seed(1))
    unseen = sorted(sources[:SENTENCES], key=len)
    return {
        "threads": threads,
        "sizes": SIZES,
        "training": [(_ids(batch.source), _ids(batch.asked)) for batch in islice(made, UPDATES)],
        "decoding": [unseen[i : i + BATCH] for i in range(0, SENTENCES, BATCH)],
        "alpha": ALPHA,
        "longest": LONGEST,
    }


def _ids(padded: Tensor) -> Outputs:
    """Return the ids of words alone."""
    return [[token for token in row if token > 3] for row in padded.tolist()]


def train(model: TranslationModel, pairs: Sequence[Any]) -> list[float]:
    """Return the seconds of each update."""
    recipe = parse(
        Recipe,
        {
            "data": {"grammar": 1},
            "training": {"precision": "float32", "schedule": {"kind": "one-cycle", "updates": UPDATES}},
        },
        "benchmark",
    )
    updater = Updater(model, recipe, "float32")
    seconds = []
    for sources, targets in pairs:
        batch = make_batch(sources, targets)
        start = time.perf_counter()
        updater.update(batch, 1.0)
        seconds.append(time.perf_counter() - start)
    return seconds


def decode(model: TranslationModel, decoder: Decoder, job: dict[str, Any], mode: Greedy | Beam) -> dict[str, Any]:
    """Return the seconds of each batch, the tables' share included, and the outputs."""
    options = SearchOptions(mode=mode, max_length=LONGEST)
    start = time.perf_counter()
    tabled = TabledModel(model, decoder)
    share = (time.perf_counter() - start) / len(job["decoding"])
    seconds, outputs = [], []
    for sources in job["decoding"]:
        start = time.perf_counter()
        found = translate(tabled, sources, options)
        seconds.append(time.perf_counter() - start + share)
        outputs += [[token for token in best[0].tokens if token > 3] for best in found]
    return {"seconds": seconds, "outputs": outputs}


def translate(tabled: TabledModel, sources: Outputs, options: SearchOptions) -> list[list[Hypothesis]]:
    """Return the hypotheses of one batch."""
    with torch.inference_mode():
        memory = tabled.encode(*source_batch(sources))
    return search(tabled, memory, options)


def ours(job: dict[str, Any], learnt: Path | None) -> list[dict[str, Any]]:
    """Return what `joeynmt_side` returns, for this project in float32 and in int8."""
    sizes = {name: value for name, value in SIZES.items() if name != "vocabulary"}
    config = ModelConfig.model_validate(sizes | {"tied": False})
    torch.manual_seed(1)
    model = TranslationModel(config, SIZES["vocabulary"], SIZES["vocabulary"])
    # With weights to search with, only as many updates as warm up and are timed.
    updates = train(model, job["training"][-TIMED - 4 if learnt else 0 :])
    if learnt is not None:
        model.load_state_dict(from_joeynmt(torch.load(learnt, weights_only=True), model))
    model.eval()
    kinds = {"float32": model.decoder, "int8": quantised(model.decoder)}
    return [
        {
            "name": f"seq2seq {kind}",
            "training": updates if kind == "float32" else None,
            **{name: decode(model, decoder, job, mode) for name, mode in MODES.items()},
        }
        for kind, decoder in kinds.items()
    ]


def multiply_adds(job: dict[str, Any]) -> dict[str, float]:
    """Return the multiply-adds of a target token in training, and of an encoder's and a decoder's step in a search.

    Counted are the matrix products: LSTM layers, attention, readout and output; the rest is small. Training takes
    three times those of the forward pass.
    """
    e, h, d, v = (SIZES[name] for name in ("embedding", "encoder_hidden", "decoder_hidden", "vocabulary"))
    source = 2 * 4 * h * (e + h)  # two directions, four gates
    target = 4 * d * (e + d) + d * 2 * h + (d + 2 * h) * e + e * v
    sources = sum(len(s) + 1 for batch in job["training"][-TIMED:] for s in batch[0])
    targets = sum(len(t) + 1 for batch in job["training"][-TIMED:] for t in batch[1])
    attention = 2 * 2 * h * sources / sum(len(batch[0]) for batch in job["training"][-TIMED:])
    return {"training": 3 * (target + attention + source * sources / targets), "source": source, "target": target}


def limits(job: dict[str, Any], sides: Sequence[dict[str, Any]], bound: float) -> dict[str, float]:
    """Return how much a second matrix products at `bound` GFLOP/s allow: target tokens, sentences, sentences.

    A search is counted as every step of every hypothesis of the best outputs' lengths, all of them to the end.
    """
    work = multiply_adds(job)
    each = bound * 1e9 / 2
    found = {"training": each / work["training"]}
    sources = sum(len(s) + 1 for part in job["decoding"] for s in part)
    for name, width in (("greedy", 1), ("beam", 5)):
        steps = width * sum(len(output) + 1 for output in sides[0][name]["outputs"])
        found[name] = each * SENTENCES / (work["source"] * sources + work["target"] * steps)
    return found


def rates(job: dict[str, Any], side: dict[str, Any]) -> dict[str, float]:
    """Return target tokens a second in training, by the median, and sentences a second in each search."""
    found = {name: SENTENCES / sum(side[name]["seconds"]) for name in MODES}
    if side["training"]:
        timed = zip(job["training"][-TIMED:], side["training"][-TIMED:], strict=True)
        found["training"] = statistics.median(sum(len(t) + 1 for t in b[1]) / seconds for b, seconds in timed)
    return found


def report(job: dict[str, Any], sides: Sequence[dict[str, Any]], bound: float) -> str:
    """Return the table that the README shows. bound: GFLOP/s of a matrix product. sides: this project's first."""
    most, every = limits(job, sides, bound), [rates(job, side) for side in sides]
    lengths = [len(output) + 1 for output in sides[0]["beam"]["outputs"]]
    lines = [
        f"{describe()}, {job['threads']} thread(s); a matrix product runs at {bound:.0f} GFLOP/s in float32.",
        f"LSTM 2 x {SIZES['encoder_hidden']} to {SIZES['decoder_hidden']}, embeddings {SIZES['embedding']}, Luong "
        f"attention without input feeding, vocabulary {SIZES['vocabulary']}; training batches of at most {TOKENS} "
        f"real target tokens; {SENTENCES} sentences in batches of {BATCH}, with outputs of "
        f"{statistics.mean(lengths):.1f} tokens on average.",
        "",
        "| | matrix products allow | " + " | ".join(side["name"] for side in sides) + " |",
        "|---" * (len(sides) + 2) + "|",
    ]
    for name, what in (
        ("training", "training, target tokens/s"),
        ("greedy", "greedy, sentences/s"),
        ("beam", "beam 5, sentences/s"),
    ):
        peers = every[-1] if len(sides) > 2 else None
        cells = [
            "–" if name not in one else f"{one[name]:,.0f}" + _times(one[name], peers and peers[name])
            for one in every[:2]
        ]
        cells += [f"{one[name]:,.0f}" for one in every[2:]]
        lines.append(f"| {what} | {most[name]:,.0f} | " + " | ".join(cells) + " |")
    share = 100 * every[0]["training"] / most["training"]
    lines += ["", f"Training reaches {share:.0f} % of what matrix products allow."]
    for side in sides[1:]:
        same = [
            sum(a == b for a, b in zip(sides[0][name]["outputs"], side[name]["outputs"], strict=True)) / SENTENCES
            for name in MODES
        ]
        lines.append(f"Outputs as in float32: {side['name']}, greedy {same[0]:.1%}, beam 5 {same[1]:.1%}.")
    return "\n".join(lines) + "\n"


def _times(own: float, peer: float | None) -> str:
    return "" if peer is None else f" ({own / peer:.1f} x)"


def main() -> None:
    """Run both sides and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peer", type=Path, default=Path(".venv-peer/bin/python"))
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    keep_freed_memory()
    job = make_job(asked.threads)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        if asked.peer.exists():
            sides = [*peer(asked.peer, path, job)]
        else:
            print(f"{asked.peer} is missing, so there is no comparison; see benchmarks/peer/requirements.txt.")
            sides = ours(job, None)
    table = report(job, sides, matmul_gflops(torch.float32))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"speed-{asked.threads}.md").write_text(table, encoding="utf-8")
    print(table)


def peer(python: Path, path: Path, job: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what this project and then JoeyNMT do with the same job."""
    script = Path(__file__).parent / "peer" / "joeynmt_side.py"
    done = subprocess.run([python, script, path], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"JoeyNMT failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return [*ours(job, path.with_name(path.name + ".weights")), found]


if __name__ == "__main__":
    main()
