"""What if: the search goes on from a forced beginning, with attention replaced; and what typed words force."""

from collections.abc import Mapping, Sequence

from seq2seq.errors import ConfigError
from seq2seq.search import SearchOptions
from seq2seq.text import END, UNKNOWN, Tokenizer, normalise
from seq2seq.trace import Trace, make_edit
from seq2seq.translator import Translator

CONTINUES = "·"  # typed before a word's end, as the figures show it
_ATTACHED = ",.;:?!…)]%'’-"
# A sign that no vocabulary has a longer piece of, so that what stands behind it is cut into pieces by itself.
_ANCHOR = "⛢"


def what_if(
    translator: Translator,
    text: str,
    options: SearchOptions,
    prefix: Sequence[int],
    attention: Mapping[int, Sequence[float]] | None = None,
) -> Trace:
    """Return the search for `text` continued from a forced prefix, with the edit in the trace.

    prefix: target tokens; the end token only as the last. attention: by step, counted from 1, weights over the
    source's pieces, which every hypothesis takes in place of the model's own.
    Raises ConfigError if an edit is not possible, EmptySourceError and SourceTooLongError as `Translator.trace`.
    """
    if END in prefix[:-1]:
        raise ConfigError("The forced prefix goes on behind its end token; take out what follows.")
    return translator.trace(text, options=options, edits=[make_edit(prefix, attention)])


def path_tokens(trace: Trace, node: int) -> tuple[int, ...]:
    """Return the tokens from the root to `node`: the prefix that continues the search from there."""
    return tuple(trace.nodes.token[step] for step in trace.path(node))


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
