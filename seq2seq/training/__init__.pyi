from .loop import Training
from .recipe import Recipe, read_recipe
from .resuming import training_folder

__all__ = ["Recipe", "Training", "read_recipe", "training_folder"]
