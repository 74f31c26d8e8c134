"""Dynamic int8 quantisation, for faster translation at a small loss of precision."""

import copy
import warnings
from collections.abc import Callable

import torch
from torch import nn

from seq2seq.errors import ConfigError
from seq2seq.models.decoder import Decoder


def quantised(decoder: Decoder) -> Decoder:
    """Return a copy of `decoder` whose large matrix products run in int8; `decoder` is not changed.

    Weights have one scale per row, inputs one per call (torch's dynamic quantisation, which torch plans to remove).
    Embeddings and attention stay float32.
    Raises ConfigError if this torch or this processor does not support it.
    """
    made = copy.deepcopy(decoder)
    for name in ("output", "readout"):
        setattr(made, name, _int8(getattr(decoder, name)))
    for number in range(len(made.layers)):
        weight = decoder.layer(number).sequence.weight_hh_l0
        recurrent = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
        recurrent.weight = nn.Parameter(weight.detach())
        made.layer(number).recurrent = _int8(recurrent)
    return made


def _int8(layer: nn.Linear) -> nn.Module:
    try:
        from torch.ao import quantization

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # moves to another package; the `except` below is for that day
            # torch has no type annotations for this function
            quantise: Callable[..., nn.Module] = quantization.quantize_dynamic
            made = quantise(nn.Sequential(layer), {nn.Linear}, dtype=torch.qint8)
            made(torch.zeros(1, layer.in_features))
    except (ImportError, AttributeError, RuntimeError) as failure:
        raise ConfigError(
            f"torch {torch.__version__} has no int8 support here ({failure}); leave int8 out."
        ) from None
    return made
