"""A visitor's what-if edits, read from the view and written into it only here."""

from pages.shared import problems
from pages.shared.view import current, update
from pages.shared.views import SentenceView
from seq2seq.errors import ConfigError
from seq2seq.trace import History


def history(view: SentenceView) -> History:
    """Return the edits of the view; unreadable text draws an error box and gives the plain search.

    Unreadable edits are also removed from the session's view, so that the error shows once.
    """
    try:
        return History.from_text(view.edits)
    except ConfigError as problem:
        problems.say(problem, ":material/link_off:")
        if current(SentenceView).edits == view.edits:
            update(edits="")
        return History()


def keep(history: History) -> None:
    """Store `history` in the session's view; call it in a callback."""
    update(edits=history.to_text())
