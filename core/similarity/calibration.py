"""Similarities of a model on the scale of the labels, so that the two can be compared.

A model's cosines live where training left them (0.2–0.9, say), labels on the scale of whoever gave them. The fit between them is
monotone: a straight line while labels are few, and with `FREE` of them isotonic least squares by pooling adjacent violators (Ayer et
al. 1955; for scores of classifiers Zadrozny and Elkan 2002), which follows any bend but with few labels also every wrong one. A row's
own label must not speak for its own prediction: `out_of_fold` leaves it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

ENOUGH = 20  # fewer labels say too little about the scale
FREE = 200  # fewer fit a line: one wrong label bends a free curve around itself
FOLDS = 5
_KNOTS = (
    400  # groups of neighbouring similarities that are pooled before the fit: a million labels cost a sort
)
_POOLED_LABELS = 5
_SAMPLE = 100_000  # labels that a fit is made from, where there are more
_SPREAD_LABELS = 25  # labels at least that one figure of spread rests on
_SPREAD_KNOTS = 20


@dataclass(frozen=True)
class Calibration:
    """`score` (0–1, never falling) at each `similarity` (ascending), linear between two, constant outside.

    `spread` is how far labels lie from the score there (root mean square). `labels`: how many it was learned from; 0: none, the
    scores are no more than the similarities themselves.
    """

    similarity: tuple[float, ...]
    score: tuple[float, ...]
    spread: tuple[float, ...]
    labels: int = 0

    def apply(self, similarities: NDArray[Any]) -> Values:
        """The score of each similarity; not a number where that is none."""
        return self._interpolated(similarities, self.score)

    def uncertainty(self, similarities: NDArray[Any]) -> Values:
        """How far a label is likely to be from the score, as a share of the widest spread (0–1)."""
        widest = max(self.spread)
        return self._interpolated(similarities, self.spread) / (widest if widest > 0 else 1.0)

    def _interpolated(self, similarities: NDArray[Any], heights: tuple[float, ...]) -> Values:
        values = np.asarray(similarities, dtype=np.float64)
        found = np.interp(np.nan_to_num(values), self.similarity, heights)
        return np.where(np.isfinite(values), found, np.nan)

    def record(self) -> dict[str, Any]:
        return {
            "similarity": list(self.similarity),
            "score": list(self.score),
            "spread": list(self.spread),
            "labels": self.labels,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Calibration:
        return cls(
            tuple(record["similarity"]),
            tuple(record["score"]),
            tuple(record["spread"]),
            int(record["labels"]),
        )


def fit(similarities: NDArray[Any], labels: NDArray[Any]) -> Calibration:
    """The monotone calibration for rows with these similarities and labels (0–1), of which there is at least one.

    Raises:
        ValueError: no row, or a value that is no number.
    """
    x, y = np.asarray(similarities, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    if not len(x) or len(x) != len(y) or not np.isfinite(x).all() or not np.isfinite(y).all():
        raise ValueError("a calibration needs finite similarities and as many labels")
    count = len(x)
    if count > _SAMPLE:
        some = np.random.default_rng(0).integers(0, count, _SAMPLE)
        x, y = x[some], y[some]
    centres, heights = _line(x, y) if len(x) < FREE else _curve(x, y)
    residuals = np.square(y - np.interp(x, centres, heights))
    groups = max(1, min(_SPREAD_KNOTS, len(x) // _SPREAD_LABELS))
    places, squares, _ = _pooled(x, residuals, groups)
    spread = np.sqrt(np.interp(centres, places, squares))
    return Calibration(tuple(centres.tolist()), tuple(heights.tolist()), tuple(spread.tolist()), count)


def out_of_fold(similarities: NDArray[Any], labels: NDArray[Any], folds: int = FOLDS) -> Values:
    """For every row the score that a calibration on the other folds gives it. The folds are the same for the same number of rows."""
    x, y = np.asarray(similarities, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    fold = np.random.default_rng(0).permutation(len(x)) % folds
    found = np.empty(len(x))
    for number in range(folds):
        out = fold == number
        if out.all():  # a single row: there are no others to learn from
            return fit(x, y).apply(x)
        if out.any():
            found[out] = fit(x[~out], y[~out]).apply(x[out])
    return found


def plain(similarities: NDArray[Any], metric: str) -> Calibration:
    """Without labels: the cosine itself, cut to 0–1; for other metrics, whose scale means nothing, the rank among these rows.

    The rows in the middle count as the most uncertain ones.
    """
    if metric == "cosine":
        knots = np.linspace(0.0, 1.0, 21)
        heights = knots
    else:
        known = np.sort(np.asarray(similarities, dtype=np.float64))
        known = known[np.isfinite(known)]
        if not len(known) or known[0] == known[-1]:
            known = np.array([0.0, 1.0])
        knots = np.unique(np.quantile(known, np.linspace(0.0, 1.0, 101)))
        heights = np.searchsorted(known, knots) / len(known)
    values = np.asarray(similarities, dtype=np.float64)
    values = values[np.isfinite(values)]
    middle = np.median(values) if len(values) else 0.5
    width = max(float(np.abs(values - middle).max()) if len(values) else 0.0, 1e-9)
    spread = np.clip(1.0 - np.abs(knots - middle) / width, 0.0, 1.0)
    return Calibration(tuple(knots.tolist()), tuple(heights.tolist()), tuple(spread.tolist()))


def _line(x: Values, y: Values) -> tuple[Values, Values]:
    """Least squares, level where it would fall, within the labels there are."""
    centres = np.unique(np.linspace(x.min(), x.max(), 21))
    away = x - x.mean()
    width = float(np.square(away).sum())
    slope = max(0.0, float((away * y).sum()) / width) if width > 1e-12 else 0.0
    return centres, np.clip(y.mean() + slope * (centres - x.mean()), y.min(), y.max())


def _curve(x: Values, y: Values) -> tuple[Values, Values]:
    centres, means, weights = _pooled(x, y, min(_KNOTS, len(x) // _POOLED_LABELS))
    return centres, rising(means, weights)


def _pooled(x: Values, y: Values, groups: int) -> tuple[Values, Values, Values]:
    """About `groups` neighbourhoods of equal size: the mean x and y of each and how many rows it has. Equal x stay together."""
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    ends = np.flatnonzero(np.append(x[1:] != x[:-1], True)) + 1
    if len(ends) > groups:
        group = np.floor(ends * (groups / len(x)) + 1e-9)
        full = group > np.concatenate([[0], group[:-1]])
        full[-1] = True
        ends = ends[full]
    starts = np.concatenate([[0], ends[:-1]])
    counts = (ends - starts).astype(np.float64)
    return np.add.reduceat(x, starts) / counts, np.add.reduceat(y, starts) / counts, counts


def rising(values: Values, weights: Values) -> Values:
    """The never-falling sequence nearest to `values` in weighted least squares."""
    level: list[float] = []
    weight: list[float] = []
    length: list[int] = []
    for value, heavy in zip(values.tolist(), weights.tolist(), strict=True):
        level.append(value)
        weight.append(heavy)
        length.append(1)
        while len(level) > 1 and level[-2] > level[-1]:
            above, w, n = level.pop(), weight.pop(), length.pop()
            level[-1] = (level[-1] * weight[-1] + above * w) / (weight[-1] + w)
            weight[-1] += w
            length[-1] += n
    return np.repeat(level, length)
