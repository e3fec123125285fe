"""Embeddings in two dimensions: principal components, the same axes for the base and the tuned model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_FITTED_ROWS = 200_000  # more rows change the axes by nothing that can be seen
_STEP = 16_384


@dataclass(frozen=True)
class Axes:
    """Principal components. `explained` (k,) is each one's share of the variance; `directions` has shape (k, d)."""

    mean: Floats
    directions: Floats
    explained: Floats

    def place(self, matrix: Floats) -> Floats:
        """Where the rows of `matrix` (n, d) lie: (n, k)."""
        found: Floats = matrix @ self.directions.T
        found -= self.mean @ self.directions.T
        return found


def axes(matrix: Floats, k: int = 2, seed: int = 0) -> Axes:
    """The first `k` principal components of `matrix` (n, d), from the covariance of its rows.

    The sign of each is such that its largest entry is positive: the same data give the same picture. Fewer than `k` where d is smaller.
    """
    if len(matrix) > _FITTED_ROWS:
        chosen = np.sort(np.random.default_rng(seed).choice(len(matrix), _FITTED_ROWS, replace=False))
        matrix = matrix[chosen]
    width = matrix.shape[1]
    k = min(k, width)
    if not len(matrix):
        return Axes(np.zeros(width, np.float32), np.eye(k, width, dtype=np.float32), np.zeros(k, np.float32))
    mean = matrix.mean(axis=0, dtype=np.float64)
    covariance = np.zeros((width, width))
    for start in range(0, len(matrix), _STEP):
        part = matrix[start : start + _STEP] - mean.astype(np.float32)
        covariance += part.T @ part
    values, vectors = np.linalg.eigh(covariance)
    directions = vectors[:, ::-1][:, :k].T
    signs = np.sign(directions[np.arange(k), np.abs(directions).argmax(axis=1)])
    directions = directions * np.where(signs == 0, 1, signs)[:, None]
    total = max(float(np.maximum(values, 0).sum()), 1e-12)
    return Axes(
        mean.astype(np.float32),
        directions.astype(np.float32),
        (np.maximum(values[::-1][:k], 0) / total).astype(np.float32),
    )


def aligned(base: Floats, tuned: Floats, k: int = 2) -> tuple[Floats, Floats, Axes]:
    """Both models' embeddings (n, d₁) and (n, d₂) of the same texts, in k dimensions, so that what did not move has the same place.

    Models of the same width share the base model's axes, as a tuned model still speaks its base model's language. Others are placed by
    axes of their own, turned and scaled onto the base model's picture (orthogonal Procrustes).
    """
    own = axes(base, k)
    first = own.place(base)
    if base.shape[1] == tuned.shape[1]:
        return first, own.place(tuned), own
    second = axes(tuned, k).place(tuned)
    return first, onto(second, first), own


def onto(points: Floats, target: Floats) -> Floats:
    """`points` (n, k) turned, mirrored, scaled and moved so that they lie closest to `target` (n, k) (Schönemann 1966)."""
    if points.shape[1] < target.shape[1]:
        points = np.pad(points, ((0, 0), (0, target.shape[1] - points.shape[1])))
    points = points[:, : target.shape[1]]
    if not len(points):
        return points
    centre, middle = points.mean(axis=0), target.mean(axis=0)
    moved = points - centre
    left, values, right = np.linalg.svd(moved.T @ (target - middle))
    spread = float((moved**2).sum())
    scale = float(values.sum()) / spread if spread > 0 else 1.0
    return (scale * (moved @ (left @ right)) + middle).astype(np.float32)


@dataclass(frozen=True)
class Turn:
    """Turning, mirroring, scaling and moving in the plane: rows at the same place have the same place afterwards, to the last bit."""

    centre: Floats
    matrix: Floats
    middle: Floats

    @classmethod
    def onto(cls, points: Floats, target: Floats) -> Turn:
        """What lays `points` (n, 2) closest to `target` (n, 2) and makes them as wide."""
        centre, middle = points.mean(axis=0), target.mean(axis=0)
        moved, wanted = points - centre, target - middle
        left, _, right = np.linalg.svd(moved.T @ wanted)
        scale = float(wanted.std()) / max(float(moved.std()), 1e-12)
        return cls(centre, (scale * (left @ right)).astype(np.float32), middle)

    def place(self, points: Floats) -> Floats:
        x, y = (points - self.centre).T
        (a, b), (c, d) = self.matrix
        found: Floats = np.stack([x * a + y * c, x * b + y * d], axis=1) + self.middle
        return found
