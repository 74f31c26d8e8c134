"""The draft of a captioning decoder's card."""

from torch import nn

from seq2seq.training.card import averaged, cost
from seq2seq.training.progress import Progress
from seq2seq.vision.captioning.recipe import CaptionRecipe


def caption_card(recipe: CaptionRecipe, progress: Progress, model: nn.Module) -> str:
    """Return what is known of a captioning decoder at training time; the rest is for people to add."""
    best = progress.best
    mean = averaged(recipe.averaging)
    return f"""# Captions of photos

Trained with `python -m seq2seq train-captions train.toml` {cost(progress, model)}

Validation while training (beam {recipe.data.beam_size}, {recipe.data.valid_count} photos at most): BLEU-4
{progress.validations[-1].score:.2f} at the end, {best.score:.2f} at best (update {best.update}){mean}.

Data, licences, scores and limits: not written yet.
"""
