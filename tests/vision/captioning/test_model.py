"""The memory that is made of a photo: as good as a sentence's to the decoder, the search and forced scoring."""

import pytest
import torch

from seq2seq.errors import ShapeError
from seq2seq.search import Beam, Greedy, SearchOptions, forced_log_probs, search
from seq2seq.text import END
from seq2seq.vision.captioning.config import CaptionConfig
from seq2seq.vision.captioning.model import CaptionModel
from tests.photos import tiny_shape
from tests.tiny import fill

SHAPES = [{"attention": "additive"}, {"attention": "additive", "attention_at": "before"}, {"attention": "none"}]


def model_of(**changes: object) -> CaptionModel:
    config = CaptionConfig.model_validate({**tiny_shape(tied=False), "image_width": 8, "grid": (3, 4)} | changes)
    model = CaptionModel(config, 13)
    fill(model, 2.5)
    return model


def features(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    regions = torch.rand(count, 12, 8, generator=generator) * 2
    return regions, regions.mean(1)


@pytest.mark.parametrize("shape", SHAPES)
def test_step_by_step_equals_the_whole_target_at_once(shape: dict[str, object]) -> None:
    model = model_of(**shape)
    memory = model.encode(*features(3))
    targets = torch.tensor([[1, 5, 6, 7], [1, 8, 9, 4], [1, 12, 4, 4]])
    whole = model.decoder.unroll(targets, memory)
    state = model.decoder.start(memory)
    for step in range(4):
        logits, state, attention = model.decoder.step(targets[:, step], state, memory)
        assert torch.allclose(logits, whole.logits[:, step], atol=1e-5)
        if attention is not None:
            assert whole.attention is not None
            assert torch.allclose(attention, whole.attention[:, step], atol=1e-6)
            assert torch.allclose(attention.sum(1), torch.ones(3))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_photo_alone_is_captioned_as_in_a_batch_of_eight(shape: dict[str, object]) -> None:
    model = model_of(**shape)
    regions, pooled = features(8)
    options = SearchOptions(mode=Beam(size=3, alpha=0.7), n_best=3, max_length=9)
    together = search(model.decoder, model.encode(regions, pooled), options)
    for row in range(8):
        alone = search(model.decoder, model.encode(regions[row : row + 1], pooled[row : row + 1]), options)[0]
        assert [one.tokens for one in alone] == [one.tokens for one in together[row]]
        assert [one.log_prob for one in alone] == pytest.approx([one.log_prob for one in together[row]], abs=1e-4)
    assert len({each[0].tokens for each in together}) > 1


@pytest.mark.parametrize("shape", SHAPES)
def test_a_beam_of_one_is_greedy_and_its_score_is_the_forced_one(shape: dict[str, object]) -> None:
    model = model_of(**shape)
    memory = model.encode(*features(5))
    greedy = search(model.decoder, memory, SearchOptions(mode=Greedy(), max_length=12))
    beam = search(model.decoder, memory, SearchOptions(mode=Beam(size=1, alpha=0.7), max_length=12))
    assert [each[0].tokens for each in greedy] == [each[0].tokens for each in beam]
    found = [each[0] for each in greedy]
    words = [[token for token in one.tokens if token != END] for one in found]
    for one, values in zip(found, forced_log_probs(model.decoder, memory, words), strict=True):
        assert sum(values[: len(one.tokens)]) == pytest.approx(one.log_prob, abs=1e-4)


def test_features_of_another_encoder_are_refused() -> None:
    model = model_of()
    with pytest.raises(ShapeError, match="reads 12 regions of width 8, not 12 regions of width 9"):
        model.encode(torch.zeros(1, 12, 9), torch.zeros(1, 9))
    with pytest.raises(ShapeError, match="not 64 regions of width 8"):
        model.encode(torch.zeros(1, 64, 8), torch.zeros(1, 8))


def test_without_attention_the_regions_change_nothing() -> None:
    model = model_of(attention="none")
    regions, pooled = features(1)
    memories = [model.encode(regions * factor, pooled) for factor in (1, 3)]
    steps = [model.decoder.step(torch.tensor([1]), model.decoder.start(each), each)[0] for each in memories]
    assert torch.equal(*steps)
