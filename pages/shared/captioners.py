"""The available captioning models, loaded once for all visitors, and their cached image features."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from pages.shared import memory, models
from pages.shared.cache import Keyed, cached
from pages.shared.photos import Photo
from pages.shared.views import SearchView
from seq2seq.checkpoint_config import WEIGHTS
from seq2seq.digests import fingerprint
from seq2seq.errors import CheckpointError, Seq2SeqError
from seq2seq.evaluation.opening import Opening, read_opening
from seq2seq.folders import CONFIG, stamp
from seq2seq.loading import load_captioner, load_search, use_threads
from seq2seq.search import SearchOptions
from seq2seq.text import END, typed_tokens
from seq2seq.trace import Edit, Trace, make_edit
from seq2seq.vision.captioning.checkpoint_config import CaptionCheckpointConfig, caption_stamp, read_caption_config
from seq2seq.vision.captioning.config import LONGEST_CAPTION
from seq2seq.vision.captioning.pointing_record import Pointing, read_pointing
from seq2seq.vision.regions import Box, grey_out
from seq2seq.vision.retrieval.config import WORDS

if TYPE_CHECKING:
    from seq2seq.vision.captioning.captioner import Captioner, Label
    from seq2seq.vision.image_encoder import ImageFeatures
    from seq2seq.vision.retrieval.search import Found, NearWord, PhotoSearch

DEFAULT_MODEL = "captions-attention"
SEARCH = "search"  # the checkpoint kind, and the name of the shipped folder


def available() -> list[str]:
    """Return the names of the captioning models with an image encoder, the one with attention first."""
    found = [name for name in models.of_kind("captions") if _shows(name)]
    return sorted(found, key=lambda name: (name != DEFAULT_MODEL, name))


def _shows(name: str) -> bool:
    try:
        return config(name).trunk is not None
    except Seq2SeqError:
        return True  # the error is shown when it is chosen


def config(name: str) -> CaptionCheckpointConfig:
    """Return a model's config. Raises CheckpointError if there is none."""
    return read_caption_config(_folder(name))


def describe(name: str) -> str:
    """Return a model's name for the picker, with its kind of attention."""
    try:
        attention = config(name).model.attention
    except Seq2SeqError:
        return f"{name} (damaged)"
    return f"{'one glance, no attention' if attention == 'none' else f'{attention} attention'} ({name})"


def grid(name: str) -> tuple[int, int]:
    """Return the rows and columns of the grid of regions."""
    return config(name).model.grid


def _folder(name: str) -> Path:
    folders = models.of_kind("captions")
    if name not in folders:
        raise CheckpointError(f"There is no captioning model called {name!r} here; choose one from the list.")
    return folders[name]


def load(name: str) -> "Captioner":
    """Return the model called `name`. Raises CheckpointError if there is none, or it is damaged."""
    return named(name).value


def named(name: str) -> Keyed["Captioner"]:
    """Return the model called `name` with its cache key. Raises CheckpointError as `load`."""
    folder = _folder(name)
    captioner = _load(str(folder), _stamp(folder))
    key = fingerprint(captioner.name, captioner.checkpoint.fingerprint, captioner.image_encoder.fingerprint)
    return Keyed(captioner, key)


def opening(name: str) -> Opening | None:
    """Return the captions to show before a model is loaded, or None if its folder keeps none."""
    return read_opening(_folder(name))


def pointing(name: str) -> Pointing | None:
    """Return how well the attention of a model points, or None if its folder does not say."""
    return read_pointing(_folder(name))


def _stamp(folder: Path) -> tuple[int, ...]:
    """Return a stamp that changes when a file of the model or of its image encoder does."""
    trunk = read_caption_config(folder).trunk
    beside = () if trunk is None else stamp(folder.resolve().parent / trunk.name, (CONFIG, WEIGHTS))
    return (*caption_stamp(folder), *beside)


@st.cache_resource(max_entries=4, show_spinner="Loading the captioning model …")
def _load(folder: str, read_at: tuple[int, ...]) -> "Captioner":
    # Each visitor has a thread already; more threads per model would only compete for the cores.
    use_threads(1)
    found = load_captioner(folder)
    memory.settle()
    return found


def options(view: SearchView, name: str, *, greedy: bool = False) -> SearchOptions:
    """Return the search options that the page shows; the view's other options are for translation only."""
    shown = SearchView(beam=view.beam, alpha=view.alpha, longest=LONGEST_CAPTION)
    return shown.greedy() if greedy else shown.beam_search(config(name).alpha)


def image_features(name: str, photo: Photo, boxes: Sequence[Box] = ()) -> "ImageFeatures":
    """Return the image encoder's features of a photo with the boxes greyed out."""
    return features_of(load(name), photo, boxes)


