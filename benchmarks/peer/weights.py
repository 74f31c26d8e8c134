"""JoeyNMT's weights in this project's names, so that both sides can search with the same model."""

from collections.abc import Mapping

import torch
from torch import Tensor

from seq2seq.models import TranslationModel

_NAMES = {
    "encoder.forwards.0.sequence.{}": "encoder.rnn.{}",
    "encoder.backwards.0.sequence.{}": "encoder.rnn.{}_reverse",
    "decoder.layers.0.sequence.{}": "decoder.rnn.{}",
}
_PARTS = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
# <pad> <s> </s> <unk>, and where JoeyNMT keeps them.
_SPECIAL = [1, 2, 3, 0]


def from_joeynmt(given: Mapping[str, Tensor], model: TranslationModel) -> dict[str, Tensor]:
    """Return a state for `model`: one layer, LSTM, Luong's general attention, without input feeding, not tied."""
    vocabulary = len(given["src_embed.lut.weight"])
    order = torch.tensor([*_SPECIAL, *range(4, vocabulary)])
    made = {name: torch.zeros_like(value) for name, value in model.state_dict().items()}
    for own, other in _NAMES.items():
        for part in _PARTS:
            made[own.format(part)] = given[other.format(part)]
    made["encoder.embedding.weight"] = given["src_embed.lut.weight"][order]
    made["decoder.embedding.weight"] = given["trg_embed.lut.weight"][order]
    made["decoder.output.weight"] = given["decoder.output_layer.weight"][order]
    made["decoder.readout.weight"] = given["decoder.att_vector_layer.weight"]
    made["decoder.readout.bias"] = given["decoder.att_vector_layer.bias"]
    # Its keys are projected where our query is: query . K key = (K^T query) . key.
    made["decoder.attention.query.weight"] = given["decoder.attention.key_layer.weight"].t()
    for part in range(2):  # its hidden state and its memory cell start from one and the same layer
        for kind in ("weight", "bias"):
            made[f"bridge.layers.0.{part}.{kind}"] = given[f"decoder.bridge_layer.{kind}"]
    return made
