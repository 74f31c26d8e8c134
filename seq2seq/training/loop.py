"""The training loop: recipe in, checkpoint out. It can be interrupted at any moment and resumed."""

import json
import math
import shutil
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import torch
from tqdm import tqdm

from seq2seq.checkpoint import (
    CheckpointConfig,
    check_replaceable,
    digest,
    fill_weights,
    read_weights,
    write_checkpoint,
)
from seq2seq.config import read_text
from seq2seq.data.batches import Batch
from seq2seq.data.pairs import write_pairs
from seq2seq.distributed import Group
from seq2seq.errors import CheckpointError, DivergedError
from seq2seq.evaluation import corpus_scores
from seq2seq.evaluation.calibration import FILE as CALIBRATION
from seq2seq.evaluation.calibration import Calibration, to_json
from seq2seq.models import TranslationModel
from seq2seq.text import Tokenizer
from seq2seq.training.averaging import average_weights
from seq2seq.training.card import draft_card, recipe_toml
from seq2seq.training.corpus import Corpus, EpochBatches, Vocabularies, make_vocabularies, read_corpus
from seq2seq.training.precision import faster_precision
from seq2seq.training.recipe import OpenEnded, Recipe
from seq2seq.training.schedules import forcing_ratio, rate_factor
from seq2seq.training.start import freeze, initialise
from seq2seq.training.state import (
    HISTORY,
    MOMENTS,
    SAMPLES,
    SNAPSHOTS,
    STATE,
    Moment,
    Progress,
    check_recipe,
    load_state,
    read_progress,
    save_state,
    write_tensors,
)
from seq2seq.training.update import Updater
from seq2seq.training.validation import forced_figures, free_translations
from seq2seq.training.window import Window

_HOPELESS = 3.0  # times the loss of guessing all tokens alike; with clipped gradients few losses become infinite
_SAMPLES = 4  # translations of the first validation pairs that each validation logs


def training_folder(out: Path) -> Path:
    """Return where the state of the training of `out` lies: beside it."""
    return out.with_name(out.name + ".training")


