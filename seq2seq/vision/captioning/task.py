"""The captioning task: trains projection and decoder on features stored on disk."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from seq2seq.data.pairs import Pair
from seq2seq.digests import digest
from seq2seq.distributed import Group
from seq2seq.errors import ConfigError
from seq2seq.evaluation.captions import caption_scores
from seq2seq.search import Beam
from seq2seq.text import Tokenizer
from seq2seq.training.corpus import evenly
from seq2seq.training.decoding import DecoderLearner
from seq2seq.training.progress import Progress
from seq2seq.training.start import freeze, take_parts
from seq2seq.training.task import Setup, Task, Validation
from seq2seq.training.validation import in_words, teacher_forced_metrics
from seq2seq.vision.captioning.batches import CaptionBatch
from seq2seq.vision.captioning.captioner import Captioner
from seq2seq.vision.captioning.card import caption_card
from seq2seq.vision.captioning.checkpoint import (
    CaptionCheckpoint,
    image_encoder_name,
    read_caption_checkpoint,
    write_caption_checkpoint,
)
from seq2seq.vision.captioning.checkpoint_config import CaptionCheckpointConfig
from seq2seq.vision.captioning.config import CaptionConfig
from seq2seq.vision.captioning.data import CaptionBatches, captioned_photos, feature_store_of
from seq2seq.vision.captioning.familiarity import Familiarity, learn_familiarity
from seq2seq.vision.captioning.model import CaptionModel
from seq2seq.vision.captioning.recipe import CaptionRecipe
from seq2seq.vision.captioning.reward import Reward


class CaptionTask(DecoderLearner[CaptionModel, CaptionBatch], Task[CaptionBatch, CaptionModel]):
    """Photos, captions, vocabulary and model of a recipe."""

    recipe: CaptionRecipe

    def __init__(self, recipe: CaptionRecipe, setup: Setup) -> None:
        """Raises ConfigError, DataError or CheckpointError if something of the recipe can't be used."""
        data, group = recipe.data, setup.group
        self.recipe = recipe
        self._start = read_caption_checkpoint(recipe.initialise_from.checkpoint) if recipe.initialise_from else None
        self._image_encoder = image_encoder_name(data.trunk) if data.trunk else None
        seen, valid = (
            feature_store_of(data.trunk, photos, data.features, group)
            for photos in (data.photos, data.valid_photos)
        )
        other = (
            feature_store_of(data.trunk, data.photos, data.features, group, mirrored=True)
            if data.mirrored
            else None
        )
        self._train = captioned_photos(seen, data.captions, other)
        whole = captioned_photos(valid, data.valid_captions)
        self._valid = whole.only(evenly(range(len(whole.places)), data.valid_count))
        self.target = setup.tokenizers["target"] if setup.tokenizers else self._learnt(group)
        self.tokenizers = {"target": self.target}
        # The photos' names, each with one caption.
        self.samples = [
            Pair(name, texts[0]) for name, texts in zip(self._valid.names, self._valid.captions, strict=True)
        ]
        self.shape = CaptionConfig(
            **recipe.model.model_dump(),
            image_width=self._train.features.pooled.shape[1],
            grid=self._train.features.grid,
        )
        # The leader may have used random numbers while reading; all start from the same weights.
        torch.manual_seed(recipe.training.seed)
        model = self.new_model().to(setup.device)
        self.batches = CaptionBatches(
            self._train, self.target, recipe.training.batch_tokens * group.world, data.longest, recipe.training.seed
        )
        freeze(model, recipe.initialise_from)
        reward = Reward(recipe.reward, self._train.captions, self.target).losses if recipe.reward else None
        super().__init__(model, recipe, CaptionBatch.parts, reward, group.rank)

    def _learnt(self, group: Group) -> Tokenizer:
        if self._start is not None:
            return self._start.target
        text = self.recipe.text
        captions = (caption for photo in self._train.captions for caption in photo)
        proto = Tokenizer.train(captions, text.kind, text.size, "text.size").proto if group.leads else b""
        return Tokenizer(group.from_leader(proto))

    def new_model(self) -> CaptionModel:
        """Return a model of the recipe's shape with initial weights."""
        return CaptionModel(self.shape, len(self.target))

    def initialise(self) -> None:
        """Load what the recipe takes from another checkpoint. Raises ConfigError if its shapes differ."""
        if self.recipe.initialise_from is not None and self._start is not None:
            if not isinstance(self._start.model, CaptionModel):
                place = self.recipe.initialise_from.checkpoint
                raise ConfigError(f"{place} is several models that decide together; start from one of them.")
            take_parts(self.model, self.recipe.initialise_from, self._start.model)

    def measure(self, model: CaptionModel, progress: Progress) -> Validation:
        """Return teacher-forced loss and accuracy, and the scores of captions by beam search."""
        forced, _ = teacher_forced_metrics(model, self._valid_batches())
        texts = self._captions(model)
        scores = caption_scores(texts, self._valid.captions)
        figures = {
            "forced_loss": forced.loss,
            "accuracy": forced.accuracy,
            "bleu": scores.bleu[3],
            "cider": scores.cider,
            "distinct": len(set(texts)) / len(texts),
        }
        return Validation(figures, scores.bleu[3], in_words(figures), texts)

    def _captions(self, model: CaptionModel) -> list[str]:
        checkpoint = CaptionCheckpoint(config=self._config(), model=model, target=self.target, digest="")
        captioner = Captioner(checkpoint, "validation", None)
        options = captioner.options(Beam(size=self.recipe.data.beam_size, alpha=checkpoint.config.alpha))
        seen = self._valid.image_features(range(len(self._valid.places)))
        return [best[0].text for best in captioner.caption_features(seen, options)]

    def _valid_batches(self) -> Iterator[CaptionBatch]:
        return CaptionBatches(self._valid, self.target, 4000, 10_000).in_order()

    def write(self, folder: Path, model: CaptionModel, extra: Mapping[str, str]) -> None:
        """Write a checkpoint with these weights."""
        write_caption_checkpoint(folder, self._config(), model, self.target, extra, self._familiarity)

    @cached_property
    def _familiarity(self) -> Familiarity | None:
        seen, held_out = (
            torch.from_numpy(photos.features.pooled[photos.places].astype(np.float32))
            for photos in (self._train, self._valid)
        )
        return learn_familiarity(seen, held_out)

    def extras(self, model: CaptionModel, progress: Progress) -> dict[str, str]:
        """Return the draft of a card."""
        return {"README.md": caption_card(self.recipe, progress, model)}

    def _config(self) -> CaptionCheckpointConfig:
        return CaptionCheckpointConfig(
            model=self.shape, trunk=self._image_encoder, vocabulary={"target": digest(self.target.proto)}
        )
