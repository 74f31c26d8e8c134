"""Time the full trace of a 12-word sentence with beam 5 on one core.

python -m benchmarks.trace [--model FOLDER]
"""

import argparse
import statistics
import time
from pathlib import Path

import torch

import seq2seq
from seq2seq.search import Greedy, SearchOptions

SENTENCE = "Deux jeunes hommes jouent au football sur la plage près de la mer."
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Print the median and the worst of 30 traces, after a warm-up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=str(ROOT / "checkpoints" / "fr-en"))
    torch.set_num_threads(1)
    model = seq2seq.load(parser.parse_args().model)
    for name, options in (
        ("beam 5", SearchOptions(mode=model.options().mode, n_best=5)),
        ("greedy", SearchOptions(mode=Greedy())),
    ):
        times = []
        for _ in range(33):
            start = time.perf_counter()
            trace = model.trace(SENTENCE, options=options)
            times.append(1000 * (time.perf_counter() - start))
        print(
            f"{name}: median {statistics.median(times[3:]):.1f} ms, worst {max(times[3:]):.1f} ms "
            f"({trace.stop.steps} steps, {len(trace.nodes)} nodes, {len(trace.to_json()) / 1000:.0f} kB, 1 thread)"
        )


if __name__ == "__main__":
    main()
