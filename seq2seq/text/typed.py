"""What typed words force a translation to begin with."""

from collections.abc import Sequence

from seq2seq.errors import ConfigError
from seq2seq.text.normalise import normalise
from seq2seq.text.tokenizer import END, UNKNOWN, Tokenizer

CONTINUES = "·"  # typed before a word's end, as the figures show it
_ATTACHED = ",.;:?!…)]%'’-"
# A sign that no vocabulary has a longer piece of, so that what stands behind it is cut into pieces by itself.
_ANCHOR = "⛢"


def typed_tokens(tokenizer: Tokenizer, prefix: Sequence[int], typed: str) -> tuple[int, ...]:
    """Return the target tokens of typed text, as they follow on `prefix`; "</s>" is the end token.

    Text begins a new word, unless it begins with closing punctuation, an apostrophe, a hyphen, or with "·", which
    stands for the rest of the word before.
    Raises ConfigError if there is no text, it can't be spelt, or the prefix has ended.
    """
    if END in prefix:
        raise ConfigError("The forced beginning has ended already; go back before its end to add a word.")
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
    """Return the tokens of `text` right behind those of `prefix`, with no space between."""
    whole = tuple(tokenizer.encode(tokenizer.decode(prefix) + text))
    if whole[: len(prefix)] == tuple(prefix):
        return whole[len(prefix) :]
    anchor = tokenizer.encode(_ANCHOR)
    return tuple(tokenizer.encode(_ANCHOR + text)[len(anchor) :])
