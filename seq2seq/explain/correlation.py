"""Spearman's rank correlation, with ties."""

import statistics
from collections.abc import Sequence


def average_ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value, 1 for the lowest; equal values share the average of their ranks."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + 1 + end) / 2
        start = end
    return ranks


def spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return the linear correlation of the ranks (Spearman 1904), from -1 to 1.

    None where it is undefined: for fewer than 3 values, or if all values of one side are equal.
    """
    if len(one) < 3 or len(set(one)) == 1 or len(set(other)) == 1:
        return None
    return statistics.correlation(average_ranks(one), average_ranks(other))
