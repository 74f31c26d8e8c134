"""The training loop: it learns, it can be broken off and resumed, and it says what goes wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

import seq2seq
from seq2seq.checkpoint import read_checkpoint
from seq2seq.checkpoint_config import WEIGHTS
from seq2seq.data import read_pairs
from seq2seq.distributed import Group
from seq2seq.errors import CheckpointError, ConfigError, DivergedError
from seq2seq.search import Greedy
from seq2seq.training import Training, loop, read_recipe, training_folder
from seq2seq.training.precision import trains_in
from seq2seq.training.progress import SAMPLES, Progress, ValidatedUpdate, read_progress
from seq2seq.training.state import load_state
from seq2seq.training.validation import pair_batches, teacher_forced_metrics
from tests.training.recipes import copy_task, recipe

WALL_CLOCK = ("tokens_per_second", "seconds", "core_seconds", "core_minutes")


def history(out: Path) -> list[dict[str, Any]]:
    lines = (training_folder(out) / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [{k: v for k, v in json.loads(line).items() if k not in WALL_CLOCK} for line in lines]


def weights(training: Training) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in training.model.named_parameters()}


def same_weights(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_a_tiny_model_learns_to_copy(tmp_path: Path) -> None:
    made = copy_task(tmp_path)
    Training(made, tmp_path / "model").run()
    model = seq2seq.load(tmp_path / "model")
    lines = [line.split("\t")[0] for line in (tmp_path / "valid.tsv").read_text().splitlines()]
    found = model.translate(lines, model.options(Greedy()))
    right = sum(one.text == line for one, line in zip(found, lines, strict=True))
    assert right >= 90
    assert history(tmp_path / "model")[-1]["valid"]["bleu"] > 90


HARD = {  # everything that draws random numbers
    "forcing": {"ratio": {"kind": "linear", "slope": 0.05}, "feedback": "sample"},
    "data": {"noise": 0.5},
    "text": {"source_dropout": 0.3, "target_dropout": 0.2},
}


# At an update in the middle of an epoch, at a validated one, behind the last batch of an epoch, at the first.
@pytest.mark.parametrize("stop_at", [1, 4, 5, 7])
def test_a_resumed_training_equals_an_unbroken_one(tmp_path: Path, stop_at: int) -> None:
    made = recipe(tmp_path, **HARD)
    whole = Training(made, tmp_path / "whole")
    whole.run()
    Training(made, tmp_path / "parts").run(stop_at=stop_at)
    torch.manual_seed(12345)  # another process would stand elsewhere
    rest = Training(made, tmp_path / "parts", resume=True)
    assert rest.progress.update == stop_at
    rest.run()
    assert same_weights(weights(whole), weights(rest))
    files = [(tmp_path / name / WEIGHTS).read_bytes() for name in ("whole", "parts")]
    assert files[0] == files[1]
    assert rest.progress.validations == whole.progress.validations
    assert rest.progress.tokens == whole.progress.tokens
    assert history(tmp_path / "parts") == history(tmp_path / "whole")


def test_a_training_killed_between_two_saves_resumes_from_the_first(tmp_path: Path) -> None:
    made = recipe(tmp_path, **HARD)
    whole = Training(made, tmp_path / "whole")
    whole.run()
    broken = Training(made, tmp_path / "broken")
    broken.run(stop_at=4)
    state = {p: p.read_bytes() for p in broken.folder.iterdir() if p.is_file() and p.name != "history.jsonl"}
    broken.run(stop_at=7)
    for path, data in state.items():  # as if update 5 to 7 had never been saved
        path.write_bytes(data)
    with (broken.folder / "history.jsonl").open("a") as file:
        file.write('{"update": 8, "lo')  # killed while writing
    rest = Training(made, tmp_path / "broken", resume=True)
    assert rest.progress.update == 4
    rest.run()
    assert same_weights(weights(whole), weights(rest))
    assert history(tmp_path / "broken") == history(tmp_path / "whole")


def test_the_same_recipe_gives_the_same_model_and_another_seed_another(tmp_path: Path) -> None:
    found = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        training = Training(recipe(tmp_path, training={"seed": seed}), tmp_path / name)
        training.run(stop_at=3)
        found.append(weights(training))
    assert same_weights(found[0], found[1])
    assert not same_weights(found[0], found[2])


def test_the_history_says_what_happened(tmp_path: Path) -> None:
    Training(recipe(tmp_path), tmp_path / "model").run()
    records = history(tmp_path / "model")
    logged = [line for line in records if "loss" in line]
    assert [line["update"] for line in logged] == [2, 4, 6, 8, 10, 12]
    assert set(logged[0]) == {"update", "loss", "accuracy", "norms", "rates", "ratio"}
    assert set(logged[0]["norms"]) == set(logged[0]["rates"]) == {"encoder", "decoder"}
    valid = [line for line in records if "valid" in line]
    assert [line["update"] for line in valid] == [4, 8, 12]
    assert set(valid[0]["valid"]) >= {"forced_loss", "accuracy", "bleu", "chrf", "exact"}
    pairs = read_pairs(training_folder(tmp_path / "model") / SAMPLES)
    assert len(list(pairs)) == len(valid[0]["samples"]) == 4
    assert [line["epoch"] for line in records if "epoch" in line] == list(
        range(1, 1 + sum("epoch" in line for line in records))
    )


def test_the_checkpoint_holds_what_others_need(tmp_path: Path) -> None:
    made = recipe(tmp_path)
    Training(made, tmp_path / "model").run()
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert names >= {
        "config.json", "weights.safetensors", "source.model", "target.model", "history.jsonl", "train.toml",
        "calibration.json", "README.md",
    }  # fmt: skip
    assert read_recipe(tmp_path / "model" / "train.toml") == made
    read_checkpoint(tmp_path / "model")


@pytest.mark.parametrize("precision", ["auto", "float32"])
def test_the_precision_is_recorded_and_kept_by_a_resume(tmp_path: Path, precision: str) -> None:
    made = recipe(tmp_path, training={"precision": precision})
    training = Training(made, tmp_path / "model")
    training.run(stop_at=2)
    recorded = read_progress(training.folder).precision
    assert recorded in (("float32",) if precision == "float32" else ("float32", "bfloat16"))
    assert Training(made, tmp_path / "model", resume=True).updater.precision == recorded


def test_measuring_the_precision_changes_no_number(tmp_path: Path) -> None:
    training = Training(recipe(tmp_path), tmp_path / "model")
    before, state = weights(training), torch.get_rng_state()
    training.model.train()
    training.updater.dry_run(next(training.task.batches.epoch(0)), "float32")
    assert same_weights(before, weights(training))
    assert torch.equal(state, torch.get_rng_state())


def test_bfloat16_trains_too_or_is_refused_in_one_sentence(tmp_path: Path) -> None:
    made = recipe(tmp_path, training={"precision": "bfloat16"})
    if not trains_in("bfloat16", "cpu"):
        with pytest.raises(ConfigError, match=r"can't train in bfloat16; set training\.precision=auto"):
            Training(made, tmp_path / "model")
        return
    training = Training(made, tmp_path / "model")
    training.run(stop_at=2)
    assert all(value.dtype == torch.float32 and value.isfinite().all() for value in weights(training).values())


def test_a_training_from_another_processor_goes_on_in_what_this_one_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = recipe(tmp_path, training={"precision": "auto"})
    Training(made, tmp_path / "model").run(stop_at=2)

    def elsewhere(*given: Any) -> Progress:
        return load_state(*given).model_copy(update={"precision": "bfloat16"})

    monkeypatch.setattr(loop, "load_state", elsewhere)
    monkeypatch.setattr(loop, "trains_in", lambda precision, _: precision == "float32")
    monkeypatch.setattr(loop, "faster_precision", lambda *_: "float32")
    training = Training(made, tmp_path / "model", resume=True)
    assert training.updater.precision == training.progress.precision == "float32"
    training.run()
    assert training.progress.finished


def test_a_rate_that_is_far_too_high_is_said_clearly(tmp_path: Path) -> None:
    made = recipe(tmp_path, training={"encoder_rate": 1e38, "decoder_rate": 1e38})
    with pytest.raises(
        DivergedError, match=r"not a number any more at update \d+; lower the learning rate"
    ) as caught:
        Training(made, tmp_path / "model").run()
    assert "\n" not in str(caught.value)
    assert history(tmp_path / "model")[-1]["diverged"] is None


def test_a_loss_far_worse_than_guessing_is_divergence_too(tmp_path: Path) -> None:
    made = recipe(tmp_path, training={"encoder_rate": 3.0, "decoder_rate": 3.0})
    with pytest.raises(DivergedError, match="far worse than guessing"):
        Training(made, tmp_path / "model").run()
    assert history(tmp_path / "model")[-1]["diverged"] > 15


def test_an_update_whose_gradients_are_not_finite_changes_nothing_and_can_be_resumed(tmp_path: Path) -> None:
    made = recipe(tmp_path)
    training = Training(made, tmp_path / "model")
    spoilt = training.model.decoder.output.bias.register_hook(lambda gradient: gradient * float("inf"))
    before = weights(training)
    training.run(stop_at=1)
    spoilt.remove()
    assert same_weights(before, weights(training))
    Training(made, tmp_path / "model", resume=True).run()
    assert read_progress(training.folder).finished


def test_a_last_checkpoint_that_could_not_be_written_is_written_by_a_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = {"kind": "open-ended", "updates": 1000, "warmup": 0, "patience": 1, "halvings": 0}
    tiny = {"encoder_rate": 1e-30, "decoder_rate": 1e-30, "validate_every": 1, "schedule": schedule}
    made = recipe(tmp_path, training=tiny, averaging={"count": 2})
    training = Training(made, tmp_path / "model")
    write = training.task.write

    def fails(*given: Any) -> None:
        if training.progress.finished:
            raise CheckpointError("The disk is full.")
        write(*given)

    monkeypatch.setattr(training.task, "write", fails)
    with pytest.raises(CheckpointError, match="disk is full"):
        training.run()
    Training(made, tmp_path / "model", resume=True)
    Training(made, tmp_path / "model", resume=True)
    kept = (tmp_path / "model" / "history.jsonl").read_text()
    assert kept == (training.folder / "history.jsonl").read_text()
    assert kept.count('"averaged"') == 1


def test_an_open_ended_training_halves_its_rate_and_stops(tmp_path: Path) -> None:
    schedule = {"kind": "open-ended", "updates": 1000, "warmup": 0, "patience": 2, "halvings": 1}
    made = recipe(tmp_path, training={"validate_every": 1, "schedule": schedule})
    training = Training(made, tmp_path / "model")
    for bleu in (5.0, 6.0, 6.0, 5.0):
        training._record_validation(bleu)
    assert (training.progress.halvings, training.progress.finished) == (1, False)
    training._record_validation(5.5)
    training._record_validation(7.0)
    training._record_validation(1.0)
    assert (training.progress.halvings, training.progress.without_gain) == (1, 1)
    training._record_validation(1.0)
    assert training.progress.finished
    # And in earnest: with a rate of next to nothing BLEU gains nothing.
    tiny = {"encoder_rate": 1e-30, "decoder_rate": 1e-30, "validate_every": 1, "schedule": schedule}
    still = Training(recipe(tmp_path, training=tiny), tmp_path / "still")
    still.run()
    # The first validation is a gain over nothing; two without one halve, two more end.
    assert (still.progress.update, still.progress.finished) == (5, True)
    again = Training(recipe(tmp_path, training=tiny), tmp_path / "still", resume=True)
    again.run()
    assert again.progress.update == 5


@pytest.mark.parametrize(("of", "kept"), [("last", [8, 12]), ("best", [4, 8])])
def test_the_checkpoint_is_the_mean_of_the_chosen_validations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of: str, kept: list[int]
) -> None:
    made = recipe(tmp_path, averaging={"of": of, "count": 2})
    training = Training(made, tmp_path / "model")
    bleus = {4: 9.0, 8: 8.0, 12: 7.0}
    judge = training._record_validation
    monkeypatch.setattr(training, "_record_validation", lambda _: judge(bleus[training.progress.update]))
    training.run()
    snapshots = sorted((training.folder / "snapshots").iterdir(), key=lambda path: int(path.stem))
    assert [int(path.stem) for path in snapshots] == kept
    parts = [load_file(path) for path in snapshots]
    written = load_file(tmp_path / "model" / WEIGHTS)
    for name, tensor in written.items():
        torch.testing.assert_close(tensor, torch.stack([part[name] for part in parts]).mean(0).half())
    # What is kept is what is measured; a single validation has been measured already.
    lines = [json.loads(line) for line in (tmp_path / "model" / "history.jsonl").read_text().splitlines()]
    averaged = [line for line in lines if "averaged" in line]
    assert [line["of"] for line in averaged] == [[4, 8], kept]
    pairs = pair_batches(training.task.vocabularies, training.task.corpus.valid)
    model = read_checkpoint(tmp_path / "model").model
    assert averaged[-1]["averaged"]["forced_loss"] == pytest.approx(
        teacher_forced_metrics(model, pairs)[0].loss, rel=1e-3
    )


# -- starting and resuming -------------------------------------------------------------------------------------


def trained(folder: Path) -> Path:
    Training(recipe(folder), folder / "first").run(stop_at=12)
    training = Training(recipe(folder), folder / "first", resume=True)
    training.run()
    return folder / "first"


def test_a_training_starts_from_another_checkpoint(tmp_path: Path) -> None:
    first = trained(tmp_path)
    start = {"checkpoint": first}
    training = Training(recipe(tmp_path, initialise_from=start), tmp_path / "second")
    given = dict(read_checkpoint(first).model.named_parameters())
    assert same_weights(weights(training), {name: value.detach() for name, value in given.items()})
    assert training.task.tokenizers["source"].proto == (first / "source.model").read_bytes()


def test_a_training_starts_from_the_encoder_of_another_checkpoint(tmp_path: Path) -> None:
    first = trained(tmp_path)
    start = {"checkpoint": first, "parts": ["encoder"]}
    training = Training(recipe(tmp_path, initialise_from=start, text={"target_size": 300}), tmp_path / "second")
    given = read_checkpoint(first).model
    assert torch.equal(training.model.encoder.embedding.weight, given.encoder.embedding.weight)
    assert len(training.task.tokenizers["target"]) == 300


def test_a_start_that_does_not_fit_is_a_clear_error(tmp_path: Path) -> None:
    first = trained(tmp_path)
    other = recipe(tmp_path, initialise_from={"checkpoint": first}, model={"decoder_hidden": 12})
    with pytest.raises(ConfigError, match="other shapes than this recipe's"):
        Training(other, tmp_path / "second")
    nowhere = recipe(tmp_path, initialise_from={"checkpoint": tmp_path / "nowhere"})
    with pytest.raises(CheckpointError, match="nowhere is not a folder"):
        Training(nowhere, tmp_path / "second")


def test_a_resume_needs_the_same_recipe_and_a_state(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        Training(recipe(tmp_path), tmp_path / "model", resume=True)
    Training(recipe(tmp_path), tmp_path / "model").run(stop_at=1)
    with pytest.raises(ConfigError, match="started with another recipe"):
        Training(recipe(tmp_path, training={"seed": 2}), tmp_path / "model", resume=True)


def test_a_new_training_forgets_the_old_one(tmp_path: Path) -> None:
    Training(recipe(tmp_path), tmp_path / "model").run(stop_at=3)
    Training(recipe(tmp_path), tmp_path / "model")
    with pytest.raises(CheckpointError, match="no training to resume"):
        Training(recipe(tmp_path), tmp_path / "model", resume=True)


def test_a_training_refuses_a_place_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Dear")
    with pytest.raises(CheckpointError, match="already there"):
        Training(recipe(tmp_path), tmp_path / "letters")


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"not tensors"])
def test_a_damaged_state_is_a_clear_error(tmp_path: Path, data: bytes) -> None:
    training = Training(recipe(tmp_path), tmp_path / "model")
    training.run(stop_at=1)
    (training.folder / "state.safetensors").write_bytes(data)
    with pytest.raises(CheckpointError, match=r"state\.safetensors"):
        Training(recipe(tmp_path), tmp_path / "model", resume=True)


@pytest.mark.parametrize("progress", ["{}", "not json", "[]", '{"update": -1, "colour": 3}'])
def test_a_foreign_state_is_a_clear_error(tmp_path: Path, progress: str) -> None:
    training = Training(recipe(tmp_path), tmp_path / "model")
    training.run(stop_at=1)
    path = training.folder / "state.safetensors"
    save_file(load_file(path), path, metadata={"progress": progress})
    with pytest.raises(CheckpointError, match=r"state\.safetensors") as caught:
        Training(recipe(tmp_path), tmp_path / "model", resume=True)
    assert "\n" not in str(caught.value)


def test_a_state_of_another_model_names_the_weight(tmp_path: Path) -> None:
    training = Training(recipe(tmp_path), tmp_path / "model")
    training.run(stop_at=1)
    path = training.folder / "state.safetensors"
    progress = read_progress(training.folder).model_dump_json()
    for name in ("model.decoder.readout.bias", "random.coins.0"):
        tensors = load_file(path)
        del tensors[name]
        save_file(tensors, path, metadata={"progress": progress})
        with pytest.raises(CheckpointError, match="train anew"):
            load_state(training.folder, training.task, Group())


def test_validations_survive_the_state(tmp_path: Path) -> None:
    training = Training(recipe(tmp_path), tmp_path / "model")
    training.run(stop_at=8)
    assert [one.update for one in read_progress(training.folder).validations] == [4, 8]
    assert isinstance(read_progress(training.folder).validations[0], ValidatedUpdate)


def test_empty_and_overlong_data_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "empty.tsv").write_text("")
    made = recipe(tmp_path, data={"train": [tmp_path / "empty.tsv"]})
    with pytest.raises(ConfigError, match="has no pairs"):
        Training(made, tmp_path / "model")
    with pytest.raises(ConfigError, match="at most 2 pieces a side"):
        Training(recipe(tmp_path, data={"longest": 2}), tmp_path / "model")


def test_the_recipe_type_is_frozen(tmp_path: Path) -> None:
    data: Any = recipe(tmp_path).data
    with pytest.raises(ValueError, match="frozen"):
        data.longest = 3
