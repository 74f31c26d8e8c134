"""From a recipe to a checkpoint."""

from seq2seq.training.loop import Training, training_folder
from seq2seq.training.recipe import Recipe, read_recipe

__all__ = ["Recipe", "Training", "read_recipe", "training_folder"]
