"""Which photo is most alike."""

import torch

from seq2seq.evaluation.nearest import nearest_rows


def test_the_nearest_photo_has_the_most_similar_direction_from_the_mean() -> None:
    # The mean of the others is (5, 5), so they lie to the right of it, above it, and to its lower left.
    others = torch.tensor([[9.0, 5.0], [5.0, 9.0], [1.0, 1.0]])
    assert nearest_rows(torch.tensor([[5.5, 5.1], [3.0, 2.0], [5.0, 30.0]]), others) == [0, 2, 1]
