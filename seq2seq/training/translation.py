"""The training task of a translation model."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from tqdm import tqdm

from seq2seq.checkpoint import write_checkpoint
from seq2seq.checkpoint_config import CheckpointConfig
from seq2seq.data.batches import Batch
from seq2seq.data.pairs import Pair
from seq2seq.digests import digest
from seq2seq.distributed import Group
from seq2seq.errors import ConfigError
from seq2seq.evaluation import corpus_scores
from seq2seq.evaluation.calibration import FILE as CALIBRATION
from seq2seq.evaluation.calibration import to_json
from seq2seq.models import TranslationModel
from seq2seq.segments import LONGEST_SENTENCE
from seq2seq.text import Tokenizer, normalise
from seq2seq.training.card import draft_card
from seq2seq.training.corpus import (
    Corpus,
    EpochBatches,
    Vocabularies,
    make_masking,
    make_vocabularies,
    masked_pairs,
    read_corpus,
)
from seq2seq.training.decoding import DecoderLearner
from seq2seq.training.progress import Progress
from seq2seq.training.recipe import Recipe
from seq2seq.training.start import freeze, initialise
from seq2seq.training.task import Setup, Task, Validation
from seq2seq.training.validation import greedy_translations, in_words, pair_batches, teacher_forced_metrics


class TranslationTask(DecoderLearner[TranslationModel, Batch], Task[Batch, TranslationModel]):
    """Pairs, vocabularies and model of a recipe."""

    recipe: Recipe

    def __init__(self, recipe: Recipe, setup: Setup) -> None:
        """Raises ConfigError, DataError or CheckpointError if part of the recipe can't be used."""
        group = setup.group
        self.recipe = recipe
        self.corpus: Corpus = read_corpus(recipe)
        self.masking = make_masking(recipe, self.corpus.train)
        train = masked_pairs(self.corpus.train, self.masking)
        self.vocabularies = Vocabularies(**setup.tokenizers) if setup.tokenizers else self._learnt(train, group)
        self.corpus = self.corpus._replace(valid=self._translatable(self.corpus.valid, group))
        self.tokenizers, self.samples = self.vocabularies._asdict(), self.corpus.valid
        # What only the leader did may have drawn random numbers; all start from the same weights.
        torch.manual_seed(recipe.training.seed)
        model = self.new_model().to(setup.device)
        self.batches = EpochBatches(recipe, train, self.vocabularies, group.world, self.masking, self.corpus.train)
        freeze(model, recipe.initialise_from)
        super().__init__(model, recipe, Batch.parts, rank=group.rank)

    def _translatable(self, pairs: list[Pair], group: Group) -> list[Pair]:
        """Return the pairs whose source is short enough to translate; report how many are left out."""
        lengths = map(len, self.vocabularies.source.encode_all([pair.source for pair in pairs]))
        fits = [pair for pair, length in zip(pairs, lengths, strict=True) if length <= LONGEST_SENTENCE]
        if not fits:
            raise ConfigError(f"No validation source has at most {LONGEST_SENTENCE} pieces; name other pairs.")
        if group.leads and len(fits) < len(pairs):
            tqdm.write(f"left out of validation for over {LONGEST_SENTENCE} pieces: {len(pairs) - len(fits)} pairs")
        return fits

    def _learnt(self, train: Sequence[Pair], group: Group) -> Vocabularies:
        learnt = make_vocabularies(self.recipe, train, self.masking) if group.leads else None
        protos = group.from_leader([each.proto for each in learnt] if learnt else [])
        return learnt or Vocabularies(*map(Tokenizer, protos))

    def new_model(self) -> TranslationModel:
        """Return a model of the recipe's shape with initial weights."""
        return TranslationModel(self.recipe.model, *(len(tokenizer) for tokenizer in self.vocabularies))

    def initialise(self) -> None:
        """Initialise what the recipe takes from elsewhere."""
        initialise(self.model, self.recipe, self.vocabularies)

    def measure(self, model: TranslationModel, progress: Progress) -> Validation:
        """Return teacher-forced loss and accuracy, and scores of greedy outputs."""
        pairs = self.corpus.valid
        forced, _ = teacher_forced_metrics(model, self._valid_batches())
        texts = greedy_translations(model, self._config(), self.vocabularies, pairs, self.masking)
        references = [pair.target for pair in pairs]
        scores = corpus_scores(texts, references)
        figures = {
            "forced_loss": forced.loss,
            "accuracy": forced.accuracy,
            "bleu": scores.bleu,
            "chrf": scores.chrf,
            # French output has its spaces restored, which references have lost.
            "exact": sum(map(str.__eq__, map(normalise, texts), references)) / len(pairs),
        }
        return Validation(figures, scores.bleu, in_words(figures), texts)

    def _valid_batches(self) -> Iterator[Batch]:
        return pair_batches(self.vocabularies, masked_pairs(self.corpus.valid, self.masking))

    def write(self, folder: Path, model: TranslationModel, extra: Mapping[str, str]) -> None:
        """Write a checkpoint with these weights."""
        known = self.masking.known if self.masking else None
        write_checkpoint(folder, self._config(), model, *self.vocabularies, extra, known)

    def extras(self, model: TranslationModel, progress: Progress) -> dict[str, str]:
        """Return calibration and card."""
        _, calibration = teacher_forced_metrics(model, self._valid_batches())
        return {CALIBRATION: to_json(calibration), "README.md": draft_card(self.recipe, progress, model)}

    def _config(self) -> CheckpointConfig:
        vocabulary = {side: digest(each.proto) for side, each in self.vocabularies._asdict().items()}
        if self.masking:
            vocabulary["words"] = digest(self.masking.known.text().encode())
        return CheckpointConfig(
            source=self.recipe.data.source,
            target=self.recipe.data.target,
            model=self.recipe.model,
            vocabulary=vocabulary,
        )
