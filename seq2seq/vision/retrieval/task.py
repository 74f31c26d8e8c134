"""The training of a photo search: word vectors from sentences first, then photos and captions in one space."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from seq2seq.digests import digest
from seq2seq.errors import ConfigError
from seq2seq.training.progress import Progress
from seq2seq.training.task import Objective, Plan, Setup, Task, Validation
from seq2seq.vision.captioning.checkpoint import image_encoder_name
from seq2seq.vision.captioning.data import feature_store_of
from seq2seq.vision.distillation.words import word_auc
from seq2seq.vision.features import FeatureStore
from seq2seq.vision.retrieval.batches import JointBatch, JointBatches
from seq2seq.vision.retrieval.card import search_card
from seq2seq.vision.retrieval.config import JointConfig
from seq2seq.vision.retrieval.data import CaptionWords, pooled_photos, read_sentences, vocabulary
from seq2seq.vision.retrieval.metrics import RetrievalScores, format_metrics, photos_by_texts, texts_by_photos
from seq2seq.vision.retrieval.model import JointEmbedding, bags
from seq2seq.vision.retrieval.recipe import SearchRecipe
from seq2seq.vision.retrieval.search import write_search
from seq2seq.vision.retrieval.skipgram import SkipGram, SparseAdagrad, WordBatch, WordBatches

SearchBatch = WordBatch | JointBatch


def ranking_loss(
    cosines: Tensor, owner: Tensor, margin: float, *, hardest: bool, own: slice = slice(None)
) -> Tensor:
    """Return the max-margin ranking loss, in both directions, as a mean over the `own` pairs.

    cosines: (pairs, pairs) of photos and texts; row and column i are a matching pair. owner: (pairs,) the photo
    of each: other texts of the same photo are no negatives. hardest: only the hardest negative counts (Faghri et
    al. 2018, equation 6), otherwise their mean (Frome et al. 2013, equation 1; Kiros et al. 2014 for both ways).
    """
    right = cosines.diagonal()
    wrong = owner[:, None] != owner
    losses = []
    for mine, dimension in ((right[:, None], 1), (right[None], 0)):
        excess = (margin + cosines - mine).clamp_min(0) * wrong
        losses.append(
            excess.amax(dimension) if hardest else excess.sum(dimension) / wrong.sum(dimension).clamp_min(1)
        )
    return (losses[0] + losses[1])[own].mean()


@torch.inference_mode()
def measure(model: JointEmbedding, pooled: Tensor, captions: CaptionWords) -> RetrievalScores:
    """Return the metrics of finding photos (photos, width) by their captions, and captions by photos."""
    device = model.photo.weight.device
    texts = model.texts(bags(captions.texts).to(device))
    cosines = (texts @ model.photos(pooled.to(device)).T).cpu()
    return RetrievalScores(photos_by_texts(cosines, captions.owner), texts_by_photos(cosines, captions.owner))


class LearningSearch(nn.Module):
    """The word vectors of both phases, and the joint space."""

    initial: Tensor  # (words, word), the skip-gram vectors once they are learnt: centred and of length 1

    def __init__(self, shape: JointConfig, words: int, captioned: int, seed: int) -> None:
        """captioned: how many words, the first ones, have captions. Captions never contain the others, so these
        keep their skip-gram vectors.
        """
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.skip_gram = SkipGram(words, shape.word)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.joint = JointEmbedding(shape, words)
        self.joint.words.requires_grad_(False)  # a copy of `captioned` and the rest of `initial`
        self.captioned = nn.Parameter(torch.zeros(captioned, shape.word))
        self.register_buffer("initial", torch.zeros(words, shape.word))

    @torch.no_grad()
    def start_joint_space(self) -> None:
        """Take the skip-gram vectors over.

        The mean of all vectors carries no information, and a vector's length only the word's frequency.
        """
        vectors = self.skip_gram.word.weight
        self.initial.copy_(F.normalize(vectors - vectors.mean(0), dim=1))
        self.captioned.copy_(self.initial[: len(self.captioned)])

    @torch.no_grad()
    def copy_words(self) -> None:
        """Copy the current word vectors into the joint space."""
        self.joint.words.weight.copy_(torch.cat([self.captioned, self.initial[len(self.captioned) :]]))


class SearchBatches:
    """The batches of all epochs: those of the word vectors first."""

    def __init__(self, words: WordBatches, joint: JointBatches, word_epochs: int) -> None:
        self._words, self._joint, self._word_epochs = words, joint, word_epochs

    def epoch(self, number: int) -> Iterator[SearchBatch]:
        """Yield the batches of epoch `number`, counted from 0."""
        if number < self._word_epochs:
            yield from self._words.epoch(number)
        else:
            yield from self._joint.epoch(number - self._word_epochs)


class SearchTask(Task[SearchBatch, LearningSearch]):
    """Sentences, photos, captions and model of a recipe."""

    sums = ("loss_sum", "weight")
    sums_type = torch.float64

    def __init__(
        self, recipe: SearchRecipe, setup: Setup, features: tuple[FeatureStore, FeatureStore] | None = None
    ) -> None:
        """features: of the training and validation photos; those that are missing are computed first.

        Raises DataError, ConfigError or CheckpointError if something can't be used.
        """
        data, joint, world = recipe.data, recipe.joint, setup.group.world
        self.recipe = recipe
        seen, unseen = features or (
            feature_store_of(data.trunk, photos, data.features, setup.group)
            for photos in (data.photos, data.valid_photos)
        )
        if seen.encoder != unseen.encoder:
            raise ConfigError("The two feature folders come from two image encoders; make them by one.")
        if world > 1 and setup.device.type == "cuda":  # NCCL has no sum of sparse gradients
            raise ConfigError("A photo search is trained by one process on a GPU; start it without torchrun.")
        train = pooled_photos(seen, data.captions, data.held_out)
        self._valid = pooled_photos(unseen, data.valid_captions)
        sentences = read_sentences(data)
        self.words, counts = vocabulary(train.captions, sentences, data.min_count)
        self.captioned = len(counts)
        self.naming_words = sum(count >= data.min_caption_count for count in counts)
        self._valid_captions = CaptionWords.of(self._valid.captions, self.words)
        captions = CaptionWords.of(train.captions, self.words)
        self.data_digest = digest(f"{seen.encoder}\n{len(self.words)}\n{len(captions.texts)}".encode())
        self.shape = JointConfig(photo=train.pooled.shape[1], word=joint.word, joint=joint.width)
        self.model = self.new_model().to(setup.device)
        texts = [self.words.numbers(text) for text in sentences]
        self.batches = SearchBatches(
            WordBatches(recipe.words, texts, len(self.words), joint.seed, world),
            JointBatches(joint, train.pooled, captions, world),
            recipe.words.epochs,
        )
        self.rng = torch.Generator().manual_seed(joint.seed)  # not drawn from: batches bring their random numbers
        words = {"params": [*self.model.skip_gram.parameters()], "peak": recipe.words.rate, "name": "words"}
        maps = [each for each in self.model.joint.parameters() if each.requires_grad]
        groups: list[dict[str, Any]] = [
            {"params": maps, "weight_decay": joint.weight_decay, "peak": joint.rate, "name": "joint"},
            {"params": [self.model.captioned], "weight_decay": 0.0, "peak": joint.rate, "name": "joint"},
        ]
        self.optimisers = (SparseAdagrad([words], lr=recipe.words.rate), AdamW(groups, lr=joint.rate))
        # Validations in the second phase, a checkpoint at the end.
        self.plan = Plan(
            recipe.words.epochs + joint.epochs,
            unit="epoch",
            seed=joint.seed,
            precision="float32",
            first_validation=recipe.words.epochs + 1,
            early_checkpoints=False,
            averaging=recipe.averaging,
            patience=joint.patience,
        )

    def new_model(self) -> LearningSearch:
        """Return a model of the recipe's shape with initial weights."""
        return LearningSearch(self.shape, len(self.words), self.captioned, self.recipe.joint.seed)

    def optimiser(self, batch: SearchBatch) -> Optimizer:
        """Return the optimiser of the batch's phase."""
        return self.optimisers[0] if isinstance(batch, WordBatch) else self.optimisers[1]

    def rate_factor(self, batch: SearchBatch, progress: Progress) -> float:
        """Return the factor that comes with the batch."""
        return batch.rate_factor

    def objective(self, share: SearchBatch, batch: SearchBatch, update: int) -> Objective:
        """Return the mean loss of the batch's pairs, as far as it comes from `share`."""
        part = share.rows / batch.rows
        if isinstance(share, WordBatch):
            mean = self.model.skip_gram(share.pairs, share.drawn, self.recipe.words.negatives)
            weight = float(share.rows)
        else:
            mean, weight = self._joint_loss(share), part
        total = mean.detach().double() * weight
        return Objective(mean * part, (total, total.new_tensor(weight)))

    def _joint_loss(self, batch: JointBatch) -> Tensor:
        model = self.model
        photos = model.joint.photos(batch.pooled, batch.dropout_mask)
        words = batch.texts.words
        vectors = torch.where(batch.initial[:, None], model.initial[words], model.captioned[words])
        texts = model.joint.pooled_texts(vectors, batch.texts)
        margin = self.recipe.joint.margin
        return ranking_loss(photos @ texts.T, batch.owner, margin, hardest=batch.hardest, own=batch.own)

    def end_epoch(self, number: int) -> None:
        """Take the word vectors over into the joint space: the first ones, later the current ones."""
        if number == self.recipe.words.epochs - 1:
            self.model.start_joint_space()
        if number >= self.recipe.words.epochs - 1:
            self.model.copy_words()

    def loss(self, window: Mapping[str, float]) -> float:
        """Return the mean loss of a pair; 0 for sentences without any."""
        return window["loss_sum"] / window["weight"] if window else 0.0

    def record(self, progress: Progress) -> dict[str, Any]:
        """Return the mean loss of the last epoch."""
        return {"loss": self.loss(progress.window), "core_minutes": progress.core_seconds / 60}

    def measure(self, model: LearningSearch, progress: Progress) -> Validation:
        """Return the retrieval metrics of validation captions and photos."""
        scores = self.scores(model)
        figures = {name: each._asdict() for name, each in scores._asdict().items()}
        return Validation(figures, scores.photos.recall_10, format_metrics(scores.photos))

    def scores(self, model: LearningSearch) -> RetrievalScores:
        """Return the retrieval metrics of validation captions and photos."""
        return measure(model.joint, self._valid.pooled, self._valid_captions)

    @torch.inference_mode()
    def held_out_auc(self, model: LearningSearch) -> dict[str, float]:
        """Return for each held-out word the AUC: the chance that a photo with it ranks above one without.

        nan for a word that is not known, or that no validation photo has.
        """
        joint = model.joint.cpu()
        photos = joint.photos(self._valid.pooled)
        found = {}
        for word in self.recipe.data.held_out:
            has = torch.tensor([any(word in text for text in texts) for texts in self._valid.captions])
            number = self.words.numbers([word])
            found[word] = word_auc((photos @ joint.each_word()[number].T), has[:, None]) if number else float("nan")
        return found

    def write(self, folder: Path, model: LearningSearch, extra: Mapping[str, str]) -> None:
        """Write the search."""
        trunk = image_encoder_name(self.recipe.data.trunk) if self.recipe.data.trunk else None
        write_search(folder, trunk, model.joint, self.words, (self.captioned, self.naming_words), extra)

    def extras(self, model: LearningSearch, progress: Progress) -> dict[str, str]:
        """Return the draft of a card."""
        scores, held_out = self.scores(model), self.held_out_auc(model)
        return {"README.md": search_card(progress, scores, held_out, len(self.words), self.captioned)}
