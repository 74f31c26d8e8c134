"""One normaliser for training text and user input, so that both look the same to a model.

Case, accents and punctuation are kept ("où" is not "ou"). Differences that readers do not see are removed:
kinds of spaces, kinds of apostrophes, control characters, the French space before ? ! : ; and inside « ».
"""

import re
import unicodedata

# The last two are SentencePiece's space marker and the `word` tokenizer's joiner, which text must not contain.
_REPLACED = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "＇": "'", "▁": "_", "￭": "■"})
# Control, format (soft hyphens, direction marks), lone surrogates, private use, unassigned.
# Zero-width joiners hold emoji together, so they are kept.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINERS = {"\u200c", "\u200d"}
_BEFORE_STOP = re.compile(r" +(?=[?!:;](?:[ ?!:;»]|$)|»(?!\w))")
_AFTER_QUOTE = re.compile(r"(?<=«) +")
_FRENCH_STOP = re.compile(r"(?<=[^\s?!:;«])(?=[?!:;](?:[\s?!:;»]|$)|»(?!\w))")


def normalise(text: str) -> str:
    """Return `text` in NFC, on one line, with single spaces, straight apostrophes, nothing invisible.

    The French space before `? ! : ;` and inside « » is removed; `add_french_spaces` restores it.
    normalise(normalise(text)) == normalise(text).
    """
    # NFC can compose characters that become adjacent by the removal, so it comes last.
    text = text.translate(_REPLACED)
    text = "".join(_visible(character) for character in text)
    text = unicodedata.normalize("NFC", text).translate(_REPLACED)
    text = " ".join(text.split())
    return _AFTER_QUOTE.sub("", _BEFORE_STOP.sub("", text))


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in _INVISIBLE and character not in _JOINERS:
        return ""
    return character


def add_french_spaces(text: str) -> str:
    """Return French `text` with a no-break space before `? ! : ;` and inside « », following French typography."""
    return _FRENCH_STOP.sub("\u00a0", text).replace("«", "«\u00a0").replace("«\u00a0\u00a0", "«\u00a0")


def typeset(text: str, language: str) -> str:
    """Return an output's `text` in the typography of its language; language: its code."""
    return add_french_spaces(text) if language == "fr" else text
