"""Principal components and four-bit codes."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.explain.pca import PcaProjection, fit, recall, squared_distances


def cloud(rows: int = 600, width: int = 20, inner: int = 4, noise: float = 0.0) -> torch.Tensor:
    """Return vectors that lie in an `inner`-dimensional plane, off by some noise."""
    generator = torch.Generator().manual_seed(1)
    plane = torch.randn(inner, width, generator=generator)
    points = torch.randn(rows, inner, generator=generator) @ plane + 3
    return points + noise * torch.randn(rows, width, generator=generator)


def test_the_components_hold_all_of_a_plane() -> None:
    vectors = cloud()
    projection = fit(vectors, 4)
    torch.testing.assert_close(projection.components @ projection.components.T, torch.eye(4), atol=2e-3, rtol=0)
    back = projection.reduce(vectors) @ projection.components + projection.mean
    torch.testing.assert_close(back, vectors, atol=2e-2, rtol=0)


def test_the_variances_fall_and_are_those_of_the_vectors() -> None:
    vectors = cloud(noise=0.3)
    projection = fit(vectors, 8)
    assert (projection.spread.diff() <= 0).all()
    torch.testing.assert_close(
        projection.reduce(vectors).std(0, correction=0), projection.spread, rtol=1e-2, atol=0
    )


def test_the_same_vectors_give_the_same_projection_mirrored_or_not() -> None:
    one, other = (fit(vectors, 4) for vectors in (cloud(), cloud().flip(0)))
    torch.testing.assert_close(one.components, other.components, atol=2e-3, rtol=0)


@given(codes=st.lists(st.lists(st.integers(0, 255), min_size=3, max_size=3), min_size=1, max_size=5))
def test_decoded_codes_encode_to_themselves(codes: list[list[int]]) -> None:
    projection = PcaProjection(torch.zeros(6), torch.eye(6), torch.linspace(0.1, 4, 6))
    given_codes = torch.tensor(codes, dtype=torch.uint8)
    assert torch.equal(projection.encode(projection.decode(given_codes)), given_codes)


def test_a_code_is_off_by_half_a_level_at_most() -> None:
    projection = PcaProjection(torch.zeros(2), torch.eye(2), torch.tensor([1.0, 3.0]))
    values = torch.linspace(-2.5, 2.5, 101)[:, None] * projection.spread
    error = (projection.decode(projection.encode(values)) - values).abs() / projection.spread
    assert error.max() <= 0.3352 / 2 + 1e-5


def test_distances_are_those_of_the_definition() -> None:
    queries, vectors = cloud(5), cloud(7, noise=1.0)
    wanted = ((queries[:, None] - vectors[None]) ** 2).sum(2)
    torch.testing.assert_close(squared_distances(queries, vectors), wanted, atol=1e-2, rtol=1e-4)


def test_recall_by_hand() -> None:
    found, wanted = torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([[3, 1, 9], [6, 5, 4]])
    assert recall(found, wanted) == torch.tensor(5 / 6).item()


def test_codes_keep_most_neighbours_of_a_noisy_plane() -> None:
    vectors = cloud(noise=0.1)
    stored, queries = vectors[:500], vectors[500:]
    projection = fit(stored, 8)
    decoded = projection.decode(projection.encode(projection.reduce(stored)))
    wanted = squared_distances(queries, stored).topk(10, largest=False).indices
    found = squared_distances(projection.reduce(queries), decoded).topk(10, largest=False).indices
    assert recall(found, wanted) > 0.75
