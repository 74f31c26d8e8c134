"""Whether a text is in a language that a model has not learnt to read."""

from seq2seq.data.languages import base, english_name, language_of
from seq2seq.text import KnownWords

_KNOWN = 0.5  # share of known words, below which the language is looked at
_LEAST_LETTERS = 15


def language_warning(text: str, language: str, known: KnownWords | None) -> str | None:
    """Return a sentence if `text` looks like another language than `language`, a model's; None if not.

    known: the words that the model knows; without them, and for a text of few words, nothing can be told.
    """
    share = known.share(text) if known else None
    if share is None or share > _KNOWN:  # loading what identifies languages takes half a second
        return None
    found = language_of([text], least=_LEAST_LETTERS)
    if found is None or found == base(language):
        return None
    return (
        f"This looks like {english_name(found)}, and the model has learnt to read {english_name(language)} alone: "
        "what it makes of it means little."
    )
