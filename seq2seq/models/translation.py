"""A translation model: a recurrent encoder and the decoder."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from seq2seq.models.attention import Attention
from seq2seq.models.bridge import Bridge
from seq2seq.models.cells import RecurrentLayer
from seq2seq.models.config import ModelConfig
from seq2seq.models.decoder import Decoder
from seq2seq.models.encoder import Encoded, Encoder
from seq2seq.models.memory import Memory, State


class EncoderDecoder(nn.Module):
    """A model in three parts, of which the last two share a learning rate; the search uses only `decoder`."""

    encoder: nn.Module
    """Encodes a source, or a photo's features, into a memory."""
    bridge: Bridge
    """Computes the decoder's initial state."""
    decoder: Decoder
    """Predicts the target."""


class TranslationModel(EncoderDecoder):
    """Encoder, bridge and decoder of a translation model. `encode` returns the Memory."""

    encoder: Encoder

    def __init__(self, config: ModelConfig, source_vocabulary: int, target_vocabulary: int) -> None:
        super().__init__()
        self.encoder = Encoder(
            source_vocabulary,
            cell=config.cell,
            embedding=config.embedding,
            layers=config.encoder_layers,
            hidden=config.encoder_hidden,
            bidirectional=config.bidirectional,
            dropout=config.dropout,
            variational=config.variational,
            weight_drop=config.weight_drop,
            layer_norm=config.layer_norm,
        )
        width = config.memory_width
        self.bridge = Bridge(config.cell, [width] * config.decoder_layers, config.decoder_hidden)
        self.decoder = build_decoder(config, target_vocabulary, width)

    def encode(self, source: Tensor, mask: Tensor, first: Sequence[Tensor] = ()) -> Memory:
        """Return the memory for the decoder. source: ids (batch, source); mask: (batch, source), True = real.

        first: the outputs of the encoder's first layer, if they are known; see `Encoder.forward`.
        """
        return self._remember(self.encoder(source, mask, first), mask)

    def encode_embeddings(self, embeddings: Tensor, mask: Tensor) -> Memory:
        """Return the result of `encode`, given the source's embeddings (batch, source, embedding)."""
        return self._remember(self.encoder.read(embeddings, mask), mask)

    def _remember(self, encoded: Encoded, mask: Tensor) -> Memory:
        # If the decoder is deeper than the encoder, its upper layers start from the encoder's top summary.
        top = len(encoded.summaries) - 1
        summaries = [encoded.summaries[min(layer, top)] for layer in range(len(self.bridge.layers))]
        return self.decoder.build_memory(encoded.states, mask, State(self.bridge(summaries)), encoded.embeddings)


def build_decoder(config: ModelConfig, vocabulary: int, memory: int) -> Decoder:
    """Return a decoder built from `config`; memory: width of a source state."""
    embedding = nn.Embedding(vocabulary, config.embedding, padding_idx=0)
    nn.init.normal_(embedding.weight, std=0.1)
    with torch.no_grad():
        embedding.weight[0] = 0.0
    attention = None
    if config.attention != "none":
        attention = Attention(config.attention, config.decoder_hidden, memory, config.attention_hidden)
    before = attention is not None and config.attention_at == "before"
    entering = config.embedding
    entering += memory if before else 0
    entering += config.embedding if config.input_feeding else 0
    widths = [entering] + [config.decoder_hidden] * (config.decoder_layers - 1)
    return Decoder(
        embedding,
        [RecurrentLayer(config.cell, width, config.decoder_hidden, config.weight_drop) for width in widths],
        attention,
        memory=memory,
        before=before,
        input_feeding=config.input_feeding,
        tied=config.tied,
        dropout=config.dropout,
        variational=config.variational,
        layer_norm=config.layer_norm,
    )
