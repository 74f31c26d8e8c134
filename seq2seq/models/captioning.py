"""A captioning model: regions of a photo, projected, in place of an encoder's states, in front of the decoder."""

from typing import Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from seq2seq.config import Settings
from seq2seq.errors import ShapeError
from seq2seq.models.bridge import Bridge
from seq2seq.models.config import Cell, ModelConfig
from seq2seq.models.dropout import Dropout
from seq2seq.models.memory import Memory, State
from seq2seq.models.translation import build_decoder

CaptionAttention = Literal["none", "general", "additive"]


class CaptionShape(Settings):
    """The shape of a captioning decoder and of what lies between it and the photo's features."""

    projection: int = Field(384, ge=1, le=4096)
    """Width that regions and pooled vector are projected to."""
    cell: Cell = "lstm"
    """Recurrent cell of the decoder."""
    embedding: int = Field(256, ge=1, le=4096)
    """Width of the word embeddings."""
    decoder_layers: int = Field(1, ge=1, le=8)
    """Layers of the decoder, with residual connections from the second on."""
    decoder_hidden: int = Field(384, ge=1, le=4096)
    """Width of a decoder state."""
    attention: CaptionAttention = "additive"
    """additive (Bahdanau et al. 2015; soft attention of Xu et al. 2015), general (Luong et al. 2015), or none: the
    photo then shows in the first state alone (Show and Tell, Vinyals et al. 2015)."""
    attention_at: Literal["before", "after"] = "after"
    """before the cell (Xu et al. 2015) or after it (Luong et al. 2015)."""
    attention_hidden: int = Field(128, ge=1, le=4096)
    """Width of the tanh layer of additive attention."""
    tied: bool = True
    """The output layer is the word embedding (Press and Wolf 2017)."""
    dropout: float = Field(0.4, ge=0, lt=1)
    """Share of activations that are zeroed while training, those of the regions too."""
    variational: bool = True
    """One dropout mask for all steps of a caption and all regions of a photo (Gal and Ghahramani 2016)."""
    layer_norm: bool = False
    """Layer normalisation (Ba et al. 2016) of the decoder's outputs; the regions always have it."""

    def decoder(self) -> ModelConfig:
        """Return what `build_decoder` reads."""
        return ModelConfig(
            cell=self.cell,
            embedding=self.embedding,
            decoder_layers=self.decoder_layers,
            decoder_hidden=self.decoder_hidden,
            attention=self.attention,
            attention_at=self.attention_at,
            attention_hidden=self.attention_hidden,
            tied=self.tied,
            dropout=self.dropout,
            variational=self.variational,
            layer_norm=self.layer_norm,
        )


class CaptionConfig(CaptionShape):
    """A `CaptionShape` for one image encoder."""

    image_width: int = Field(ge=1, le=16384)
    """Width of a region and of the pooled vector, as the image encoder gives them."""
    grid: tuple[int, int]
    """Rows and columns of regions, as the image encoder gives them."""

    @model_validator(mode="after")
    def _has_regions(self) -> Self:
        if min(self.grid) < 1:
            raise ValueError("a grid has at least one row and one column")
        return self

    @property
    def regions(self) -> int:
        """Number of regions of a photo."""
        return self.grid[0] * self.grid[1]


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
        asked = (self.config.regions, self.config.image_width)
        if regions.shape[1:] != asked or pooled.shape[1:] != asked[1:]:
            found = f"{regions.shape[1]} regions of width {regions.shape[-1]}"
            raise ShapeError(f"This decoder reads {asked[0]} regions of width {asked[1]}, not {found}.")
        whole = self.encoder(pooled)
        states = self.encoder(regions) if self.config.attention != "none" else whole[:, None]
        mask = torch.ones(states.shape[:2], dtype=torch.bool, device=states.device)
        initial = State(self.bridge([whole] * self.config.decoder_layers))
        return self.decoder.remember(states, mask, initial)
