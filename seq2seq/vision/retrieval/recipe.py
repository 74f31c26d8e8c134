"""Recipes of a photo search, with the meaning of every key."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from seq2seq.config import Paths, Settings
from seq2seq.training.recipe import Averaging
from seq2seq.vision.retrieval.skipgram import SkipGramRecipe


class SearchDataRecipe(Settings):
    """[data]: sentences for the word vectors, photos with captions for the joint space."""

    former_names: ClassVar[Mapping[str, str]] = {"least": "min_count", "naming": "min_caption_count"}
    sentences: Paths = Field(min_length=1)
    """Files of English sentences, one per line, .gz or not; one column is used of lines with tabs."""
    column: int = Field(1, ge=1)
    """Which column of them is English."""
    min_count: int = Field(2, ge=1)
    """Smallest count of a word, in sentences and captions together."""
    min_caption_count: int = Field(10, ge=1)
    """Words of at least that many captions can name a photo; the cosines of rare words are noise."""
    trunk: Path | None = None
    """Image encoder; without one the features must exist already."""
    photos: Path
    """Folder of training photos."""
    captions: Path
    """Their captions: split<TAB>file<TAB>caption."""
    valid_photos: Path
    """Folder of validation photos."""
    valid_captions: Path
    """Their captions."""
    features: Path = Path("data/features")
    """Where the encoder's features of each folder of photos are stored, under the folder's name."""
    held_out: tuple[str, ...] = ()
    """Photos with a caption that has one of these words are left out, to see how well such words find photos."""


class JointRecipe(Settings):
    """[joint]: the joint space of photos and captions."""

    former_names: ClassVar[Mapping[str, str]] = {
        "rise": "warmup",
        "gentle": "hard_negative_start_epoch",
        "as_started": "initial_vector_prob",
    }
    seed: int = Field(1, ge=0, lt=2**31)
    """Seed of initial weights, sampling and data order, for the word vectors too."""
    width: int = Field(256, ge=1)
    """Dimensions of the joint space."""
    word: int = Field(128, ge=1)
    """Width of a word vector."""
    epochs: int = Field(15, ge=1)
    """Passes over all captions."""
    batch: int = Field(256, ge=2)
    """Captions in a batch, each with its photo; all others of the batch are its negatives."""
    margin: float = Field(0.2, gt=0)
    """By how much, in cosine, matching pairs have to be nearer than other pairs."""
    hard_negative_start_epoch: int = Field(3, ge=0)
    """Epochs in which all negatives count; from then on the hardest alone (Faghri et al. 2018)."""
    initial_vector_prob: float = Field(0.3, ge=0, le=1)
    """Probability that a word of a caption has its skip-gram vector in place of the trained one. It keeps the map
    from words into the joint space valid for words that no caption has."""
    photo_dropout: float = Field(0.2, ge=0, lt=1)
    """Dropout on the photo's pooled vector."""
    rate: float = Field(0.001, gt=0)
    """Peak learning rate of AdamW; it decays linearly to 0."""
    warmup: int = Field(100, ge=0)
    """Warm-up updates to the peak rate."""
    weight_decay: float = Field(0.0001, ge=0)
    """Weight decay of the maps; word vectors have none."""
    patience: int = Field(0, ge=0)
    """Early stopping: epochs without a better recall at 10 before the training ends; 0 never does."""


class SearchRecipe(Settings):
    """A complete recipe of a photo search."""

    data: SearchDataRecipe
    """Sentences, photos, captions."""
    words: SkipGramRecipe = SkipGramRecipe()
    """Word vectors, trained before the joint space."""
    joint: JointRecipe = JointRecipe()
    """The joint space."""
    averaging: Averaging = Averaging()
    """Averaging of checkpoints."""
