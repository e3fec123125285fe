"""Numbers behind a curve: growing arrays and their smoothed twin, quick enough for a slider over a million points."""

from __future__ import annotations

import numpy as np

_BLOCK = 128


class Series:
    """A growing pair of arrays: appending is cheap, the views are never copied."""

    def __init__(self) -> None:
        self._x = np.empty(1024)
        self._y = np.empty(1024)
        self._smooth = np.empty(1024)
        self.count = 0
        self._mean = 0.0
        self._seen = 0  # values that were no gap
        self._first = -1  # the first of them

    def append(self, x: float, y: float | None, smoothing: float) -> None:
        """Add a point; a gap (None) stays a gap."""
        self.extend(np.array([x], float), np.array([np.nan if y is None else y], float), smoothing)

    def extend(self, x: np.ndarray, y: np.ndarray, smoothing: float) -> None:
        """Add points, float64 (n,) each, NaN for a gap. The smoothed value is a debiased exponential mean (as in Adam's
        moments), which a gap does not move."""
        end = self.count + len(x)
        if end > len(self._x):
            room = max(end, 2 * len(self._x))
            for name in ("_x", "_y", "_smooth"):
                grown = np.empty(room)
                grown[: self.count] = getattr(self, name)[: self.count]
                setattr(self, name, grown)
        self._x[self.count : end], self._y[self.count : end] = x, y
        self._smooth_from(self.count, end, smoothing)
        self.count = end

    def resmooth(self, smoothing: float) -> None:
        self._mean, self._seen, self._first = 0.0, 0, -1
        self._smooth_from(0, self.count, smoothing)

    def _smooth_from(self, start: int, end: int, smoothing: float) -> None:
        values = self._y[start:end]
        there = np.isfinite(values)
        if self._first < 0 and there.any():
            self._first = start + int(np.argmax(there))
        before = self._mean / (1 - smoothing ** float(self._seen)) if self._seen else np.nan
        means = exponential_mean(values[there], smoothing, self._mean)
        smooth = np.concatenate(([before], means))
        few = max(
            0, min(len(means), _until_settled(smoothing) - self._seen)
        )  # after them there is nothing to debias
        smooth[1 : few + 1] /= 1 - smoothing ** np.arange(self._seen + 1, self._seen + few + 1, dtype=float)
        self._smooth[start:end] = smooth[1:] if there.all() else smooth[np.cumsum(there)]
        if len(means):
            self._mean, self._seen = float(means[-1]), self._seen + len(means)

    @property
    def x(self) -> np.ndarray:
        return self._x[: self.count]

    @property
    def y(self) -> np.ndarray:
        return self._y[: self.count]

    @property
    def smooth(self) -> np.ndarray:
        return self._smooth[: self.count]

    @property
    def smoothed(self) -> tuple[np.ndarray, np.ndarray]:
        """The smoothed curve from its first value on. It holds no gap: marks cannot be drawn where all points are gaps."""
        first = self._first if self._first >= 0 else self.count
        return self.x[first:], self.smooth[first:]


def _until_settled(smoothing: float) -> int:
    """After how many values what is missing from their weights is less than a float can tell."""
    return 1 if smoothing <= 0 else int(np.ceil(-40 / np.log(smoothing)))


def exponential_mean(values: np.ndarray, smoothing: float, start: float = 0.0) -> np.ndarray:
    """m[i] = smoothing · m[i-1] + (1 - smoothing) · values[i], m[-1] = `start`; float64 (n,).

    Computed by blocks: within a block as a product with a triangular matrix, from block to block one number is carried on.
    """
    if smoothing <= 0:
        return values.astype(float)
    blocks = -(-len(values) // _BLOCK)
    padded = np.zeros(blocks * _BLOCK)
    padded[: len(values)] = values
    powers = smoothing ** np.arange(_BLOCK + 1)
    steps = np.arange(_BLOCK)
    triangle = np.where(
        steps[:, None] >= steps[None, :], powers[np.abs(steps[:, None] - steps[None, :])], 0.0
    )
    with np.errstate(over="ignore", invalid="ignore"):
        inner = (1 - smoothing) * padded.reshape(blocks, _BLOCK) @ triangle.T
        carried = np.empty(blocks)
        mean = start
        for block, last in enumerate(inner[:, -1].tolist()):
            carried[block] = mean
            mean = mean * powers[_BLOCK] + last
        inner += carried[:, None] * powers[1:]
    return inner.reshape(-1)[: len(values)]
