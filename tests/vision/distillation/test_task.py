"""An image encoder learns from a teacher; views of photos and of maps show the same place."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.training import Training
from seq2seq.training.progress import ValidatedUpdate
from seq2seq.training.recipe import Averaging
from seq2seq.training.snapshots import add_snapshot, fill_with_mean
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.distillation.data import DistillationBatch, DistillationData, work_factor
from seq2seq.vision.distillation.recipe import ImageEncoderRecipe, Stage
from seq2seq.vision.distillation.student import Student, fit_head
from seq2seq.vision.distillation.task import DistillationTask
from seq2seq.vision.distillation.teacher import Teacher, Views, read_teacher, recoloured, teacher_views
from seq2seq.vision.distillation.words import frequent_words, word_auc, word_shares
from seq2seq.vision.encoder_checkpoint import read_image_encoder, write_image_encoder
from seq2seq.vision.image_encoder import build_image_encoder

IMAGE = ImageConfig(name="tiny", size=80, classes=7)


def teacher(photos: int, generator: np.random.Generator) -> Teacher:
    regions = generator.random((photos, 3, 3, 5)).astype(np.float16)
    names = [f"{number}.jpg" for number in range(photos)]
    return Teacher(names, regions, torch.randn(7, 5), torch.zeros(7))


def lessons(photos: int, seed: int = 1) -> DistillationData:
    generator = np.random.default_rng(seed)
    torch.manual_seed(seed)
    squares = generator.integers(0, 256, (photos, 3, 32, 32), dtype=np.uint8)
    return DistillationData(squares, teacher(photos, generator), torch.rand(photos, 4).round())


def training(out: Path, **changes: object) -> Training[DistillationBatch]:
    torch.manual_seed(3)
    resume = bool(changes.pop("resume", False))
    start = out.parent / "start.safetensors"
    if not start.exists():
        network = build_image_encoder(IMAGE.model_copy(update={"classes": 0})).network
        save_file({name: value.contiguous() for name, value in network.state_dict().items()}, start)
    stages = (Stage(size=80, epochs=2), Stage(size=90, epochs=1))
    parts = ("photos", "captions", "teacher", "valid_photos", "valid_captions", "valid_teacher")
    values = {
        "data": {"start": start, **dict.fromkeys(parts, out)},  # the data are given below
        "image": IMAGE,
        "stages": stages,
        "batch_photos": 4,
        "frozen_up_to": "",
        **changes,
    }
    recipe = ImageEncoderRecipe.model_validate(values)
    task = partial(DistillationTask, data=(lessons(12), lessons(8, 2)))
    return Training(recipe, out, resume=resume, task=task)


def history(out: Path) -> list[dict[str, Any]]:
    lines = (out.with_name(f"{out.name}.training") / "history.jsonl").read_text().splitlines()
    return [json.loads(line) | {"core_minutes": 0} for line in lines]


def test_whole_views_change_nothing() -> None:
    photos = torch.rand(2, 3, 20, 20)
    assert torch.allclose(Views.whole(2).of(photos, 20), photos, atol=1e-6)


def test_a_view_shows_its_box_and_its_mirror() -> None:
    ramp = torch.linspace(0.025, 0.975, 20).expand(1, 1, 20, 20)  # the share from the left, at the cells' middles
    views = Views(torch.tensor([[0.5, 0.0, 0.4, 1.0]]), torch.tensor([False]))
    shown = views.of(ramp, 4)[0, 0, 0]
    assert shown.tolist() == pytest.approx([0.55, 0.65, 0.75, 0.85], abs=1e-5)
    mirrored = Views(views.boxes, torch.tensor([True])).of(ramp, 4)[0, 0, 0]
    assert mirrored.tolist() == pytest.approx([0.85, 0.75, 0.65, 0.55], abs=1e-5)


def test_drawn_views_lie_inside_and_are_large_enough() -> None:
    boxes, _ = Views.drawn(500, 0.5, torch.Generator().manual_seed(1))
    left, top, width, height = boxes.unbind(1)
    assert bool((left >= 0).all() and (top >= 0).all())
    assert bool((left + width <= 1 + 1e-6).all() and (top + height <= 1 + 1e-6).all())
    assert float((width * height).min()) >= 0.4  # a very long crop is cut at the photo's edge


def test_the_teacher_sees_in_a_view_what_lies_there() -> None:
    one = teacher(1, np.random.default_rng(1))
    one.regions[:] = 0
    one.regions[0, :, 2] = 1  # the right third
    right = Views(torch.tensor([[0.7, 0.0, 0.3, 1.0]]), torch.tensor([False]))
    assert float(teacher_views(one, np.array([0]), right, 2).min()) > 0.8
    whole = teacher_views(one, np.array([0]), Views.whole(1), 3).reshape(3, 3, 5)[0, :, 0]
    assert whole.argmax() == 2


def test_recoloured_pixels_stay_pixels() -> None:
    pixels = recoloured(torch.rand(4, 3, 6, 6), 0.5, torch.Generator().manual_seed(1))
    assert 0 <= float(pixels.min()) <= float(pixels.max()) <= 1
    same = torch.rand(2, 3, 5, 5)
    assert torch.allclose(recoloured(same, 0.0, torch.Generator()), same, atol=1e-6)


def test_the_folded_head_says_what_the_teachers_head_makes_of_the_students_regions() -> None:
    student = Student(build_image_encoder(IMAGE), lessons(12).teacher, 4).eval()
    photos = torch.randint(0, 256, (3, 3, 224, 224), dtype=torch.uint8)
    expected = student.own_classes(student.encoder(photos).pooled)
    student.fold_head()
    logits = student.encoder(photos).logits
    assert logits is not None
    assert torch.allclose(logits, expected, atol=1e-4)


def test_a_fitted_head_says_more_of_what_the_teacher_says() -> None:
    torch.manual_seed(1)
    pooled = torch.randn(200, 6) * torch.tensor([1, 1, 1, 5, 0.1, 1]) + 2
    told = 2 * pooled @ torch.randn(6, 4)
    head = torch.nn.Linear(6, 4).requires_grad_(False)

    def apart() -> float:
        own = head(pooled).log_softmax(1)
        return float(torch.nn.functional.kl_div(own, told.log_softmax(1), log_target=True, reduction="batchmean"))

    before = apart()
    fit_head(head, pooled, told, steps=500, decay=1e-5)
    assert apart() < 0.3 * before


def test_word_auc_of_known_rankings() -> None:
    has = torch.tensor([[True, True], [False, False], [False, True], [False, False]])
    perfect = torch.tensor([[4.0, 9.0], [1.0, 1.0], [2.0, 8.0], [3.0, 2.0]])
    assert word_auc(perfect, has) == 1.0
    assert word_auc(-perfect, has) == 0.0


def test_words_and_their_shares() -> None:
    captions = [["a dog runs", "the dog"], ["a cat", "a dog , a dog"]]
    words = frequent_words(captions, 2)
    assert set(words) == {"dog", "a"}
    shares = word_shares(captions, words)
    assert shares[:, words.index("dog")].tolist() == [1.0, 0.5]


def test_the_rate_rises_and_falls_with_the_work() -> None:
    sizes = [100, 100, 200]
    assert work_factor(sizes, 0, 0.05) < 0.05
    assert work_factor(sizes, 0.3, 0.05) == pytest.approx(1, abs=0.01)
    assert work_factor(sizes, 2, 0.05) > 0.7  # two of three epochs, a third of the work
    assert work_factor(sizes, 3, 0.05) < 0.001


def test_a_training_lowers_its_losses_and_its_encoder_can_be_kept(tmp_path: Path) -> None:
    run = training(tmp_path / "kept", stages=(Stage(size=80, epochs=20),), rate=0.02, head_rate=0.02)
    run.run()
    lines = history(tmp_path / "kept")
    assert lines[0]["epoch"] == 0
    assert lines[-1]["epoch"] == 20
    assert sum(lines[-1]["train"].values()) < 0.9 * sum(lines[1]["train"].values())
    kept = read_image_encoder(tmp_path / "kept")
    photos = torch.randint(0, 256, (2, 3, 224, 224), dtype=torch.uint8)
    assert torch.allclose(kept.encoder(photos).pooled, run.model.eval().encoder(photos).pooled, atol=1e-2)


# At the end of an epoch, and within one.
@pytest.mark.parametrize("updates", [3, 5])
def test_resumed_is_as_if_uninterrupted(tmp_path: Path, updates: int) -> None:
    whole = training(tmp_path / "whole")
    whole.run()
    first = training(tmp_path / "parts")
    first.run(stop=lambda: first.progress.update == updates)
    with (first.folder / "history.jsonl").open("a") as file:
        file.write('{"epoch": 2, ')  # as a kill can leave it
    second = training(tmp_path / "parts", resume=True)
    assert second.progress.update == updates
    second.run()
    assert history(tmp_path / "whole") == history(tmp_path / "parts")
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name


def test_the_encoder_is_the_mean_of_the_last_epochs(tmp_path: Path) -> None:
    run = training(tmp_path / "mean", averaging=Averaging(count=2), rate=0.02)
    run.run()
    snapshots = [load_file(path) for path in (run.folder / "snapshots").iterdir()]
    assert len(snapshots) == 2
    name = "network.coarse.0.weight"
    mean = (snapshots[0][f"encoder.{name}"] + snapshots[1][f"encoder.{name}"]) / 2
    kept = read_image_encoder(tmp_path / "mean").encoder.state_dict()[name]
    torch.testing.assert_close(kept, mean, atol=1e-3, rtol=1e-3)


def test_counters_of_batches_may_be_larger_than_any_weight(tmp_path: Path) -> None:
    model = torch.nn.Sequential(torch.nn.BatchNorm2d(2))
    model[0].num_batches_tracked.fill_(70_000)
    add_snapshot(tmp_path, 3, model)
    other = torch.nn.Sequential(torch.nn.BatchNorm2d(2))
    assert fill_with_mean(other, tmp_path, Averaging(), [ValidatedUpdate(update=3, score=1.0)]) == [3]


def test_a_training_without_gain_ends_early(tmp_path: Path) -> None:
    run = training(tmp_path / "kept", stages=(Stage(size=80, epochs=9),), rate=1e-30, head_rate=1e-30, patience=2)
    run.run()
    assert (run.progress.epoch, run.progress.finished) == (3, True)
    assert len([*(run.folder / "snapshots").iterdir()]) == 1


def test_another_recipe_is_not_gone_on_with(tmp_path: Path) -> None:
    training(tmp_path / "kept").run(stop_at=1)
    with pytest.raises(ConfigError, match="was started with another recipe: weight_decay"):
        training(tmp_path / "kept", resume=True, weight_decay=0.5)


def test_what_is_frozen_stays(tmp_path: Path) -> None:
    run = training(tmp_path / "kept", frozen_up_to="fine", weight_decay=0.1)
    before = {name: value.clone() for name, value in run.model.encoder.state_dict().items()}
    run.run(stop_at=1)
    after = run.model.encoder.state_dict()
    assert torch.equal(before["network.fine.0.weight"], after["network.fine.0.weight"])
    assert not torch.equal(before["network.coarse.0.weight"], after["network.coarse.0.weight"])


def test_damaged_trunks_and_teachers_are_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="run tools/teacher again"):
        read_teacher(tmp_path)
    with pytest.raises(CheckpointError, match="holds no image encoder"):
        read_image_encoder(tmp_path)
    write_image_encoder(tmp_path / "kept", build_image_encoder(IMAGE), {})
    path = tmp_path / "kept" / "weights.safetensors"
    save_file({"fine.0.bias": torch.zeros(8)}, path)
    with pytest.raises(CheckpointError, match="lacks coarse"):
        read_image_encoder(tmp_path / "kept")
