"""A captioning model: a decoder with the projected regions of a photo in place of encoder states."""

import torch
from torch import Tensor, nn

from seq2seq.errors import ShapeError
from seq2seq.models.bridge import Bridge
from seq2seq.models.dropout import Dropout
from seq2seq.models.memory import Memory, State
from seq2seq.models.translation import EncoderDecoder, build_decoder
from seq2seq.vision.captioning.config import CaptionConfig


class Projection(nn.Module):
    """Replaces the encoder: features of a photo, projected to one width and layer-normalised."""

    def __init__(self, features: int, width: int, *, dropout: float, variational: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(features, width)
        # Features of different photos differ in norm as much as in direction.
        self.norm = nn.LayerNorm(width)
        self.dropout = Dropout(dropout, variational)

    def forward(self, features: Tensor) -> Tensor:
        """Return features (batch, ..., features) as (batch, ..., width)."""
        projected: Tensor = self.dropout(self.norm(self.linear(features)))
        return projected


class CaptionModel(EncoderDecoder):
    """Projection, bridge and decoder of a captioning model. `encode` makes the Memory."""

    encoder: Projection

    def __init__(self, config: CaptionConfig, vocabulary: int) -> None:
        super().__init__()
        self.config = config
        width = config.projection
        self.encoder = Projection(config.image_width, width, dropout=config.dropout, variational=config.variational)
        self.bridge = Bridge(config.cell, [width] * config.decoder_layers, config.decoder_hidden)
        self.decoder = build_decoder(config.decoder(), vocabulary, width)

    def encode(self, regions: Tensor, pooled: Tensor) -> Memory:
        """Return the decoder's memory of photos.

        regions: (batch, regions, width); pooled: (batch, width), from which the initial state is computed.
        Without attention only the pooled vector is used, as the single region.
        Raises ShapeError if the features are not those of the config's grid and width.
        """
        expected = (self.config.regions, self.config.image_width)
        if regions.shape[1:] != expected or pooled.shape[1:] != expected[1:]:
            found = f"{regions.shape[1]} regions of width {regions.shape[-1]}"
            raise ShapeError(f"This decoder reads {expected[0]} regions of width {expected[1]}, not {found}.")
        whole = self.encoder(pooled)
        states = self.encoder(regions) if self.config.attention != "none" else whole[:, None]
        mask = torch.ones(states.shape[:2], dtype=torch.bool, device=states.device)
        initial = State(self.bridge([whole] * self.config.decoder_layers))
        return self.decoder.build_memory(states, mask, initial)
