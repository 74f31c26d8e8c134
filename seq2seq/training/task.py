"""What a training asks of its task: the model, its batches and their loss, its validation and its checkpoint."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Literal, NamedTuple, Protocol, Self

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from typing_extensions import TypeVar

from seq2seq.config import Settings
from seq2seq.data.batches import Batch
from seq2seq.data.pairs import Pair
from seq2seq.distributed import Group
from seq2seq.text import Tokenizer
from seq2seq.training.progress import Progress
from seq2seq.training.recipe import Averaging, Precision

R = TypeVar("R", bound=Settings)
R_contra = TypeVar("R_contra", bound=Settings, contravariant=True)


class TrainingBatch(Protocol):
    """A batch, which several processes may share."""

    @property
    def rows(self) -> int:
        """Number of examples in it; a share may have none."""

    def share(self, rank: int, world: int) -> Self:
        """Return the share of process `rank` of `world`."""

    def to(self, device: torch.device) -> Self:
        """Return the batch on `device`."""


B = TypeVar("B", bound=TrainingBatch, default=Batch)
B_co = TypeVar("B_co", bound=TrainingBatch, covariant=True)
M = TypeVar("M", bound=nn.Module, default=Any)


class Objective(NamedTuple):
    """The result of a forward pass over one process's share of a batch."""

    loss: Tensor  # what is minimised; the sum over all processes is the loss of the whole batch
    sums: Sequence[Tensor]  # numbers for the history, added up over processes and updates


class Plan(NamedTuple):
    """How long a training lasts, and what happens when. Times are in updates or in epochs."""

    end: int
    unit: Literal["update", "epoch"] = "update"
    seed: int = 1
    precision: Literal["auto"] | Precision = "auto"
    clip: float = math.inf
    """Gradient clipping: the largest norm of all gradients together."""
    log_every: int = 1
    validate_every: int = 1
    first_validation: int = 1
    """No validation before; 0: also one before the first update."""
    early_checkpoints: bool = True
    """Whether each validation writes the checkpoint, not the end alone."""
    snapshot_updates: Sequence[int] = ()
    averaging: Averaging = Averaging()
    patience: int = 0
    """Early stopping: after so many validations without gain the rates are halved, or it ends; 0: never."""
    halvings: int = 0
    """How often they are halved first."""
    hopeless: float = math.inf
    """A mean loss above this is divergence; with clipped gradients few losses become infinite."""


class Validation(NamedTuple):
    """The result of a validation."""

    figures: Mapping[str, Any]  # for the history, by name: numbers, or tables of numbers
    score: float  # what snapshots are compared by; higher is better
    summary: str  # for the screen
    texts: Sequence[str] = ()  # the model's outputs for `Task.samples`
    name: str = "valid"  # of the figures in the history


class Batches(Protocol[B_co]):
    """The batches of any epoch."""

    def epoch(self, number: int) -> Iterator[B_co]:
        """Yield the batches of epoch `number`, counted from 0, the same each time."""


class Learner(ABC, Generic[B, M]):
    """What an update needs: a model and the loss of a batch."""

    model: M
    plan: Plan
    rng: torch.Generator
    """What the loss draws from, apart from dropout."""
    sums: Sequence[str]
    """Names of `Objective.sums`."""
    sums_type: torch.dtype = torch.float32
    """In which they are added up over processes."""
    optimisers: Sequence[Optimizer]
    """Their groups have a `name` and a `peak` learning rate; those with the same `part` (or name) have one gradient
    norm. Each parameter is in one optimiser at most; with clipping there is but one."""

    def optimiser(self, batch: B) -> Optimizer:
        """Return the optimiser that steps after a batch."""
        return self.optimisers[0]

    @abstractmethod
    def objective(self, share: B, batch: B, update: int) -> Objective:
        """Return the loss of a process's share of `batch`; update: how many came before."""


class Task(Learner[B, M]):
    """What is learnt: from which batches, how it is validated, and what its checkpoint is."""

    batches: Batches[B]
    data_digest: str = ""
    """Identifies data that the recipe does not; a resumed training has to have the same."""
    tokenizers: Mapping[str, Tokenizer] = MappingProxyType({})
    """The vocabularies by side."""
    samples: Sequence[Pair] = ()
    """Validation sources and targets, to be shown next to the model's outputs."""

    def initialise(self) -> None:
        """Initialise what the recipe takes from elsewhere, when a training starts."""

    @abstractmethod
    def rate_factor(self, batch: B, progress: Progress) -> float:
        """Return the share of the peak learning rates at which to learn from a batch."""

    @abstractmethod
    def loss(self, window: Mapping[str, float]) -> float:
        """Return the mean loss of the updates in `Progress.window`."""

    @abstractmethod
    def record(self, progress: Progress) -> dict[str, Any]:
        """Return a line of the history on the updates in `progress.window`."""

    def end_epoch(self, number: int) -> None:
        """Do what follows epoch `number`, counted from 0."""

    @abstractmethod
    def new_model(self) -> M:
        """Return a model of the recipe's shape with initial weights."""

    @abstractmethod
    def measure(self, model: M, progress: Progress) -> Validation:
        """Return a model's scores on the validation data."""

    @abstractmethod
    def write(self, folder: Path, model: M, extra: Mapping[str, str]) -> None:
        """Write a checkpoint with these weights. extra: further text files by name."""

    @abstractmethod
    def extras(self, model: M, progress: Progress) -> dict[str, str]:
        """Return further text files of a finished checkpoint, by name."""


class Setup(NamedTuple):
    """Where a task is trained."""

    folder: Path  # of the training's state
    device: torch.device = torch.device("cpu")
    group: Group = Group()
    tokenizers: Mapping[str, Tokenizer] | None = None
    """The vocabularies of a resumed training; without them new ones are learnt."""


class TaskFactory(Protocol[R_contra, B]):
    """Makes a task from a recipe."""

    def __call__(self, recipe: R_contra, setup: Setup, /) -> Task[B]:
        """Return the task."""
