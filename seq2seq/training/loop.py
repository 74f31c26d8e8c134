"""The training loop: recipe in, checkpoint out. It can be interrupted at any time and resumed."""

import math
import shutil
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Generic, NoReturn

import torch
from tqdm import tqdm

from seq2seq.config import to_toml
from seq2seq.data.pairs import write_pairs
from seq2seq.distributed import Group
from seq2seq.errors import CheckpointError, ConfigError, DivergedError, reason
from seq2seq.folders import check_replaceable, write_file
from seq2seq.history import HISTORY
from seq2seq.text import Tokenizer
from seq2seq.training.log import HistoryFile
from seq2seq.training.precision import faster_precision, trains_in
from seq2seq.training.progress import KEPT_CHECKPOINTS, SAMPLES, SNAPSHOTS, STATE, Progress, ValidatedUpdate
from seq2seq.training.recipe import Precision
from seq2seq.training.resuming import RECIPE, check_resumed, fingerprint_of, is_fingerprint_of, training_folder
from seq2seq.training.snapshots import add_snapshot, fill_with_mean, keep_averaged
from seq2seq.training.state import load_state, save_state
from seq2seq.training.task import B, R, Setup, TaskFactory, Validation
from seq2seq.training.translation import TranslationTask
from seq2seq.training.update import Updater

_SAMPLES = 4  # how many of the first validation sources have their outputs logged


