"""What is trained when photos are captioned: the projection and the decoder, on features that are kept on disk."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from seq2seq.caption_checkpoint import (
    CaptionCheckpoint,
    CaptionCheckpointConfig,
    read_caption_checkpoint,
    trunk_name,
    write_caption_checkpoint,
)
from seq2seq.captioner import Captioner
from seq2seq.data.caption_batches import CaptionBatch, caption_batch
from seq2seq.data.pairs import Pair
from seq2seq.data.photos import normalise_caption, photo_files, read_captions
from seq2seq.digests import digest
from seq2seq.distributed import Group
from seq2seq.errors import ConfigError, DataError
from seq2seq.evaluation.captions import caption_scores
from seq2seq.models.captioning import CaptionConfig, CaptionModel
from seq2seq.models.image import Seen
from seq2seq.search import Beam
from seq2seq.text import Tokenizer
from seq2seq.training.caption_recipe import CaptionRecipe
from seq2seq.training.card import caption_card
from seq2seq.training.corpus import evenly
from seq2seq.training.features import (
    Features,
    content_digest,
    kept_precision,
    make_features,
    open_features,
    readable,
)
from seq2seq.training.precision import Precision, autocast, faster_precision
from seq2seq.training.reward import Reward
from seq2seq.training.start import freeze, take_parts
from seq2seq.training.state import Progress
from seq2seq.training.task import Measured
from seq2seq.training.update import Updater
from seq2seq.training.validation import forced_figures
from seq2seq.trunk import Trunk, read_trunk

Ids = list[int]


class Described(NamedTuple):
    """Photos by their place in `features`, and the normalised captions of each."""

    features: Features
    places: list[int]
    names: list[str]
    captions: list[list[str]]

    def only(self, rows: Sequence[int]) -> "Described":
        """Return some of the photos."""
        return Described(
            self.features,
            [self.places[row] for row in rows],
            [self.names[row] for row in rows],
            [self.captions[row] for row in rows],
        )

    def seen(self, rows: Sequence[int]) -> Seen:
        """Return what the image encoder saw in some of the photos, in float32."""
        return self.features.seen([self.places[row] for row in rows])


def described(features: Features, captions: Path) -> Described:
    """Return the photos of `features` that have captions. Raises ConfigError if there are none."""
    known = read_captions(captions)
    own = [[text for text in map(normalise_caption, known.get(name, [])) if text] for name in features.names]
    places = [place for place, texts in enumerate(own) if texts]
    if not places:
        raise ConfigError(f"{captions} describes none of the photos; name the captions that belong to them.")
    return Described(features, places, [features.names[i] for i in places], [own[i] for i in places])


def photo_features(trunk: Path | None, photos: Path, cache: Path, group: Group) -> Features:
    """Return what a trunk sees in a folder of photos, kept in a folder of the same name within `cache`.

    Without a trunk it has to be there already.
    Raises DataError or CheckpointError if something can't be read, or the cache is another trunk's.
    """
    place = cache / photos.resolve().name
    if trunk is not None and group.leads:
        read, paths = read_trunk(trunk), photo_files(photos)
        make_features(read, paths, place, kept_precision(place) or _precision(read, paths))
    group.from_leader(None)  # the others wait until all is there
    found = open_features(place)
    if trunk is None and photos.is_dir() and found.content not in ("", content_digest(photo_files(photos))):
        raise DataError(
            f"{place} holds features of other photos than {photos}; name the photos that it was made of."
        )
    return found


def _precision(trunk: Trunk, paths: Sequence[Path]) -> Precision:
    batch = readable(paths, 4)

    def look(precision: Precision) -> None:
        with torch.inference_mode(), autocast(precision, "cpu"):
            trunk.encoder(batch)

    return faster_precision(look, "cpu")


class CaptionBatches:
    """The batches of any epoch: all photos in another order each time, each with all its captions."""

    def __init__(self, photos: Described, target: Tokenizer, tokens: int, longest: int, seed: int = 0) -> None:
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
        yield from self._batches(torch.randperm(len(self._ids), generator=generator).tolist())

    def in_order(self) -> Iterator[CaptionBatch]:
        """Yield batches of all photos, in their own order."""
        yield from self._batches(range(len(self._ids)))

    def _batches(self, order: Sequence[int]) -> Iterator[CaptionBatch]:
        held: list[int] = []
        tokens = 0
        for row in order:
            if not self._ids[row]:
                continue
            held.append(row)
            tokens += sum(len(ids) + 1 for ids in self._ids[row])
            if tokens >= self._tokens:
                yield self._batch(sorted(held))
                held, tokens = [], 0
        if held:
            yield self._batch(sorted(held))

    def _batch(self, rows: list[int]) -> CaptionBatch:
        seen = self._photos.seen(rows)
        return caption_batch(seen.regions, seen.pooled, rows, [self._ids[row] for row in rows])


class CaptionTask:
    """Photos, captions, vocabulary and model of a recipe (`Task`)."""

    def __init__(
        self, recipe: CaptionRecipe, kept: Mapping[str, Tokenizer] | None, device: torch.device, group: Group
    ) -> None:
        """kept: the vocabulary of the training that goes on; without it a new one is learnt.

        Raises ConfigError, DataError or CheckpointError if something of the recipe can't be used.
        """
        data = recipe.data
        self._recipe = recipe
        self._device = device
        self._start = read_caption_checkpoint(recipe.initialise_from.checkpoint) if recipe.initialise_from else None
        self._trunk = trunk_name(data.trunk) if data.trunk else None
        self._train, whole = (
            described(photo_features(data.trunk, photos, data.features, group), captions)
            for photos, captions in ((data.photos, data.captions), (data.valid_photos, data.valid_captions))
        )
        self._valid = whole.only(evenly(range(len(whole.places)), data.valid_count))
        self.target = kept["target"] if kept else self._learnt(group)
        self.shape = CaptionConfig(
            **recipe.model.model_dump(),
            image_width=self._train.features.pooled.shape[1],
            grid=self._train.features.grid,
        )
        # What the leader alone has read may have drawn numbers; all start from the same weights.
        torch.manual_seed(recipe.training.seed)
        self.model = self.new_model().to(device)
        self.batches = CaptionBatches(
            self._train, self.target, recipe.training.batch_tokens * group.world, data.longest, recipe.training.seed
        )
        freeze(self.model, recipe.initialise_from)

    def _learnt(self, group: Group) -> Tokenizer:
        if self._start is not None:
            return self._start.target
        text = self._recipe.text
        captions = (caption for photo in self._train.captions for caption in photo)
        proto = Tokenizer.train(captions, text.kind, text.size, "text.size").proto if group.leads else b""
        return Tokenizer(group.from_leader(proto))

    def new_model(self) -> CaptionModel:
        """Return a model of the recipe's shape with first weights."""
        return CaptionModel(self.shape, len(self.target))

    def initialise(self) -> None:
        """Fill what the recipe takes from another checkpoint. Raises ConfigError if its shapes differ."""
        if self._recipe.initialise_from is not None and self._start is not None:
            take_parts(self.model, self._recipe.initialise_from, self._start.model)

    def updater(self, group: Group) -> Updater:
        """Return what changes the model, batch by batch."""
        asked = self._recipe.reward
        reward = None if asked is None else Reward(asked, self._train.captions, self.target)
        return Updater(self.model, self._recipe, "float32", group, reward)

    @property
    def tokenizers(self) -> Mapping[str, Tokenizer]:
        """The one vocabulary."""
        return {"target": self.target}

    @property
    def samples(self) -> list[Pair]:
        """The validation photos' names, each with one caption."""
        return [Pair(name, texts[0]) for name, texts in zip(self._valid.names, self._valid.captions, strict=True)]

    def measure(self, model: CaptionModel) -> Measured:
        """Return loss and accuracy with the true prefix, and the scores of captions that a beam finds."""
        forced, _ = forced_figures(model, self._valid_batches())
        texts = self._captions(model)
        scores = caption_scores(texts, self._valid.captions)
        figures = {
            "forced_loss": forced.loss,
            "accuracy": forced.accuracy,
            "bleu": scores.bleu[3],
            "cider": scores.cider,
            "distinct": len(set(texts)) / len(texts),
        }
        return Measured(figures, texts, scores.bleu[3])

    def _captions(self, model: CaptionModel) -> list[str]:
        checkpoint = CaptionCheckpoint(config=self._config(), model=model, target=self.target, digest="")
        captioner = Captioner(checkpoint, "validation", None)
        options = captioner.options(Beam(size=self._recipe.data.beam_size, alpha=checkpoint.config.alpha))
        seen = self._valid.seen(range(len(self._valid.places)))
        return [best[0].text for best in captioner.caption_seen(seen, options)]

    def _valid_batches(self) -> Iterator[CaptionBatch]:
        return CaptionBatches(self._valid, self.target, 4000, 10_000).in_order()

    def write(self, folder: Path, model: CaptionModel, extra: Mapping[str, str]) -> None:
        """Write a checkpoint with these weights."""
        write_caption_checkpoint(folder, self._config(), model, self.target, extra)

    def extras(self, model: CaptionModel, progress: Progress) -> dict[str, str]:
        """Return the draft of a card."""
        return {"README.md": caption_card(self._recipe, progress, model)}

    def _config(self) -> CaptionCheckpointConfig:
        return CaptionCheckpointConfig(
            model=self.shape, trunk=self._trunk, vocabulary={"target": digest(self.target.proto)}
        )
