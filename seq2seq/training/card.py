"""The draft of a model card, and the recipe as TOML again."""

import json
from typing import Any

from torch import nn

from seq2seq.config import Settings
from seq2seq.training.recipe import Averaging, Recipe
from seq2seq.training.state import Progress


def recipe_toml(recipe: Settings) -> str:
    """Return the whole recipe, defaults written out, as TOML that `read_recipe` reads."""
    lines: list[str] = []
    for table, values in recipe.model_dump(mode="json", exclude_none=True).items():
        lines += _table(table, values)
    return "\n".join(lines).lstrip("\n") + "\n"


def _table(name: str, values: dict[str, Any]) -> list[str]:
    plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
    lines = ["", f"[{name}]"] if plain else []
    # JSON's strings, numbers, booleans and arrays are TOML's too, but that TOML wants DEL escaped.
    for key, value in plain.items():
        written = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        lines.append(f"{key} = {written}")
    for key, value in values.items():
        if isinstance(value, dict):
            lines += _table(f"{name}.{key}", value)
    return lines


def draft_card(recipe: Recipe, progress: Progress, model: nn.Module) -> str:
    """Return what is known at training time; data, licences, test scores and limits are for people to add."""
    best = max(progress.moments, key=lambda moment: moment.bleu)
    mean = averaged(recipe.averaging)
    return f"""# {recipe.data.source} to {recipe.data.target}

Trained with `python -m seq2seq train train.toml` {cost(progress, model)}

Validation while training (greedy, {recipe.data.valid_pairs} pairs at most): BLEU {progress.moments[-1].bleu:.2f}
at the end, {best.bleu:.2f} at best (update {best.update}){mean}.

Data, licences, test scores and limits: not written yet.
"""


def averaged(averaging: Averaging) -> str:
    """Return what a card says of averaged checkpoints."""
    return "; both before averaging, `history.jsonl` has the mean's, too" if averaging.count > 1 else ""


def cost(progress: Progress, model: nn.Module) -> str:
    """Return what a training took and how large its model is."""
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return (
        f"({progress.update} updates, {progress.tokens} target tokens,\n{progress.core_seconds / 60:.0f} "
        f"core-minutes in updates, {progress.precision}). {parameters:,} parameters."
    )
