"""Options that several verbs share."""

from pathlib import Path

import click
import torch

BeamSize = click.IntRange(1, 200)
Alpha = click.FloatRange(-5, 5)

model_option = click.option(
    "--model", "folder", required=True, type=click.Path(path_type=Path), metavar="FOLDER", help="Checkpoint folder."
)


def _use_threads(_context: click.Context, _parameter: click.Parameter, threads: int | None) -> None:
    if threads is not None:
        torch.set_num_threads(threads)


threads_option = click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    metavar="N",
    expose_value=False,
    callback=_use_threads,
    help="Threads to compute with.  [default: all cores]",
)
alpha_option = click.option(
    "--alpha",
    type=Alpha,
    metavar="A",
    help="Length penalty: scores are divided by ((5 + length) / 6) ** A.  [default: the model's own]",
)
