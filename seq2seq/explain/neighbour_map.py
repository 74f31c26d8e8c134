"""A 2-D map (PCA) of one decoding's states among training states."""

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


class MapState(NamedTuple):
    """A training state on the map."""

    place: MapPoint
    neighbour: Neighbour  # its distance is that to the nearest step of the path
    steps: tuple[int, ...]  # the steps, counted from 1, that it is a nearest neighbour of; mostly empty


class StateMap(NamedTuple):
    """A decoding's path. Points close on the map need not be close: it shows two dimensions out of many."""

    path: tuple[MapPoint, ...]  # a point for each step
    states: tuple[MapState, ...]  # those that are no step's neighbours first
    shown: float  # share of the variance of path and nearest states that the two components explain


def state_map(index: Neighbours, kind: StateKind, vectors: Tensor, *, sample: int = 800, k: int = 10) -> StateMap:
    """Return the map of vectors (steps, width), their k nearest states each and about `sample` others.

    Its axes are the first two principal components of the steps and their nearest states, to spread these out; all
    other states are projected onto the same plane. The sample is evenly spaced, so the map is deterministic.
    Raises ConfigError and ShapeError as `nearest_neighbors`.
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
            MapState(place, describe(index, kind, row, distance), tuple(asked.get(row, ())))
            for row, place, distance in zip(rows, places, away, strict=True)
        ),
        float(plane.reduce(focus).square().sum() / spread.clamp_min(1e-12)),
    )
