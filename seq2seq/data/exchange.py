"""Pairs whose names, towns, countries and languages are exchanged for others, so that a model learns to copy names.

What stands in a pair on both sides is exchanged on both, for one of the same kind: a woman's name for a woman's, so
that agreement stays right, and a country for one that takes the same articles. French elision follows (de Tom,
d'Alice). (Data augmentation with dictionary entries: Fadaee et al. 2017.)
"""

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from seq2seq.data.lines import open_text
from seq2seq.data.pairs import Pair
from seq2seq.errors import DataError
from seq2seq.text import normalise

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ELIDED = re.compile(r"\b(d|qu|lorsqu|puisqu|l)'$", re.IGNORECASE)
_WHOLE = re.compile(r"\b(d|qu|lorsqu|puisqu)e $|\b(l)[ea] $", re.IGNORECASE)
_SPEAKS = re.compile(r"\b(?:en|parl\w+|appr\w+|compren\w+|étudi\w+|le|l'|enseign\w+) ?$", re.IGNORECASE)
_IS = re.compile(r"\b(?:suis|es|est|était|étais|sera|serai|soit|suis-je|est-il|est-elle) $", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:\b(?:l[ea]|en|aux?|du|des|les) |l')$", re.IGNORECASE)
_NO_ARTICLE = re.compile(
    "Cuba|Chypre|Malte|Haïti|Israël|Madagascar|Monaco|Singapour|Taïwan|Oman|Bahreïn|Djibouti|Maurice|Kiribati|Tuvalu|"
    "Nauru|Palaos|Vanuatu|Andorre|Saint-Marin|Hong-Kong|Macao|Aruba|Guam|Jersey|Guernesey|Mayotte|Samoa|Tonga|-et-"
)
_MASCULINE = re.compile("Mexique|Mozambique|Cambodge|Zimbabwe|Belize|Suriname")
_WITH_THE = re.compile(r"United|Republic|Islands|Kingdom|&")
_NO_TOWN = re.compile(
    r"-et-|\b(?:County|Province|Not|Region|District|Island|North|South|East|West|Upper|Lower|Asia|Africa|Europe|America|"
    r"Oceania|Comté|Îles?|Province|région|Rép|de|du|des|la|le|les)\b|(?:ie|ique|ée|ande|lande)$"
)


class Entry(NamedTuple):
    """A name in both languages, and its kind: exchanged for others of the same."""

    english: str
    french: str
    kind: str


def read_entries(paths: Iterable[Path]) -> list[Entry]:
    """Return the entries of tables of english<TAB>french<TAB>kind whose kind is of use here.

    Kinds: female, male, family, city, place, country, language, demonym-adj-m, demonym-adj-f.
    Raises DataError if a file can't be read or has lines of another form.
    """
    found = []
    for path in paths:
        for number, line in enumerate(open_text(path), 1):
            cells = line.rstrip("\n").split("\t")
            if len(cells) != 3:
                raise DataError(f"{path}: line {number} has {len(cells)} columns, not english, french and kind.")
            english, french, kind = normalise(cells[0]), normalise(cells[1]), _kind(*cells)
            entry = Entry(english, french.lower() if kind.startswith("adjective") else french, kind)
            if entry.kind and entry.english and entry.french:
                found.append(entry)
    nations = [entry for entry in found if entry.kind.startswith("adjective")]
    # A nation that is named like its language may stand among the languages alone.
    named = {name for entry in nations for name in (entry.english, entry.french)}
    spoken = [each for each in found if each.kind == "language" and named & {each.english, each.french}]
    found += [Entry(each.english, each.french, "adjective-m") for each in spoken]
    found += [each._replace(french=feminine, kind="adjective-f") for each in found if (feminine := _feminine(each))]
    # Of thousands of languages those that are named like a nation are the ones that people speak of.
    return [entry for entry in dict.fromkeys(found) if entry.kind != "language" or entry in spoken]


def _feminine(entry: Entry) -> str:
    """Return the feminine of a nation's adjective in -ais, -ois or -ien; the empty string for others."""
    if entry.kind != "adjective-m" or not entry.french.endswith(("ais", "ois", "ien")):
        return ""
    return entry.french + ("ne" if entry.french.endswith("ien") else "e")


def _kind(english: str, french: str, kind: str) -> str:
    if kind == "demonym-noun-m":
        return "adjective-m"
    if kind in ("female", "male", "family", "language"):
        return kind
    if kind in ("city", "place"):
        plain = len(french.split()) == len(english.split()) == 1 and french[:1].isupper()
        return "town" if plain and not (kind == "place" and english != french and _NO_TOWN.search(french)) else ""
    if kind.startswith("demonym-adj"):
        return f"adjective-{kind[-1]}"
    if (
        kind == "country"
        and len(french.split()) == 1
        and not _NO_ARTICLE.fullmatch(french)
        and "-et-" not in french
        and not _WITH_THE.search(english)
    ):
        if _begins_with_vowel(french):
            return "country-elided"
        if french.endswith("s") and english.endswith("s"):
            return "country-plural"
        return "country-f" if french.endswith("e") and not _MASCULINE.fullmatch(french) else "country-m"
    return ""


class Exchange:
    """Exchanges the names in pairs; `languages`: of source and target, one of them fr and one en."""

    def __init__(self, entries: Sequence[Entry], languages: tuple[str, str]) -> None:
        self._french = languages.index("fr")
        self._by_kind: Mapping[str, list[Entry]] = defaultdict(list)
        self._entries: dict[str, Entry] = {}
        for entry in dict.fromkeys(entries):
            self._by_kind[entry.kind].append(entry)
            self._entries.setdefault(entry.french, entry)

    def exchanged(self, pair: Pair, random_: random.Random) -> Pair | None:
        """Return the pair with every name that both sides have exchanged; None if there is none."""
        french, english = pair[self._french], pair[1 - self._french]
        changed = False
        chosen: dict[str, Entry] = {}
        for old, place in self._found(french, english):
            new = chosen.setdefault(old.french, random_.choice(self._by_kind[old.kind]))
            put = put_in_french(french, old.french, new.french, place)
            if put is None or new.french == old.french:
                continue
            # From the end of the French text to its beginning, so that the places of those to come stay right.
            french = put
            english = put_in_english(english, old.english, new.english)
            changed = True
        if not changed:
            return None
        sides = (french, english) if self._french == 0 else (english, french)
        return Pair(*sides)

    def _found(self, french: str, english: str) -> Iterator[tuple[Entry, int]]:
        """Yield the names that both sides have equally often, from the last to the first in the French text."""
        matches = [m for m in _WORD.finditer(french) if m.group() in self._entries]
        for match in reversed(matches):
            entry = self._entries[match.group()]
            before = french[: match.start()]
            if entry.kind == "language" and not _SPEAKS.search(before):
                continue
            if entry.kind == "town" and _ARTICLE.search(before):
                continue
            if entry.kind.startswith("adjective") and not _IS.search(before):
                continue
            count = len(re.findall(rf"(?<!\w){re.escape(entry.english)}(?!\w)", english))
            if count == sum(other.group() == match.group() for other in matches) == 1:
                yield entry, match.start()


def put_in_english(text: str, old: str, new: str) -> str:
    """Return `text` with `new` in place of the word `old`, after "a" or "an" as it has to be."""

    def put(match: re.Match[str]) -> str:
        article = match[1] and (match[1][0] + ("n " if new[:1].lower() in "aeiouéè" else " "))
        return (article or "") + new

    return re.sub(rf"(\b[Aa]n? )?(?<!\w){re.escape(old)}(?!\w)", put, text)


def put_in_french(text: str, old: str, new: str, place: int) -> str | None:
    """Return `text` with `new` in place of `old`, which stands at `place`, elided as it has to be.

    None if the elision is not certain: some names in h and y are elided, and some are not.
    """
    before, after = text[:place], text[place + len(old) :]
    elided, whole = _ELIDED.search(before), _WHOLE.search(before)
    if (elided or whole) and new[:1] in "HhYy":
        return None
    if elided and not _begins_with_vowel(new):
        return f"{before[: elided.start()]}{elided[1]}e {new}{after}"
    if whole and _begins_with_vowel(new):
        return f"{before[: whole.start()]}{whole[1] or whole[2]}'{new}{after}"
    return before + new + after


def _begins_with_vowel(word: str) -> bool:
    return unicodedata.normalize("NFD", word)[:1].lower() in set("aeiouœ")
