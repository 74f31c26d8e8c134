"""Whether `translate` streams: its peak memory for growing numbers of lines.

python -m benchmarks.memory [--model checkpoints/attention-dot] [--lines 10000 1000000]
The model is a small one and every line a single word, so that a million of them take minutes, not hours.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path


def peak(model: Path, lines: int) -> float:
    """Return the peak memory in MB of translating that many lines."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.txt"
        with source.open("w", encoding="utf-8") as file:
            for number in range(lines):
                file.write(f"{['oui', 'non'][number % 2]}.\n")
        command = [
            sys.executable,
            "-m",
            "seq2seq",
            "translate",
            "--model",
            model,
            "--beam-size",
            "1",
            "--threads",
            "1",
        ]
        # A separate process for each, since a parent reports the peak of all its children.
        code = (
            "import resource, subprocess, sys; "
            "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, command), str(source)],
            capture_output=True,
            text=True,
            check=True,
        )
    return int(done.stdout) / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("checkpoints/attention-dot"))
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000, 1_000_000])
    asked = parser.parse_args()
    found = [peak(asked.model, lines) for lines in asked.lines]
    for lines, megabytes in zip(asked.lines, found, strict=True):
        print(f"{lines:>9,} lines: peak {megabytes:,.0f} MB, {megabytes / found[0]:.3f} of the first")


if __name__ == "__main__":
    main()
