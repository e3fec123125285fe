"""How far a map can be believed, and how far training rearranged the neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

SAMPLE = 1_000  # rows that are asked; the standard error of either figure is then below 0.01


def trustworthiness(
    high: Floats,
    low: Floats,
    k: int = 15,
    sample: int = SAMPLE,
    seed: int = 0,
    should_stop: Callable[[], bool] | None = None,
    rows: Integers | None = None,
) -> float:
    """How many of a point's neighbours on the map (n, 2) are neighbours in the embeddings (n, d) too: 1 all, 0.5 as by chance.

    T(k) = 1 − 2 / (m·k·(2n − 3k − 1)) · Σᵢ Σⱼ (r(i, j) − k) over the m rows i of a sample and those j among the k nearest on the map that are
    not among the k nearest in the embeddings, r being j's rank there (Venna & Kaski 2001). Euclidean. NaN for too few rows.
    `rows` names the sample.

    Raises:
        Cancelled
    """
    count = len(high)
    k = min(k, (count - 1) // 2)
    if k < 1:
        return float("nan")
    chosen = _sample(count, sample, seed) if rows is None else rows
    squares = np.einsum("ij,ij->i", high, high)
    penalty = 0.0
    for row in chosen:
        if should_stop and should_stop():
            raise Cancelled
        near = _nearest(low, int(row), k)
        distances = squares - 2 * (high @ high[row]) + squares[row]
        distances[row] = -1.0  # the row itself has rank 0
        sorted_distances = np.sort(distances)
        ranks = np.searchsorted(sorted_distances, distances[near], side="left")
        penalty += float(np.maximum(ranks - k, 0).sum())
    return 1.0 - penalty * 2.0 / (len(chosen) * k * (2.0 * count - 3.0 * k - 1.0))


def overlap(
    base: Floats,
    tuned: Floats,
    k: int = 10,
    sample: int = SAMPLE,
    seed: int = 0,
    should_stop: Callable[[], bool] | None = None,
    rows: Integers | None = None,
) -> tuple[Integers, Floats]:
    """Rows of a sample, and for each the share of its `k` nearest rows under the base model that are among them under the tuned model too.

    Neighbours by cosine of the embeddings (n, d₁) and (n, d₂). The shares' mean is the overlap@k of the two models. `rows` names the
    sample.

    Raises:
        Cancelled
    """
    count = len(base)
    k = min(k, count - 1)
    chosen = _sample(count, sample, seed) if rows is None else rows
    if k < 1:
        return chosen, np.ones(len(chosen), np.float32)
    lengths = [np.maximum(np.linalg.norm(matrix, axis=1), 1e-12) for matrix in (base, tuned)]
    shares = np.empty(len(chosen), np.float32)
    for place, row in enumerate(chosen):
        if should_stop and should_stop():
            raise Cancelled
        sets = []
        for matrix, length in zip((base, tuned), lengths, strict=True):
            scores = (matrix @ matrix[row]) / length
            scores[row] = -np.inf
            sets.append(set(np.argpartition(-scores, k - 1)[:k].tolist()))
        shares[place] = len(sets[0] & sets[1]) / k
    return chosen, shares


def _sample(count: int, sample: int, seed: int) -> Integers:
    if count <= sample:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, sample, replace=False))


def _distances(matrix: Floats, row: int) -> Floats:
    difference = matrix - matrix[row]
    found: Floats = np.einsum("ij,ij->i", difference, difference)
    return found


def _nearest(matrix: Floats, row: int, k: int) -> Integers:
    distances = _distances(matrix, row)
    distances[row] = np.inf
    return np.argpartition(distances, k - 1)[:k]
