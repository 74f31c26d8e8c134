"""Photos with their captions, and batches of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from seq2seq.distributed import Group
from seq2seq.errors import ConfigError, DataError
from seq2seq.text import Tokenizer
from seq2seq.text.captions import normalise_caption
from seq2seq.training.precision import autocast, faster_precision
from seq2seq.training.recipe import Precision
from seq2seq.vision.captioning.batches import CaptionBatch, caption_batch
from seq2seq.vision.captions import read_captions
from seq2seq.vision.encoder_checkpoint import LoadedImageEncoder, read_image_encoder
from seq2seq.vision.features import (
    FeatureStore,
    build_feature_store,
    content_digest,
    kept_precision,
    open_feature_store,
    readable,
)
from seq2seq.vision.image_encoder import ImageFeatures
from seq2seq.vision.photos import photo_files

Ids = list[int]


class CaptionedPhotos(NamedTuple):
    """Photos by their row in `features`, and the normalised captions of each."""

    features: FeatureStore
    places: list[int]
    names: list[str]
    captions: list[list[str]]
    mirrored: FeatureStore | None = None
    """Features of the same photos mirrored left to right, in the same order, if training uses them."""

    def only(self, rows: Sequence[int]) -> "CaptionedPhotos":
        """Return some of the photos."""
        return self._replace(
            places=[self.places[row] for row in rows],
            names=[self.names[row] for row in rows],
            captions=[self.captions[row] for row in rows],
        )

    def image_features(self, rows: Sequence[int], mirrored: Sequence[bool] = ()) -> ImageFeatures:
        """Return the image features of some of the photos, in float32. mirrored: which to take mirrored."""
        places = [self.places[row] for row in rows]
        found = self.features.image_features(places)
        swapped = [at for at, other in enumerate(mirrored) if other]
        if self.mirrored is not None and swapped:
            other = self.mirrored.image_features([places[at] for at in swapped])
            found.regions[swapped], found.pooled[swapped] = other.regions, other.pooled
        return found


def captioned_photos(
    features: FeatureStore, captions: Path, mirrored: FeatureStore | None = None
) -> CaptionedPhotos:
    """Return the photos of `features` that have captions. mirrored: features of the same photos, mirrored.

    Raises ConfigError if no photo has a caption, DataError if the features are of different photos.
    """
    if mirrored is not None and mirrored.names != features.names:
        raise DataError("The features of photos and of mirrored ones differ in their photos; make both again.")
    known = read_captions(captions)
    own = [[text for text in map(normalise_caption, known.get(name, [])) if text] for name in features.names]
    places = [place for place, texts in enumerate(own) if texts]
    if not places:
        raise ConfigError(f"{captions} describes none of the photos; name the captions that belong to them.")
    names, texts = [features.names[i] for i in places], [own[i] for i in places]
    return CaptionedPhotos(features, places, names, texts, mirrored)


def feature_store_of(
    trunk: Path | None, photos: Path, cache: Path, group: Group, *, mirrored: bool = False
) -> FeatureStore:
    """Return the image features of a folder of photos, kept in a folder of the same name within `cache`.

    mirrored: of the photos mirrored left to right, kept in NAME-mirrored.
    Without a trunk they have to exist already.
    Raises DataError or CheckpointError if something can't be read, or the cache is of another encoder.
    """
    place = cache / (photos.resolve().name + ("-mirrored" if mirrored else ""))
    if trunk is not None and group.leads:
        read, paths = read_image_encoder(trunk), photo_files(photos)
        precision = kept_precision(place) or _precision(read, paths)
        build_feature_store(read, paths, place, precision, mirrored=mirrored)
    group.from_leader(None)  # the other processes wait until all features exist
    found = open_feature_store(place)
    if trunk is None and photos.is_dir() and found.content not in ("", content_digest(photo_files(photos))):
        raise DataError(
            f"{place} holds features of other photos than {photos}; name the photos that it was made of."
        )
    return found


def _precision(trunk: LoadedImageEncoder, paths: Sequence[Path]) -> Precision:
    batch = readable(paths, 4)

    def look(precision: Precision) -> None:
        with torch.inference_mode(), autocast(precision, "cpu"):
            trunk.encoder(batch)

    return faster_precision(look, "cpu")


class CaptionBatches:
    """The batches of any epoch: all photos in another order each time, each with all its captions.

    Of photos with mirrored features each is taken mirrored or as it is, at random.
    """

    def __init__(
        self, photos: CaptionedPhotos, target: Tokenizer, tokens: int, longest: int, seed: int = 0
    ) -> None:
        """tokens: of all captions of a batch. Raises ConfigError if every caption is longer than `longest`."""
        self._photos = photos
        self._tokens = tokens
        self._seed = seed
        ids = [target.encode_all(texts) for texts in photos.captions]
        self._ids = [[one for one in each if len(one) <= longest] for each in ids]
        if not any(self._ids):
            raise ConfigError(f"No caption has at most {longest} pieces; raise data.longest.")

    def epoch(self, number: int) -> Iterator[CaptionBatch]:
        """Yield the batches of epoch `number`, counted from 0; their order follows from the seed."""
        generator = torch.Generator().manual_seed((self._seed * 100_003 + number) % 2**31)
        order = torch.randperm(len(self._ids), generator=generator).tolist()
        views = (
            [] if self._photos.mirrored is None else (torch.rand(len(order), generator=generator) < 0.5).tolist()
        )
        yield from self._batches(order, views)

    def in_order(self) -> Iterator[CaptionBatch]:
        """Yield batches of all photos, in their own order."""
        yield from self._batches(range(len(self._ids)))

    def _batches(self, order: Sequence[int], mirrored: Sequence[bool] = ()) -> Iterator[CaptionBatch]:
        held: list[int] = []
        tokens = 0
        for row in order:
            if not self._ids[row]:
                continue
            held.append(row)
            tokens += sum(len(ids) + 1 for ids in self._ids[row])
            if tokens >= self._tokens:
                yield self._batch(sorted(held), mirrored)
                held, tokens = [], 0
        if held:
            yield self._batch(sorted(held), mirrored)

    def _batch(self, rows: list[int], mirrored: Sequence[bool]) -> CaptionBatch:
        image_features = self._photos.image_features(rows, [mirrored[row] for row in rows] if mirrored else [])
        return caption_batch(image_features.regions, image_features.pooled, rows, [self._ids[row] for row in rows])
