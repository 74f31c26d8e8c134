"""Training of captioning decoders: it learns, goes on exactly, and its checkpoint reads its own trunk alone."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seq2seq.checkpoint_config import WEIGHTS
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.search import Greedy
from seq2seq.text import END, Tokenizer
from seq2seq.text.captions import normalise_caption
from seq2seq.training import training_folder
from seq2seq.vision.captioning.captioner import Captioner
from seq2seq.vision.captioning.checkpoint import read_caption_checkpoint
from seq2seq.vision.captioning.recipe import RewardRecipe
from seq2seq.vision.captioning.reward import Reward
from seq2seq.vision.features import open_feature_store
from tests.photos import LEARN, caption_recipe, caption_training, captions, drawn, images, tiny_image_encoder


def history(out: Path) -> list[dict[str, Any]]:
    lines = (training_folder(out) / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_tiny_decoder_learns_to_name_colours(tmp_path: Path) -> None:
    caption_training(caption_recipe(tmp_path, **LEARN), tmp_path / "model").run()
    model = Captioner.load(tmp_path / "model")
    found = model.caption(images(drawn()), model.options(Greedy()))
    right = sum(colour in best[0].text for best, (colour, _) in zip(found, drawn(), strict=True))
    assert right >= len(drawn()) - 1
    assert history(tmp_path / "model")[-1]["valid"]["bleu"] > 60
    assert all("<unk>" not in best[0].text for best in found)


HARD = {"forcing": {"ratio": {"kind": "linear", "slope": 0.05}, "feedback": "sample"}, "model": {"dropout": 0.3}}


@pytest.mark.parametrize("tables", [HARD, {"reward": {"samples": 3, "top_k": 10}, "model": {"dropout": 0.2}}])
def test_a_resumed_training_equals_an_unbroken_one(tmp_path: Path, tables: dict[str, Any]) -> None:
    made = caption_recipe(tmp_path, **tables)
    whole = caption_training(made, tmp_path / "whole")
    whole.run()
    caption_training(made, tmp_path / "parts").run(stop_at=5)
    torch.manual_seed(12345)
    rest = caption_training(made, tmp_path / "parts", resume=True)
    assert rest.progress.update == 5
    rest.run()
    files = [(tmp_path / name / WEIGHTS).read_bytes() for name in ("whole", "parts")]
    assert files[0] == files[1]
    assert rest.progress.validations == whole.progress.validations


def test_it_starts_from_another_decoder_and_its_vocabulary(tmp_path: Path) -> None:
    caption_training(caption_recipe(tmp_path), tmp_path / "first").run(stop_at=4)
    start = {"checkpoint": tmp_path / "first"}
    second = caption_training(
        caption_recipe(tmp_path, initialise_from=start, text={"size": 12}), tmp_path / "second"
    )
    kept = read_caption_checkpoint(tmp_path / "first")
    assert second.task.tokenizers["target"].proto == kept.target.proto
    own = dict(second.model.named_parameters())
    for name, value in kept.model.named_parameters():
        assert torch.equal(own[name], value)
    with pytest.raises(ConfigError, match="other shapes"):
        caption_training(
            caption_recipe(tmp_path, initialise_from=start, model={"decoder_hidden": 10}), tmp_path / "third"
        )


def test_features_of_another_trunk_are_refused_and_foreign_ones_make_no_captioner(tmp_path: Path) -> None:
    caption_training(caption_recipe(tmp_path), tmp_path / "model").run(stop_at=1)
    tiny_image_encoder(tmp_path / "other", 1.5)
    with pytest.raises(DataError, match="another image encoder"):
        caption_training(caption_recipe(tmp_path, data={"trunk": tmp_path / "other"}), tmp_path / "second")
    caption_training(caption_recipe(tmp_path, data={"trunk": None}), tmp_path / "third").run()
    with pytest.raises(CheckpointError, match="features from elsewhere"):
        Captioner.load(tmp_path / "third")


def test_captions_that_belong_to_other_photos_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.tsv").write_text("train\tnobody.png\tA box .\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="describes none of the photos"):
        caption_training(caption_recipe(tmp_path, data={"captions": tmp_path / "other.tsv"}), tmp_path / "model")
    with pytest.raises(ConfigError, match=r"raise data\.longest"):
        caption_training(caption_recipe(tmp_path, data={"longest": 2}), tmp_path / "model")


def test_a_photo_whose_captions_say_nothing_is_left_out(tmp_path: Path) -> None:
    made = caption_recipe(tmp_path)
    names = caption_training(made, tmp_path / "model").task.samples
    path = made.data.valid_captions
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.split("\t")[1] != names[0].source]
    path.write_text("\n".join([*kept, f"dev\t{names[0].source}\t. "]) + "\n", encoding="utf-8")
    samples = caption_training(made, tmp_path / "model").task.samples
    assert [one.source for one in samples] == [one.source for one in names[1:]]


def test_captions_keep_their_vocabulary(tmp_path: Path) -> None:
    start = {"checkpoint": tmp_path / "model", "vocabularies": "learnt"}
    with pytest.raises(ConfigError, match="is for translation"):
        caption_recipe(tmp_path, initialise_from=start)


def test_a_reward_draws_each_photos_captions_and_favours_the_better_ones(tmp_path: Path) -> None:
    made = caption_recipe(tmp_path)
    training = caption_training(made, tmp_path / "model")
    target: Tokenizer = training.task.tokenizers["target"]
    references = [[normalise_caption(text) for text in captions(*each)] for each in drawn()]
    reward = Reward(RewardRecipe(samples=4, top_k=20), references, target)
    batch = next(training.task.batches.epoch(0))
    rng = torch.Generator().manual_seed(1)
    losses = reward.losses(training.model, batch, rng)
    assert losses.tokens == batch.tokens
    assert 0 < float(losses.plain) / losses.tokens < 1
    losses.smoothed.backward()
    gradients = [p.grad for p in training.model.parameters() if p.grad is not None]
    assert any(bool(gradient.abs().sum() > 0) for gradient in gradients)
    colour, place = drawn()[0]
    ended = [*target.encode(f"a {colour} box on the {place}"), END]
    at_once = target.encode("side")
    assert reward._reward(0, [], ended) > reward._reward(0, [], ended[:-1]) > reward._reward(0, [], at_once)
    other = next(number for number, each in enumerate(drawn()) if each != (colour, place))
    apart = Reward(RewardRecipe(samples=4, top_k=20, others=0.5), references, target)
    assert apart._reward(0, [other], ended) < reward._reward(0, [other], ended)  # "box" fits the other photo, too


def test_mirrored_photos_are_shown_half_of_the_time(tmp_path: Path) -> None:
    made = caption_recipe(tmp_path, data={"mirrored": True})
    training = caption_training(made, tmp_path / "model")
    folder = made.data.features / made.data.photos.name
    views = [open_feature_store(place).pooled for place in (folder, folder.with_name(f"{folder.name}-mirrored"))]
    assert not np.allclose(views[0], views[1])
    chosen = []
    for batch in (batch for epoch in range(20) for batch in training.task.batches.epoch(epoch)):
        for number, pooled in zip(batch.number.tolist(), batch.pooled.numpy(), strict=True):
            gaps = [float(np.abs(view[number] - pooled).sum()) for view in views]
            assert min(gaps) == 0
            chosen.append(gaps[1] == 0)
    assert 0.4 < np.mean(chosen) < 0.6
