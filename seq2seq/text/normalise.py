"""One normaliser for training text and user input, so that both look the same to a model.

Case, accents and punctuation are kept ("où" is not "ou"). Differences that readers do not see are removed:
kinds of spaces, quotes and dashes, control characters, the French space before ? ! : ; and inside « ».
"""

import re
import unicodedata
from functools import cache

from seq2seq.text.lists import words

# The last two are SentencePiece's space marker and the `word` tokenizer's joiner, which text must not contain.
REPLACED = str.maketrans(
    dict.fromkeys("’‘ʼ`´＇‛", "'")
    | dict.fromkeys("“”„‟＂", '"')
    | dict.fromkeys("‐‑", "-")
    | dict.fromkeys("‒–―", "—")
    | {"▁": "_", "￭": "■"}
)
RANGE = re.compile(r"(?<=\d)—(?=\d)")  # 1914–1918
# Control, format (soft hyphens, direction marks), lone surrogates, private use, unassigned.
# Zero-width joiners hold emoji together, so they are kept.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINERS = {"\u200c", "\u200d"}
BEFORE_STOP = re.compile(r" +(?=[?!:;](?:[ ?!:;»]|$)|»(?!\w))")
AFTER_QUOTE = re.compile(r"(?<=«) +")
QUOTED = re.compile(r'"([^"]*)"')
FRENCH_STOP = re.compile(r"(?<=[^\s?!:;«])(?=[?!:;](?:[\s?!:;»]|$)|»(?!\w))")


def normalise(text: str) -> str:
    """Return `text` in NFC, on one line, with single spaces, straight quotes, nothing invisible.

    The French space before `? ! : ;` and inside « » is removed; `add_french_spaces` restores it.
    normalise(normalise(text)) == normalise(text).
    """
    # NFC can compose characters that become adjacent by the removal, so it comes last.
    text = text.translate(REPLACED)
    if not text.isprintable():  # no invisible character, and no space but the usual one
        text = "".join(_visible(character) for character in text)
    text = unicodedata.normalize("NFC", text).translate(REPLACED)
    text = " ".join(text.split())
    return RANGE.sub("-", AFTER_QUOTE.sub("", BEFORE_STOP.sub("", text)))


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in _INVISIBLE and character not in _JOINERS:
        return ""
    return character


def add_french_spaces(text: str) -> str:
    """Return French `text` with a no-break space before `? ! : ;` and inside « », following French typography."""
    return FRENCH_STOP.sub("\u00a0", text).replace("«", "«\u00a0").replace("«\u00a0\u00a0", "«\u00a0")


def typeset(text: str, language: str) -> str:
    """Return an output's `text` in the typography of its language; language: its code.

    French has « » and no-break spaces, other languages have straight quotes.
    """
    if language != "fr":
        return text.replace("«", '"').replace("»", '"')
    if text.count('"') % 2 == 0:
        text = QUOTED.sub(r"«\1»", text)
    return add_french_spaces(text)


@cache
def ligatures_pattern(language: str) -> re.Pattern[str] | None:
    beginnings = "|".join(words("ligatures", language))
    return re.compile(rf"\b({beginnings})", re.IGNORECASE) if beginnings else None


def with_ligatures(text: str, language: str) -> str:
    """Return `text` with œ where French spelling has it and people type oe: "un oeuf" is "un œuf"."""
    pattern = ligatures_pattern(language)
    if pattern is None or not ("oe" in text or "OE" in text or "Oe" in text):
        return text
    return pattern.sub(lambda match: match[1].replace("oe", "œ").replace("OE", "Œ").replace("Oe", "Œ"), text)
