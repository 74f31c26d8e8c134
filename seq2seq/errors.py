"""Every error that a user can cause. The command line and the pages catch `Seq2SeqError`, once.

Seq2SeqError
├── ConfigError        a recipe, a config or an option has a wrong key or value
├── DataError          a file of pairs can't be read, or a line of it is wrong
├── PhotoError         a picture can't be read, is too large, or is none
├── CheckpointError    a model folder is missing, damaged, half written or of another version
├── TraceError         a trace file is not one, is cut off, or is of another version
├── EmptySourceError   there is nothing to translate
├── SourceTooLongError there is more to translate than one search takes
├── UnknownWordsError  none of the words of a search is known
├── ShapeError         tensors that do not fit together
└── DivergedError      the training loss is not a number any more, or far worse than guessing

Each message says what was wrong, with the value, and what to do.
"""

_LONGEST_REASON = 100  # characters


def shortened(text: str, most: int) -> str:
    """Return `text` with at most `most` characters: what is too long loses its middle."""
    if len(text) <= most:
        return text
    end = (most - 3) // 3
    return f"{text[: most - 3 - end]} … {text[-end:]}"


def reason(failure: object) -> str:
    """Return what another library says of a failure, short and on one line: it may quote a whole file."""
    said = getattr(failure, "strerror", None) or str(failure)
    printable = "".join(c if c.isprintable() else " " for c in said[: 4 * _LONGEST_REASON])
    return shortened(" ".join(printable.split()), _LONGEST_REASON)


class Seq2SeqError(Exception):
    """Something that the user can mend; its text is one sentence for the user."""


class ConfigError(Seq2SeqError):
    """A recipe, a config or an option has a wrong key or value."""


class DataError(Seq2SeqError):
    """A file of pairs can't be read, or a line of it is wrong."""


class PhotoError(Seq2SeqError):
    """A picture can't be read, is too large, or is none."""


class CheckpointError(Seq2SeqError):
    """A model folder is missing, damaged, half written or of another version."""


class TraceError(Seq2SeqError):
    """A trace file is not one, is cut off, or is of another version."""


class EmptySourceError(Seq2SeqError):
    """There is nothing to translate."""


class SourceTooLongError(Seq2SeqError):
    """There is more to translate than one search takes."""


class UnknownWordsError(Seq2SeqError):
    """None of the words of a search is known."""


class ShapeError(Seq2SeqError):
    """Tensors that do not fit together."""


class DivergedError(Seq2SeqError):
    """The training loss is not a number any more, or far worse than guessing."""
