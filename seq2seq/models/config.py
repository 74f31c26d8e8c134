"""`ModelConfig`: the architecture of a translation model."""

from typing import Literal, Self

from pydantic import Field, model_validator

from seq2seq.config import Settings

Cell = Literal["rnn", "gru", "lstm"]
AttentionKind = Literal["none", "dot", "general", "additive"]


class ModelConfig(Settings):
    """The shape of an encoder and a decoder. Vocabulary sizes come from the tokenizers, not from here."""

    cell: Cell = "lstm"
    """Recurrent cell of encoder and decoder."""
    embedding: int = Field(256, ge=1, le=4096)
    """Width of source and target embeddings."""
    encoder_layers: int = Field(1, ge=1, le=8)
    """Layers of the encoder, with residual connections from the second on."""
    encoder_hidden: int = Field(256, ge=1, le=4096)
    """Width of one direction; if bidirectional, a source state is twice as wide."""
    bidirectional: bool = True
    """Whether the encoder is bidirectional."""
    decoder_layers: int = Field(1, ge=1, le=8)
    """Layers of the decoder, with residual connections from the second on."""
    decoder_hidden: int = Field(512, ge=1, le=4096)
    """Width of a decoder state."""
    attention: AttentionKind = "general"
    """none, dot and general (Luong et al. 2015), additive (Bahdanau et al. 2015, Luong's concat)."""
    attention_at: Literal["before", "after"] = "after"
    """before the cell (Bahdanau et al. 2015) or after it (Luong et al. 2015)."""
    attention_hidden: int = Field(256, ge=1, le=4096)
    """Width of the tanh layer of additive attention."""
    input_feeding: bool = False
    """Luong et al. 2015, section 3.3: the attentional vector is an input of the next step."""
    tied: bool = True
    """The output layer is the target embedding (Press and Wolf 2017)."""
    dropout: float = Field(0.2, ge=0, lt=1)
    """Dropout rate: share of activations zeroed in training."""
    variational: bool = False
    """One dropout mask for all steps of a sequence (Gal and Ghahramani 2016) instead of one per step."""
    weight_drop: float = Field(0.0, ge=0, lt=1)
    """Share of recurrent weights zeroed in training, redrawn for each batch (Merity et al. 2018)."""
    layer_norm: bool = False
    """Layer normalisation (Ba et al. 2016) of the encoder's states and of the decoder's outputs."""

    @property
    def memory_width(self) -> int:
        """Width of one source state."""
        return self.encoder_hidden * (2 if self.bidirectional else 1)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.attention == "dot" and self.memory_width != self.decoder_hidden:
            raise ValueError(
                f"dot attention needs decoder_hidden = {self.memory_width}, the width of a source state, "
                f"not {self.decoder_hidden}"
            )
        if self.input_feeding and (self.attention == "none" or self.attention_at == "before"):
            raise ValueError("input_feeding needs attention after the cell")
        if self.weight_drop and (
            self.input_feeding or (self.attention != "none" and self.attention_at == "before")
        ):
            raise ValueError("weight_drop needs attention after the cell, without input_feeding")
        return self
