"""Languages: their codes, their names in header rows, and language identification."""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from seq2seq.errors import ConfigError

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_CODE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*")
# By code: a language's names in header rows: its longer codes, its name in English and in the language itself.
_NAMES = {
    "ar": "ara arabic arabe العربية",
    "cs": "ces cze czech čeština",
    "da": "dan danish dansk",
    "de": "deu ger german deutsch allemand",
    "el": "ell gre greek ελληνικά",
    "en": "eng english anglais englisch inglés ingles inglese inglês",
    "es": "spa spanish español espanol castellano espagnol spanisch",
    "fi": "fin finnish suomi",
    "fr": "fra fre french français francais französisch francés",
    "he": "heb hebrew עברית",
    "hu": "hun hungarian magyar",
    "it": "ita italian italiano italien",
    "ja": "jpn japanese 日本語",
    "ko": "kor korean 한국어",
    "nl": "nld dut dutch nederlands",
    "pl": "pol polish polski",
    "pt": "por portuguese português portugues portugais",
    "ro": "ron rum romanian română",
    "ru": "rus russian русский",
    "sv": "swe swedish svenska",
    "tr": "tur turkish türkçe",
    "uk": "ukr ukrainian українська",
    "zh": "zho chi chinese 中文 mandarin",
}
_BY_NAME = {name: code for code, names in _NAMES.items() for name in (code, *names.split())}
_SIDES = {"source": 0, "src": 0, "target": 1, "tgt": 1, "trg": 1, "translation": 1}
_LONGEST_CODE = 3  # letters
_LEAST = 40  # letters needed to identify the language of a text


class Languages(NamedTuple):
    """The codes of the source and target language, as in `fr`, `en`."""

    source: str
    target: str


ANY = Languages("source", "target")  # for a file whose languages do not matter


def check_languages(languages: Languages) -> None:
    """Raise ConfigError unless these are the codes of two languages."""
    for language in languages:
        if not _CODE.fullmatch(language):
            raise ConfigError(f"{language!r} is not a language code; write one like fr, en or zh-TW.")
    if languages.source == languages.target:
        raise ConfigError(f"Source and target are both {languages.source!r}; name two languages.")


def code_of(name: str, languages: Languages) -> str:
    """Return the code of the language that a header names `name`; "" if there is none.

    Short codes match only the given `languages`: "it" and "he" are words as well.
    """
    plain = name.strip().strip('"').casefold()
    if plain in _SIDES:
        return languages[_SIDES[plain]]
    found = _BY_NAME.get(plain, "")
    wanted = next((code for code in languages if plain == code.casefold() or (found and base(code) == found)), "")
    return wanted or (found if len(plain) > _LONGEST_CODE else "")


def base(code: str) -> str:
    """Return a language's code without its region, as in zh for zh-TW."""
    return re.split("[-_]", code.casefold())[0]


def is_known(code: str) -> bool:
    """Return whether `language_of` can identify this language."""
    return base(code) in _NAMES


def english_name(code: str) -> str:
    """Return the English name of a language, or its code if the name is not known."""
    names = _NAMES.get(base(code), "").split()
    return next((name.capitalize() for name in names if len(name) > 3), code)


@cache
def _identifier() -> "LanguageIdentifier":
    # Loading takes half a second, and only some commands need it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # With all its languages, it may classify a hundred short Spanish sentences as Venetian.
    identifier.set_languages(list(_NAMES))
    return identifier


def language_of(texts: Sequence[str], sure: float = 0.8, least: int = _LEAST) -> str | None:
    """Return the language of some texts, among those in `_NAMES` (Lui and Baldwin 2012); None if unsure.

    sure: the minimum probability. least: the minimum number of letters.
    """
    whole = " ".join(texts)
    if sum(map(str.isalpha, whole)) < least:
        return None
    code, probability = _identifier().classify(whole)
    return str(code) if probability >= sure else None
