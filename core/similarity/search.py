"""Exact nearest neighbours: every row is scored, so that no index can go stale and no neighbour is missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

METRICS = ("cosine", "dot", "euclidean", "manhattan")

# 16 MB of float32 at 384 dimensions: large enough for the matrix product, small enough to stay in the cache hierarchy's reach
_CHUNK_VALUES = 4_000_000


def norms(matrix: Floats) -> Floats:
    """The Euclidean length of every row, shape (n,); kept by a caller who asks the same matrix many queries."""
    lengths = np.empty(len(matrix), dtype=np.float32)
    for start, stop in _chunks(matrix):
        lengths[start:stop] = np.sqrt(np.einsum("ij,ij->i", matrix[start:stop], matrix[start:stop]))
    return lengths


def scores(query: Floats, matrix: Floats, metric: str = "cosine", lengths: Floats | None = None) -> Floats:
    """The similarity of `query` (d,) to every row of `matrix` (n, d): shape (n,), higher is more similar.

    `metric` is one of METRICS, with the meaning of sentence-transformers' `similarity_fn_name`: distances are negated. A zero
    vector has cosine 0 to everything. `lengths` are the `norms` of the matrix where the caller has them.

    Raises:
        ValueError: an unknown metric.
    """
    if metric not in METRICS:
        raise ValueError(f"unknown metric {metric!r}: one of {', '.join(METRICS)}")
    query = np.ascontiguousarray(query, dtype=np.float32)
    found = np.empty(len(matrix), dtype=np.float32)
    for start, stop in _chunks(matrix):
        rows = matrix[start:stop]
        if metric == "euclidean":
            difference = rows - query
            found[start:stop] = -np.sqrt(np.einsum("ij,ij->i", difference, difference))
        elif metric == "manhattan":
            found[start:stop] = -np.abs(rows - query).sum(axis=1)
        else:
            np.matmul(rows, query, out=found[start:stop])
    if metric == "cosine":
        product = (norms(matrix) if lengths is None else lengths) * np.float32(np.linalg.norm(query))
        np.divide(found, product, out=found, where=product > 0)
        found[~(product > 0)] = 0
    return found


def best(values: Floats, k: int) -> Integers:
    """The indices of the `k` highest values, highest first, equal ones in their order; fewer when there are fewer.

    What is not a number ranks last.
    """
    count = len(values)
    k = min(k, count)
    if k <= 0:
        return np.empty(0, dtype=np.int64)
    values = np.where(np.isnan(values), -np.inf, values)
    # argpartition would pick an arbitrary one among equals at the border, and the list would flicker between two searches
    border = np.partition(values, count - k)[count - k]
    above = np.flatnonzero(values > border)
    equal = np.flatnonzero(values == border)[: k - len(above)]
    chosen = np.concatenate([above, equal])
    return chosen[np.lexsort((chosen, -values[chosen]))].astype(np.int64)


def ranks(values: Floats, indices: Sequence[int] | Integers) -> list[int]:
    """The rank (1 = highest) that each of `indices` has among all values; equal values rank in their order, as in `best`."""
    values = np.where(np.isnan(values), -np.inf, values)
    found = []
    for index in indices:
        above = int(np.count_nonzero(values > values[index]))
        found.append(1 + above + int(np.count_nonzero(values[: int(index)] == values[index])))
    return found


def top_k(
    query: Floats, matrix: Floats, k: int, metric: str = "cosine", lengths: Floats | None = None
) -> tuple[Integers, Floats]:
    """The `k` rows of `matrix` (n, d) most similar to `query` (d,): their indices and scores, best first.

    Exact; memory is bounded by one chunk of rows. Returns min(k, n) entries.
    """
    found = scores(query, matrix, metric, lengths)
    indices = best(found, k)
    return indices, found[indices]


def _chunks(matrix: Any) -> Any:
    count, width = matrix.shape
    step = max(1, _CHUNK_VALUES // max(1, width))
    for start in range(0, count, step):
        yield start, min(count, start + step)
