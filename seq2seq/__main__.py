"""`python -m seq2seq VERB`."""

import io
import sys

from seq2seq.cli import main

# Text goes out as it comes in, UTF-8 whatever the terminal's locale; a lone surrogate of a path shows as "?".
for _stream in (sys.stdout, sys.stderr):
    if isinstance(_stream, io.TextIOWrapper):
        _stream.reconfigure(encoding="utf-8", errors="replace")

if __name__ == "__main__":
    main(prog_name="python -m seq2seq")
