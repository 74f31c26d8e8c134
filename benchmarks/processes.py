"""Two processes of one thread against one process of two threads: target tokens a second in training.

python -m benchmarks.processes
The model and the pairs are those of benchmarks.speed; both ways share batches of twice as many tokens.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import get_args

import torch

from benchmarks.speed import TIMED, make_job, make_model, make_updater
from seq2seq.allocation import keep_freed_memory
from seq2seq.data.batches import make_batch
from seq2seq.distributed import group
from seq2seq.training.precision import trains_in
from seq2seq.training.recipe import Precision


def rate(path: Path, threads: int, precision: Precision) -> float:
    """Return the tokens a second of this process's group, by the median of the last updates; 0 unless it leads."""
    torch.set_num_threads(threads)
    keep_freed_memory()
    found = []
    with group() as ranks:
        updater = make_updater(make_model(), precision, ranks)
        for sources, targets in json.loads(path.read_text(encoding="utf-8")):
            batch = make_batch(sources, targets)
            start = time.perf_counter()
            updater.update(batch, 1.0)
            found.append(batch.tokens / (time.perf_counter() - start))
    return statistics.median(found[-TIMED:]) if ranks.leads else 0.0


def measure(path: Path, processes: int, threads: int, precision: str) -> float:
    """Return the `rate` of a group of processes."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command += ["-m", "benchmarks.processes", "--worker", str(path)]
    command += ["--threads", str(threads), "--precision", precision]
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"The processes failed:\n{done.stderr[-2000:]}")
    return float(done.stdout.split()[0])


def main() -> None:
    """Measure both ways in each precision that this processor trains in, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", default="float32")
    asked = parser.parse_args()
    if asked.worker is not None:
        found = rate(asked.worker, asked.threads, asked.precision)
        if found:  # two processes that print at once would mix their lines
            print(found)
        return
    pairs = make_job(1)["training"][-2 * TIMED - 8 :]
    doubled = [[one[0] + other[0], one[1] + other[1]] for one, other in zip(pairs[::2], pairs[1::2], strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.json"
        path.write_text(json.dumps(doubled), encoding="utf-8")
        for precision in filter(lambda each: trains_in(each, "cpu"), get_args(Precision)):
            threads, processes = measure(path, 1, 2, precision), measure(path, 2, 1, precision)
            print(
                f"{precision}: one process of two threads {threads:,.0f} target tokens/s, two processes of one "
                f"thread {processes:,.0f} ({processes / threads:.2f} x)"
            )


if __name__ == "__main__":
    main()
