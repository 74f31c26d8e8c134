"""The search atlas: scores of a whole set of sentences by beam size and length penalty."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from seq2seq.checkpoint_config import read_config
from seq2seq.config import Settings
from seq2seq.evaluation.folder_records import TestRecord, read_record, save_record
from seq2seq.evaluation.lengths import output_statistics
from seq2seq.evaluation.metrics import corpus_scores

FILE = "atlas.json"
# (beam size, alpha) -> outputs for all sentences, and which of them ended with </s>
Translated = Callable[[int, float], tuple[list[str], list[bool]]]


class AtlasCell(Settings):
    """The scores of one search over all sentences."""

    beam_size: int = Field(ge=1)
    alpha: float
    bleu: float
    chrf: float
    length_ratio: float
    """Words of all outputs / words of all references."""
    empty: float = Field(ge=0, le=1)
    """Share of empty outputs."""


class Atlas(TestRecord):
    """What atlas.json holds."""

    format: Literal[1] = 1
    sentences: int = Field(ge=1)
    bleu_signature: str
    cells: tuple[AtlasCell, ...] = Field(min_length=1)

    @property
    def beam_sizes(self) -> list[int]:
        """The beams tried, narrowest first."""
        return sorted({cell.beam_size for cell in self.cells})

    @property
    def alphas(self) -> list[float]:
        """The length penalties tried, smallest first."""
        return sorted({cell.alpha for cell in self.cells})

    def cell(self, beam_size: int, alpha: float) -> AtlasCell | None:
        """Return the search of that size and penalty, None if it was not tried."""
        return next((one for one in self.cells if (one.beam_size, one.alpha) == (beam_size, alpha)), None)

    def best_alpha(self, beam_size: int) -> float:
        """Return the length penalty with the best BLEU at a beam size; on a tie the smallest."""
        tried = [cell for cell in self.cells if cell.beam_size == beam_size]
        return min(tried, key=lambda cell: (-cell.bleu, cell.alpha)).alpha


def survey(
    translate: Translated, references: Sequence[str], beam_sizes: Sequence[int], alphas: Sequence[float]
) -> Iterator[AtlasCell]:
    """Yield a cell for each beam and penalty. Greedy is the same at every penalty, so it is searched once."""
    greedy: tuple[list[str], list[bool]] | None = None
    for beam_size in beam_sizes:
        for alpha in alphas:
            if beam_size == 1:
                greedy = found = greedy or translate(1, alpha)
            else:
                found = translate(beam_size, alpha)
            texts, finished = found
            scores, outputs = corpus_scores(texts, references), output_statistics(texts, finished, references)
            yield AtlasCell(
                beam_size=beam_size,
                alpha=alpha,
                bleu=round(scores.bleu, 2),
                chrf=round(scores.chrf, 2),
                length_ratio=round(outputs.length_ratio, 3),
                empty=outputs.empty,
            )


def make_atlas(folder: Path, test: str, sentences: int, signature: str, cells: Sequence[AtlasCell]) -> Atlas:
    """Return the record of a survey. Raises CheckpointError without a checkpoint in `folder`."""
    weights = read_config(folder).weights
    return Atlas(weights=weights, test=test, sentences=sentences, bleu_signature=signature, cells=tuple(cells))


def markdown(atlas: Atlas) -> str:
    """Return a table for a model card: BLEU / length ratio by penalty and beam, the best BLEU in bold."""
    best = max(cell.bleu for cell in atlas.cells)
    lines = ["| α | " + " | ".join(_beam(size) for size in atlas.beam_sizes) + " |"]
    lines.append("|---" * (len(atlas.beam_sizes) + 1) + "|")
    for alpha in atlas.alphas:
        cells = [atlas.cell(size, alpha) for size in atlas.beam_sizes]
        lines.append(f"| {alpha:g} | " + " | ".join(_shown(cell, best) for cell in cells) + " |")
    return "\n".join(lines)


def _beam(size: int) -> str:
    return "greedy" if size == 1 else f"beam {size}"


def _shown(cell: AtlasCell | None, best: float) -> str:
    if cell is None:
        return "–"
    bleu = f"**{cell.bleu:.2f}**" if cell.bleu == best else f"{cell.bleu:.2f}"
    return f"{bleu} / {cell.length_ratio:.3f}" + (f" ({cell.empty:.1%} empty)" if cell.empty else "")


def save_atlas(folder: Path, atlas: Atlas) -> None:
    """Write the record into the checkpoint folder. Raises CheckpointError if the place can't be written."""
    save_record(folder, FILE, atlas)


def read_atlas(folder: Path) -> Atlas | None:
    """Return the record of a checkpoint folder, None if it has none.

    Raises CheckpointError if it is damaged, or made for other weights than those of the folder.
    """
    return read_record(folder, FILE, Atlas, "atlas --save")