class Training:
    """One training: its data, its model, and where it stands."""

    def __init__(
        self, recipe: Recipe, out: Path, *, resume: bool = False, device: str = "cpu", group: Group | None = None
    ) -> None:
        """Make everything ready. `out` is where the checkpoint goes; its state lies beside it.

        group: the processes that train together, of which the leader alone writes.

        Raises ConfigError, DataError or CheckpointError if something of the recipe can't be used.
        """
        check_replaceable(out)
        self.recipe = recipe
        self.out = out
        self.folder = training_folder(out)
        self.group = group or Group()
        self.device = torch.device(device)
        recipe_text = recipe.model_dump_json()
        torch.manual_seed(recipe.training.seed)
        self.corpus: Corpus = read_corpus(recipe)
        self.vocabularies: Vocabularies = self._vocabularies(resume)
        sizes = [len(tokenizer) for tokenizer in self.vocabularies]
        self.model = TranslationModel(recipe.model, *sizes).to(self.device)
        self.batches = EpochBatches(recipe, self.corpus.train, self.vocabularies, self.group.world)
        freeze(self.model, recipe)
        self.updater = Updater(self.model, recipe, "float32", self.group)
        if resume:
            check_recipe(read_progress(self.folder), digest(recipe_text.encode()), self.folder)
            self.progress = load_state(
                self.folder, self.model, self.updater.optimiser, self.updater.coins, self.group
            )
            if self.group.leads:
                self._cut_history()
        else:
            initialise(self.model, recipe, self.vocabularies)
            if self.group.leads:
                self._new_folder()
            # All start from the same weights; from here on each draws its own dropout.
            torch.manual_seed(recipe.training.seed + 1_000_003 * self.group.rank)
            self.progress = Progress(recipe=digest(recipe_text.encode()), precision=self._precision())
        self.updater.precision = self.progress.precision

    # -- making ready ------------------------------------------------------------------------------------------

    def _vocabularies(self, resume: bool) -> Vocabularies:
        if not resume:
            learnt = make_vocabularies(self.recipe, self.corpus.train) if self.group.leads else None
            protos = self.group.from_leader([each.proto for each in learnt] if learnt else [])
            return learnt or Vocabularies(*map(Tokenizer, protos))
        return Vocabularies(*(Tokenizer.load(self.folder / f"{side}.model") for side in ("source", "target")))

    def _new_folder(self) -> None:
        try:
            (self.folder / SNAPSHOTS).mkdir(parents=True, exist_ok=True)
            for old in (self.folder / SNAPSHOTS).iterdir():
                old.unlink()
            # Those of another training may stand at other updates.
            shutil.rmtree(self.folder / MOMENTS, ignore_errors=True)
            (self.folder / STATE).unlink(missing_ok=True)  # else a resume could take up the old training
            (self.folder / HISTORY).write_text("", encoding="utf-8")
            write_pairs(self.folder / SAMPLES, self.corpus.valid[:_SAMPLES])
            for side, tokenizer in self.vocabularies._asdict().items():
                (self.folder / f"{side}.model").write_bytes(tokenizer.proto)
        except OSError as failure:
            raise CheckpointError(f"{self.folder} can't be written: {failure.strerror}.") from None

    def _precision(self) -> Any:
        asked = self.recipe.training.precision
        if asked != "auto":
            return asked
        batch = next(self.batches.epoch(0)).to(self.device)
        self.model.train()
        found = faster_precision(lambda precision: self.updater.rehearse(batch, precision), self.device.type)
        return self.group.from_leader(found)

    def _cut_history(self) -> None:
        """Leave out what was logged after the state was saved; it will be logged again."""
        path = self.folder / HISTORY
        kept = []
        for text in read_text(path, CheckpointError).splitlines():
            try:
                line = json.loads(text)
            except json.JSONDecodeError:
                break  # killed while it wrote this line
            # The end of an epoch is logged when the next one begins.
            later = "epoch" in line and self.progress.batch > 0
            if line["update"] < self.progress.update or (line["update"] == self.progress.update and not later):
                kept.append(text + "\n")
        path.write_text("".join(kept), encoding="utf-8")

    # -- running -----------------------------------------------------------------------------------------------

    def run(self, stop_at: int | None = None, stop: Callable[[], bool] = lambda: False) -> None:
        """Train to the end of the schedule, or to update `stop_at` as if interrupted there.

        stop: asked before each update; once it says True, the state is saved and the training ends there.
        """
        schedule = self.recipe.training.schedule
        end = schedule.updates if stop_at is None else min(stop_at, schedule.updates)
        stopped = stop_at is not None
        with tqdm(
            total=schedule.updates,
            initial=self.progress.update,
            unit="update",
            smoothing=0.05,
            disable=None if self.group.leads else True,
        ) as bar:
            window = Window()
            for batch in self._remaining():
                if self.progress.finished or self.progress.update >= end:
                    break
                if self.group.any(stop()):
                    stopped = True
                    break
                self._one(batch.to(self.device), window, bar)
        if stopped:
            self._save()
        elif not self.progress.finished:
            self._validate()
            self.progress = self.progress.model_copy(update={"finished": True})
            self._save()

    def _remaining(self) -> Iterator[Batch]:
        """Yield batches from where the training stands, epoch after epoch."""
        while True:
            epoch = self.progress.epoch
            yield from islice(self.batches.epoch(epoch), self.progress.batch, None)
            if self.progress.batch:
                self._log({"epoch": epoch + 1, "tokens": self.progress.tokens})
            self.progress = self.progress.model_copy(update={"epoch": epoch + 1, "batch": 0})

    def _one(self, batch: Batch, window: Window, bar: Any) -> None:
        progress, training = self.progress, self.recipe.training
        factor = rate_factor(training.schedule, progress.update, progress.halvings)
        ratio = forcing_ratio(self.recipe.forcing.ratio, progress.update)
        start, core_start = time.perf_counter(), time.process_time()
        updated = self.updater.update(batch, factor, ratio)
        window.add(updated, time.perf_counter() - start)
        if not math.isfinite(updated.loss):
            self._diverged(None, progress.update + 1)
        self.progress = progress.model_copy(
            update={
                "update": progress.update + 1,
                "batch": progress.batch + 1,
                "tokens": progress.tokens + updated.tokens,
                "seconds": progress.seconds + time.perf_counter() - start,
                "core_seconds": progress.core_seconds + time.process_time() - core_start,
            }
        )
        bar.update()
        done = self.progress.update
        if done in training.moments and self.group.leads:
            self._keep_moment()
        if done % training.log_every == 0:
            if window.loss > _HOPELESS * math.log(len(self.vocabularies.target)):
                self._diverged(window.loss, done)
            bar.set_postfix_str(f"loss {window.loss:.3f}, {window.rate:.0f} tokens/s")
            minutes = self.progress.core_seconds / 60
            rates = self.updater.rates(factor)
            self._log({**window.record(), "core_minutes": minutes, "rates": rates, "ratio": ratio})
            window.clear()
        if done % training.validate_every == 0:
            self._validate()
            self._save()

    def _diverged(self, loss: float | None, update: int) -> NoReturn:
        """Note in the history that the training has diverged, and end it. loss: None if it is not a number."""
        self._log({"update": update, "diverged": loss})
        training = self.recipe.training
        what = "not a number any more" if loss is None else f"{loss:.1f} nats a token, far worse than guessing,"
        raise DivergedError(
            f"The loss is {what} at update {update}; lower the learning rate (encoder {training.encoder_rate:g}, "
            f"decoder {training.decoder_rate:g}). {self.out} keeps the last validated weights."
        )

    # -- validating and keeping --------------------------------------------------------------------------------

    def _validate(self) -> None:
        if self.group.leads:
            self._measure()
        # Whether to halve the rate or to stop is the leader's word.
        self.progress = self.group.from_leader(self.progress)

    def _measure(self) -> None:
        if self.progress.moments and self.progress.moments[-1].update == self.progress.update:
            return
        self.model.eval()
        forced, _ = forced_figures(self.model, self.vocabularies, self.corpus.valid)
        pairs = self.corpus.valid
        texts = free_translations(self.model, self._config(), self.vocabularies, pairs)
        references = [pair.target for pair in pairs]
        scores = corpus_scores(texts, references)
        valid = {"forced_loss": forced.loss, "accuracy": forced.accuracy, "bleu": scores.bleu, "chrf": scores.chrf}
        exact = sum(map(str.__eq__, texts, references)) / len(pairs)
        self._log({"valid": valid | {"exact": exact}, "samples": texts[:_SAMPLES]})
        tqdm.write(
            f"update {self.progress.update}: forced loss {forced.loss:.3f}, accuracy {forced.accuracy:.3f}, "
            f"greedy BLEU {scores.bleu:.2f}, chrF {scores.chrf:.2f}"
        )
        self._judge(scores.bleu)
        snapshot = self.folder / SNAPSHOTS / f"{self.progress.update}.safetensors"
        write_tensors({name: value.detach().clone() for name, value in self.model.named_parameters()}, snapshot)
        self._keep()

    def _judge(self, bleu: float) -> None:
        """Note the moment, and halve the rate or stop if an open-ended training gains no more."""
        best = max((moment.bleu for moment in self.progress.moments), default=-1.0)
        changes: dict[str, Any] = {
            "moments": (*self.progress.moments, Moment(update=self.progress.update, bleu=bleu)),
            "without_gain": 0 if bleu > best else self.progress.without_gain + 1,
        }
        schedule = self.recipe.training.schedule
        if isinstance(schedule, OpenEnded) and changes["without_gain"] >= schedule.patience:
            changes |= {"without_gain": 0, "halvings": self.progress.halvings + 1}
            changes["finished"] = changes["halvings"] > schedule.halvings
        self.progress = self.progress.model_copy(update=changes)

    def _keep(self) -> None:
        """Write the checkpoint from the moments that the recipe averages, and drop snapshots no longer needed."""
        averaging, moments = self.recipe.averaging, list(self.progress.moments)
        if averaging.of == "best":
            moments.sort(key=lambda moment: -moment.bleu)
            chosen = moments[: averaging.count]
        else:
            chosen = moments[-averaging.count :]
        paths = [self.folder / SNAPSHOTS / f"{moment.update}.safetensors" for moment in chosen]
        for path in (self.folder / SNAPSHOTS).glob("*.safetensors"):
            if path not in paths:
                path.unlink()
        sizes = [len(tokenizer) for tokenizer in self.vocabularies]
        kept = TranslationModel(self.recipe.model, *sizes)
        fill_weights(kept, average_weights([read_weights(path) for path in paths]), paths[0])
        kept = kept.eval().to(self.device)
        _, calibration = forced_figures(kept, self.vocabularies, self.corpus.valid)
        write_checkpoint(self.out, self._config(), kept, *self.vocabularies, self._extra(calibration))

    def _keep_moment(self) -> None:
        """Write the model as it is now beside the training, whatever later becomes of it."""
        folder = self.folder / MOMENTS / f"{self.progress.update:07d}"
        write_checkpoint(folder, self._config(), self.model, *self.vocabularies, {})

    def _extra(self, calibration: Calibration) -> dict[str, str]:
        return {
            "history.jsonl": (self.folder / HISTORY).read_text(encoding="utf-8"),
            "train.toml": recipe_toml(self.recipe),
            CALIBRATION: to_json(calibration),
            "README.md": draft_card(self.recipe, self.progress, self.model),
        }

    def _config(self) -> CheckpointConfig:
        return CheckpointConfig(
            source=self.recipe.data.source,
            target=self.recipe.data.target,
            model=self.recipe.model,
            vocabulary={side: digest(each.proto) for side, each in self.vocabularies._asdict().items()},
        )

    def _save(self) -> None:
        try:
            save_state(
                self.folder, self.progress, self.model, self.updater.optimiser, self.updater.coins, self.group
            )
        except OSError as failure:
            raise CheckpointError(
                f"{self.folder} can't be written: {failure.strerror}; free some room, then --resume."
            ) from None

    def _log(self, record: dict[str, Any]) -> None:
        if not self.group.leads:
            return
        with (self.folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"update": self.progress.update, **record}) + "\n")
