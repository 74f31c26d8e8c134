"""The draft of a model card."""

from torch import nn

from seq2seq.training.progress import Progress
from seq2seq.training.recipe import Averaging, Recipe


def draft_card(recipe: Recipe, progress: Progress, model: nn.Module) -> str:
    """Return what is known at training time; data, licences, test scores and limits are for people to add."""
    last, best = progress.validations[-1], progress.best
    mean = averaged(recipe.averaging)
    return f"""# {recipe.data.source} to {recipe.data.target}

Trained with `python -m seq2seq train train.toml` {cost(progress, model)}

Validation while training (greedy, {recipe.data.valid_pairs} pairs at most): BLEU {last.score:.2f}
at the end, {best.score:.2f} at best (update {best.update}){mean}.

Data, licences, test scores and limits: not written yet.
"""


def averaged(averaging: Averaging) -> str:
    """Return what a card says about checkpoint averaging."""
    return "; both before averaging, `history.jsonl` also has the averaged model's" if averaging.count > 1 else ""


def cost(progress: Progress, model: nn.Module) -> str:
    """Return the cost of a training and the size of its model."""
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return (
        f"({progress.update} updates, {progress.tokens} target tokens,\n{progress.core_seconds / 60:.0f} "
        f"core-minutes in updates, {progress.precision}). {parameters:,} parameters."
    )
