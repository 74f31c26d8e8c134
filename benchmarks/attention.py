"""Time attributions, attention surgery and a duel for a 12-word sentence, beam 5, on one core.

python -m benchmarks.attention [--model FOLDER]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

import seq2seq
from benchmarks.trace import SENTENCE
from seq2seq.explain import DuelSide, attribute, drop_word, duel, one_hot, operate

ROOT = Path(__file__).resolve().parents[1]
STEP = 4


def main() -> None:
    """Print the median and the worst of 30 calls of each, after a warm-up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=str(ROOT / "checkpoints" / "fr-en"))
    torch.set_num_threads(1)
    model = seq2seq.load(parser.parse_args().model)
    trace = model.trace(SENTENCE)
    tokens = [trace.nodes.token[node] for node in trace.path(trace.best.leaf)]
    before, asked = tokens[: STEP - 1], tokens[STEP - 1 : STEP]
    row = one_hot([0.0] * len(trace.source.pieces), 1)
    shorter = model.trace(drop_word(trace.source, 2))
    report("attributions", lambda: attribute(model.session(SENTENCE), before, asked))
    report(
        "surgery, old translation known",
        lambda: operate(model.session(SENTENCE), trace.options, before, {STEP: row}, tokens),
    )
    report(
        "surgery, old translation searched",
        lambda: operate(model.session(SENTENCE), trace.options, before, {STEP: row}),
    )
    report(
        "duel of two sources",
        lambda: duel(
            DuelSide(model.session(SENTENCE), trace), DuelSide(model.session(shorter.source.text), shorter)
        ),
    )


def report(name: str, call: Callable[[], object]) -> None:
    """Print how long a call takes."""
    times = []
    for _ in range(33):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    print(f"{name}: median {statistics.median(times[3:]):.0f} ms, worst {max(times[3:]):.0f} ms (1 thread)")


if __name__ == "__main__":
    main()
