"""What a page needs to know of the text step: its expressions, word lists and forms, as the toolkit has them."""

from html.entities import html5
from typing import Any

from seq2seq.checkpoint import Checkpoint
from seq2seq.config import Settings
from seq2seq.exported.patterns import in_javascript
from seq2seq.search import STOP_RULE, Beam, Sample, SearchOptions, bound_rule
from seq2seq.text import known, passages, preparation, sentences
from seq2seq.text.figures import style_of
from seq2seq.text.lists import words, words_of_all
from seq2seq.text.normalise import AFTER_QUOTE, BEFORE_STOP, FRENCH_STOP, QUOTED, RANGE, REPLACED, ligatures_pattern


def text_rules(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return the rules by which a model's sentences are split, prepared and written out, as JSON values."""
    source, target = checkpoint.config.source, checkpoint.config.target
    ligatures = ligatures_pattern(source)
    expressions = {
        "range": RANGE,
        "beforeStop": BEFORE_STOP,
        "afterQuote": AFTER_QUOTE,
        "quoted": QUOTED,
        "frenchStop": FRENCH_STOP,
        "passage": passages.passage_pattern(source),
        "hint": passages.HINT,
        "before": preparation.BEFORE,
        "after": preparation.AFTER,
        "sentenceEnd": sentences.SENTENCE_END,
        "lastWord": sentences.LAST_WORD,
        "nextWord": sentences.NEXT_WORD,
        "initials": sentences.INITIALS,
        "listNumber": sentences.LIST_NUMBER,
        "number": sentences.NUMBER_NEXT,
        "word": known.WORD,
        "begins": known.BEGINS,
    } | ({"ligatures": ligatures} if ligatures else {})
    abbreviations, first_words = sentences.abbreviations_and_first_words(source)
    return {
        "source": source,
        "target": target,
        "patterns": {name: in_javascript(pattern) for name, pattern in expressions.items()},
        "replaced": {chr(sign): by for sign, by in REPLACED.items()},
        "ligatures": ligatures is not None,
        "lists": {
            "titles": words("sentences", "titles"),
            "beforeNumbers": words("sentences", "before_numbers"),
            "inTheMiddle": words("sentences", "in_the_middle"),
            "pronouns": words_of_all("pronouns"),
            "particles": words("names", "particles"),
            "abbreviations": sorted(abbreviations),
            "firstWords": sorted(first_words),
        },
        "letters": passages.LETTERS,
        "placeholders": passages.PLACEHOLDERS,
        "placeholder_ids": checkpoint.placeholders,
        "styles": {side: _style(code) for side, code in (("source", source), ("target", target))},
        "entities": html5,
    }


def search_rules() -> dict[str, Any]:
    """Return the ranges of a search's options and how it stops in words, as JSON values.

    A range is least, most (None: none), whether only whole numbers count, and whether the least itself is excluded.
    """
    fields: dict[str, tuple[type[Settings], str]] = {
        "beam_size": (Beam, "size"),
        "alpha": (Beam, "alpha"),
        "n_best": (SearchOptions, "n_best"),
        "min_length": (SearchOptions, "min_length"),
        "max_length": (SearchOptions, "max_length"),
        "temperature": (Sample, "temperature"),
        "top_k": (Sample, "top_k"),
        "top_p": (Sample, "top_p"),
        "seed": (Sample, "seed"),
    }
    bounds = [bound_rule(SearchOptions(mode=Beam(alpha=alpha))) for alpha in (0, -1)]
    return {
        "ranges": {name: _range(*where) for name, where in fields.items()},
        "stop": STOP_RULE,
        "bounds": bounds,
        "diversity": Beam().diversity,
    }


def _range(record: type[Settings], name: str) -> tuple[float, float | None, bool, bool]:
    schema = record.model_json_schema()["properties"][name]
    schema = next((each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"), schema)
    whole = schema["type"] == "integer"
    most = schema.get("maximum", schema["exclusiveMaximum"] - 1 if "exclusiveMaximum" in schema else None)
    return schema.get("minimum", schema.get("exclusiveMinimum")), most, whole, "exclusiveMinimum" in schema


def _style(language: str) -> dict[str, Any] | None:
    style = style_of(language)
    return None if style is None else {"decimal": style.decimal, "group": style.group, "point": style.is_point}
