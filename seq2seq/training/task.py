"""What the training loop asks of the thing that it trains: a translation model, or one that captions photos."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

import torch
from torch import Tensor, nn

from seq2seq.data.pairs import Pair
from seq2seq.distributed import Group
from seq2seq.models import Decoder, Memory
from seq2seq.text import Tokenizer
from seq2seq.training.losses import Losses
from seq2seq.training.progress import Progress
from seq2seq.training.recipe import Averaging, ForcingRecipe, TrainingRecipe


class Targets(Protocol):
    """What a decoder is fed and asked; each (rows, target)."""

    @property
    def decoder_input(self) -> Tensor:
        """Ids that begin with <s>."""

    @property
    def labels(self) -> Tensor:
        """`decoder_input` one step later, with </s>."""

    @property
    def mask(self) -> Tensor:
        """True where something is learnt."""


class TrainingBatch(Targets, Protocol):
    """A batch of sources with their targets."""

    @property
    def tokens(self) -> int:
        """Target tokens that something is learnt from."""

    def parts(self, model: Any) -> Iterator[tuple[Memory, Targets]]:
        """Yield what the model's decoder reads, beside the targets that it goes with."""

    def share(self, rank: int, world: int) -> Self:
        """Return the share of one of several processes; it may be empty."""

    def to(self, device: torch.device) -> Self:
        """Return the batch on `device`."""


class TrainedModel(Protocol):
    """A model in three parts, of which the last two learn at one rate."""

    @property
    def encoder(self) -> nn.Module:
        """What makes a memory of a source, or of a photo's features."""

    @property
    def bridge(self) -> nn.Module:
        """What makes the decoder's first state."""

    @property
    def decoder(self) -> Decoder:
        """What says the target."""

    def train(self, mode: bool = True) -> Any:
        """Make dropout work, or rest."""


class DrawnReward(Protocol):
    """What is learnt from outputs that the model draws itself."""

    def losses(self, model: Any, batch: Any, rng: torch.Generator) -> Losses:
        """Return the losses of what the model draws for a batch."""


class AnyRecipe(Protocol):
    """What every recipe has for the loop."""

    @property
    def training(self) -> TrainingRecipe:
        """Batches, losses, rates."""

    @property
    def forcing(self) -> ForcingRecipe:
        """Teacher forcing and scheduled sampling."""

    @property
    def averaging(self) -> Averaging:
        """Averaging of checkpoints."""


class Validation(NamedTuple):
    """What a validation has found."""

    figures: dict[str, float]  # for the history, by name
    texts: list[str]  # what the model says to the first validation sources
    bleu: float  # what moments are judged by


class Batches(Protocol):
    """The batches of any epoch."""

    def epoch(self, number: int) -> Iterator[Any]:
        """Yield the batches (`TrainingBatch`) of epoch `number`, counted from 0, the same each time."""


class Task(Protocol):
    """Data, vocabularies and model of one training."""

    model: Any
    """An `nn.Module` that is a `TrainedModel`."""

    @property
    def batches(self) -> Batches:
        """What is learnt from."""

    @property
    def tokenizers(self) -> Mapping[str, Tokenizer]:
        """The vocabularies by side; `target` is what the decoder says."""

    @property
    def samples(self) -> list[Pair]:
        """Validation sources and targets, to be shown beside what the model says."""

    def new_model(self) -> Any:
        """Return a model of the recipe's shape with first weights."""

    def initialise(self) -> None:
        """Fill what the recipe takes from elsewhere, when a training begins."""

    def updater(self, group: Group) -> Any:
        """Return the `Updater` of the model."""

    def measure(self, model: Any) -> Validation:
        """Return how good a model of this task is on what nothing is learnt from."""

    def write(self, folder: Path, model: Any, extra: Mapping[str, str]) -> None:
        """Write a checkpoint with these weights. extra: further text files by name."""

    def extras(self, model: Any, progress: Progress) -> dict[str, str]:
        """Return files for people that a finished checkpoint holds, by name."""


class TaskFactory(Protocol):
    """What makes a task of a recipe."""

    def __call__(
        self, recipe: Any, kept: Mapping[str, Tokenizer] | None, device: torch.device, group: Group, /
    ) -> Task:
        """Return the task. kept: the vocabularies of a training that goes on; without them new ones are learnt."""
