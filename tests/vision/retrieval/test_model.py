"""The joint embedding: unit vectors, bags, and batches that equal single texts."""

import math

import torch

from seq2seq.vision.retrieval.config import JointConfig
from seq2seq.vision.retrieval.model import JointEmbedding, bags
from tests.tiny import fill


def model() -> JointEmbedding:
    made = JointEmbedding(JointConfig(photo=8, word=6, joint=5), 10)
    fill(made)
    return made


TEXTS = [[1, 2, 3], [4], [9, 9, 0, 1, 7], [2, 1]]


def test_a_batch_of_texts_equals_single_ones() -> None:
    together = model().texts(bags(TEXTS))
    alone = torch.cat([model().texts(bags([text])) for text in TEXTS])
    assert torch.allclose(together, alone, atol=1e-6)


def test_a_batch_of_photos_equals_single_ones() -> None:
    pooled = torch.rand(8, 8, generator=torch.Generator().manual_seed(1))
    alone = torch.cat([model().photos(photo[None]) for photo in pooled])
    assert torch.allclose(model().photos(pooled), alone, atol=1e-6)


def test_all_vectors_have_length_one() -> None:
    pooled = torch.rand(3, 8, generator=torch.Generator().manual_seed(1))
    for vectors in (model().photos(pooled), model().texts(bags(TEXTS)), model().each_word()):
        assert torch.allclose(vectors.norm(dim=1), torch.ones(len(vectors)), atol=1e-5)


def test_the_order_of_words_does_not_count() -> None:
    assert torch.allclose(model().texts(bags([[1, 2, 3]])), model().texts(bags([[3, 1, 2]])), atol=1e-6)


def test_a_text_of_one_word_is_that_word() -> None:
    words = model().texts(bags([[number] for number in range(10)]))
    assert torch.allclose(words, model().each_word(), atol=1e-6)


def test_a_photo_twice_as_bright_points_the_same_way() -> None:
    pooled = torch.rand(2, 8, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(model().photos(pooled), model().photos(2 * pooled), atol=1e-3)


def test_two_words_by_hand() -> None:
    """Vectors (1, 0) and (0, 2), salience softplus(0) for both, the map the identity: (1, 2) / sqrt 5."""
    made = JointEmbedding(JointConfig(photo=2, word=2, joint=2), 2)
    with torch.no_grad():
        made.words.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 2.0]]))
        made.salience.weight.zero_()
        made.salience.bias.zero_()
        made.text.weight.copy_(torch.eye(2))
    wanted = torch.tensor([[1 / math.sqrt(5), 2 / math.sqrt(5)]])
    assert torch.allclose(made.texts(bags([[0, 1]])), wanted, atol=1e-6)
