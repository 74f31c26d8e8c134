"""The training of a photo search: word vectors from sentences first, then photos and captions in one space.

Its state is saved after every epoch; if interrupted, it resumes after the last complete one, to the same weights.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.optim import AdamW
from tqdm import tqdm

from seq2seq.digests import digest
from seq2seq.distributed import Group
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.history import HISTORY
from seq2seq.training.progress import STATE
from seq2seq.training.state import optimiser_tensors, take_optimiser_tensors, write_tensors
from seq2seq.vision.captioning.data import feature_store_of
from seq2seq.vision.distillation.words import word_auc
from seq2seq.vision.features import FeatureStore
from seq2seq.vision.retrieval.config import JointConfig
from seq2seq.vision.retrieval.data import CaptionWords, pooled_photos, read_sentences, vocabulary
from seq2seq.vision.retrieval.metrics import Retrieval, format_metrics, photos_by_texts, texts_by_photos
from seq2seq.vision.retrieval.model import JointEmbedding, bags
from seq2seq.vision.retrieval.recipe import JointRecipe, SearchRecipe
from seq2seq.vision.retrieval.skipgram import SkipGramTraining
from seq2seq.weights import read_weights

_START = "start"  # name of the skip-gram vectors in a state file


def ranking_loss(cosines: Tensor, owner: Tensor, margin: float, *, hardest: bool) -> Tensor:
    """Return the max-margin ranking loss, in both directions, as a mean over pairs.

    cosines: (pairs, pairs) of photos and texts; row and column i are a matching pair. owner: (pairs,) the photo
    of each: other texts of the same photo are no negatives. hardest: only the hardest negative counts (Faghri et
    al. 2018, equation 6), otherwise their mean (Frome et al. 2013, equation 1; Kiros et al. 2014 for both ways).
    """
    right = cosines.diagonal()
    wrong = owner[:, None] != owner
    losses = []
    for own, dimension in ((right[:, None], 1), (right[None], 0)):
        excess = (margin + cosines - own).clamp_min(0) * wrong
        losses.append(
            excess.amax(dimension) if hardest else excess.sum(dimension) / wrong.sum(dimension).clamp_min(1)
        )
    return (losses[0] + losses[1]).mean()


class RetrievalScores(NamedTuple):
    """Retrieval metrics of validation photos and their captions."""

    photos: Retrieval  # by captions
    captions: Retrieval  # by photos


@torch.inference_mode()
def measure(model: JointEmbedding, pooled: Tensor, captions: CaptionWords) -> RetrievalScores:
    """Return the metrics of finding photos (photos, width) by their captions, and captions by photos."""
    cosines = model.texts(bags(captions.texts)) @ model.photos(pooled).T
    return RetrievalScores(photos_by_texts(cosines, captions.owner), texts_by_photos(cosines, captions.owner))


class SearchTraining:
    """One training run of a photo search, and its progress."""

    def __init__(
        self,
        recipe: SearchRecipe,
        features: tuple[FeatureStore, FeatureStore],
        folder: Path,
        *,
        resume: bool = False,
    ) -> None:
        """Prepare the run. features: of the training and validation photos. folder: of the state.

        Raises DataError, ConfigError or CheckpointError if something can't be used or resumed.
        """
        self.recipe, self.folder = recipe, folder
        data, joint = recipe.data, recipe.joint
        self.trunk = features[0].encoder
        if features[1].encoder != self.trunk:
            raise ConfigError("The two feature folders come from two image encoders; make them by one.")
        train = pooled_photos(features[0], data.captions, data.held_out)
        self._valid = pooled_photos(features[1], data.valid_captions)
        sentences = read_sentences(data)
        self.words, counts = vocabulary(train.captions, sentences, data.min_count)
        self.captioned = len(counts)
        self.naming_words = sum(count >= data.min_caption_count for count in counts)
        self._photos = train.pooled
        self._captions = CaptionWords.of(train.captions, self.words)
        self._valid_captions = CaptionWords.of(self._valid.captions, self.words)
        texts = [self.words.numbers(text) for text in sentences]
        self.skip_gram = SkipGramTraining(recipe.words, texts, len(self.words), joint.word, recipe.joint.seed)
        shape = JointConfig(photo=train.pooled.shape[1], word=joint.word, joint=joint.width)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.joint.seed)
            self.model = JointEmbedding(shape, len(self.words))
        self._start = torch.zeros(0)  # the skip-gram vectors, once they are learnt
        maps = [value for name, value in self.model.named_parameters() if name != "words.weight"]
        # Captions never contain the other words, so only these are given to the optimiser.
        self._learnt = nn.Parameter(torch.zeros(self.captioned, joint.word))
        groups = [
            {"params": maps, "weight_decay": joint.weight_decay},
            {"params": [self._learnt], "weight_decay": 0.0},
        ]
        self.optimiser = AdamW(groups, lr=joint.rate)
        self.epoch, self.core_seconds = 0, 0.0
        if resume:
            self._load()
        else:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / STATE).unlink(missing_ok=True)
            (folder / HISTORY).write_text("", encoding="utf-8")

    @classmethod
    def of(cls, recipe: SearchRecipe, folder: Path, *, resume: bool = False) -> "SearchTraining":
        """Return a training run; missing features of its photos are computed first."""
        data = recipe.data
        train, valid = (
            feature_store_of(data.trunk, photos, data.features, Group())
            for photos in (data.photos, data.valid_photos)
        )
        return cls(recipe, (train, valid), folder, resume=resume)

    @property
    def epochs(self) -> int:
        """Epochs of both phases together."""
        return self.recipe.words.epochs + self.recipe.joint.epochs

    def run(self, stop_at: int | None = None) -> None:
        """Train from the current epoch to the end, or to the end of epoch `stop_at`."""
        with tqdm(total=self.epochs, initial=self.epoch, unit="epoch", disable=None) as bar:
            for number in range(self.epoch, self.epochs if stop_at is None else min(stop_at, self.epochs)):
                start = time.process_time()
                joint = number - self.recipe.words.epochs
                loss = self.skip_gram.epoch(number) if joint < 0 else self._joint_epoch(joint)
                if joint == -1:
                    self._initialise_words()
                self.core_seconds += time.process_time() - start
                self.epoch = number + 1
                self._log(loss)
                self._save()
                bar.update()
                bar.set_postfix_str(f"{'words' if joint < 0 else 'joint'}, loss {loss:.3f}")

    def _initialise_words(self) -> None:
        """Initialise the joint space's words with the skip-gram vectors: centred and of length 1.

        The mean of all vectors carries no information, and a vector's length only the word's frequency.
        """
        vectors = self.skip_gram.model.word.weight.detach()
        self._start = F.normalize(vectors - vectors.mean(0), dim=1)
        with torch.no_grad():
            self._learnt.copy_(self._start[: self.captioned])
        self._sync_words()

    def _sync_words(self) -> None:
        """Copy the current word vectors into the model."""
        with torch.no_grad():
            self.model.words.weight.copy_(torch.cat([self._learnt, self._start[self.captioned :]]))

    # -- the joint space ---------------------------------------------------------------------------------------

    def _joint_epoch(self, number: int) -> float:
        """Train on all captions once; epoch `number`, from 0, is deterministic."""
        joint = self.recipe.joint
        generator = torch.Generator().manual_seed(self.recipe.joint.seed * 100_003 + 50_021 + number)
        order = torch.randperm(len(self._captions.texts), generator=generator)
        size = min(joint.batch, len(order))
        updates = len(order) // size
        total = 0.0
        for update in range(updates):
            done = number * updates + update
            for group in self.optimiser.param_groups:
                group["lr"] = _rate(joint, done, updates * joint.epochs)
            chosen = order[update * size : (update + 1) * size]
            photos, texts = self._embedded(chosen, generator)
            loss = ranking_loss(
                photos @ texts.T,
                self._captions.owner[chosen],
                joint.margin,
                hardest=number >= joint.hard_negative_start_epoch,
            )
            self.optimiser.zero_grad()
            torch.autograd.backward(loss)
            self.optimiser.step()
            total += float(loss.detach())
        self._sync_words()
        return total / updates

    def _embedded(self, chosen: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return unit vectors of photos and texts, (captions, joint) each, as used in training."""
        joint = self.recipe.joint
        pooled = self._photos[self._captions.owner[chosen]]
        kept = torch.rand(pooled.shape, generator=generator) >= joint.photo_dropout
        photos = self.model.photos(pooled, kept / (1 - joint.photo_dropout))
        texts = bags([self._captions.texts[number] for number in chosen.tolist()])
        started = torch.rand(len(texts.words), generator=generator) < joint.initial_vector_prob
        vectors = torch.where(started[:, None], self._start[texts.words], self._learnt[texts.words])
        return photos, self.model.pooled_texts(vectors, texts)

    # -- evaluation and saving ---------------------------------------------------------------------------------

    def measure(self) -> RetrievalScores:
        """Return the retrieval metrics of validation captions and photos."""
        return measure(self.model.eval(), self._valid.pooled, self._valid_captions)

    @torch.inference_mode()
    def held_out_auc(self) -> dict[str, float]:
        """Return for each held-out word the AUC: the chance that a photo with it ranks above one without.

        nan for a word that is not known, or that no validation photo has.
        """
        photos = self.model.photos(self._valid.pooled)
        found = {}
        for word in self.recipe.data.held_out:
            has = torch.tensor([any(word in text for text in texts) for texts in self._valid.captions])
            number = self.words.numbers([word])
            found[word] = (
                word_auc((photos @ self.model.each_word()[number].T), has[:, None]) if number else float("nan")
            )
        return found

    def _log(self, loss: float) -> None:
        line: dict[str, Any] = {"epoch": self.epoch, "loss": loss, "core_minutes": self.core_seconds / 60}
        if self.epoch > self.recipe.words.epochs:
            measured = self.measure()
            line["valid"] = {name: each._asdict() for name, each in measured._asdict().items()}
            tqdm.write(f"epoch {self.epoch}: {format_metrics(measured.photos)}")
        with (self.folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _parts(self) -> Iterator[tuple[nn.Module, Any]]:
        yield self.skip_gram.model, self.skip_gram.optimiser
        holder = nn.ModuleDict({"maps": self.model})
        holder.register_parameter("learnt", self._learnt)
        yield holder, self.optimiser

    def _save(self) -> None:
        tensors: dict[str, Tensor] = {_START: self._start}
        for number, (module, optimiser) in enumerate(self._parts()):
            own = {f"model.{name}": value.detach() for name, value in module.named_parameters()}
            own |= optimiser_tensors(module, optimiser)
            tensors |= {f"{number}.{name}": value.contiguous() for name, value in own.items()}
        where = {"epoch": self.epoch, "core_seconds": self.core_seconds, "recipe": self._fingerprint()}
        draft = self.folder / f"{STATE}.new"
        write_tensors(tensors, draft, {"progress": json.dumps(where)})
        os.replace(draft, self.folder / STATE)

    def _fingerprint(self, recipe: str | None = None) -> str:
        """Return a digest of what has to be the same for a training to resume. recipe: its JSON, as now without."""
        same = [
            recipe or self.recipe.model_dump_json(),
            self.trunk,
            str(len(self.words)),
            str(len(self._captions.texts)),
        ]
        return digest("\n".join(same).encode())

    def _load(self) -> None:
        path = self.folder / STATE
        if not path.is_file():
            raise CheckpointError(f"{self.folder} holds no training to resume; start it without --resume.")
        tensors = read_weights(path)
        try:
            with safe_open(path, framework="pt") as opened:
                where = json.loads((opened.metadata() or {})["progress"])
            self.epoch, self.core_seconds = int(where["epoch"]), float(where["core_seconds"])
            recipe = str(where["recipe"])
        except (SafetensorError, KeyError, ValueError):
            raise CheckpointError(f"{path} belongs to another training; resume that one, or train anew.") from None
        if recipe not in (self._fingerprint(), self._fingerprint(self.recipe.former_json())):
            raise ConfigError(f"{self.folder} was started with another recipe or other data; resume with those.")
        self._start = tensors[_START]
        for number, (module, optimiser) in enumerate(self._parts()):
            own = {
                name.partition(".")[2]: value for name, value in tensors.items() if name.startswith(f"{number}.")
            }
            with torch.no_grad():
                for name, parameter in module.named_parameters():
                    parameter.copy_(own[f"model.{name}"])
            take_optimiser_tensors(module, optimiser, own)
        self._cut_history()

    def _cut_history(self) -> None:
        """Drop lines logged after the state was saved; they will be logged again."""
        path = self.folder / HISTORY
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        path.write_text("".join(f"{line}\n" for line in lines[: self.epoch]), encoding="utf-8")


def _rate(joint: JointRecipe, done: int, updates: int) -> float:
    return joint.rate * min(1.0, (done + 1) / (joint.warmup + 1)) * (1 - done / updates)
