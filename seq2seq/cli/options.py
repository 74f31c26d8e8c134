"""Options that several verbs share."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import torch

from seq2seq.errors import ConfigError

BeamSize = click.IntRange(1, 200)
Alpha = click.FloatRange(-5, 5)
PATH = click.Path(path_type=Path)
FOLDER, FILE = click.Path(path_type=Path, file_okay=False), click.Path(path_type=Path, dir_okay=False)

model_option = click.option(
    "--model", "folder", required=True, type=PATH, metavar="FOLDER", help="Checkpoint folder."
)


def beam_mode(
    size: int | None, alpha: float | None, coverage: float | None, groups: int | None, diversity: float | None
) -> dict[str, Any]:
    """Return the beam options that were given.

    Raises UsageError if --diversity is given without --groups.
    """
    if diversity is not None and groups is None:
        raise click.UsageError("--diversity belongs to --groups; add it.")
    given = {"size": size, "alpha": alpha, "coverage": coverage, "groups": groups, "diversity": diversity}
    return {name: value for name, value in given.items() if value is not None}


def _use_threads(_context: click.Context, _parameter: click.Parameter, threads: int | None) -> None:
    if threads is not None:
        torch.set_num_threads(min(threads, os.cpu_count() or 1))  # more only wait for each other


threads_option = click.option(
    "--threads",
    type=click.IntRange(1, 256),
    metavar="N",
    expose_value=False,
    callback=_use_threads,
    help="Threads to compute with, no more than there are cores.  [default: all cores]",
)


def _usable_device(_context: click.Context, _parameter: click.Parameter, device: str) -> str:
    """Raise ConfigError unless tensors can be made on `device`."""
    # mps has no float64, in which scores are added up.
    if not re.fullmatch(r"cpu|cuda(:\d+)?", device):
        raise ConfigError(f"--device {device!r} is not a device; choose cpu, cuda or cuda:1.")
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError):  # torch asserts that it was built for the device
        raise ConfigError(f"--device {device} is not available here; leave it out to use the CPU.") from None
    return device


device_option = click.option(
    "--device", default="cpu", metavar="NAME", callback=_usable_device, help="cpu, cuda or cuda:1.  [default: cpu]"
)
int8_option = click.option(
    "--int8", is_flag=True, help="Search with 8-bit matrix products: faster, not quite exact."
)
models_option = click.option(
    "--model",
    "folders",
    required=True,
    multiple=True,
    type=PATH,
    metavar="FOLDER",
    help="Checkpoint folder; several with the same vocabularies translate together.",
)
coverage_option = click.option(
    "--coverage",
    type=click.FloatRange(0, 10),
    metavar="B",
    help="Weight of the coverage penalty of Wu et al. 2016; 0.2 is a good start.  [default: 0]",
)
groups_option = click.option(
    "--groups", type=BeamSize, metavar="G", help="Split the beam into groups with diverse outputs."
)
diversity_option = click.option(
    "--diversity",
    type=click.FloatRange(0, 100),
    metavar="D",
    help="Penalty on a token for each earlier group that has just output it.  [default: 0.5]",
)
no_repeat_option = click.option(
    "--no-repeat", type=click.IntRange(0, 20), metavar="N", help="No n-gram of N pieces occurs twice in an output."
)
alpha_option = click.option(
    "--alpha",
    type=Alpha,
    metavar="A",
    help="Length penalty: scores are divided by ((5 + length) / 6) ** A.  [default: the model's own]",
)
beam_size_option = click.option(
    "--beam-size", type=BeamSize, metavar="N", help="Hypotheses kept at each step; 1 is greedy.  [default: 5]"
)
"""None where it is not given, for commands that tell the two apart."""
beam_of_5_option = click.option(
    "--beam-size",
    type=BeamSize,
    default=5,
    metavar="N",
    help="Hypotheses kept at each step; 1 is greedy.  [default: 5]",
)
Command = TypeVar("Command", bound=Callable[..., Any])


def lesson_folders(command: Command) -> Command:
    """Give a command the options for what lessons are computed with: --models and --photos."""
    photos = click.option(
        "--photos", type=PATH, default=Path("pages/samples"), metavar="FOLDER",
        help="Where photos are that lie not beside the lessons.  [default: pages/samples]",
    )  # fmt: skip
    models = click.option(
        "--models", type=PATH, metavar="FOLDER",
        help="Where the other models of the lessons are.  [default: beside --model]",
    )  # fmt: skip
    return models(photos(command))


def evaluation_options(command: Command) -> Command:
    """Give a command what every evaluation takes: the model, the beam, the machine."""
    for option in (device_option, threads_option, alpha_option, beam_of_5_option, model_option):
        command = option(command)
    return command


def beam_options(command: Command) -> Command:
    """Give a command every option of a beam search."""
    for option in reversed(
        (beam_size_option, alpha_option, coverage_option, groups_option, diversity_option, no_repeat_option)
    ):
        command = option(command)
    return command
