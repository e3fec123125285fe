"""The nearest neighbours of every row of a matrix: exact, screened in a few directions, or through cells where that would take long."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.similarity.screening import screened

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Progress = Callable[[int, int], None]

EXACT = 12_000  # rows up to which every pair is compared
SCREENED = 200_000  # and up to which every pair is, in a few directions
_BLOCK_VALUES = 8_000_000  # of one block of distances: 32 MB
_CELL_VALUES = 1_000_000  # the same within cells, where a block costs as much again for what it compares with
_VISITED = 12  # cells that are searched for each row


class Neighbours(NamedTuple):
    """Of each row its nearest other rows, nearest first: `indices` (n, k) and `distances` (n, k)."""

    indices: Integers
    distances: Floats


def nearest(
    matrix: Floats,
    k: int,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    exact: bool | None = None,
    seed: int = 0,
) -> Neighbours:
    """For every row of `matrix` (n, d) its `k` nearest other rows by Euclidean distance: indices and distances, both (n, min(k, n − 1)), nearest first.

    Above `EXACT` rows one in a hundred neighbours may be missed, see `screening`. Above `SCREENED`, or with `exact` False, only rows in the
    `_VISITED` cells around each row's own are compared (k-means cells of about √n rows, the inverted file of Jégou et al. 2011): of texts in
    well-parted groups few neighbours are missed, of others half of them.

    Raises:
        Cancelled: `should_stop` said so, between two blocks.
    """
    matrix = np.ascontiguousarray(matrix, dtype=np.float32)
    count = len(matrix)
    k = min(k, max(count - 1, 0))
    if k == 0:
        return Neighbours(np.zeros((count, 0), np.int64), np.zeros((count, 0), np.float32))
    if exact if exact is not None else count <= EXACT:
        return Neighbours(*_exact(matrix, k, on_progress, should_stop))
    if exact is None and count <= SCREENED:
        return Neighbours(*screened(matrix, k, on_progress, should_stop, seed))
    return Neighbours(*_through_cells(matrix, k, on_progress, should_stop, seed))


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


def among(
    rows: Floats,
    others: Floats,
    k: int,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    seed: int = 0,
) -> Neighbours:
    """For every one of `rows` (m, d) its `k` nearest of `others` (n, d), through cells as `nearest` does.

    Raises:
        Cancelled
    """
    cells = _Cells(np.ascontiguousarray(others, dtype=np.float32), seed, should_stop)
    return Neighbours(*cells.search(rows, min(k, len(others)), on_progress, should_stop))


def _through_cells(
    matrix: Floats,
    k: int,
    on_progress: Progress | None,
    should_stop: Callable[[], bool] | None,
    seed: int,
) -> tuple[Integers, Floats]:
    return _Cells(matrix, seed, should_stop).search(None, k, on_progress, should_stop)


class _Cells:
    """Rows in cells of about √n of them."""

    def __init__(self, matrix: Floats, seed: int, should_stop: Callable[[], bool] | None) -> None:
        self._matrix = matrix
        self._squares = np.einsum("ij,ij->i", matrix, matrix)
        count = max(1, min(len(matrix), max(2, round(np.sqrt(len(matrix)) / 1.5))))
        self._centres = _centres(matrix, count, seed, should_stop)
        self._own = _assign(matrix, self._centres, should_stop)
        self._order = np.argsort(self._own, kind="stable")
        self._bounds = np.searchsorted(self._own[self._order], np.arange(count + 1))
        squares = np.einsum("ij,ij->i", self._centres, self._centres)
        self._near = _squared(self._centres, self._centres, squares, squares)

    def search(
        self,
        rows: Floats | None,
        k: int,
        on_progress: Progress | None,
        should_stop: Callable[[], bool] | None,
    ) -> tuple[Integers, Floats]:
        """The `k` nearest of each of `rows`; with None of each row in the cells, itself left out."""
        asked = self._matrix if rows is None else np.ascontiguousarray(rows, dtype=np.float32)
        asked_squares = self._squares if rows is None else np.einsum("ij,ij->i", asked, asked)
        own = self._own if rows is None else _assign(asked, self._centres, should_stop)
        order = np.argsort(own, kind="stable")
        bounds = np.searchsorted(own[order], np.arange(len(self._centres) + 1))
        indices, distances = np.zeros((len(asked), k), np.int64), np.full((len(asked), k), np.inf, np.float32)
        done = 0
        for cell in range(len(self._centres)):
            _go_on(should_stop)
            members = order[bounds[cell] : bounds[cell + 1]]
            if not len(members):
                continue
            others = _candidates(
                np.argsort(self._near[cell], kind="stable"), self._order, self._bounds, k + 1
            )
            candidates, squares = self._matrix[others], self._squares[others]
            step = max(1, _CELL_VALUES // len(others))
            for start in range(0, len(members), step):
                _go_on(should_stop)
                part = members[start : start + step]
                found = _squared(asked[part], candidates, asked_squares[part], squares)
                if rows is None:
                    found[part[:, None] == others[None, :]] = np.inf
                places, distances[part] = _closest(found, k)
                indices[part] = others[places]
            done += len(members)
            if on_progress:
                on_progress(done, len(asked))
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
