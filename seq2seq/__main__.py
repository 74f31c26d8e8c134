"""`python -m seq2seq VERB`, and the program `seq2seq`."""

import io
import os
import sys
import warnings

from seq2seq.allocation import keep_freed_memory
from seq2seq.cli import main


def run(name: str = "seq2seq") -> None:
    """Run the command line. name: the program name shown in help and errors."""
    # Threads that busy-wait for work slow every other busy program tenfold, and themselves.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Output is UTF-8 whatever the terminal's locale; a lone surrogate in a path is printed as "?".
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Pillow warns about large photos and about repairs to damaged ones; our own errors tell users what they need.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    # Keys with old names and the like are warnings; whoever types a command needs the sentence alone.
    warnings.showwarning = lambda message, *_: print(f"Warning: {message}", file=sys.stderr)
    keep_freed_memory()
    main(prog_name=name)


if __name__ == "__main__":
    run("python -m seq2seq")
