"""Recipes of a photo search. Every key stands here with its meaning."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from seq2seq.config import Paths, Settings
from seq2seq.vision.retrieval.skipgram import SkipGramRecipe


class SearchDataRecipe(Settings):
    """[data]: sentences for the word vectors, photos with captions for the joint space."""

    former_names: ClassVar[Mapping[str, str]] = {"least": "min_count", "naming": "min_caption_count"}
    sentences: Paths = Field(min_length=1)
    """Files of English sentences, one a line, .gz or not; of lines with tabs one column is taken."""
    column: int = Field(1, ge=1)
    """Which column of them is English."""
    min_count: int = Field(2, ge=1)
    """Words have to come so often, in sentences and captions together."""
    min_caption_count: int = Field(10, ge=1)
    """Words of at least so many captions can name a photo; the cosines of rare words are chance."""
    trunk: Path | None = None
    """Photo encoder; without one the features have to be there already."""
    photos: Path
    """Folder of photos to learn from."""
    captions: Path
    """Their captions: split<TAB>file<TAB>caption."""
    valid_photos: Path
    """Folder of photos to measure with."""
    valid_captions: Path
    """Their captions."""
    features: Path = Path("data/features")
    """Where the encoder's features of each folder of photos are kept, under the folder's name."""
    held_out: tuple[str, ...] = ()
    """Photos with a caption that has one of these words are left out, to see how well such words find photos."""


class JointRecipe(Settings):
    """[joint]: how photos and captions come into one space."""

    former_names: ClassVar[Mapping[str, str]] = {
        "rise": "warmup",
        "gentle": "hard_negative_start_epoch",
        "as_started": "initial_vector_prob",
    }
    seed: int = Field(1, ge=0, lt=2**31)
    """Decides first weights, what is drawn, and the order of everything, for the word vectors too."""
    width: int = Field(256, ge=1)
    """Dimensions of that space."""
    word: int = Field(128, ge=1)
    """Numbers of a word vector."""
    epochs: int = Field(15, ge=1)
    """Times that all captions are shown."""
    batch: int = Field(256, ge=2)
    """Captions in a batch, each with its photo; all others of the batch are what it is told apart from."""
    margin: float = Field(0.2, gt=0)
    """By how much, in cosine, what belongs together has to be nearer than what does not."""
    hard_negative_start_epoch: int = Field(3, ge=0)
    """Epochs in which all wrong partners count; from then on the hardest alone (Faghri et al. 2018)."""
    initial_vector_prob: float = Field(0.3, ge=0, le=1)
    """Probability that a word of a caption is shown by its skip-gram vector in place of what it has become. It
    keeps the map from words into the joint space good for words that no caption has."""
    photo_dropout: float = Field(0.2, ge=0, lt=1)
    """Of the photo's numbers."""
    rate: float = Field(0.001, gt=0)
    """Peak learning rate of AdamW; it falls in a line to nothing."""
    warmup: int = Field(100, ge=0)
    """Updates on the way up to it."""
    weight_decay: float = Field(0.0001, ge=0)
    """Of the maps; word vectors have none."""


class SearchRecipe(Settings):
    """A whole recipe of a photo search."""

    data: SearchDataRecipe
    """Sentences, photos, captions."""
    words: SkipGramRecipe = SkipGramRecipe()
    """Word vectors, before any photo is seen."""
    joint: JointRecipe = JointRecipe()
    """The joint space."""
