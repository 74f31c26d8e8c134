"""Build the products of the exported page, seq2seq/exported/engine/kernels.c, for WebAssembly.

python tools/kernels.py [--compiler clang-14]

Needs clang with its WebAssembly target, and wasm-ld beside it (Debian: `apt install clang-14 lld-14`). Writes
kernels.wasm and kernels.toml, which says what it was built with and binds the two files by their digests; a test
compares them. The same source and compiler give the same bytes.
"""

import argparse
import subprocess
from pathlib import Path

import tomli_w

from seq2seq.digests import digest

ENGINE = Path(__file__).resolve().parents[1] / "seq2seq" / "exported" / "engine"
# No library is linked; sums may be taken in any order.
FLAGS = [
    "--target=wasm32", "-O3", "-msimd128", "-ffast-math", "-nostdlib",
    "-Wl,--no-entry", "-Wl,--import-memory", "-Wl,--strip-all", "-Wl,-z,stack-size=4096",
]  # fmt: skip


def main() -> None:
    """Build the file, and write down what of."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", default="clang-14")
    compiler = parser.parse_args().compiler
    command = [compiler, *FLAGS, "-o", "kernels.wasm", "kernels.c"]
    subprocess.run(command, cwd=ENGINE, check=True)
    (ENGINE / "kernels.wasm").chmod(0o644)  # it is no program of the system's
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    made = {
        "command": " ".join(command),
        "compiler": version.splitlines()[0],
        "source": digest((ENGINE / "kernels.c").read_bytes()),
        "built": digest((ENGINE / "kernels.wasm").read_bytes()),
    }
    (ENGINE / "kernels.toml").write_text(f"# Written by tools/kernels.py.\n{tomli_w.dumps(made)}", encoding="utf-8")


if __name__ == "__main__":
    main()
