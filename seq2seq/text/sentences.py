"""Several sentences on one line, split so that each is translated, and can be watched, by itself."""

import re

from seq2seq.text.normalise import normalise

# A stop, perhaps a closing quote, then a space and something that can begin a sentence.
_END = re.compile(r"""(?<=[.!?…])[»"')\]]*(?= +[«"'(\[¿¡—–-]*[^\W_a-zà-öø-ÿ])""")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(«])(?:[A-ZÀ-Ý]|MM?|Mr|Mrs|Ms|Dr|Pr|Me|St|Ste|Jr|Sr|av|J\.-C|cf|p|vol|no|n°|art|fig|etc|env)\.$"
)

_LONGEST_ABBREVIATION = 10  # characters, with what stands before and behind; looking back further would cost time


def split_sentences(text: str) -> list[str]:
    """Return the sentences of `text`, each normalised; lines of their own are sentences of their own.

    Splits behind . ! ? … where the next word has a capital or is a number, but not behind "M." or an initial.
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
