"""Sentence splitting, so that each sentence of a line is translated, and can be inspected, separately."""

import re
from functools import cache

from seq2seq.text.lists import has, words, words_of_all
from seq2seq.text.normalise import normalise

# A sentence-final mark, perhaps a closing quote, then a space and something that can begin a sentence. The marks of
# Chinese and Japanese need no space.
SENTENCE_END = re.compile(
    r"""(?<=[.!?…])[»"')\]]*(?= +[«"'(\[¿¡—–-]*[^\W_a-zà-öø-ÿ])"""
    r"""|(?<=[。！？｡])[」』）”"]*(?=\s*\S)"""
)
TITLES = frozenset(words("sentences", "titles"))
BEFORE_NUMBERS = frozenset(words("sentences", "before_numbers"))
IN_THE_MIDDLE = frozenset(words("sentences", "in_the_middle"))
PRONOUNS = frozenset(words_of_all("pronouns"))
LAST_WORD = re.compile(r"[^\s«»\"'(\[]+$")
NEXT_WORD = re.compile(r" *[«\"(\[—–-]* *([^\W\d_]+(?:'|(?!\w)))")
_LONGEST_ABBREVIATION = 12  # characters; bounds the look-back, which costs time
INITIALS = re.compile(r"(?:[A-ZÀ-Þ]\.)*[A-ZÀ-Þ]")
LIST_NUMBER = re.compile(r"[(\[]?\d{1,3}[.)]*")
NUMBER_NEXT = re.compile(r" *(?:\d|[IVXLC]+\b)")


def split_sentences(text: str, language: str = "") -> list[str]:
    """Return the sentences of `text`, each normalised; a line break always ends a sentence.

    language: its code, for its abbreviations; without one, those of all languages count.
    Splits after . ! ? … where the next word has a capital or is a number, but not after a title, an initial or an
    abbreviation, nor after a number at the head of a sentence, as in "1. Open the door."
    """
    abbreviations, first_words = abbreviations_and_first_words(language)
    sentences = []
    for line in text.splitlines():
        rest = normalise(line)
        start = 0
        for end in SENTENCE_END.finditer(rest):
            head = rest[max(start, end.start() - _LONGEST_ABBREVIATION) : end.start()]
            at_head = not rest[start : end.start() - len(head)].strip()
            if not _goes_on(head, rest[end.end() :][:30], abbreviations, first_words, at_head=at_head):
                sentences.append(rest[start : end.end()].strip())
                start = end.end()
        sentences.append(rest[start:].strip())
    return [sentence for sentence in sentences if sentence]


@cache
def abbreviations_and_first_words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the abbreviations of a language, and the words that often begin its sentences."""
    if has("abbreviations", language):
        return frozenset(words("abbreviations", language)), frozenset(words("first_words", language))
    return frozenset(words_of_all("abbreviations")), frozenset(words_of_all("first_words"))


def _goes_on(
    head: str, rest: str, abbreviations: frozenset[str], first_words: frozenset[str], *, at_head: bool
) -> bool:
    """Return whether the full stop at the end of `head` does not end a sentence."""
    if not head.endswith("."):
        return False
    found = LAST_WORD.search(head[:-1])
    word = found.group() if found else ""
    if at_head and LIST_NUMBER.fullmatch(head.strip()):
        return True
    following = NEXT_WORD.match(rest)
    first = following.group(1) if following else ""
    if word in IN_THE_MIDDLE:
        return True
    if word in TITLES:
        return not (word == "M" and first in PRONOUNS)
    if word in BEFORE_NUMBERS and NUMBER_NEXT.match(rest):
        return True
    if word in abbreviations or (INITIALS.fullmatch(word) and word not in {"I", "À"}):
        return first not in first_words
    return False
