"""Words: how the `word` tokenizer splits text, and which subword pieces form one displayed word."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

SPACE = "▁"  # SentencePiece's marker of a space before a piece
JOINER = "￭"  # marks a token without a space before it

# An elided word keeps its apostrophe (l', qu', aujourd'hui -> aujourd' hui); every other sign is a token.
_TOKEN = re.compile(r"[^\W_]+'(?=\w)|\w+|[^\w\s]")
_BYTE = re.compile(r"^<0x[0-9A-F]{2}>$")


def split_words(text: str) -> str:
    """Return normalised `text` with spaces around punctuation and after elisions; `rejoin` is the inverse.

    "l'eau, oui" -> "l' ￭eau ￭, oui"
    """
    tokens = []
    end = 0
    for match in _TOKEN.finditer(text):
        touches = match.start() == end and end > 0
        tokens.append((JOINER if touches else "") + match.group())
        end = match.end()
    return " ".join(tokens)


def rejoin(text: str) -> str:
    """Return the text that `split_words` split."""
    return text.replace(f" {JOINER}", "").replace(JOINER, "")


class Word(NamedTuple):
    """A displayed word, made of the pieces first..last-1."""

    text: str
    first: int
    last: int


def group_words(pieces: Sequence[str]) -> list[Word]:
    """Return the words that `pieces` make up; every piece belongs to exactly one.

    Words are split at spaces, around punctuation, and after an elision's apostrophe (but Tom's is one word). Bytes
    of one character stay together and are decoded.
    """
    starts = [
        i
        for i in range(len(pieces))
        if i == 0 or (_starts_word(pieces[i - 1], pieces[i]) and not _clitic(pieces, i))
    ]
    edges = [*starts, len(pieces)]
    return [Word(_shown(pieces[a:b]), a, b) for a, b in pairwise(edges)]


def goes_on(previous: str, piece: str) -> bool:
    """Return whether `piece` goes on with the word that `previous` ends with."""
    return not _starts_word(previous, piece)


def _starts_word(previous: str, piece: str) -> bool:
    if piece.startswith(SPACE) or JOINER in piece or previous in _SPECIAL or piece in _SPECIAL:
        return True
    before, after = previous.lstrip(SPACE), piece
    if not before:
        return False
    if _BYTE.match(piece):
        return not (_BYTE.match(before) or before[-1].isalnum())
    if before[-1] == "'" or (_BYTE.match(before) and not after[0].isalnum()):
        return True
    return before[-1].isalnum() != after[0].isalnum() and after[0] not in "'-" and before[-1] != "-"


def _clitic(pieces: Sequence[str], place: int) -> bool:
    """Return whether this piece is an English clitic after its apostrophe, as in Tom's and don't."""
    if pieces[place] not in _CLITICS or not pieces[place - 1].endswith("'"):
        return False
    after = pieces[place + 1] if place + 1 < len(pieces) else SPACE
    return not after[0].isalnum()


_CLITICS = {"s", "t", "d", "m", "ll", "re", "ve"}
_SPECIAL = {"<s>", "</s>", "<pad>", "<unk>"}


def _shown(pieces: Sequence[str]) -> str:
    raw = b"".join(
        bytes([int(p[3:5], 16)]) if _BYTE.match(p) else p.replace(SPACE, " ").replace(JOINER, "").encode()
        for p in pieces
    )
    return raw.decode("utf-8", "replace").strip()
