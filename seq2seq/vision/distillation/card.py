"""The draft of an image encoder's card."""

from typing import NamedTuple

from seq2seq.training.progress import Progress
from seq2seq.vision.distillation.recipe import ImageEncoderRecipe


class DistillationMetrics(NamedTuple):
    """Evaluation of the encoder on whole photos."""

    regions: float
    """Squared error of the teacher's regions; always guessing their mean gives about 1 on a fine grid."""
    first: float
    """Share of photos whose top class is the teacher's."""
    five: float
    """Share of photos with the teacher's class among their top five."""
    word_auc: float
    """Mean over words of the chance that a photo with the word scores above one without."""


def encoder_card(recipe: ImageEncoderRecipe, progress: Progress, figures: DistillationMetrics) -> str:
    """Return what is known at training time; data, licences and limits are for people to add."""
    return f"""# An image encoder ({recipe.image.name})

Trained with `python -m seq2seq train-trunk` ({progress.epoch} epochs, {progress.core_seconds / 60:.0f} minutes of
each process in updates, {progress.precision}).

Of the validation photos {figures.five:.1%} have the teacher's class among the encoder's first five
({figures.first:.1%} as the first). Mean AUC of the captions' words: {figures.word_auc:.3f}.

Data, licences and limits: not written yet.
"""
