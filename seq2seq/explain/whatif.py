"""What if: the search continued from a forced prefix, optionally with attention replaced."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seq2seq.errors import ConfigError
from seq2seq.search import SearchOptions
from seq2seq.text import END
from seq2seq.text import typed_tokens as typed_tokens
from seq2seq.trace import Trace, make_edit

if TYPE_CHECKING:
    from seq2seq.session import Session


def what_if(
    session: "Session",
    options: SearchOptions,
    prefix: Sequence[int],
    attention: Mapping[int, Sequence[float]] | None = None,
) -> Trace:
    """Return the search continued from a forced prefix, with the edit in the trace.

    prefix: target tokens; the end token only as the last. attention: by step, counted from 1, weights over the
    source pieces, which every hypothesis uses instead of the model's own.
    Raises ConfigError if an edit is not possible.
    """
    if END in prefix[:-1]:
        raise ConfigError("The forced prefix continues after its end token; remove what follows it.")
    return session.trace(options, [make_edit(prefix, attention)])


def path_tokens(trace: Trace, node: int) -> tuple[int, ...]:
    """Return the tokens from the root to `node`: the prefix that continues the search from there."""
    return tuple(trace.nodes.token[step] for step in trace.path(node))
