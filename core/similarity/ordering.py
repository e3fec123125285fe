"""An order of texts in which alike ones stand side by side, for the rows and columns of a heat map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def clustered(similarities: NDArray[Any]) -> Integers:
    """The places of n texts in order; `similarities` has shape (n, n), higher is more alike.

    Groups are joined two by two, those that are most alike on average first. Where two meet, each is turned so that the texts at
    the seam are as alike as can be. The same numbers always give the same order.

    The groups are those of scipy's average linkage; its `optimal_leaf_ordering` of them is not shorter, takes five times as long for
    400 texts, and importing it 0.2 s.
    """
    count = len(similarities)
    own = np.nan_to_num(np.asarray(similarities, dtype=np.float64))
    own = (own + own.T) / 2
    between = own.copy()
    np.fill_diagonal(between, -np.inf)
    groups: list[list[int]] = [[place] for place in range(count)]
    nearest: Integers = between.argmax(axis=1) if count > 1 else np.zeros(count, np.int64)
    for _ in range(count - 1):
        first = int(between[np.arange(count), nearest].argmax())
        second = int(nearest[first])
        sizes = len(groups[first]), len(groups[second])
        groups[first], groups[second] = _meeting(groups[first], groups[second], own), []
        _join(between, first, second, sizes)
        again = np.flatnonzero((nearest == first) | (nearest == second))
        nearest[again] = between[again].argmax(axis=1)
        nearest[first] = between[first].argmax()
        closer = between[:, first] > between[np.arange(count), nearest]
        nearest[closer] = first
    return np.array(max(groups, key=len, default=[]), dtype=np.int64)


def _join(between: Floats, first: int, second: int, sizes: tuple[int, int]) -> None:
    """`first` becomes both: as alike to every other group as the two are on average. `second` is no more."""
    joined = (sizes[0] * between[first] + sizes[1] * between[second]) / sum(sizes)
    between[first], between[:, first] = joined, joined
    between[second], between[:, second] = -np.inf, -np.inf
    between[first, first] = -np.inf


def _meeting(one: list[int], other: list[int], own: Floats) -> list[int]:
    """Both lists, one after the other, turned so that their ends at the seam are as alike as can be."""
    ends = [
        (own[one[-1], other[0]], one, other),
        (own[one[-1], other[-1]], one, other[::-1]),
        (own[one[0], other[0]], one[::-1], other),
        (own[one[0], other[-1]], one[::-1], other[::-1]),
    ]
    _, left, right = max(ends, key=lambda end: float(end[0]))
    return [*left, *right]