def features_of(captioner: "Captioner", photo: Photo, boxes: Sequence[Box] = ()) -> "ImageFeatures":
    """Return the same for a model at hand; may be called outside of a visitor's script."""
    return _image_features(_encoder(captioner), photo.named, tuple(boxes))


def _encoder(captioner: "Captioner") -> Keyed["Captioner"]:
    """Return a model, keyed by its image encoder alone, since several models share one."""
    return Keyed(captioner, captioner.image_encoder.fingerprint)


@cached()
def _image_features(captioner: Keyed["Captioner"], photo: Keyed[Photo], boxes: tuple[Box, ...]) -> "ImageFeatures":
    picture = photo.value.picture
    return captioner.value.encode_photos([grey_out(picture, boxes) if boxes else picture])


def labels(name: str, photo: Photo) -> list["Label"]:
    """Return the encoder's five likeliest ImageNet classes; none if it has no classification head."""
    return load(name).labels(image_features(name, photo), 5)[0]


def doubt(name: str, photo: Photo) -> str:
    """Return a sentence on why the caption of a photo is not to be trusted; "" if nothing speaks against it."""
    return load(name).doubts([photo.picture], image_features(name, photo))[0]


class WordScore(NamedTuple):
    """A piece of a caption and its probability, given the photo and the pieces before it."""

    piece: str
    probability: float


def word_scores(name: str, photo: Photo, caption: str, boxes: Sequence[Box] = ()) -> list[WordScore]:
    """Return how likely each piece of a caption is, its end included. boxes: what is greyed out."""
    captioner = load(name)
    tokenizer = captioner.checkpoint.target
    pieces = tokenizer.pieces([*tokenizer.encode(caption), END])
    scores = captioner.score(image_features(name, photo, boxes), [caption])[0]
    return [WordScore(piece, math.exp(value)) for piece, value in zip(pieces, scores, strict=True)]


def prefix_edit(name: str, typed: str) -> tuple[Edit, ...]:
    """Return the edit that forces typed words as the prefix. Raises ConfigError if they can't be encoded."""
    return (make_edit(typed_tokens(load(name).checkpoint.target, (), typed), whole_word=True),)


def text(name: str, tokens: Sequence[int]) -> str:
    """Return the beginning of a caption as text."""
    return load(name).checkpoint.target.decode(tokens)


def search() -> "PhotoSearch | None":
    """Return the search by words, None if its folder is not there. Raises CheckpointError if it is damaged."""
    folders = models.of_kind(SEARCH)
    if not folders:
        return None
    folder = folders.get(SEARCH) or next(iter(folders.values()))
    return _search(str(folder), stamp(folder, (CONFIG, WEIGHTS, WORDS)))


@st.cache_resource(max_entries=2, show_spinner="Loading the words …")
def _search(folder: str, read_at: tuple[int, ...]) -> "PhotoSearch":
    return load_search(folder)


def ranked(name: str, photos: Sequence[Photo], words: str) -> list["Found"]:
    """Return the photos by how well they fit English words, best first.

    Raises CheckpointError if the search was trained for another encoder, UnknownWordsError if it knows no word.
    """
    found = _checked(name)
    return found.rank(words, [image_features(name, photo).pooled[0] for photo in photos]) if found else []


def unknown_words(words: str) -> list[str]:
    """Return the words that are not in the search's vocabulary."""
    found = search()
    return found.unknown(words) if found else []


def near_words(name: str, photo: Photo, count: int, *, captioned: bool | None = None) -> list["NearWord"]:
    """Return the words nearest to a photo. Raises CheckpointError if the search is for another encoder."""
    found = _checked(name)
    return found.nearest_words(image_features(name, photo).pooled[0], count, captioned=captioned) if found else []


class Weighed(NamedTuple):
    """What speaks for each caption that a search has found, and the places of the two with most of it."""

    shared: list[float]  # what it has in common with all, 0 to 10
    cosines: list[float] | None  # of its words and the photo; None without a photo search for this encoder
    consensus: int
    match: int | None


def weighed(name: str, photo: Photo, trace: Trace) -> Weighed:
    """Return other choices than the winner among the captions of a trace."""
    from seq2seq.evaluation.captions import likeness
    from seq2seq.vision.captioning import choice
    from seq2seq.vision.captioning.captioner import Caption

    found = [Caption(one.text, one.log_prob, one.normalised, one.finished) for one in trace.hypotheses]
    texts = [one.text for one in found]
    try:
        search = _checked(name)
    except CheckpointError:
        search = None
    cosines = search.cosines(texts, image_features(name, photo).pooled[0]) if search else None
    match = choice.best_match(found, cosines) if cosines else None
    return Weighed(likeness(texts), cosines, choice.consensus(found), match)


def _checked(name: str) -> "PhotoSearch | None":
    found = search()
    if found is not None:
        found.check_image_encoder(load(name).image_encoder.digest)
    return found
