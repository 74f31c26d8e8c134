"""`PhotoSearch`: ranks photos by words and names a photo's nearest words. What `seq2seq.load_search` returns.

Its folder: config.json, weights.safetensors (float16; word vectors in int8 with a scale each), words.txt, and for
people history.jsonl, train.toml and README.md.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor

from seq2seq.checkpoint_config import WEIGHTS, read_config_as
from seq2seq.config import read_text
from seq2seq.data.wordlist import WordList, plain_words
from seq2seq.digests import digest
from seq2seq.errors import CheckpointError, ShapeError, UnknownWordsError
from seq2seq.folders import CONFIG, as_folder, new_folder, read_whole
from seq2seq.vision.captioning.checkpoint_config import ImageEncoderName
from seq2seq.vision.retrieval.config import WORDS, SearchConfig
from seq2seq.vision.retrieval.model import JointEmbedding, bags
from seq2seq.weights import (
    check_shapes,
    distinct,
    fill_weights,
    header,
    packed_rows,
    read_with_digest,
    unpacked_rows,
)

_VECTORS, _CODES, _SCALES = "words.weight", "words.codes", "words.scales"


class Found(NamedTuple):
    """A ranked photo: its index in the input, and the cosine of photo and words, -1 to 1."""

    photo: int
    cosine: float


class NearWord(NamedTuple):
    """A word near a photo, and their cosine."""

    word: str
    cosine: float
    captioned: bool  # whether it occurred in a training caption


class PhotoSearch:
    """A joint embedding with its vocabulary. Immutable, so threads may share it."""

    def __init__(self, config: SearchConfig, model: JointEmbedding, words: WordList, name: str) -> None:
        self.config = config
        self.model = model.eval()
        self.words = words
        self.name = name
        self.digest = config.weights
        with torch.inference_mode():
            self._each_word = self.model.each_word()

    @classmethod
    def load(cls, folder: str | Path) -> "PhotoSearch":
        """Return the search of a checkpoint folder.

        Raises CheckpointError in one sentence if it is missing, damaged or of another kind.
        """
        path = as_folder(folder)
        return read_whole(path, lambda: cls._read(path))

    @classmethod
    def _read(cls, folder: Path) -> "PhotoSearch":
        config = read_config_as(folder, SearchConfig, "search")
        text = read_text(folder / WORDS, CheckpointError)
        header(folder / WEIGHTS)
        tensors, found = read_with_digest(folder / WEIGHTS)
        for file, own, wanted in ((WORDS, digest(text.encode()), config.words), (WEIGHTS, found, config.weights)):
            if own != wanted:
                raise CheckpointError(
                    f"{folder / file} is not the file that was saved here; copy the whole folder."
                )
        words = WordList(text.split("\n")[:-1])
        if not 0 <= config.naming <= config.captioned <= len(words):
            raise CheckpointError(
                f"{folder / CONFIG} tells of {config.naming}, {config.captioned} and more words, but there are "
                f"{len(words)}; copy the whole folder."
            )
        unpacked = _unpacked(tensors, folder / WEIGHTS)
        with torch.device("meta"):
            shapes = {
                name: tuple(value.shape) for name, value in distinct(JointEmbedding(config.model, len(words)))
            }
        check_shapes({name: tuple(value.shape) for name, value in unpacked.items()}, shapes, folder / WEIGHTS)
        model = JointEmbedding(config.model, len(words))
        fill_weights(model, unpacked, folder / WEIGHTS)
        return cls(config, model, words, folder.resolve().name)

    def check_image_encoder(self, encoder_digest: str) -> None:
        """Raise CheckpointError if photo vectors of the image encoder with this digest can't be searched."""
        own = self.config.trunk
        if own is None or encoder_digest != own.digest:
            named = f"image encoder {own.name} ({own.digest})" if own else "features from elsewhere"
            raise CheckpointError(
                f"The photo search {self.name} was trained on the {named}, not on {encoder_digest}; use that "
                "one, or train a search for this one."
            )

    def unknown(self, words: str) -> list[str]:
        """Return those of `words` that are not in the vocabulary, each once."""
        return [word for word in dict.fromkeys(plain_words(words)) if word not in self.words]

    @torch.inference_mode()
    def embed(self, words: str) -> Tensor:
        """Return the unit vector (joint,) of some words; unknown ones are left out.

        Raises UnknownWordsError if none is known.
        """
        numbers = self.words.numbers(plain_words(words))
        if not numbers:
            raise UnknownWordsError(self._none_known(words))
        return self.model.texts(bags([numbers]))[0]

    def _none_known(self, words: str) -> str:
        asked = plain_words(words)
        if not asked:
            return "There is no word to search by; type what the photo shows, such as: a dog on a beach."
        similar = list(dict.fromkeys(known for word in asked for known in self.words.similar(word)))[:3]
        hint = f"did you mean {' or '.join(similar)}?" if similar else "try plainer ones."
        shown = ", ".join(f"“{word[:30]}”" for word in dict.fromkeys(asked[:5]))
        return f"None of these English words is known: {shown}; {hint}"

    @torch.inference_mode()
    def rank(self, words: str, photo_vectors: Tensor | NDArray[np.floating] | Sequence[Tensor]) -> list[Found]:
        """Return every photo, the best for `words` first; ties stay in the order given.

        photo_vectors: pooled vectors (photos, width) of the encoder that the config names, or one (width,) a photo.
        Raises UnknownWordsError if no word is known, ShapeError if the vectors have another width.
        """
        text = self.embed(words)
        vectors = (
            torch.stack([torch.as_tensor(each) for each in photo_vectors])
            if isinstance(photo_vectors, Sequence)
            else photo_vectors
        )
        cosines = self._photos(vectors) @ text
        order = cosines.argsort(descending=True, stable=True).tolist()
        return [Found(index, float(cosines[index])) for index in order]

    @torch.inference_mode()
    def cosines(self, texts: Sequence[str], photo_vector: Tensor | NDArray[np.floating]) -> list[float]:
        """Return the cosine of a photo, by its vector (width,), and each of some texts; 0 if no word is known.

        Raises ShapeError if the vector has another width.
        """
        photo = self._photos(photo_vector[None])[0]
        numbers = [self.words.numbers(plain_words(text)) for text in texts]
        known = [place for place, each in enumerate(numbers) if each]
        found = [0.0] * len(texts)
        if known:
            values = (self.model.texts(bags([numbers[place] for place in known])) @ photo).tolist()
            for place, value in zip(known, values, strict=True):
                found[place] = value
        return found

    @torch.inference_mode()
    def nearest_words(
        self, photo_vector: Tensor | NDArray[np.floating], n: int, *, captioned: bool | None = None
    ) -> list[NearWord]:
        """Return the n words nearest to a photo, the nearest first.

        photo_vector: (width,). captioned: True for words of many captions only, which name a photo best;
        False for words of no caption, which are guesses; None for all words.
        Raises ShapeError if the vector has another width.
        """
        photo = self._photos(photo_vector[None])[0]
        parts = {None: (0, None), True: (0, self.config.naming), False: (self.config.captioned, None)}
        first, last = parts[captioned]
        cosines = (self._each_word @ photo)[first:last]
        best = cosines.topk(min(n, len(cosines)))
        return [
            NearWord(self.words.words[first + number], cosine, first + number < self.config.captioned)
            for number, cosine in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ]

    def _photos(self, vectors: Tensor | NDArray[np.floating]) -> Tensor:
        pooled = vectors if isinstance(vectors, Tensor) else torch.from_numpy(np.array(vectors, np.float32))
        if pooled.dim() != 2 or pooled.shape[1] != self.config.model.photo:
            raise ShapeError(
                f"Photo vectors are (photos, {self.config.model.photo}) here, these are {tuple(pooled.shape)}; "
                "use those of the image encoder that it was trained on."
            )
        return self.model.photos(pooled.cpu())


