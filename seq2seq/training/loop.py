"""The training loop: recipe in, checkpoint out. It can be interrupted at any time and resumed."""

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

from seq2seq.config import read_text, to_toml
from seq2seq.data.pairs import write_pairs
from seq2seq.distributed import Group
from seq2seq.errors import CheckpointError, DivergedError, reason
from seq2seq.folders import check_replaceable, write_file
from seq2seq.history import HISTORY
from seq2seq.text import Tokenizer
from seq2seq.training.averaging import average_weights
from seq2seq.training.precision import faster_precision, require, trains_in
from seq2seq.training.progress import KEPT_CHECKPOINTS, SAMPLES, SNAPSHOTS, STATE, Progress, ValidatedUpdate
from seq2seq.training.recipe import OpenEnded
from seq2seq.training.resuming import RECIPE, check_resumed, fingerprint_of, is_fingerprint_of, training_folder
from seq2seq.training.schedules import forcing_ratio, rate_factor
from seq2seq.training.state import load_state, recovery_advice, save_state, write_tensors
from seq2seq.training.task import TaskFactory, TrainingBatch
from seq2seq.training.translation import TranslationTask
from seq2seq.training.window import RunningSums
from seq2seq.weights import fill_weights, read_weights

_HOPELESS = 3.0  # times the loss of a uniform guess; with clipped gradients few losses become infinite
_SAMPLES = 4  # how many of the first validation sources have their outputs logged


