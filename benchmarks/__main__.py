"""Run all speed benchmarks one after the other, each in its own process.

python -m benchmarks [--peer .venv-peer/bin/python]
It takes an hour on two cores, most of it for the million lines and the peers; run nothing else on the machine.
Results are written to benchmarks/results.
"""

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Run them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default=".venv-peer/bin/python")
    peer = parser.parse_args().peer
    runs = (
        ("speed", "--threads", "1", "--peer", peer),
        ("speed", "--threads", "2", "--peer", peer),
        ("peers", "--joeynmt", peer),
        ("processes",),
        ("scaling",),
        ("trace",),
        ("attention",),
        ("photos",),
        ("exported", "--sentences", "100"),
        ("pages",),
        ("start",),
        ("visitors",),
        ("classroom",),
        ("memory",),
        ("shapes", "show"),
    )
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    failed: list[str] = []
    with (results / "all.txt").open("w", encoding="utf-8") as file:
        for name, *options in runs:
            print(f"== {name} {' '.join(options)}", flush=True)
            done = subprocess.run(
                [sys.executable, "-m", f"benchmarks.{name}", *options],
                stdout=subprocess.PIPE,
                text=True,
                check=False,
            )
            print(done.stdout, flush=True)
            file.write(f"== {name} {' '.join(options)}\n{done.stdout}\n")
            failed += [name] if done.returncode else []
    if failed:
        sys.exit(f"These failed: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
