"""From a recipe to a checkpoint."""

from seq2seq.training.loop import Training
from seq2seq.training.recipe import Recipe, read_recipe
from seq2seq.training.resuming import training_folder

__all__ = ["Recipe", "Training", "read_recipe", "training_folder"]
