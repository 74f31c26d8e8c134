"""Products with weights of 8 bits, for translating faster at a small cost in exactness."""

import copy
import warnings
from collections.abc import Callable

import torch
from torch import nn

from seq2seq.errors import ConfigError
from seq2seq.models.decoder import Decoder


def quantised(decoder: Decoder) -> Decoder:
    """Return a copy of `decoder` whose large products run in int8; what is given stays as it is.

    Weights get one scale for each row, inputs one for each call (torch's dynamic quantisation, which torch means
    to take out one day). Embeddings and attention stay float32.
    Raises ConfigError where this torch or this processor can't do it.
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
            warnings.simplefilter("ignore")  # that it will move to another package; the guard below is for that day
            # torch gives this function no types
            quantise: Callable[..., nn.Module] = quantization.quantize_dynamic
            made = quantise(nn.Sequential(layer), {nn.Linear}, dtype=torch.qint8)
            made(torch.zeros(1, layer.in_features))
    except (ImportError, AttributeError, RuntimeError) as failure:
        raise ConfigError(
            f"torch {torch.__version__} has no int8 products here ({failure}); leave int8 out."
        ) from None
    return made
