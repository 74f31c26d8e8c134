"""Training and decoding speed: against this processor's bound, and against JoeyNMT in the same run.

python -m benchmarks.speed [--threads N] [--peer .venv-peer/bin/python]
Writes benchmarks/results/speed-N-PROCESSOR.md. Run it with nothing else on the machine.

Both sides train on the same batches. Then both search with the weights that JoeyNMT has learnt, so that outputs
have sensible lengths and can be compared; without a peer this side searches with its own.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import torch
from torch import Tensor

from benchmarks.machine import describe, kind, matmul_gflops
from benchmarks.peer.weights import from_joeynmt
from seq2seq.allocation import keep_freed_memory
from seq2seq.config import parse
from seq2seq.data.batches import Batch, batches, make_batch, source_batch
from seq2seq.data.grammar import generate
from seq2seq.distributed import Group
from seq2seq.models import CachedInputProjections, CompiledDecoder, ModelConfig, Precision, TranslationModel
from seq2seq.search import Beam, Greedy, Hypothesis, SearchOptions, search
from seq2seq.text import Tokenizer
from seq2seq.training import Recipe
from seq2seq.training.decoding import DecoderLearner
from seq2seq.training.precision import faster_precision
from seq2seq.training.recipe import Precision as TrainingPrecision
from seq2seq.training.update import Updater

RESULTS = Path(__file__).parent / "results"
SIZES = {"embedding": 512, "encoder_hidden": 256, "decoder_hidden": 512, "vocabulary": 4000, "dropout": 0.2}
TOKENS = 1500  # in a training batch
UPDATES, TIMED = 100, 20  # of the training; the last ones are timed
SENTENCES, BATCH = 320, 64
ALPHA, LONGEST = 0.6, 60
ALONE = 10  # pieces of a sentence that is searched for alone, and sentences of that kind
ROUNDS = 5  # of each search; of each batch the shortest time counts, since whatever else runs can only lengthen it
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
        "training": [(_ids(batch.source), _ids(batch.labels)) for batch in islice(made, UPDATES)],
        "decoding": [unseen[i : i + BATCH] for i in range(0, SENTENCES, BATCH)],
        "words": sum(len(pair.source.split()) for pair in pairs[:SENTENCES]),
        "alpha": ALPHA,
        "longest": LONGEST,
        "rounds": ROUNDS,
        "alone": [[ids] for ids in unseen if len(ids) == ALONE][:ALONE],
        "alone_longest": ALONE + 1,
    }


def _ids(padded: Tensor) -> Outputs:
    """Return the ids without special tokens."""
    return [[token for token in row if token > 3] for row in padded.tolist()]


def make_updater(
    model: TranslationModel, precision: TrainingPrecision, group: Group | None = None
) -> Updater[Batch]:
    """Return the updater of a model, with the settings that both sides share."""
    recipe = parse(
        Recipe,
        {
            "data": {"grammar": 1},
            "training": {"precision": "float32", "schedule": {"kind": "one-cycle", "updates": UPDATES}},
        },
        "benchmark",
    )
    rank = group.rank if group else 0
    return Updater(DecoderLearner(model, recipe, Batch.parts, rank=rank), precision, group)


def train(updater: Updater[Batch], pairs: Sequence[Any]) -> list[float]:
    """Return the seconds of each update."""
    seconds = []
    for sources, targets in pairs:
        batch = make_batch(sources, targets)
        start = time.perf_counter()
        updater.update(batch, 1.0)
        seconds.append(time.perf_counter() - start)
    return seconds


def decode(
    model: TranslationModel, decoder: CompiledDecoder, job: dict[str, Any], mode: Greedy | Beam
) -> dict[str, Any]:
    """Return the seconds of each batch, and the outputs."""
    options = SearchOptions(mode=mode, max_length=job["longest"])
    cached = CachedInputProjections(model, decoder)
    rounds = []
    for _ in range(job["rounds"]):
        seconds, outputs = [], []
        for sources in job["decoding"]:
            start = time.perf_counter()
            found = translate(cached, sources, options)
            seconds.append(time.perf_counter() - start)
            outputs += [[token for token in best[0].tokens if token > 3] for best in found]
        rounds.append(seconds)
    return {"seconds": [min(each) for each in zip(*rounds, strict=True)], "outputs": outputs}


def translate(cached: CachedInputProjections, sources: Outputs, options: SearchOptions) -> list[list[Hypothesis]]:
    """Return the hypotheses of one batch."""
    with torch.inference_mode():
        memory = cached.encode(*source_batch(sources))
    return search(cached, memory, options)


def ours(job: dict[str, Any], learnt: Path | None) -> list[dict[str, Any]]:
    """Return what `joeynmt_side` returns, for this project: float32, bfloat16 in training, int8 in search.

    The training in bfloat16 is left out where it is slower.
    """
    model = make_model()
    # With learnt weights to search with, only the warm-up and the timed updates are needed.
    pairs = job["training"][-TIMED - 4 if learnt else 0 :]
    updater = make_updater(model, "float32")
    rehearsed = make_batch(*pairs[0])
    faster = faster_precision(lambda precision: updater.dry_run(rehearsed, precision), "cpu")
    training = {"float32": train(updater, pairs)}
    if faster == "bfloat16":
        training[faster] = train(make_updater(make_model(), faster), pairs)
    if learnt is not None:
        model.load_state_dict(from_joeynmt(torch.load(learnt, weights_only=True), model))
    model.eval()
    decoders = {precision: CompiledDecoder(model.decoder, precision) for precision in get_args(Precision)}
    return [
        {
            "name": f"seq2seq {kind}",
            "training": training.get(kind),
            "searches": {name: decode(model, decoders[kind], job, mode) for name, mode in MODES.items()}
            if kind in decoders
            else {},
            "alone": {name: decode(model, decoders[kind], alone(job), mode) for name, mode in MODES.items()}
            if kind in decoders
            else {},
        }
        for kind in ("float32", "bfloat16", "int8")
        if kind in training or kind in decoders
    ]


def alone(job: dict[str, Any]) -> dict[str, Any]:
    """Return the job of searching for single sentences, to outputs of about their own length."""
    return job | {"decoding": job["alone"], "longest": job["alone_longest"]}


def make_model() -> TranslationModel:
    """Return a model of the benchmark's sizes, with initial weights."""
    sizes = {name: value for name, value in SIZES.items() if name != "vocabulary"}
    torch.manual_seed(1)
    return TranslationModel(
        ModelConfig.model_validate(sizes | {"tied": False}), SIZES["vocabulary"], SIZES["vocabulary"]
    )


