"""Recipes of captioning decoders: the keys that differ from a translator's, with their meaning."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from seq2seq.config import Settings
from seq2seq.text import LARGEST_VOCABULARY, VocabularyKind
from seq2seq.training.recipe import DecoderRecipe
from seq2seq.vision.captioning.config import CaptionShape


class CaptionDataRecipe(Settings):
    """[data]: photos, captions and image encoder. The paths come from the command line."""

    photos: Path
    """Folder of the training photos."""
    captions: Path
    """Their captions: split<TAB>file<TAB>caption lines; .gz is read too."""
    valid_photos: Path
    """Folder of the validation photos."""
    valid_captions: Path
    """Their captions."""
    trunk: Path | None = None
    """Folder of the image encoder. Without one the features must exist already, and the decoder is for
    comparison only, since it can't caption photos."""
    features: Path
    """Folder for the encoder's features, with a subfolder of the same name for each folder of photos."""
    valid_count: int = Field(1000, ge=1, le=1_000_000)
    """How many validation photos are used while training, taken evenly from all of them."""
    beam_size: int = Field(5, ge=1, le=200)
    """Beam of the captions that validation scores."""
    mirrored: bool = False
    """Show each training photo half of the time mirrored left to right; their features are computed, too."""
    longest: int = Field(30, ge=2)
    """Training captions with more pieces than this are left out."""


class CaptionTextRecipe(Settings):
    """[text]: the SentencePiece vocabulary, learnt from the training captions alone."""

    kind: VocabularyKind = "word"
    """bpe and unigram split into subwords, word into words and char into characters."""
    size: int = Field(2572, ge=8, le=LARGEST_VOCABULARY)
    """Pieces at most, special tokens included; 2,572 are the words that Flickr8k's training captions have five
    times."""


class RewardRecipe(Settings):
    """[reward]: learn from the reward of captions sampled from the model itself (Rennie et al. 2017).

    The reward is CIDEr-D against the photo's other captions; the advantage of a caption is relative to the
    others that were sampled for its photo (Luo 2020).
    """

    samples: int = Field(5, ge=2, le=50)
    """Captions sampled for each photo."""
    top_k: int = Field(40, ge=1)
    """Sample only from that many most likely words."""
    others: float = Field(0.0, ge=0.0, le=10.0)
    """Weight of a penalty: a caption's CIDEr-D against other photos' captions, which grows as captions become
    alike."""


class CaptionRecipe(DecoderRecipe):
    """A complete recipe of a captioning decoder; each field is a table of the TOML file."""

    data: CaptionDataRecipe
    """Photos, captions and image encoder."""
    text: CaptionTextRecipe = CaptionTextRecipe()
    """The vocabulary."""
    model: CaptionShape = CaptionShape()
    """The shape of projection and decoder."""
    reward: RewardRecipe | None = None
    """Learn from sampled captions in place of given ones."""

    @model_validator(mode="after")
    def _keeps_its_vocabulary(self) -> Self:
        if self.initialise_from is not None and self.initialise_from.vocabularies == "learnt":
            raise ValueError("initialise_from.vocabularies = learnt is for translation; leave it out")
        return self
