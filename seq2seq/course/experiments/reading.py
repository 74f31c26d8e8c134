"""Experiments about what goes in: pieces, decoder inputs, one vector against attention."""

import math
from typing import ClassVar, Literal

from pydantic import Field

from seq2seq.checkpoint_config import read_config
from seq2seq.course.experiments.base import Base, Fact, Models, Result
from seq2seq.course.experiments.shared import bars, greedy, label, table
from seq2seq.errors import ConfigError
from seq2seq.evaluation import corpus_scores
from seq2seq.evaluation.stored import read_lengths


class Pieces(Base):
    """The pieces that a source is split into.

    Facts: split (the pieces with strokes between), count, words (how many), longest (pieces of the word with most).
    """

    kind: Literal["pieces"]
    source: str = Field(max_length=300)

    def run(self, models: Models) -> Result:
        """Return the pieces of each word, with their numbers in the vocabulary."""
        translator = models.translator(self.model)
        ids = translator.source_ids(self.source)
        pieces = translator.session(self.source).source.pieces[:-1]
        groups: list[list[int]] = []
        for place, piece in enumerate(pieces):
            if piece.startswith("▁") or not groups:
                groups.append([])
            groups[-1].append(place)
        facts: dict[str, Fact] = {
            "split": "|".join(
                plain for plain in (piece.replace("▁", "").replace("￭", "") for piece in pieces) if plain
            ),
            "count": len(pieces),
            "words": len(groups),
            "longest": max(len(group) for group in groups),
        }
        chips = [[{"text": label(pieces[i]), "below": str(ids[i])} for i in group] for group in groups]
        return Result(facts, {"kind": "chips", "groups": chips, "below": "number in the vocabulary"})


class Inputs(Base):
    """What the decoder reads and writes at each step of greedy search.

    Facts: reads.1, reads.2, …, writes.1, writes.2, …, chance.1, … (of what it writes), steps, text.
    """

    FOR_OWN: ClassVar = {"upto": None}
    kind: Literal["inputs"]
    source: str = Field(max_length=300)
    step: int = Field(1, ge=1)
    """The step that the figure marks."""
    upto: int | None = Field(None, ge=1)
    """The last step that the figure shows; all of them if it is not given."""

    def run(self, models: Models) -> Result:
        """Return both rows."""
        trace = greedy(models.translator(self.model).session(self.source))
        path = trace.path(trace.best.leaf)
        written = [label(trace.nodes.piece[node]) for node in path]
        read = ["⟨start⟩", *written[:-1]]
        facts: dict[str, Fact] = {"steps": len(path), "text": trace.best.text}
        for number, (one, other) in enumerate(zip(read, written, strict=True), 1):
            facts[f"reads.{number}"], facts[f"writes.{number}"] = one, other
            facts[f"chance.{number}"] = math.exp(trace.nodes.log_prob[path[number - 1]])
        figure = {
            "kind": "strip",
            "rows": [
                {"name": "reads", "cells": [{"text": one} for one in read[: self.upto]]},
                {"name": "writes", "cells": [{"text": one} for one in written[: self.upto]]},
            ],
            "marked": min(self.step, len(path)),
        }
        return Result(facts, figure)


class Several(Base):
    """One source, translated by several models.

    Facts, for each of `models`: NAME.text, NAME.chrf (0 to 100, with a reference), NAME.length (words), NAME.lost
    (words of the reference that it lacks).
    """

    FOR_OWN: ClassVar = {"reference": ""}
    kind: Literal["models"]
    source: str = Field(max_length=600)
    models: tuple[str, ...] = Field(min_length=1, max_length=4)
    reference: str = Field("", max_length=600)

    def run(self, models: Models) -> Result:
        """Return the translations side by side."""
        facts: dict[str, Fact] = {}
        rows = []
        for name in self.models:
            text = models.translator(name).translate([self.source])[0].text
            facts[f"{name}.text"], facts[f"{name}.length"] = text or "(nothing)", len(text.split())
            row = [name, text or "(nothing)"]
            if self.reference:
                said = text.lower().strip(".!?").split()
                missing = [word for word in self.reference.strip(".!?").split() if word.lower() not in said]
                facts[f"{name}.lost"] = ", ".join(missing) or "nothing"
                score = corpus_scores([text], [self.reference]).chrf
                facts[f"{name}.chrf"] = score
                row.append(f"{score:.0f}")
            rows.append(row)
        if self.reference:
            rows.append(["a person", self.reference, ""])
        return Result(facts, table(["model", "writes", *(["chrF"] if self.reference else [])], rows))


class Lengths(Base):
    """BLEU by the length of the source, as measured when the models were made.

    Facts, for each of `models`: NAME.first and NAME.last (BLEU of the shortest and of the longest sources),
    NAME.lost (their difference); first and last (the lengths in words).
    """

    OWN = ""
    kind: Literal["lengths"]
    models: tuple[str, ...] = Field(min_length=1, max_length=4)

    def run(self, models: Models) -> Result:
        """Return a curve for each model. Raises ConfigError if a model keeps no such scores."""
        facts: dict[str, Fact] = {}
        series: dict[str, list[float]] = {}
        colours: dict[str, str] = {}
        names: list[str] = []
        for name in self.models:
            folder = models.folder(name)
            found = read_lengths(folder)
            bands = [band for band in found.bands if band.bleu is not None] if found else []
            if len(bands) < 2 or (names and names != [band.name for band in bands]):
                raise ConfigError(f"{name} keeps no scores by length that fit; measure them with: evaluate.")
            names = [band.name for band in bands]
            values = [float(band.bleu or 0) for band in bands]
            kind = read_config(folder).model.attention
            shown = name if kind in colours.values() else "no attention" if kind == "none" else f"{kind} attention"
            series[shown], colours[shown] = values, f"attention-{kind}"
            facts |= {
                f"{name}.first": values[0],
                f"{name}.last": values[-1],
                f"{name}.lost": values[0] - values[-1],
            }
        facts |= {"first": names[0], "last": names[-1]}
        labels = [f"{name} words" for name in names]
        return Result(facts, bars(labels, series, unit="BLEU", digits=1, marked=labels[-1], colours=colours))
