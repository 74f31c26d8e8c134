"""Experiments about attention: reading it, masking it, replacing it."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from seq2seq.course.experiments.base import Base, Fact, Models, Result
from seq2seq.course.experiments.shared import beam, greedy
from seq2seq.errors import ConfigError
from seq2seq.text import group_words
from seq2seq.trace import alignment

if TYPE_CHECKING:
    from seq2seq.trace import Alignment


class Attention(Base):
    """The attention of a translation as a heatmap.

    Facts about `word`, the target word that is asked for: top (what to pick: its column), top.word (the source word
    with most), top.share, second.word, second.share, end.share (on the end mark); crossing (whether the light goes
    back somewhere), text, rows, columns.
    """

    FOR_OWN: ClassVar = {"word": ""}
    kind: Literal["attention"]
    source: str = Field(max_length=300)
    word: str = Field("", max_length=60)
    """The target word whose row is asked for; the first of that text."""
    beam: int = Field(5, ge=1, le=20)

    def run(self, models: Models) -> Result:
        """Return the heatmap. Raises ConfigError if the translation has no such word."""
        trace = beam(models.translator(self.model).session(self.source), self.beam)
        found = alignment(trace)
        if found is None:
            raise ConfigError(f"{self.model} has no attention; name a model that has.")
        row = _row(found, self.word) if self.word else 0
        weights = found.weights[row]
        order = sorted(range(len(weights)), key=lambda i: -weights[i])
        tops = [max(range(len(each)), key=each.__getitem__) for each in found.weights]
        facts: dict[str, Fact] = {
            "top": (f"c{order[0]}",),
            "top.word": _named(found.source[order[0]]),
            "top.share": weights[order[0]],
            "second.word": _named(found.source[order[1]]) if len(order) > 1 else "",
            "second.share": weights[order[1]] if len(order) > 1 else 0.0,
            "end.share": weights[-1],
            "crossing": any(after < before for before, after in pairwise(tops)),
            "text": trace.best.text,
            "rows": len(found.target),
            "columns": len(found.source),
        }
        return Result(facts, heatmap(found.source, found.target, found.weights, asked=row if self.word else None))


def _row(found: "Alignment", word: str) -> int:
    plain = [target.strip(".,!?").lower() for target in found.target]
    if word.lower() not in plain:
        raise ConfigError(
            f"the translation “{' '.join(found.target)}” has no word {word!r}; name one of its words."
        )
    return plain.index(word.lower())


def heatmap(
    columns: list[str], rows: list[str], weights: list[list[float]], *, asked: int | None = None, pads: int = 0
) -> dict[str, Any]:
    """Return a heatmap as a figure. asked: the row that the step is about; pads: how many columns are padding."""
    return {
        "kind": "heatmap",
        "columns": [_named(each) for each in columns],
        "rows": [_named(each) for each in rows],
        "weights": [[round(value, 4) for value in row] for row in weights],
        "asked": asked,
        "pads": pads,
    }


def _named(word: str) -> str:
    return {"</s>": "⟨end⟩", "<pad>": "⟨pad⟩"}.get(word, word)


class Padding(Base):
    """A sentence in a batch with a longer one: attention with the mask, and without it.

    Facts: lost (the largest share that a word gives to padding without the mask), lost.word, mean (the mean share),
    masked.text, unmasked.text, same (whether both are the same), pads, masked.lost (the largest
    share with the mask).
    """

    kind: Literal["padding"]
    source: str = Field(max_length=300)
    pads: int = Field(6, ge=1, le=40)
    """How many places are filled."""
    masked: bool = False
    """Whether the figure shows the weights with the mask."""

    def run(self, models: Models) -> Result:
        """Return the weights, padding included. Raises ConfigError for a model without attention."""
        from seq2seq.course.experiments.tensors import padded

        session = models.translator(self.model).session(self.source)
        right, wrong = (padded(session, self.pads, masked=masked) for masked in (True, False))
        shown = right if self.masked else wrong
        shares = [sum(row[-self.pads :]) for row in wrong.weights]
        worst = max(range(len(shares)), key=shares.__getitem__)
        facts: dict[str, Fact] = {
            "lost": shares[worst],
            "lost.word": _named(wrong.words[worst]),
            "mean": sum(shares) / len(shares),
            "masked.text": right.text,
            "unmasked.text": wrong.text,
            "same": right.text == wrong.text,
            "pads": self.pads,
            "masked.lost": max(sum(row[-self.pads :]) for row in right.weights),
        }
        columns = [*session.source.words, *["<pad>"] * self.pads]
        return Result(facts, heatmap(columns, shown.words, shown.weights, pads=self.pads))


class Replaced(Base):
    """A translation's words, when the attention of every step is replaced while the words before it stay the same.

    Facts: survived (what to pick: the words that are still the model's first choice), changed (what to pick: the
    others), changed.count, count (of survivors), of (words in all), share, lost (the others, as a text), kept (the
    survivors, as a text), text (the translation), source, against (more, less or same: how much it hurts, against
    even weights), even (how many survive those).
    """

    kind: Literal["replaced"]
    source: str = Field(max_length=300)
    weights: Literal["uniform", "reversed"] = "uniform"
    """Every source piece the same weight, or the weights from back to front."""

    def run(self, models: Models) -> Result:
        """Return the words. Raises ConfigError for a model without attention."""
        from seq2seq.course.experiments.tensors import first_choices

        session = models.translator(self.model).session(self.source)
        trace = greedy(session)
        path = trace.path(trace.best.leaf)
        tokens = [trace.nodes.token[node] for node in path]
        even = first_choices(session, tokens, "uniform")
        chosen = even if self.weights == "uniform" else first_choices(session, tokens, self.weights)
        words = [word for word in group_words(session.pieces(tokens)) if word.text != "</s>"]
        stays = [chosen[word.first : word.last] == tokens[word.first : word.last] for word in words]
        even_stays = sum(even[word.first : word.last] == tokens[word.first : word.last] for word in words)
        kept = [word.text for word, stay in zip(words, stays, strict=True) if stay]
        facts: dict[str, Fact] = {
            "survived": tuple(f"w{i}" for i, stay in enumerate(stays) if stay),
            "changed": tuple(f"w{i}" for i, stay in enumerate(stays) if not stay),
            "changed.count": len(words) - len(kept),
            "count": len(kept),
            "of": len(words),
            "share": len(kept) / len(words),
            "against": "more" if len(kept) < even_stays else "less" if len(kept) > even_stays else "same",
            "even": even_stays,
            "text": trace.best.text,
            "source": self.source,
            "kept": ", ".join(kept) or "none",
            "lost": ", ".join(word.text for word, stay in zip(words, stays, strict=True) if not stay) or "none",
        }
        items = []
        for i, (word, stay) in enumerate(zip(words, stays, strict=True)):
            now = session.text(chosen[word.first : word.last]) or "⟨end⟩"
            items.append(
                {"id": f"w{i}", "text": word.text, "marked": stay, "below": "stays" if stay else f"now “{now}”"}
            )
        figure = {"kind": "items", "items": items, "inline": True, "shaded": "still the model's first choice"}
        return Result(facts, figure)