def write_search(
    folder: Path,
    trunk: ImageEncoderName | None,
    model: JointEmbedding,
    words: WordList,
    captioned: tuple[int, int],
    extra: Mapping[str, str],
) -> None:
    """Write a complete folder, or nothing.

    trunk: the image encoder, None for features from elsewhere. captioned: how many of the first words
    occurred in a caption, and in enough to name photos. extra: further text files by name (card, recipe, history).
    Raises CheckpointError if the folder can't be written.
    """
    with new_folder(folder) as draft:
        (draft / WEIGHTS).write_bytes(save(_packed(model)))
        (draft / WORDS).write_text("".join(f"{word}\n" for word in words.words), encoding="utf-8", newline="\n")
        config = SearchConfig(
            trunk=trunk,
            model=model.config,
            captioned=captioned[0],
            naming=captioned[1],
            words=digest((draft / WORDS).read_bytes()),
            weights=digest((draft / WEIGHTS).read_bytes()),
        )
        (draft / CONFIG).write_text(config.model_dump_json(indent=2) + "\n", encoding="utf-8")
        for name, text in extra.items():
            (draft / name).write_text(text, encoding="utf-8")


def _packed(model: JointEmbedding) -> dict[str, Tensor]:
    """Return the weights as stored: float16, word vectors in int8 with one scale per word."""
    tensors = {name: value.detach().half().contiguous() for name, value in model.named_parameters()}
    tensors[_CODES], tensors[_SCALES] = packed_rows(model.words.weight.detach())
    del tensors[_VECTORS]
    return tensors


def _unpacked(tensors: Mapping[str, Tensor], where: Path) -> dict[str, Tensor]:
    """Return the weights by the model's names. Raises CheckpointError if the word vectors are not there."""
    codes, scales = tensors.get(_CODES), tensors.get(_SCALES)
    if codes is None or scales is None or codes.dim() != 2 or scales.shape != codes.shape[:1]:
        raise CheckpointError(f"{where} lacks its word vectors; copy the whole folder.")
    others = {name: value for name, value in tensors.items() if name not in (_CODES, _SCALES)}
    return {**others, _VECTORS: unpacked_rows(codes, scales)}
