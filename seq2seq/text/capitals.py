"""Text in capitals."""

import re

_LEAST = 4  # letters: shorter ones are abbreviations or exclamations


def is_in_capitals(text: str) -> bool:
    """Return whether all letters of a sentence are capitals, and there are enough of them to be words."""
    letters = [character for character in text if character.isalpha()]
    cased = [character for character in letters if character.lower() != character.upper()]
    if len(cased) < _LEAST or len(cased) < len(letters) or not all(map(str.isupper, cased)):
        return False
    return len(cased) > _LEAST or len(re.findall(r"\w+", text)) > 1


def to_capitals(text: str) -> str:
    """Return a text in capitals."""
    return text.upper()