class Training:
    """One training: its task and its progress."""

    def __init__(
        self,
        recipe: Any,
        out: Path,
        *,
        resume: bool = False,
        device: str = "cpu",
        group: Group | None = None,
        task: TaskFactory = TranslationTask,
    ) -> None:
        """Set the training up. `out` is where the checkpoint goes; the training state is stored next to it.

        recipe: a `Recipe`, or what `task` takes in its place. group: the processes that train together; only the
        leader writes files. task: what is trained.

        Raises ConfigError, DataError or CheckpointError if part of the recipe can't be used.
        """
        check_replaceable(out)
        self.recipe = recipe
        self.out = out
        self.folder = training_folder(out)
        self.group = group or Group()
        self.device = torch.device(device)
        if resume:
            recipe = self.recipe = check_resumed(self.folder, recipe)
        kept = self._kept_tokenizers() if resume else None
        self.task = task(recipe, kept, self.device, self.group)
        self.model: Any = self.task.model
        self._pending: Any = None  # the last validation's model, until its checkpoint is written
        self.updater = self.task.updater(self.group)
        if resume:
            self.progress = load_state(
                self.folder, self.model, self.updater.optimiser, self.updater.rng, self.group
            )
            self._extend_schedule()
            if self.group.leads:
                self._reconcile_files()
            if not trains_in(self.progress.precision, self.device.type):
                # Started on another processor; continue in a precision that this one has, if the recipe allows.
                self.progress = self.progress.model_copy(update={"precision": self._precision()})
        else:
            self.task.initialise()
            if self.group.leads:
                self._new_folder()
            # All processes start from the same weights; from here on each draws its own dropout.
            torch.manual_seed(recipe.training.seed + 1_000_003 * self.group.rank)
            self.progress = Progress(recipe=fingerprint_of(recipe), precision=self._precision())
        self.updater.precision = self.progress.precision

    # -- setting up --------------------------------------------------------------------------------------------

    def _kept_tokenizers(self) -> dict[str, Tokenizer]:
        return {path.stem: Tokenizer.load(path) for path in sorted(self.folder.glob("*.model"))}

    def _new_folder(self) -> None:
        try:
            (self.folder / SNAPSHOTS).mkdir(parents=True, exist_ok=True)
            for old in (self.folder / SNAPSHOTS).iterdir():
                old.unlink()
            # Those of an earlier training may be of other updates.
            shutil.rmtree(self.folder / KEPT_CHECKPOINTS, ignore_errors=True)
            (self.folder / STATE).unlink(missing_ok=True)  # otherwise a resume could continue the old training
            (self.folder / HISTORY).write_text("", encoding="utf-8")
            write_file(self.folder / RECIPE, to_toml(self.recipe))
            write_pairs(self.folder / SAMPLES, self.task.samples[:_SAMPLES])
            for side, tokenizer in self.task.tokenizers.items():
                (self.folder / f"{side}.model").write_bytes(tokenizer.proto)
        except OSError as failure:
            raise CheckpointError(f"{self.folder} can't be written: {reason(failure)}.") from None

    def _extend_schedule(self) -> None:
        """Record a recipe with more updates than the training started with."""
        more = self.progress.update < self.recipe.training.schedule.updates
        known = {"recipe": fingerprint_of(self.recipe)}
        grown = not is_fingerprint_of(self.progress.recipe, self.recipe) and more
        self.progress = self.progress.model_copy(update={**known, "finished": self.progress.finished and not grown})

    def _reconcile_files(self) -> None:
        """Make the files agree with the state: a kill may have come between writing the two."""
        write_file(self.folder / RECIPE, to_toml(self.recipe))
        self._cut_history()
        validations = self.progress.validations
        if validations and validations[-1].update == self.progress.update and not self.progress.finished:
            with torch.random.fork_rng(devices=[]):
                self._pending = self.task.new_model()
            self._write_checkpoint()

    def _precision(self) -> Any:
        requested = self.recipe.training.precision
        if requested != "auto":
            return require(requested, self.device.type)
        batch = next(self.task.batches.epoch(0)).to(self.device)
        self.model.train()
        found = faster_precision(lambda precision: self.updater.dry_run(batch, precision), self.device.type)
        return self.group.from_leader(found)

    def _cut_history(self) -> None:
        """Remove what was logged after the state was saved; it will be logged again."""
        path = self.folder / HISTORY
        kept = []
        for text in read_text(path, CheckpointError).splitlines():
            try:
                line = json.loads(text)
            except json.JSONDecodeError:
                break  # killed while it wrote this line
            # The end of an epoch is logged when the next one begins, and a mean when its checkpoint is written.
            later = ("epoch" in line and self.progress.batch > 0) or (
                "averaged" in line and not self.progress.finished
            )
            if line["update"] < self.progress.update or (line["update"] == self.progress.update and not later):
                kept.append(text + "\n")
        path.write_text("".join(kept), encoding="utf-8")

    # -- running -----------------------------------------------------------------------------------------------

    def run(self, stop_at: int | None = None, stop: Callable[[], bool] = lambda: False) -> None:
        """Train to the end of the schedule, or to update `stop_at` as if interrupted there.

        stop: called before each update; once it returns True, the state is saved and the training ends there.
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
            for batch in self._remaining():
                if self.progress.finished or self.progress.update >= end:
                    break
                if self.group.any(stop()):
                    stopped = True
                    break
                self._train_step(batch.to(self.device), bar)
        if stopped:
            self._save()
        elif not self.progress.finished:
            self._validate()
            self.progress = self.progress.model_copy(update={"finished": True})
            self._save()

    def _remaining(self) -> Iterator[TrainingBatch]:
        """Yield the batches after those already done, epoch after epoch."""
        while True:
            epoch = self.progress.epoch
            yield from islice(self.task.batches.epoch(epoch), self.progress.batch, None)
            if self.progress.batch:
                self._log({"epoch": epoch + 1, "tokens": self.progress.tokens})
            self.progress = self.progress.model_copy(update={"epoch": epoch + 1, "batch": 0})

    def _train_step(self, batch: TrainingBatch, bar: Any) -> None:
        progress, training = self.progress, self.recipe.training
        factor = rate_factor(training.schedule, progress.update, progress.halvings)
        ratio = forcing_ratio(self.recipe.forcing.ratio, progress.update)
        start, core_start = time.perf_counter(), time.process_time()
        updated = self.updater.update(batch, factor, ratio)
        if not math.isfinite(updated.loss):
            self._diverged(None, progress.update + 1)
        window = progress.window.plus(updated, time.perf_counter() - start)
        self.progress = progress.model_copy(
            update={
                "update": progress.update + 1,
                "batch": progress.batch + 1,
                "tokens": progress.tokens + updated.tokens,
                "seconds": progress.seconds + time.perf_counter() - start,
                "core_seconds": progress.core_seconds + time.process_time() - core_start,
                "window": window if (progress.update + 1) % training.log_every else RunningSums(),
            }
        )
        bar.update()
        done = self.progress.update
        if done in training.snapshot_updates and self.group.leads:
            self._keep_snapshot()
        if done % training.log_every == 0:
            if window.loss > _HOPELESS * math.log(len(self.task.tokenizers["target"])):
                self._diverged(window.loss, done)
            bar.set_postfix_str(f"loss {window.loss:.3f}, {window.rate:.0f} tokens/s")
            minutes = self.progress.core_seconds / 60
            rates = self.updater.rates(factor)
            self._log({**window.record(), "core_minutes": minutes, "rates": rates, "ratio": ratio})
        if done % training.validate_every == 0:
            self._validate()

    def _diverged(self, loss: float | None, update: int) -> NoReturn:
        """Log in the history that the training has diverged, and end it. loss: None if it is not finite."""
        self._log({"update": update, "diverged": loss})
        training = self.recipe.training
        what = "not a number any more" if loss is None else f"{loss:.1f} nats a token, far worse than guessing,"
        raise DivergedError(
            f"The loss is {what} at update {update}; lower the learning rate (encoder {training.encoder_rate:g}, "
            f"decoder {training.decoder_rate:g}). {self.out} keeps the last validated weights."
        )

    # -- validating and saving ---------------------------------------------------------------------------------

    def _validate(self) -> None:
        """Validate, save the state, and only then write the checkpoint: if that fails, a resume writes it."""
        if self.group.leads:
            self._measure()
        # The leader decides whether to halve the rate or to stop.
        self.progress = self.group.from_leader(self.progress)
        self._save()
        if self.group.leads:
            self._write_checkpoint()

    def _measure(self) -> None:
        if self.progress.validations and self.progress.validations[-1].update == self.progress.update:
            return
        self.model.eval()
        figures, texts, bleu = self.task.measure(self.model)
        self._log({"valid": figures, "samples": texts[:_SAMPLES]})
        summary = ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in figures.items())
        tqdm.write(f"update {self.progress.update}: {summary}")
        self._record_validation(bleu)
        snapshot = self.folder / SNAPSHOTS / f"{self.progress.update}.safetensors"
        write_tensors({name: value.detach().clone() for name, value in self.model.named_parameters()}, snapshot)
        # Its initial weights are drawn before the RNG state is saved, and so are the same after a resume.
        self._pending = self.task.new_model()

    def _record_validation(self, bleu: float) -> None:
        """Record the validation, and halve the rate or stop if an open-ended training no longer improves."""
        best = max((validation.bleu for validation in self.progress.validations), default=-1.0)
        changes: dict[str, Any] = {
            "validations": (*self.progress.validations, ValidatedUpdate(update=self.progress.update, bleu=bleu)),
            "without_gain": 0 if bleu > best else self.progress.without_gain + 1,
        }
        schedule = self.recipe.training.schedule
        if isinstance(schedule, OpenEnded) and changes["without_gain"] >= schedule.patience:
            changes |= {"without_gain": 0, "halvings": self.progress.halvings + 1}
            changes["finished"] = changes["halvings"] > schedule.halvings
        self.progress = self.progress.model_copy(update=changes)

    def _write_checkpoint(self) -> None:
        """Write the checkpoint from the snapshots that the recipe averages, and delete those no longer needed."""
        if self._pending is None:  # written already
            return
        averaging, validations = self.recipe.averaging, list(self.progress.validations)
        if averaging.of == "best":
            validations.sort(key=lambda validation: -validation.bleu)
            chosen = validations[: averaging.count]
        else:
            chosen = validations[-averaging.count :]
        paths = [self.folder / SNAPSHOTS / f"{validation.update}.safetensors" for validation in chosen]
        for path in (self.folder / SNAPSHOTS).glob("*.safetensors"):
            if path not in paths:
                path.unlink()
        kept, self._pending = self._pending, None
        fill_weights(kept, average_weights([read_weights(path) for path in paths]), paths[0])
        kept = kept.eval().to(self.device)
        if len(chosen) > 1:
            mean = self.task.measure(kept).figures
            self._log({"averaged": mean, "of": sorted(validation.update for validation in chosen)})
        extra = {
            "history.jsonl": (self.folder / HISTORY).read_text(encoding="utf-8"),
            "train.toml": to_toml(self.recipe),
            **self.task.extras(kept, self.progress),
        }
        self.task.write(self.out, kept, extra)

    def _keep_snapshot(self) -> None:
        """Write the current model to the training folder, to be kept whatever follows."""
        self.task.write(self.folder / KEPT_CHECKPOINTS / f"{self.progress.update:07d}", self.model, {})

    def _save(self) -> None:
        try:
            save_state(self.folder, self.progress, self.model, self.updater.optimiser, self.updater.rng, self.group)
        except OSError as failure:
            raise CheckpointError(
                f"{self.folder} can't be written: {reason(failure)}; {recovery_advice(self.folder / STATE)}."
            ) from None

    def _log(self, record: dict[str, Any]) -> None:
        if not self.group.leads:
            return
        with (self.folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"update": self.progress.update, **record}) + "\n")
