"""A captioning model: regions of a photo, projected, in place of an encoder's states, in front of the decoder."""

import torch
from torch import Tensor, nn

from seq2seq.errors import ShapeError
from seq2seq.models.bridge import Bridge
from seq2seq.models.dropout import Dropout
from seq2seq.models.memory import Memory, State
from seq2seq.models.translation import build_decoder
from seq2seq.vision.captioning.config import CaptionConfig


class Projection(nn.Module):
    """What stands in an encoder's place: features of a photo, brought to one width and one size."""

    def __init__(self, features: int, width: int, *, dropout: float, variational: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(features, width)
        # Features of different photos differ in size as much as in direction.
        self.norm = nn.LayerNorm(width)
        self.dropout = Dropout(dropout, variational)

    def forward(self, features: Tensor) -> Tensor:
        """Return features (batch, ..., features) as (batch, ..., width)."""
        projected: Tensor = self.dropout(self.norm(self.linear(features)))
        return projected


class CaptionModel(nn.Module):
    """Projection, bridge and decoder. `encode` makes the Memory; the search talks to `decoder` alone."""

    def __init__(self, config: CaptionConfig, vocabulary: int) -> None:
        super().__init__()
        self.config = config
        width = config.projection
        self.encoder = Projection(config.image_width, width, dropout=config.dropout, variational=config.variational)
        self.bridge = Bridge(config.cell, [width] * config.decoder_layers, config.decoder_hidden)
        self.decoder = build_decoder(config.decoder(), vocabulary, width)

    def encode(self, regions: Tensor, pooled: Tensor) -> Memory:
        """Return what the decoder reads of photos.

        regions: (batch, regions, width); pooled: (batch, width), which the first state is made of.
        Without attention the pooled vector is all that is read, and stands for the one region.
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
        return self.decoder.remember(states, mask, initial)