class Training(Generic[B]):
    """One training: its task and its progress."""

    def __init__(
        self,
        recipe: R,
        out: Path,
        *,
        resume: bool = False,
        device: str = "cpu",
        group: Group | None = None,
        task: TaskFactory[R, B] = TranslationTask,  # type: ignore[assignment]  # the default for a `Recipe`
    ) -> None:
        """Set the training up. `out` is where the checkpoint goes; the training state is stored next to it.

        group: the processes that train together; only the leader writes files. task: what is trained by the recipe.

        Raises ConfigError, DataError or CheckpointError if part of the recipe can't be used.
        """
        check_replaceable(out)
        self.out, self.folder = out, training_folder(out)
        self.group = group or Group()
        self.history = HistoryFile(self.folder / HISTORY)
        self.recipe = check_resumed(self.folder, recipe) if resume else recipe
        kept = {path.stem: Tokenizer.load(path) for path in sorted(self.folder.glob("*.model"))} if resume else None
        self.task = task(self.recipe, Setup(self.folder, torch.device(device), self.group, kept))
        self.plan, self.model = self.task.plan, self.task.model
        self.updater = Updater(self.task, group=self.group)
        self._pending: Any = None  # the last validation's model, until its checkpoint is written
        self.progress = self._resumed() if resume else self._started()
        self.updater.precision = self.progress.precision
        if resume and self.group.leads:
            self._reconcile_files()

    # -- setting up --------------------------------------------------------------------------------------------

    def _started(self) -> Progress:
        self.task.initialise()
        if self.group.leads:
            self._new_folder()
        # All processes start from the same weights; from here on each draws its own dropout.
        torch.manual_seed(self.plan.seed + 1_000_003 * self.group.rank)
        data = self.task.data_digest
        return Progress(recipe=fingerprint_of(self.recipe), precision=self._precision(), data=data)

    def _new_folder(self) -> None:
        try:
            (self.folder / SNAPSHOTS).mkdir(parents=True, exist_ok=True)
            for old in (self.folder / SNAPSHOTS).iterdir():
                old.unlink()
            # Those of an earlier training may be of other updates.
            shutil.rmtree(self.folder / KEPT_CHECKPOINTS, ignore_errors=True)
            (self.folder / STATE).unlink(missing_ok=True)  # otherwise a resume could continue the old training
            self.history.start()
            write_file(self.folder / RECIPE, to_toml(self.recipe))
            write_pairs(self.folder / SAMPLES, self.task.samples[:_SAMPLES])
            for side, tokenizer in self.task.tokenizers.items():
                (self.folder / f"{side}.model").write_bytes(tokenizer.proto)
        except OSError as failure:
            raise CheckpointError(f"{self.folder} can't be written: {reason(failure)}.") from None

    def _resumed(self) -> Progress:
        """Restore the state, for a recipe with as many updates as the training started with or more."""
        progress = load_state(self.folder, self.task, self.group)
        if progress.data != self.task.data_digest:
            raise ConfigError(f"{self.folder} was started with other data; resume with those, or train elsewhere.")
        grown = not is_fingerprint_of(progress.recipe, self.recipe) and self._count(progress) < self.plan.end
        changes: dict[str, Any] = {
            "recipe": fingerprint_of(self.recipe),
            "finished": progress.finished and not grown,
        }
        if not trains_in(progress.precision, self._device.type):
            # Started on another processor; continue in a precision that this one has, if the recipe allows.
            changes["precision"] = self._precision()
        return progress.model_copy(update=changes)

    def _reconcile_files(self) -> None:
        """Make the files agree with the state: a kill may have come between writing the two."""
        write_file(self.folder / RECIPE, to_toml(self.recipe))
        self.history.cut(self._is_done)
        validations, finished = self.progress.validations, self.progress.finished
        validated = bool(validations) and validations[-1].update == self.progress.update
        if finished and self._is_written():
            return
        if validated and (finished or self.plan.early_checkpoints):
            self.history.cut(lambda line: "averaged" not in line or line[self.plan.unit] < self.done)
            with torch.random.fork_rng(devices=[]):
                self._pending = self.task.new_model()
            self._write_checkpoint()

    def _is_written(self) -> bool:
        """Return whether the checkpoint is that of the end."""
        written = self.out / HISTORY
        return written.is_file() and written.read_text(encoding="utf-8") == self.history.text()

    def _is_done(self, line: dict[str, Any]) -> bool:
        """Return whether a line was logged before the state was saved; others will be logged again."""
        # The end of an epoch is logged when the next one begins, and a mean when its checkpoint is written.
        later = (
            ("epoch" in line and self.progress.batch > 0 and self.plan.unit == "update")
            or ("averaged" in line and not self.progress.finished)
            or "diverged" in line
        )
        number = line[self.plan.unit]
        return bool(number < self.done or (number == self.done and not later))

    @property
    def _device(self) -> torch.device:
        device: torch.device = next(self.model.parameters()).device
        return device

    def _precision(self) -> Precision:
        if self.plan.precision != "auto":
            return self.plan.precision
        batch = next(self.task.batches.epoch(0)).to(self._device)
        found = faster_precision(lambda precision: self.updater.dry_run(batch, precision), self._device.type)
        return self.group.from_leader(found)

    # -- running -----------------------------------------------------------------------------------------------

    def _count(self, progress: Progress) -> int:
        return progress.update if self.plan.unit == "update" else progress.epoch

    @property
    def done(self) -> int:
        """Updates or epochs that are done, as the plan counts."""
        return self._count(self.progress)

    def run(self, stop_at: int | None = None, stop: Callable[[], bool] = lambda: False) -> None:
        """Train to the end of the plan, or to its update or epoch `stop_at` as if interrupted there.

        stop: called before each update; once it returns True, the state is saved and the training ends there.
        """
        if self.progress.finished:
            return
        end = self.plan.end if stop_at is None else min(stop_at, self.plan.end)
        stopped = stop_at is not None
        if self.plan.first_validation == self.progress.update == 0 and self.group.leads and not self.history.text():
            self._log(self._measured(self.model.eval())[1])
        with tqdm(
            total=self.plan.end,
            initial=self.done,
            unit=self.plan.unit,
            smoothing=0.05,
            disable=None if self.group.leads else True,
        ) as bar:
            for batch in self._remaining(end, bar):
                if self.group.any(stop()):
                    stopped = True
                    break
                self._train_step(batch.to(self._device))
                if self.plan.unit == "update":
                    self._milestone(bar)
                else:
                    bar.set_postfix_str(f"update {self.progress.batch} of this one")
        if not stopped:
            self._finish()
        self._save()

    def _finish(self) -> None:
        if not self.progress.finished:  # by early stopping
            self._validate()
        if not self.plan.early_checkpoints and self.group.leads:
            self._pending = self.task.new_model()
            self._write_checkpoint()
        self.progress = self.progress.model_copy(update={"finished": True})

    def _remaining(self, end: int, bar: "tqdm[NoReturn]") -> Iterator[B]:
        """Yield the batches after those already done, epoch after epoch."""
        while not self._over(end):
            epoch = self.progress.epoch
            for batch in islice(self.task.batches.epoch(epoch), self.progress.batch, None):
                if self._over(end):
                    return
                yield batch
            self.task.end_epoch(epoch)
            if self.plan.unit == "update" and self.progress.batch:
                self._log({"epoch": epoch + 1, "tokens": self.progress.tokens})
            self.progress = self.progress.model_copy(update={"epoch": epoch + 1, "batch": 0})
            if self.plan.unit == "epoch":
                self._milestone(bar)

    def _over(self, end: int) -> bool:
        return self.progress.finished or self.done >= end

    def _train_step(self, batch: B) -> None:
        start, core_start = time.perf_counter(), time.process_time()
        number = self.progress.update
        sums = self.updater.update(batch, self.task.rate_factor(batch, self.progress), number)
        if not all(math.isfinite(sums[name]) for name in self.task.sums):
            self._diverged(None, number + 1)
        seconds, core_seconds = time.perf_counter() - start, time.process_time() - core_start
        self.progress = self.progress.after(sums, seconds, core_seconds)
        if number + 1 in self.plan.snapshot_updates and self.group.leads:
            self.task.write(self.folder / KEPT_CHECKPOINTS / f"{number + 1:07d}", self.model, {})

    def _milestone(self, bar: "tqdm[NoReturn]") -> None:
        """Log and validate after an update or an epoch, if the plan says so."""
        bar.update()
        line: dict[str, Any] = {}
        if self.done % self.plan.log_every == 0:
            loss = self.task.loss(self.progress.window)
            if loss > self.plan.hopeless:
                self._diverged(loss, self.progress.update)
            pace = self.progress.tokens_per_second
            bar.set_postfix_str(f"loss {loss:.3f}" + (f", {pace:.0f} tokens/s" if pace else ""))
            line = self.task.record(self.progress)
            self.progress = self.progress.model_copy(update={"window": {}})
        validates = self.done % self.plan.validate_every == 0 and self.done >= self.plan.first_validation
        if line and not (validates and self.plan.unit == "epoch"):
            self._log(line)
        if validates:
            self._validate(line if self.plan.unit == "epoch" else {})
        elif self.plan.unit == "epoch":
            self._save()

    def _diverged(self, loss: float | None, update: int) -> NoReturn:
        """Log in the history that the training has diverged, and end it. loss: None if it is not finite."""
        self._log({"update": update, "diverged": loss})
        what = "not a number any more" if loss is None else f"{loss:.1f} nats a token, far worse than guessing,"
        rates = ", ".join(f"{name} {rate:g}" for name, rate in self.updater.peaks().items())
        kept = f" {self.out} keeps the last validated weights." if self.out.exists() else ""
        raise DivergedError(f"The loss is {what} at update {update}; lower the learning rate ({rates}).{kept}")

    # -- validating and saving ---------------------------------------------------------------------------------

    def _validate(self, line: dict[str, Any] | None = None) -> None:
        """Validate, save the state, and only then write the checkpoint: if that fails, a resume writes it.

        line: what else the history says in the same line.
        """
        if self.group.leads:
            self._measure(line or {})
        # The leader decides whether to halve the rate or to stop.
        self.progress = self.group.from_leader(self.progress)
        self._save()
        if self.group.leads:
            # Only now: the state before may have needed the others.
            keep_averaged(self.folder / SNAPSHOTS, self.plan.averaging, self.progress.validations)
            self._write_checkpoint()

    def _measure(self, line: dict[str, Any]) -> None:
        if self.progress.validations and self.progress.validations[-1].update == self.progress.update:
            return
        validation, record = self._measured(self.model.eval())
        self._log(line | record)
        self._record_validation(validation.score)
        add_snapshot(self.folder / SNAPSHOTS, self.progress.update, self.model)
        if self.plan.early_checkpoints:
            # Its initial weights are drawn before the RNG state is saved, and so are the same after a resume.
            self._pending = self.task.new_model()

    def _measured(self, model: Any) -> tuple[Validation, dict[str, Any]]:
        """Return a validation, and what the history says of it."""
        validation = self.task.measure(model, self.progress)
        tqdm.write(f"{self.plan.unit} {self.done}: {validation.summary}")
        texts = {"samples": validation.texts[:_SAMPLES]} if validation.texts else {}
        return validation, {validation.name: validation.figures, **texts}

    def _record_validation(self, score: float) -> None:
        """Record the validation, and halve the rate or stop if a training with early stopping does not improve."""
        best = self.progress.best.score if self.progress.validations else -math.inf
        changes: dict[str, Any] = {
            "validations": (*self.progress.validations, ValidatedUpdate(update=self.progress.update, score=score)),
            "without_gain": 0 if score > best else self.progress.without_gain + 1,
        }
        if self.plan.patience and changes["without_gain"] >= self.plan.patience:
            changes |= {"without_gain": 0, "halvings": self.progress.halvings + 1}
            changes["finished"] = changes["halvings"] > self.plan.halvings
        self.progress = self.progress.model_copy(update=changes)

    def _write_checkpoint(self) -> None:
        """Write the checkpoint from the snapshots that the recipe averages."""
        if self._pending is None:  # written already
            return
        kept, self._pending = self._pending, None
        chosen = fill_with_mean(kept, self.folder / SNAPSHOTS, self.plan.averaging, self.progress.validations)
        kept = kept.eval().to(self._device)
        if len(chosen) > 1:
            self._log({"averaged": self.task.measure(kept, self.progress).figures, "of": chosen})
        extra = {
            HISTORY: self.history.text(),
            "train.toml": to_toml(self.recipe),
            **self.task.extras(kept, self.progress),
        }
        self.task.write(self.out, kept, extra)

    def _save(self) -> None:
        save_state(self.folder, self.progress, self.task, self.group)

    def _log(self, record: dict[str, Any]) -> None:
        if self.group.leads:
            self.history.write({self.plan.unit: self.done, **record})
