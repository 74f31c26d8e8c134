"""The what-if edits of a visitor: read from the view and written into it here, and nowhere else."""

from pages.shared import problems
from pages.shared.view import View, change, current
from seq2seq.errors import ConfigError
from seq2seq.trace import History


def history(view: View) -> History:
    """Return the edits of the view; text that is none gives an error box, and the plain search.

    What can't be read is also taken out of the session's view, so that it is said once.
    """
    try:
        return History.from_text(view.edits)
    except ConfigError as problem:
        problems.say(problem, ":material/link_off:")
        if current().edits == view.edits:
            change(current().model_copy(update={"edits": ""}))
        return History()


def keep(history: History) -> None:
    """Make `history` the session's; to be called in a callback."""
    change(current().model_copy(update={"edits": history.to_text()}))
