"""Nearest neighbours of many rows: every pair is compared in a few directions, and only what is near there in all of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.similarity.projection import axes

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Progress = Callable[[int, int], None]
Stop = Callable[[], bool]

_DIRECTIONS = 96  # principal components that are compared at first
_ROWS, _COLUMNS = 1_024, 2_048  # of one table of distances: it stays in the processor's cache
_SHARE = 8  # one row in so many is asked for how near the candidates of a row have to be
_SPARE = 40  # candidates beyond the wanted neighbours that are compared in all directions
_AT_ONCE = 64  # rows whose candidates are compared in all directions at a time
_MOST = 4_096  # candidates of one row; with more (copies of one another) it is compared with all


def screened(
    matrix: Floats,
    k: int,
    on_progress: Progress | None = None,
    should_stop: Stop | None = None,
    seed: int = 0,
) -> tuple[Integers, Floats]:
    """The `k` nearest other rows of each row of `matrix` (n, d) by Euclidean distance: indices and distances (n, k), nearest first.

    Distances in the first principal components are lower bounds, and of embeddings nearly the distances themselves: of the true neighbours one
    in a hundred may be missed. k < n.

    Raises:
        Cancelled
    """
    search = _Search(matrix, k, seed, should_stop)
    count = len(matrix)
    indices, distances = np.empty((count, k), np.int64), np.empty((count, k), np.float32)
    for start in range(0, count, _ROWS):
        rows = np.arange(start, min(start + _ROWS, count))
        indices[rows], distances[rows] = search.nearest(rows)
        if on_progress:
            on_progress(int(rows[-1]) + 1, count)
    return indices, distances


class _Search:
    def __init__(self, matrix: Floats, k: int, seed: int, should_stop: Stop | None) -> None:
        self._matrix, self._k, self._stop = matrix, k, should_stop
        self._squares = np.einsum("ij,ij->i", matrix, matrix)
        few = axes(matrix, _DIRECTIONS).place(matrix) if matrix.shape[1] > _DIRECTIONS else matrix
        # rows · columns is the squared distance, but for the row's own square, which changes no order
        columns = np.concatenate([few, np.einsum("ij,ij->i", few, few)[:, None]], axis=1)
        self._rows = np.concatenate([-2 * few, np.ones((len(few), 1), np.float32)], axis=1)
        self._tiles = [
            np.ascontiguousarray(columns[at : at + _COLUMNS].T) for at in range(0, len(few), _COLUMNS)
        ]
        some = np.random.default_rng(seed).choice(len(few), max(len(few) // _SHARE, 1), replace=False)
        self._some = np.ascontiguousarray(columns[np.sort(some)].T)
        self._wanted = min(k + _SPARE, len(matrix) - 1)

    def nearest(self, rows: Integers) -> tuple[Integers, Floats]:
        candidates, enough = self._candidates(rows)
        indices, distances = (
            np.empty((len(rows), self._k), np.int64),
            np.empty((len(rows), self._k), np.float32),
        )
        for at in range(0, len(rows), _AT_ONCE):
            self._go_on()
            part = slice(at, at + _AT_ONCE)
            indices[part], distances[part] = self._compared(rows[part], candidates[part])
        for place in np.flatnonzero(~enough).tolist():
            self._go_on()
            others = np.delete(np.arange(len(self._matrix)), rows[place])
            found = self._compared(rows[place : place + 1], others[None])
            indices[place], distances[place] = found[0][0], found[1][0]
        return indices, distances

    def _candidates(self, rows: Integers) -> tuple[Integers, NDArray[np.bool_]]:
        """For each row the nearest in a few directions (m, wanted), and whether there were enough of them."""
        asked = self._rows[rows]
        rank = min(-(-2 * self._wanted // _SHARE), self._some.shape[1] - 1)
        far = np.partition(asked @ self._some, rank, axis=1)[:, rank : rank + 1]
        lines, columns, values = [], [], []
        for number, tile in enumerate(self._tiles):
            self._go_on()
            table = asked @ tile
            flat = np.flatnonzero(table < far)
            lines.append(flat // table.shape[1])
            columns.append(flat % table.shape[1] + number * _COLUMNS)
            values.append(table.ravel()[flat])
        return self._best(rows, np.concatenate(lines), np.concatenate(columns), np.concatenate(values))

    def _best(
        self, rows: Integers, lines: Integers, columns: Integers, values: Floats
    ) -> tuple[Integers, NDArray[np.bool_]]:
        others = columns != rows[lines]
        lines, columns, values = lines[others], columns[others], values[others]
        counts = np.bincount(lines, minlength=len(rows))
        enough = (counts >= self._wanted) & (counts <= _MOST)
        found = np.zeros((len(rows), self._wanted), np.int64)
        if not enough.any():
            return found, enough
        order = np.argsort(lines, kind="stable")
        places = np.arange(len(lines)) - np.repeat(np.cumsum(counts) - counts, counts)
        table = np.full((len(rows), int(counts[enough].max())), np.inf, np.float32)
        names = np.zeros(table.shape, np.int64)
        inside = places < table.shape[1]
        to = lines[order][inside], places[inside]
        table[to], names[to] = values[order][inside], columns[order][inside]
        best = np.argpartition(table, self._wanted - 1, axis=1)[:, : self._wanted]
        found[:] = np.take_along_axis(names, best, axis=1)
        return found, enough

    def _compared(self, rows: Integers, candidates: Integers) -> tuple[Integers, Floats]:
        """The nearest of each row's candidates, in all directions."""
        near = np.matmul(self._matrix[candidates], self._matrix[rows][:, :, None])[:, :, 0]
        squared = np.maximum(self._squares[candidates] - 2 * near + self._squares[rows][:, None], 0)
        order = np.argsort(squared, axis=1, kind="stable")[:, : self._k]
        return np.take_along_axis(candidates, order, axis=1), np.sqrt(
            np.take_along_axis(squared, order, axis=1)
        )

    def _go_on(self) -> None:
        if self._stop and self._stop():
            raise Cancelled
