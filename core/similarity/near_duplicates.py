"""Texts, and rows of texts, that are nearly the same to a model. Exact: no pair above the threshold is missed.

All pairs of 100,000 texts are five thousand million. Most are ruled out without their full product: after a rotation onto the principal
components, the product of the first few dimensions plus the product of the lengths of what is left is never less than
the cosine (Cauchy–Schwarz). Only pairs whose bound reaches the threshold are computed in full.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

THRESHOLD = 0.95
_LEADING = 63  # dimensions of the bound; with the length of the rest the products are 64 wide
_ROWS, _COLUMNS = 1024, 8192  # of one product: 32 MB
_SLACK = 1e-4  # float32 sums differ by less
_TRIED = 512  # rows that tell how many pairs the bound lets through
_TOO_MANY = 0.002  # of all pairs: then the full product is the faster way
_MOST = 20_000_000  # pairs; more means that nearly everything is the same
_COMBINATIONS = 4096


class NearSearch:
    """The pairs of rows of a matrix (n, d) with a cosine of `threshold` or more, found in slices of time."""

    def __init__(self, matrix: Floats, threshold: float = THRESHOLD) -> None:
        lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
        self._places = np.flatnonzero(lengths > 0)
        self._unit = np.ascontiguousarray(
            matrix[self._places] / lengths[self._places, None], dtype=np.float32
        )
        self._threshold = np.float32(threshold - _SLACK)
        self._exact = threshold
        self._bound = _bounds(self._unit, self._threshold)
        self._next = 0
        self._found: list[Integers] = []
        self._count = 0

    @property
    def total(self) -> int:
        return len(self._unit)

    @property
    def done(self) -> int:
        return min(self._next, self.total)

    @property
    def cut(self) -> bool:
        """Whether there are so many pairs that the search ended early."""
        return self._count >= _MOST

    def advance(self, seconds: float) -> bool:
        """Go on for about so long. True once everything has been compared."""
        until = time.monotonic() + seconds
        while self._next < len(self._unit) and not self.cut:
            self._block(self._next)
            self._next += _ROWS
            if time.monotonic() >= until:
                break
        return self._next >= len(self._unit) or self.cut

    def pairs(self) -> Integers:
        """(m, 2) row numbers of the matrix, the smaller first."""
        if not self._found:
            return np.empty((0, 2), dtype=np.int64)
        return self._places[np.concatenate(self._found)]

    def _block(self, start: int) -> None:
        stop = min(start + _ROWS, len(self._unit))
        for left in range(start, len(self._unit), _COLUMNS):
            right = min(left + _COLUMNS, len(self._unit))
            likely = self._bound[start:stop] @ self._bound[left:right].T >= self._threshold
            if not likely.any():
                continue
            rows, columns = np.nonzero(likely)
            rows += start
            columns += left
            upper = rows < columns
            self._keep(rows[upper], columns[upper])

    def _keep(self, rows: Integers, columns: Integers) -> None:
        for start in range(0, len(rows), 65_536):
            i, j = rows[start : start + 65_536], columns[start : start + 65_536]
            cosine = np.einsum("ij,ij->i", self._unit[i], self._unit[j], dtype=np.float64)
            near = cosine >= self._exact - 1e-6
            if near.any():
                self._found.append(np.column_stack([i[near], j[near]]))
                self._count += int(near.sum())


def _bounds(unit: Floats, threshold: np.floating) -> Floats:
    """Vectors whose products are never less than the cosines of `unit`; `unit` itself where shorter ones would rule out too little."""
    count, width = unit.shape
    if width <= 2 * _LEADING or count < 4 * _TRIED:
        return unit
    _, vectors = np.linalg.eigh(unit.T @ unit)
    leading = unit @ np.ascontiguousarray(vectors[:, ::-1][:, :_LEADING])
    rest = np.sqrt(np.maximum(0, 1 - np.einsum("ij,ij->i", leading, leading)))
    bound = np.ascontiguousarray(np.column_stack([leading, rest]), dtype=np.float32)
    tried = bound[np.linspace(0, count - 1, _TRIED).astype(int)]
    against = bound[np.linspace(0, count - 1, min(count, _COLUMNS)).astype(int)]
    return unit if float((tried @ against.T >= threshold).mean()) > _TOO_MANY else bound


def near_rows(
    rows: Sequence[tuple[int, ...]], pairs: Integers, *, either_order: bool
) -> list[tuple[int, int]]:
    """(place, place of the earlier row) of the rows that nearly repeat an earlier one which is kept: in each slot the same text or a near one.

    `rows` hold numbers of texts; `either_order`: of the first two texts. Rows that repeat an earlier one exactly are not among
    them: they are copies.
    """
    near: dict[int, set[int]] = {}
    for one, other in pairs.tolist():
        near.setdefault(one, {one}).add(other)
        near.setdefault(other, {other}).add(one)
    kept: dict[tuple[int, ...], int] = {}
    found = []
    for place, row in enumerate(rows):
        own = _key(row, either_order)
        if own in kept:
            continue
        earlier = _repeated(row, near, kept, either_order) if any(text in near for text in row) else None
        if earlier is not None:
            found.append((place, earlier))
        else:
            kept[own] = place
    return found


def _repeated(
    row: tuple[int, ...], near: dict[int, set[int]], kept: dict[tuple[int, ...], int], either_order: bool
) -> int | None:
    choices = [near.get(text, {text}) for text in row]
    for tried, combination in enumerate(product(*choices)):
        earlier = kept.get(_key(combination, either_order))
        if earlier is not None or tried >= _COMBINATIONS:
            return earlier
    return None


def _key(row: tuple[int, ...], either_order: bool) -> tuple[int, ...]:
    return tuple(sorted(row)) if either_order else row
