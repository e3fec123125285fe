"""How each held-out row fared under one model, and the figure over any of the rows. Torch-free; numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RowScores:
    """`values`: one figure per row, shape (n,). With `gold` the metric is their rank correlation with it, else their mean.

    `groups`: rows with the same number belong together (they share their anchor) and count as one draw; None: each by itself.
    """

    values: np.ndarray
    gold: np.ndarray | None = None
    groups: np.ndarray | None = None

    def metric(self, rows: np.ndarray | None = None) -> float:
        """Over `rows` (indices, which may repeat) or all of them; NaN where it is undefined."""
        values = self.values if rows is None else self.values[rows]
        if not len(values):
            return float("nan")
        if self.gold is None:
            return float(values.mean())
        return correlation(ranks(values), ranks(self.gold if rows is None else self.gold[rows]))

    def shares(self, rows: np.ndarray | None = None) -> np.ndarray:
        """What each of `rows` (all) adds to the metric: their mean is the metric, shape (n,)."""
        values = self.values if rows is None else self.values[rows]
        if self.gold is None:
            return values
        return _standard(ranks(values)) * _standard(ranks(self.gold if rows is None else self.gold[rows]))

    def grouped(self) -> np.ndarray:
        """The group of each row, numbered from 0."""
        if self.groups is None:
            return np.arange(len(self.values))
        return np.unique(self.groups, return_inverse=True)[1]


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks with ties at their mean, as Spearman's correlation wants them."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + ends - 1) / 2)[inverse]


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson's correlation; NaN where one side is constant."""
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / scale if scale else float("nan")


def _standard(values: np.ndarray) -> np.ndarray:
    scale = values.std()
    return (values - values.mean()) / scale if scale else np.zeros(len(values))
