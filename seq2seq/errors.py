"""Every error that a user can cause. The command line and the pages catch `Seq2SeqError` in one place.

Seq2SeqError
├── ConfigError        a recipe, a config or an option has a wrong key or value
├── DataError          a file of pairs can't be read, or a line of it is wrong
├── PhotoError         a photo can't be read, is too large, or is not an image
├── CheckpointError    a model folder is missing, damaged, half written or of another version
├── TraceError         a file is not a trace, is cut off, or is of another version
├── EmptySourceError   there is nothing to translate
├── SourceTooLongError a source is longer than one search accepts
├── UnknownWordsError  no word of a query is known
├── ShapeError         tensor shapes do not match
└── DivergedError      the training loss is not finite, or far worse than guessing

Each message says what was wrong, with the value, and what to do.
"""

_LONGEST_REASON = 100  # characters


def shortened(text: str, most: int) -> str:
    """Return `text` cut to at most `most` characters, with the middle elided."""
    if len(text) <= most:
        return text
    end = (most - 3) // 3
    return f"{text[: most - 3 - end]} … {text[-end:]}"


def reason(failure: object) -> str:
    """Return another library's error message, shortened to one line: it may quote a whole file."""
    said = getattr(failure, "strerror", None) or str(failure)
    printable = "".join(c if c.isprintable() else " " for c in said[: 4 * _LONGEST_REASON])
    return shortened(" ".join(printable.split()), _LONGEST_REASON)


class Seq2SeqError(Exception):
    """An error that the user can fix; its text is one sentence for the user."""


class ConfigError(Seq2SeqError):
    """A recipe, a config or an option has a wrong key or value."""


class DataError(Seq2SeqError):
    """A file of pairs can't be read, or a line of it is wrong."""


class PhotoError(Seq2SeqError):
    """A photo can't be read, is too large, or is not an image."""


class CheckpointError(Seq2SeqError):
    """A model folder is missing, damaged, half written or of another version."""


class TraceError(Seq2SeqError):
    """A file is not a trace, is cut off, or is of another version."""


class EmptySourceError(Seq2SeqError):
    """There is nothing to translate."""


class SourceTooLongError(Seq2SeqError):
    """A source is longer than one search accepts."""


class UnknownWordsError(Seq2SeqError):
    """No word of a query is known."""


class ShapeError(Seq2SeqError):
    """Tensor shapes do not match."""


class DivergedError(Seq2SeqError):
    """The training loss is not finite, or far worse than guessing."""
