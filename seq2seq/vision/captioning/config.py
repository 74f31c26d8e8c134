"""The shape of a captioning decoder."""

from typing import Literal, Self

from pydantic import Field, model_validator

from seq2seq.config import Settings
from seq2seq.models.config import Cell, ModelConfig

LONGEST_CAPTION = 30  # words, with the end token; one in a thousand of Flickr8k's captions is longer

CaptionAttention = Literal["none", "general", "additive"]


class CaptionShape(Settings):
    """The shape of a captioning decoder and of the projection of the photo's features."""

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
    photo then affects the initial state only (Show and Tell, Vinyals et al. 2015)."""
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
        """Return the config for `build_decoder`."""
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