def multiply_adds(job: dict[str, Any]) -> dict[str, float]:
    """Return the multiply-adds of a target token in training, and of an encoder and a decoder step in a search.

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
    """Return the rates that `bound` GFLOP/s allow: target tokens/s, sentences/s of greedy and of beam search.

    The work of a search is counted as if every hypothesis ran to the length of the best output.
    """
    work = multiply_adds(job)
    each = bound * 1e9 / 2
    found = {"training": each / work["training"]}
    sources = sum(len(s) + 1 for part in job["decoding"] for s in part)
    for name, width in (("greedy", 1), ("beam", 5)):
        steps = width * sum(len(output) + 1 for output in sides[0]["searches"][name]["outputs"])
        found[name] = each * SENTENCES / (work["source"] * sources + work["target"] * steps)
    return found


def rates(job: dict[str, Any], side: dict[str, Any]) -> dict[str, float]:
    """Return target tokens a second in training, by the median, and sentences a second in each search."""
    found = {name: SENTENCES / sum(done["seconds"]) for name, done in side["searches"].items()}
    if side["training"]:
        timed = zip(job["training"][-TIMED:], side["training"][-TIMED:], strict=True)
        found["training"] = statistics.median(sum(len(t) + 1 for t in b[1]) / seconds for b, seconds in timed)
    return found


def report(job: dict[str, Any], sides: Sequence[dict[str, Any]], bounds: dict[str, float]) -> str:
    """Return the table that the README shows.

    bounds: GFLOP/s of a matrix product in each precision. sides: this project's, float32 first, then the peer.
    """
    most, every = limits(job, sides, bounds["float32"]), [rates(job, side) for side in sides]
    peer = None if sides[-1]["name"].startswith("seq2seq") else every[-1]
    lengths = [len(output) + 1 for output in sides[0]["searches"]["beam"]["outputs"]]
    products = ", ".join(f"{bound:,.0f} GFLOP/s in {precision}" for precision, bound in bounds.items())
    lines = [
        f"{describe()}, {job['threads']} thread(s); a matrix product runs at {products}.",
        f"LSTM 2 x {SIZES['encoder_hidden']} to {SIZES['decoder_hidden']}, embeddings {SIZES['embedding']}, Luong "
        f"attention without input feeding, vocabulary {SIZES['vocabulary']}; training batches of at most {TOKENS} "
        f"real target tokens; {SENTENCES} sentences in batches of {BATCH}, with outputs of "
        f"{statistics.mean(lengths):.1f} tokens on average.",
        "",
        "| | bound by float32 products | " + " | ".join(side["name"] for side in sides) + " |",
        "|---" * (len(sides) + 2) + "|",
    ]
    for name, what in (
        ("training", "training, target tokens/s"),
        ("greedy", "greedy, sentences/s"),
        ("beam", "beam 5, sentences/s"),
    ):
        cells = [
            "–"
            if name not in one
            else f"{one[name]:,.0f}" + _times(one[name], peer and one is not peer and peer[name])
            for one in every
        ]
        lines.append(f"| {what} | {most[name]:,.0f} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *_shares(sides, every, bounds, job), *_agreement(sides)]) + "\n"


def _shares(
    sides: Sequence[dict[str, Any]],
    every: Sequence[dict[str, float]],
    bounds: dict[str, float],
    job: dict[str, Any],
) -> Iterator[str]:
    """Yield for each precision the share of its bound that training reaches."""
    for side, one in zip(sides, every, strict=True):
        precision = side["name"].removeprefix("seq2seq ")
        if precision in bounds and "training" in one:
            allowed = limits(job, sides, bounds[precision])["training"]
            yield (
                f"Training in {precision} reaches {one['training'] / allowed:.0%} of the {allowed:,.0f} tokens/s "
                f"that {precision} products allow."
            )


def _agreement(sides: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield for each other side the share of its outputs that equal those of the first one."""
    for side in sides[1:]:
        same = []
        for name, done in side["searches"].items():
            equal = sum(map(list.__eq__, sides[0]["searches"][name]["outputs"], done["outputs"]))
            same.append(f"{name} {equal / SENTENCES:.1%}")
        if same:
            yield f"Outputs as in float32: {side['name']}, {', '.join(same)}."


def _times(own: float, peer: float | bool | None) -> str:
    return f" ({own / peer:.1f} x)" if peer else ""


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
    bounds = {"float32": matmul_gflops(torch.float32)}
    if any(side["name"].endswith("bfloat16") for side in sides):
        bounds["bfloat16"] = matmul_gflops(torch.bfloat16)
    table = report(job, sides, bounds)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"speed-{asked.threads}-{kind()}.md").write_text(table, encoding="utf-8")
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
