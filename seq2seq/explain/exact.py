"""Whether a search ended with the model's best output: exact search, started from its winner."""

from collections.abc import Callable
from typing import NamedTuple

from seq2seq.search import Exact, Hypothesis, beam_options, exact_search
from seq2seq.session import Session
from seq2seq.trace import Trace
from seq2seq.trace.view import output_noun


class ModelsBest(NamedTuple):
    """The best output found, and whether it is proved to be the best."""

    text: str
    exact: Exact
    better: bool  # True: it beats the search's winner, so there was a search error
    noun: str = "translation"  # what the outputs are called
    spent: float = 0.0  # seconds
    allowed: float = 0.0  # seconds

    @property
    def sentence(self) -> str:
        """What was found, in one sentence."""
        count = f"{self.exact.expanded:,} prefixes in {self.spent:.1f} of {self.allowed:g} seconds"
        if self.better:
            still = "the best of all" if self.exact.complete else "perhaps not yet the best"
            return f"Search error: exact search found a {self.noun} that scores higher ({count}), {still}."
        if self.exact.complete:
            return f"The winner is the model's best {self.noun}; exact search has proved it ({count})."
        return f"Undecided: exact search found nothing better within its limits ({count})."


def models_best(
    session: Session, trace: Trace, *, clock: Callable[[], float], seconds: float = 5.0, most: int = 1_000_000
) -> ModelsBest:
    """Return the model's best output by the trace's alpha, lengths, prefix and edits, as far as time allows.

    clock: returns seconds. most: how many prefixes may be extended. A higher alpha takes longer, and so does a
    sentence that the model is unsure of (`exact_search` explains why). Raises ConfigError for a trace of samples.
    """
    options = beam_options(trace.options)
    winner = trace.best
    tokens = tuple(trace.nodes.token[node] for node in trace.path(winner.leaf))
    known = Hypothesis(tokens, winner.log_prob, winner.normalised, True) if winner.finished else None
    begun = clock()
    found = exact_search(
        session.edited_decoder(trace.edits),
        session.memory,
        options,
        clock=clock,
        seconds=seconds,
        most=most,
        known=known,
    )
    better = found.best is not None and found.best.tokens != tokens
    text = session.text(found.best.tokens) if found.best else ""
    return ModelsBest(text, found, better, output_noun(trace), clock() - begun, seconds)
