"""Training data of a photo search: photos, captions, sentences and their words."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.data.lines import open_text
from seq2seq.data.wordlist import WordList, plain_words
from seq2seq.errors import DataError
from seq2seq.vision.captions import read_captions
from seq2seq.vision.features import FeatureStore
from seq2seq.vision.retrieval.recipe import SearchDataRecipe


class PooledPhotos(NamedTuple):
    """Photos and their captions, as plain words."""

    pooled: Tensor  # (photos, width), float32
    captions: list[list[list[str]]]  # of each photo


def pooled_photos(features: FeatureStore, captions: Path, without: Sequence[str] = ()) -> PooledPhotos:
    """Return the photos of `features` that have captions.

    without: words; a photo with a caption that has one of them is left out.
    Raises DataError if no photo is left.
    """
    known = {name: [plain_words(text) for text in texts] for name, texts in read_captions(captions).items()}
    left_out = set(without)
    rows = [
        row
        for row, name in enumerate(features.names)
        if name in known and not any(left_out & set(words) for words in known[name])
    ]
    if not rows:
        raise DataError(f"{captions} describes none of the photos; name the captions that belong to them.")
    pooled = torch.stack([torch.from_numpy(features.pooled[row].astype("float32")) for row in rows])
    return PooledPhotos(pooled, [known[features.names[row]] for row in rows])


def read_sentences(data: SearchDataRecipe) -> list[list[str]]:
    """Return the distinct sentences of the recipe's files, as plain words. Raises DataError."""
    texts: dict[str, None] = {}
    for path in data.sentences:
        for number, line in enumerate(open_text(path), 1):
            cells = line.split("\t")
            if len(cells) < data.column:
                raise DataError(f"{path}, line {number} has no column {data.column}; correct data.column.")
            texts[cells[data.column - 1]] = None
    return [words for words in map(plain_words, texts) if words]


class CaptionWords(NamedTuple):
    """Captions as word ids, and the photo of each; captions without a known word are left out."""

    texts: list[list[int]]
    owner: Tensor  # (captions,)

    @classmethod
    def of(cls, captions: Sequence[Sequence[Sequence[str]]], words: WordList) -> "CaptionWords":
        """Return the captions of photos, given as plain words."""
        numbered = [(words.numbers(text), photo) for photo, texts in enumerate(captions) for text in texts]
        known = [(text, photo) for text, photo in numbered if text]
        return cls([text for text, _ in known], torch.tensor([photo for _, photo in known], dtype=torch.long))


def vocabulary(
    captions: Sequence[Sequence[Sequence[str]]], sentences: Sequence[Sequence[str]], min_count: int
) -> tuple[WordList, list[int]]:
    """Return all words with at least `min_count` occurrences, and the caption counts of the first ones.

    Words of captions come first, the frequent ones before the others.
    """
    described = [text for texts in captions for text in texts]
    all_words = WordList.of([*described, *sentences], min_count)
    captioned = [word for word in WordList.of(described).words if word in all_words]
    counts = Counter(word for text in described for word in text)
    return WordList([*captioned, *all_words.words]), [counts[word] for word in captioned]
