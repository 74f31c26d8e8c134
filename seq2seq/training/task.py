"""What the training loop requires from a task: training a translation or an image-captioning model."""

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
    """Decoder inputs and labels; each (rows, target)."""

    @property
    def decoder_input(self) -> Tensor:
        """Ids that begin with <s>."""

    @property
    def labels(self) -> Tensor:
        """`decoder_input` shifted by one step, with </s>."""

    @property
    def mask(self) -> Tensor:
        """True where a token counts towards the loss."""


class TrainingBatch(Targets, Protocol):
    """A batch of sources with their targets."""

    @property
    def tokens(self) -> int:
        """Number of target tokens that count towards the loss."""

    def parts(self, model: Any) -> Iterator[tuple[Memory, Targets]]:
        """Yield the memories that the model's decoder reads, each with its targets."""

    def share(self, rank: int, world: int) -> Self:
        """Return the share of process `rank` of `world`; it may be empty."""

    def to(self, device: torch.device) -> Self:
        """Return the batch on `device`."""


class TrainedModel(Protocol):
    """A model in three parts, of which the last two share a learning rate."""

    @property
    def encoder(self) -> nn.Module:
        """Encodes a source, or a photo's features, into a memory."""

    @property
    def bridge(self) -> nn.Module:
        """Computes the decoder's initial state."""

    @property
    def decoder(self) -> Decoder:
        """Predicts the target."""

    def train(self, mode: bool = True) -> Any:
        """Switch dropout on or off."""


class DrawnReward(Protocol):
    """The loss over outputs that the model samples itself."""

    def losses(self, model: Any, batch: Any, rng: torch.Generator) -> Losses:
        """Return the losses of the outputs that the model samples for a batch."""


class AnyRecipe(Protocol):
    """What the loop reads of every recipe."""

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
    """The result of a validation."""

    figures: dict[str, float]  # for the history, by name
    texts: list[str]  # the model's outputs for the first validation sources
    bleu: float  # what snapshots are compared by


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
        """The training batches."""

    @property
    def tokenizers(self) -> Mapping[str, Tokenizer]:
        """The vocabularies by side; `target` is the decoder's."""

    @property
    def samples(self) -> list[Pair]:
        """Validation sources and targets, to be shown next to the model's outputs."""

    def new_model(self) -> Any:
        """Return a model of the recipe's shape with initial weights."""

    def initialise(self) -> None:
        """Initialise what the recipe takes from elsewhere, when a training starts."""

    def updater(self, group: Group) -> Any:
        """Return the `Updater` of the model."""

    def measure(self, model: Any) -> Validation:
        """Return a model's scores on the validation data."""

    def write(self, folder: Path, model: Any, extra: Mapping[str, str]) -> None:
        """Write a checkpoint with these weights. extra: further text files by name."""

    def extras(self, model: Any, progress: Progress) -> dict[str, str]:
        """Return further text files of a finished checkpoint, by name."""


class TaskFactory(Protocol):
    """Makes a task from a recipe."""

    def __call__(
        self, recipe: Any, kept: Mapping[str, Tokenizer] | None, device: torch.device, group: Group, /
    ) -> Task:
        """Return the task. kept: the vocabularies of a resumed training; without them new ones are learnt."""
