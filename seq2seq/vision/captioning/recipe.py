"""Recipes of captioning decoders: the keys that differ from a translator's, with their meaning."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from seq2seq.config import Settings
from seq2seq.text import LARGEST_VOCABULARY, VocabularyKind
from seq2seq.training.recipe import Averaging, ForcingRecipe, InitialiseFrom, TrainingRecipe
from seq2seq.vision.captioning.config import CaptionShape


class CaptionDataRecipe(Settings):
    """[data]: which photos and captions, and what sees them. The command line fills the paths in."""

    photos: Path
    """Folder of the photos that are learnt from."""
    captions: Path
    """Their captions: split<TAB>file<TAB>caption lines; .gz is read as it is."""
    valid_photos: Path
    """Folder of photos that nothing is learnt from."""
    valid_captions: Path
    """Their captions."""
    trunk: Path | None = None
    """Folder of the image encoder. Without one the features have to be there already, and the decoder is for
    comparison alone, since no photo can be shown to it."""
    features: Path
    """Folder that keeps what the encoder sees, in a folder for each folder of photos, by its name."""
    valid_count: int = Field(1000, ge=1, le=1_000_000)
    """How many validation photos are looked at while training, taken evenly from all of them."""
    beam_size: int = Field(5, ge=1, le=200)
    """Beam of the captions that validation scores."""
    longest: int = Field(30, ge=2)
    """Training captions with more pieces than this are left out."""


class CaptionTextRecipe(Settings):
    """[text]: the SentencePiece vocabulary, learnt from the training captions alone."""

    kind: VocabularyKind = "word"
    """bpe and unigram split into subwords, word and char into what their names say."""
    size: int = Field(2572, ge=8, le=LARGEST_VOCABULARY)
    """Pieces at most, special tokens included; 2,572 are the words that Flickr8k's training captions have five
    times."""


class RewardRecipe(Settings):
    """[reward]: learn from what the captions that the model itself draws are worth (Rennie et al. 2017).

    The reward is CIDEr-D against the photo's other captions; what counts is by how much a caption is better than
    the others that were drawn for its photo (Luo 2020).
    """

    samples: int = Field(5, ge=2, le=50)
    """Captions drawn for each photo."""
    top_k: int = Field(40, ge=1)
    """Draw from so many likeliest words alone."""


class CaptionRecipe(Settings):
    """A whole recipe of a captioning decoder; each field is a table of the TOML file."""

    data: CaptionDataRecipe
    """Which photos and captions, and what sees them."""
    text: CaptionTextRecipe = CaptionTextRecipe()
    """The vocabulary."""
    model: CaptionShape = CaptionShape()
    """The shape of projection and decoder."""
    forcing: ForcingRecipe = ForcingRecipe()
    """Teacher forcing and scheduled sampling."""
    training: TrainingRecipe
    """Batches, losses, rates; the encoder is the projection here."""
    averaging: Averaging = Averaging()
    """Averaging of checkpoints."""
    initialise_from: InitialiseFrom | None = None
    """Start from the weights of another captioning decoder."""
    reward: RewardRecipe | None = None
    """Learn from drawn captions in place of given ones."""

    @model_validator(mode="after")
    def _keeps_its_vocabulary(self) -> Self:
        if self.initialise_from is not None and self.initialise_from.vocabularies == "learnt":
            raise ValueError("initialise_from.vocabularies = learnt is for translation; leave it out")
        return self
