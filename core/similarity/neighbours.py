"""The nearest neighbours of every row of a matrix: exact, or through cells where that would take minutes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Progress = Callable[[int, int], None]

EXACT = 12_000  # rows up to which every pair is compared
_BLOCK_VALUES = 8_000_000  # of one block of distances: 32 MB
_VISITED = 12  # cells that are searched for each row


def nearest(
    matrix: Floats,
    k: int,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    exact: bool | None = None,
    seed: int = 0,
) -> tuple[Integers, Floats]:
    """For every row of `matrix` (n, d) its `k` nearest other rows by Euclidean distance: indices and distances, both (n, min(k, n − 1)), nearest first.

    Above `EXACT` rows only rows in the `_VISITED` cells around each row's own are compared (k-means cells of about √n rows, the inverted
    file of Jégou et al. 2011): a few of a hundred neighbours may be missed, which a map does not show.

    Raises:
        Cancelled: `should_stop` said so, between two blocks.
    """
    matrix = np.ascontiguousarray(matrix, dtype=np.float32)
    count = len(matrix)
    k = min(k, max(count - 1, 0))
    if k == 0:
        return np.zeros((count, 0), np.int64), np.zeros((count, 0), np.float32)
    if exact if exact is not None else count <= EXACT:
        return _exact(matrix, k, on_progress, should_stop)
    return _through_cells(matrix, k, on_progress, should_stop, seed)


def _exact(
    matrix: Floats, k: int, on_progress: Progress | None, should_stop: Callable[[], bool] | None
) -> tuple[Integers, Floats]:
    count = len(matrix)
    indices, distances = np.empty((count, k), np.int64), np.empty((count, k), np.float32)
    squares = np.einsum("ij,ij->i", matrix, matrix)
    step = max(1, _BLOCK_VALUES // count)
    for start in range(0, count, step):
        _go_on(should_stop)
        stop = min(start + step, count)
        found = _squared(matrix[start:stop], matrix, squares[start:stop], squares)
        found[np.arange(stop - start), np.arange(start, stop)] = np.inf
        indices[start:stop], distances[start:stop] = _closest(found, k)
        if on_progress:
            on_progress(stop, count)
    return indices, distances


def _through_cells(
    matrix: Floats,
    k: int,
    on_progress: Progress | None,
    should_stop: Callable[[], bool] | None,
    seed: int,
) -> tuple[Integers, Floats]:
    count = len(matrix)
    cells = max(2, round(np.sqrt(count) / 1.5))
    centres = _centres(matrix, cells, seed, should_stop)
    centre_squares = np.einsum("ij,ij->i", centres, centres)
    squares = np.einsum("ij,ij->i", matrix, matrix)
    own = _assign(matrix, centres, should_stop)
    order = np.argsort(own, kind="stable")
    bounds = np.searchsorted(own[order], np.arange(cells + 1))
    near = _squared(centres, centres, centre_squares, centre_squares)
    indices, distances = np.zeros((count, k), np.int64), np.full((count, k), np.inf, np.float32)
    done = 0
    for cell in range(cells):
        _go_on(should_stop)
        members = order[bounds[cell] : bounds[cell + 1]]
        if not len(members):
            continue
        others = _candidates(np.argsort(near[cell], kind="stable"), order, bounds, k + 1)
        candidates, candidate_squares = matrix[others], squares[others]
        step = max(1, _BLOCK_VALUES // len(others))
        for start in range(0, len(members), step):
            rows = members[start : start + step]
            found = _squared(matrix[rows], candidates, squares[rows], candidate_squares)
            found[rows[:, None] == others[None, :]] = np.inf
            places, distances[rows] = _closest(found, k)
            indices[rows] = others[places]
        done += len(members)
        if on_progress:
            on_progress(done, count)
    return indices, distances


def _candidates(cells: Integers, order: Integers, bounds: Integers, least: int) -> Integers:
    """The rows of the nearest cells: of `_VISITED` of them, and of more until there are enough rows."""
    parts: list[Integers] = []
    total = 0
    for place, cell in enumerate(cells):
        if place >= _VISITED and total >= least:
            break
        part = order[bounds[cell] : bounds[cell + 1]]
        parts.append(part)
        total += len(part)
    return np.concatenate(parts)


def _centres(matrix: Floats, cells: int, seed: int, should_stop: Callable[[], bool] | None) -> Floats:
    """A few rounds of k-means (Lloyd) on a sample: the cells need not be good, only of like size."""
    random = np.random.default_rng(seed)
    sample = matrix[random.choice(len(matrix), min(len(matrix), 40 * cells), replace=False)]
    centres = sample[random.choice(len(sample), cells, replace=False)].copy()
    for _ in range(6):
        own = _assign(sample, centres, should_stop)
        sums = np.zeros_like(centres)
        np.add.at(sums, own, sample)
        sizes = np.bincount(own, minlength=cells)
        filled = sizes > 0
        centres[filled] = sums[filled] / sizes[filled, None]
    return centres


def _assign(matrix: Floats, centres: Floats, should_stop: Callable[[], bool] | None) -> Integers:
    squares = np.einsum("ij,ij->i", centres, centres)
    own = np.empty(len(matrix), np.int64)
    step = max(1, _BLOCK_VALUES // len(centres))
    for start in range(0, len(matrix), step):
        _go_on(should_stop)
        rows = matrix[start : start + step]
        own[start : start + step] = np.argmin(squares[None] - 2 * (rows @ centres.T), axis=1)
    return own


def _squared(rows: Floats, others: Floats, row_squares: Floats, other_squares: Floats) -> Floats:
    found = rows @ others.T
    found *= -2
    found += other_squares[None]
    found += row_squares[:, None]
    return np.maximum(found, 0, out=found)


def _closest(squared: Floats, k: int) -> tuple[Integers, Floats]:
    if k < squared.shape[1]:
        places = np.argpartition(squared, k - 1, axis=1)[:, :k]
    else:
        places = np.broadcast_to(np.arange(squared.shape[1]), squared.shape).copy()
    values = np.take_along_axis(squared, places, axis=1)
    order = np.argsort(values, axis=1, kind="stable")
    return np.take_along_axis(places, order, axis=1), np.sqrt(np.take_along_axis(values, order, axis=1))


def _go_on(should_stop: Callable[[], bool] | None) -> None:
    if should_stop and should_stop():
        raise Cancelled
