"""The command line, one file for each group of verbs."""

from seq2seq.cli.verbs import main

__all__ = ["main"]
