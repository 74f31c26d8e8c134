"""What a lesson's steps can show: each experiment is a class whose fields are its settings in the file.

Its docstring names the facts that it gives; docs/lessons.md has the list.
"""

from typing import Annotated

from pydantic import Field

from seq2seq.course.experiments.arithmetic import Numbers
from seq2seq.course.experiments.attention import Attention, Padding, Replaced
from seq2seq.course.experiments.beams import Hand, Penalty, Widths
from seq2seq.course.experiments.forcing import Coin, Curves, Forced, Planted
from seq2seq.course.experiments.photos import Grey
from seq2seq.course.experiments.reading import Inputs, Lengths, Pieces, Several
from seq2seq.course.experiments.scoring import Bleu, Leaks
from seq2seq.course.experiments.searches import Autopsy, Exact, Search

KINDS = (
    Pieces,
    Inputs,
    Several,
    Lengths,
    Attention,
    Padding,
    Replaced,
    Search,
    Hand,
    Widths,
    Penalty,
    Exact,
    Autopsy,
    Planted,
    Coin,
    Forced,
    Curves,
    Bleu,
    Leaks,
    Grey,
    Numbers,
)

Experiment = Annotated[
    Pieces
    | Inputs
    | Several
    | Lengths
    | Attention
    | Padding
    | Replaced
    | Search
    | Hand
    | Widths
    | Penalty
    | Exact
    | Autopsy
    | Planted
    | Coin
    | Forced
    | Curves
    | Bleu
    | Leaks
    | Grey
    | Numbers,
    Field(discriminator="kind"),
]

__all__ = ["KINDS", "Experiment"]
