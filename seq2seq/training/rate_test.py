"""The learning-rate range test (Smith 2017, section 3.3): increase the rate and watch where the loss falls."""

import math
from collections.abc import Callable, Iterator
from itertools import count

import torch

from seq2seq.models import TranslationModel
from seq2seq.training.corpus import EpochBatches, make_vocabularies, read_corpus
from seq2seq.training.precision import require
from seq2seq.training.rates import _DIVERGED, RateTrial
from seq2seq.training.recipe import Recipe
from seq2seq.training.start import freeze, initialise
from seq2seq.training.update import Updater

LOWEST, HIGHEST = 1e-5, 1.0
_MEMORY = 0.9  # decay of the running mean of the loss


def sweep(step: Callable[[float], float], updates: int) -> Iterator[RateTrial]:
    """Yield one record for each of at most `updates` steps, at rates that grow geometrically.

    step: makes one update at a rate and returns its loss. The test ends when the smoothed loss is four times its
    best, or a loss is not finite.
    """
    mean, best = 0.0, math.inf
    growth = (HIGHEST / LOWEST) ** (1 / max(1, updates - 1))
    for number in range(updates):
        rate = LOWEST * growth**number
        loss = step(rate)
        mean = _MEMORY * mean + (1 - _MEMORY) * loss
        smoothed = mean / (1 - _MEMORY ** (number + 1))  # bias correction as in Adam
        yield RateTrial(rate, loss, smoothed)
        best = min(best, smoothed)
        if not math.isfinite(loss) or smoothed > _DIVERGED * best:
            return


def rate_test(recipe: Recipe, updates: int, device: str = "cpu") -> Iterator[RateTrial]:
    """Yield the records of a test with the recipe's model, data and batches, from its initial weights on.

    The rate in the records is the decoder's; the encoder's keeps its ratio to it.
    Raises ConfigError, DataError or CheckpointError if part of the recipe can't be used.
    """
    torch.manual_seed(recipe.training.seed)
    corpus = read_corpus(recipe)
    vocabularies = make_vocabularies(recipe, corpus.train)
    model = TranslationModel(recipe.model, *(len(tokenizer) for tokenizer in vocabularies)).to(device)
    initialise(model, recipe, vocabularies)
    freeze(model, recipe.initialise_from)
    epochs = EpochBatches(recipe, corpus.train, vocabularies)
    requested = recipe.training.precision
    updater = Updater(model, recipe, "float32" if requested == "auto" else require(requested, device))
    remaining = (batch for number in count() for batch in epochs.epoch(number))

    def step(rate: float) -> float:
        batch = next(remaining).to(torch.device(device))
        updated = updater.update(batch, rate / recipe.training.decoder_rate)
        return updated.loss / updated.tokens

    yield from sweep(step, updates)
