"""Validation while training: teacher-forced loss and free-running BLEU, each under its own name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, Self, TypeVar

import torch

from seq2seq.checkpoint import Checkpoint
from seq2seq.checkpoint_config import CheckpointConfig
from seq2seq.data.batches import Batch, batches
from seq2seq.data.pairs import Pair
from seq2seq.evaluation.calibration import BINS, Calibration, from_sums
from seq2seq.models import EncoderDecoder, Memory, TranslationModel
from seq2seq.search import Greedy
from seq2seq.text import Masking
from seq2seq.training.corpus import Vocabularies
from seq2seq.training.decoding import Targets
from seq2seq.training.losses import token_losses
from seq2seq.translator import Translator


class TeacherForcedMetrics(NamedTuple):
    """Teacher-forced figures over real tokens."""

    loss: float  # nats per token
    accuracy: float  # share of tokens predicted right


def pair_batches(vocabularies: Vocabularies, pairs: Sequence[Pair]) -> Iterator[Batch]:
    """Return batches of all pairs, by length."""
    sources = vocabularies.source.encode_all([pair.source for pair in pairs])
    targets = vocabularies.target.encode_all([pair.target for pair in pairs])
    return batches(sources, targets, 4000)


M = TypeVar("M", bound=EncoderDecoder)
M_contra = TypeVar("M_contra", bound=EncoderDecoder, contravariant=True)


class ValidBatch(Protocol[M_contra]):
    """Sources with their targets."""

    def to(self, device: torch.device) -> Self:
        """Return the batch on `device`."""

    def parts(self, model: M_contra) -> Iterator[tuple[Memory, Targets]]:
        """Yield the memories that the model's decoder reads, each with its targets."""


@torch.inference_mode()
def teacher_forced_metrics(model: M, made: Iterable[ValidBatch[M]]) -> tuple[TeacherForcedMetrics, Calibration]:
    """Return teacher-forced loss and accuracy, and the calibration of the most likely token's probability."""
    loss, correct, tokens = 0.0, 0, 0
    tenths = torch.zeros(BINS, 3, dtype=torch.float64)  # count, probability, right
    device = model.decoder.output.weight.device
    parts = (part for batch in made for part in batch.to(device).parts(model))
    for memory, targets in parts:
        logits = model.decoder.unroll(targets.decoder_input, memory).logits[targets.mask]
        labels = targets.labels[targets.mask]
        sums = token_losses(logits, labels, 0.0)
        loss, correct, tokens = loss + float(sums.plain), correct + int(sums.correct), tokens + sums.tokens
        probability, said = logits.softmax(-1).max(-1)
        rows = torch.stack([torch.ones_like(probability), probability, (said == labels).float()], 1)
        tenths.index_add_(0, (probability * BINS).long().clamp_max(BINS - 1).cpu(), rows.double().cpu())
    return TeacherForcedMetrics(loss / tokens, correct / tokens), from_sums(tenths)


def in_words(figures: Mapping[str, float]) -> str:
    """Return the figures of a validation in one line."""
    return ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in figures.items())


def greedy_translations(
    model: TranslationModel,
    config: CheckpointConfig,
    vocabularies: Vocabularies,
    pairs: Sequence[Pair],
    masking: Masking | None = None,
) -> list[str]:
    """Return free-running greedy translations of the sources."""
    known = masking.known if masking else None
    checkpoint = Checkpoint(config=config, model=model, digest="", known=known, **vocabularies._asdict())
    translator = Translator(checkpoint, "validation")
    return [one.text for one in translator.translate([pair.source for pair in pairs], translator.options(Greedy()))]
