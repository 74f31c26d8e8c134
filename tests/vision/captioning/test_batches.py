"""Batches of photos: a photo is encoded once, its captions lie where their lengths are alike."""

import torch

from seq2seq.vision.captioning.batches import CaptionBatch, caption_batch
from seq2seq.vision.captioning.config import CaptionConfig
from seq2seq.vision.captioning.model import CaptionModel
from tests.photos import tiny_shape
from tests.tiny import fill

CAPTIONS = [[[5, 6, 7], [8]], [[9, 3, 10, 11]], [[4, 4], [5, 6, 7, 8, 9], [12]]]


def batch() -> CaptionBatch:
    regions = torch.rand(3, 4, 8, generator=torch.Generator().manual_seed(2))
    return caption_batch(regions, regions.mean(1), [30, 10, 20], CAPTIONS)


def test_nothing_is_learnt_at_padding_and_unknown_words() -> None:
    made = batch()
    assert made.tokens == sum(len(ids) + 1 for each in CAPTIONS for ids in each) - 1
    assert not made.mask[made.labels == 3].any()
    assert not made.mask[made.labels == 0].any()


def test_the_parts_hold_every_caption_with_its_own_photo_and_little_padding() -> None:
    made = batch()
    config = CaptionConfig.model_validate({**tiny_shape(), "image_width": 8, "grid": (2, 2)})
    model = CaptionModel(config, 13)
    fill(model)
    whole = model.encode(made.regions, made.pooled)
    found = []
    for memory, targets in made.parts(model):
        assert len(memory) == len(targets.decoder_input)
        assert (targets.decoder_input[:, -1] != 0).any()
        for row in range(len(memory)):
            photo = int((whole.states == memory.states[row]).all(2).all(1).nonzero())
            ids = targets.decoder_input[row]
            found.append((photo, ids[ids > 0].tolist()[1:]))
    assert sorted(found) == sorted((row, ids) for row, each in enumerate(CAPTIONS) for ids in each)


def test_the_shares_of_two_processes_are_the_whole() -> None:
    made = batch()
    shares = [made.share(rank, 2) for rank in range(2)]
    assert sum(share.tokens for share in shares) == made.tokens
    assert [share.number.tolist() for share in shares] == [[30, 20], [10]]
    for share in shares:
        for row, photo in enumerate(share.photo.tolist()):
            ids = share.decoder_input[row][share.decoder_input[row] > 0].tolist()[1:]
            own = {30: 0, 10: 1, 20: 2}[int(share.number[photo])]
            assert ids in CAPTIONS[own]
