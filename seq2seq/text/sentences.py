"""Sentence splitting, so that each sentence of a line is translated, and can be inspected, separately."""

import re

from seq2seq.text.normalise import normalise

# A sentence-final mark, perhaps a closing quote, then a space and something that can begin a sentence.
_END = re.compile(r"""(?<=[.!?…])[»"')\]]*(?= +[«"'(\[¿¡—–-]*[^\W_a-zà-öø-ÿ])""")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(«])(?:[A-ZÀ-Ý]|MM?|Mr|Mrs|Ms|Dr|Pr|Me|St|Ste|Jr|Sr|av|J\.-C|cf|p|vol|no|n°|art|fig|etc|env)\.$"
)

_LONGEST_ABBREVIATION = 10  # characters, with those around it; bounds the look-back, which costs time


def split_sentences(text: str) -> list[str]:
    """Return the sentences of `text`, each normalised; a line break always ends a sentence.

    Splits after . ! ? … where the next word has a capital or is a number, but not after "M." or an initial.
    """
    sentences = []
    for line in text.splitlines():
        rest = normalise(line)
        start = 0
        for end in _END.finditer(rest):
            if not _ABBREVIATION.search(rest[max(start, end.end() - _LONGEST_ABBREVIATION) : end.end()]):
                sentences.append(rest[start : end.end()].strip())
                start = end.end()
        sentences.append(rest[start:].strip())
    return [sentence for sentence in sentences if sentence]
