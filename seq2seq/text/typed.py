"""Typed words as the tokens of a forced prefix."""

from collections.abc import Sequence

from seq2seq.errors import ConfigError
from seq2seq.text.normalise import normalise
from seq2seq.text.tokenizer import END, UNKNOWN, Tokenizer

CONTINUES = "·"  # marks a word continuation, as in the figures
_ATTACHED = ",.;:?!…)]%'’-"
# A character that is in no longer piece of any vocabulary, so that text after it is tokenized independently.
_ANCHOR = "⛢"


def typed_tokens(tokenizer: Tokenizer, prefix: Sequence[int], typed: str) -> tuple[int, ...]:
    """Return the target tokens of typed text as a continuation of `prefix`; "</s>" is the end token.

    Text begins a new word, unless it begins with closing punctuation, an apostrophe, a hyphen, or with "·", which
    continues the previous word.
    Raises ConfigError if there is no text, it can't be spelt, or the prefix has ended.
    """
    if END in prefix:
        raise ConfigError("The forced prefix has ended already; go back before its end to add a word.")
    text = normalise(typed)
    if text == "</s>":
        return (END,)
    continues = bool(prefix) and text.startswith((CONTINUES, *_ATTACHED))
    text = text.removeprefix(CONTINUES).strip()
    if not text:
        raise ConfigError("There is no word to force; type one.")
    tokens = _continuation(tokenizer, prefix, text) if continues else tuple(tokenizer.encode(text))
    if UNKNOWN in tokens or not tokens:  # SentencePiece makes one token of several unknown ones in a row
        raise ConfigError(f"“{text[:30]}” can't be spelt with this model's vocabulary; type another word.")
    return tokens


def _continuation(tokenizer: Tokenizer, prefix: Sequence[int], text: str) -> tuple[int, ...]:
    """Return the tokens of `text` directly after those of `prefix`, without a space in between."""
    whole = tuple(tokenizer.encode(tokenizer.decode(prefix) + text))
    if whole[: len(prefix)] == tuple(prefix):
        return whole[len(prefix) :]
    anchor = tokenizer.encode(_ANCHOR)
    return tuple(tokenizer.encode(_ANCHOR + text)[len(anchor) :])
