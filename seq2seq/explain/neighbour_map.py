"""A flat map of one decoding's states among training moments."""

from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.explain.neighbours import Neighbour, Neighbours, describe, find, space_of
from seq2seq.explain.pca import fit, squared_distances
from seq2seq.explain.states import StateKind


class MapPoint(NamedTuple):
    """A point of the map."""

    x: float
    y: float


class MapMoment(NamedTuple):
    """A training moment on the map."""

    place: MapPoint
    moment: Neighbour  # its distance is the one to the nearest step of the path
    steps: tuple[int, ...]  # the steps, counted from 1, that it is among the nearest of; mostly none


class StateMap(NamedTuple):
    """Where a decoding went. Near on the map need not be near: it shows two directions out of many."""

    path: tuple[MapPoint, ...]  # a place for each step
    moments: tuple[MapMoment, ...]  # those near to no step first
    shown: float  # share of the variance of path and nearest moments that two directions hold


def state_map(index: Neighbours, kind: StateKind, vectors: Tensor, *, sample: int = 800, k: int = 10) -> StateMap:
    """Return the map of vectors (steps, width), their k nearest moments each and about `sample` others.

    Its axes are the first two principal components of the steps and their nearest moments, so that these lie
    apart; all else is laid onto the same plane. The sample is taken at even distances: the same map each time.
    Raises ConfigError and ShapeError as `nearest`.
    """
    space = space_of(index, kind, vectors)
    stored, path = space.vectors(), space.projection.reduce(vectors.float())
    near, _ = find(index, kind, vectors, k)
    asked: dict[int, list[int]] = {}
    for step, rows in enumerate(near.tolist(), 1):
        for row in rows:
            asked.setdefault(row, []).append(step)
    stride = max(1, len(stored) // max(1, sample))
    others = [row for row in range(0, len(stored), stride) if row not in asked]
    rows = [*others, *sorted(asked)]
    focus = torch.cat([path, stored[sorted(asked)]])
    plane = fit(focus, 2)
    away = squared_distances(stored[rows], path).min(1).values.sqrt().tolist()
    places = [MapPoint(*place) for place in plane.reduce(stored[rows]).tolist()]
    spread = (focus - focus.mean(0)).square().sum()
    return StateMap(
        tuple(MapPoint(*place) for place in plane.reduce(path).tolist()),
        tuple(
            MapMoment(place, describe(index, kind, row, distance), tuple(asked.get(row, ())))
            for row, place, distance in zip(rows, places, away, strict=True)
        ),
        float(plane.reduce(focus).square().sum() / spread.clamp_min(1e-12)),
    )
