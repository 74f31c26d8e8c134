"""`python -m seq2seq VERB`, and the program `seq2seq`."""

import io
import os
import sys
import warnings

from seq2seq.allocation import keep_freed_memory
from seq2seq.cli import main


def run(name: str = "seq2seq") -> None:
    """Run the command line. name: how the program was called."""
    # Threads that wait for work in a busy loop slow every other busy program tenfold, and themselves.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Text goes out as it comes in, UTF-8 whatever the terminal's locale; a lone surrogate of a path shows as "?".
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Pillow warns of large photos and of what it mends in damaged ones; what a user has to know is in one sentence.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    keep_freed_memory()
    main(prog_name=name)


if __name__ == "__main__":
    run("python -m seq2seq")
