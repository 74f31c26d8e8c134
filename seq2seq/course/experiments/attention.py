"""Experiments about attention: reading it, masking it, replacing it."""

from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor

from seq2seq.course.experiments.base import Base, Fact, Models, Seen
from seq2seq.course.experiments.shared import beam, greedy
from seq2seq.errors import ConfigError
from seq2seq.models import Memory
from seq2seq.search import ReplacedAttention, search
from seq2seq.session import Session
from seq2seq.text import END, PAD, START, Word, group_words
from seq2seq.trace import Alignment, alignment


class Attention(Base):
    """The attention of a translation as a heatmap.

    Facts about `word`, the target word that is asked for: top (what to pick: its column), top.word (the source word
    with most), top.share, second.word, second.share, end.share (on the end mark); crossing (whether the light goes
    back somewhere), text, rows, columns.
    """

    kind: Literal["attention"]
    source: str = Field(max_length=300)
    word: str = Field("", max_length=60)
    """The target word whose row is asked for; the first of that text."""
    beam: int = Field(5, ge=1, le=20)

    def see(self, models: Models) -> Seen:
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
        return Seen(facts, heatmap(found.source, found.target, found.weights, asked=row if self.word else None))


def _row(found: Alignment, word: str) -> int:
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

    def see(self, models: Models) -> Seen:
        """Return the weights, padding included."""
        session = models.translator(self.model).session(self.source)
        sentence = session.require_sentence("Padding")
        ids = torch.tensor([[*sentence.ids, END, *[PAD] * self.pads]])
        with torch.inference_mode():
            right = sentence.model.encode(ids, ids != PAD)
            wrong = replace(right, mask=torch.ones_like(right.mask))
            tokens, rows = _decoded(session, right)
            wrong_tokens, wrong_rows = _decoded(session, wrong)
            if rows is None or wrong_rows is None:
                raise ConfigError(f"{self.model} has no attention; name a model that has.")
        shown, weights = (tokens, rows) if self.masked else (wrong_tokens, wrong_rows)
        words = group_words(session.pieces(shown))
        starts = [*session.source.starts, len(session.source.pieces)]
        by_word = _by_words(weights, words, starts, self.pads)
        shares = [
            sum(row[-self.pads :])
            for row in _by_words(wrong_rows, group_words(session.pieces(wrong_tokens)), starts, self.pads)
        ]
        worst = max(range(len(shares)), key=shares.__getitem__)
        texts = [session.text(each) for each in (tokens, wrong_tokens)]
        facts: dict[str, Fact] = {
            "lost": shares[worst],
            "lost.word": _named(group_words(session.pieces(wrong_tokens))[worst].text),
            "mean": sum(shares) / len(shares),
            "masked.text": texts[0],
            "unmasked.text": texts[1],
            "same": texts[0] == texts[1],
            "pads": self.pads,
            "masked.lost": float(rows[:, -self.pads :].sum(1).max()),
        }
        columns = [*session.source.words, *["<pad>"] * self.pads]
        return Seen(facts, heatmap(columns, [word.text for word in words], by_word, pads=self.pads))


def _decoded(session: Session, memory: Memory) -> tuple[list[int], Tensor | None]:
    """Return the tokens that a beam finds for a memory, and their attention (target, source)."""
    decoder, _ = session.require_single("Padding")
    tokens = list(search(decoder, memory, session.options.model_copy(update={"n_best": 1}))[0][0].tokens)
    rows = decoder.unroll(torch.tensor([[START, *tokens[:-1]]]), memory).attention
    return tokens, None if rows is None else rows[0]


def _by_words(rows: Tensor, words: list[Word], starts: list[int], pads: int) -> list[list[float]]:
    edges = [*starts, *range(starts[-1] + 1, starts[-1] + pads + 1)]
    found = []
    for word in words:
        row = rows[word.first : word.last].double().mean(0)
        found.append([float(row[first:last].sum()) for first, last in pairwise(edges)])
    return found


class Replaced(Base):
    """A translation's words, when the attention of every step is replaced while the words before it stay the same.

    Facts: survived (what to pick: the words that are still the model's first choice), changed (what to pick: the
    others), changed.count, count (of survivors), of (words in all), share, lost (the others, as a text), kept (the
    survivors, as a text), text (the translation), source, against (more, less or same: how much it hurts, against
    even weights).
    """

    kind: Literal["replaced"]
    source: str = Field(max_length=300)
    weights: Literal["uniform", "reversed"] = "uniform"
    """Every source piece the same weight, or the weights from back to front."""

    def see(self, models: Models) -> Seen:
        """Return the words. Raises ConfigError for a model without attention."""
        session = models.translator(self.model).session(self.source)
        trace = greedy(session)
        path = trace.path(trace.best.leaf)
        tokens = [trace.nodes.token[node] for node in path]
        decoder, memory = session.require_single("Replaced attention")
        places = memory.mask.shape[1]
        given = torch.tensor([[START, *tokens[:-1]]])
        with torch.inference_mode():
            own = decoder.unroll(given, memory).attention
            if own is None:
                raise ConfigError(f"{self.model} has no attention; name a model that has.")
            rows = {
                step: [1 / places] * places if self.weights == "uniform" else own[0, step - 1].flip(0).tolist()
                for step in range(1, len(tokens) + 1)
            }
            chosen = _first_choices(ReplacedAttention(decoder, rows), given, memory)
            even = {step: [1 / places] * places for step in rows}
            evened = _first_choices(ReplacedAttention(decoder, even), given, memory)
        words = [word for word in group_words(session.pieces(tokens)) if word.text != "</s>"]
        stays = [chosen[word.first : word.last] == tokens[word.first : word.last] for word in words]
        even_stays = sum(evened[word.first : word.last] == tokens[word.first : word.last] for word in words)
        kept = [word.text for word, stay in zip(words, stays, strict=True) if stay]
        facts: dict[str, Fact] = {
            "survived": tuple(f"w{i}" for i, stay in enumerate(stays) if stay),
            "changed": tuple(f"w{i}" for i, stay in enumerate(stays) if not stay),
            "changed.count": len(words) - len(kept),
            "count": len(kept),
            "of": len(words),
            "share": len(kept) / len(words),
            "against": "more" if len(kept) < even_stays else "less" if len(kept) > even_stays else "same",
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
        return Seen(facts, {"kind": "items", "items": items, "inline": True})


def _first_choices(decoder: ReplacedAttention, given: Tensor, memory: Memory) -> list[int]:
    """Return the likeliest token at every step, after the tokens `given` (1, target)."""
    logits = decoder.unroll(given, memory).logits[0]
    logits[:, [PAD, START]] = float("-inf")
    found: list[int] = logits.argmax(1).tolist()
    return found
