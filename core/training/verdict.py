"""Whether the tuned model really is better: a paired bootstrap over the held-out rows, and one plain sentence.

Torch-free; numpy only. Both models are measured on the same resampled rows, 2,000 times; the middle 95 % of the differences
is the interval (Efron and Tibshirani 1993, percentile method).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from core.training.row_scores import RowScores

RESAMPLES = 2_000
ENOUGH_ROWS = 30  # below this no interval is trusted
BUDGET = 4_000_000  # row draws in all, so that a large hold-out costs no noticeable time


@dataclass(frozen=True)
class Verdict:
    """`word`: better, worse, unclear (not distinguishable), few (too few rows), unmeasured."""

    word: str
    sentence: str
    interval: tuple[float, float] | None = None  # of the difference tuned - base


def compare(base: RowScores, tuned: RowScores, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of tuned - base over resampled rows."""
    generator = np.random.default_rng(seed)
    count = len(base.values)
    draws = int(min(RESAMPLES, max(200, BUDGET // max(count, 1))))
    differences = np.empty(draws)
    for number in range(draws):
        rows = generator.integers(0, count, count)
        differences[number] = _metric(tuned, rows) - _metric(base, rows)
    differences = differences[np.isfinite(differences)]
    if not differences.size:
        return (float("-inf"), float("inf"))
    low, high = np.quantile(differences, (0.025, 0.975))
    return float(low), float(high)


def _metric(scores: RowScores, rows: np.ndarray) -> float:
    values = scores.values[rows]
    if scores.gold is None:
        return float(values.mean())
    return _correlation(_ranks(values), _ranks(scores.gold[rows]))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks with ties at their mean, as Spearman's correlation wants them."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + ends - 1) / 2)[inverse]


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / scale if scale else float("nan")


def judge(
    title: str,
    rows: int,
    base: float | None,
    tuned: float | None,
    base_rows: RowScores | None = None,
    tuned_rows: RowScores | None = None,
    seed: int = 0,
) -> Verdict:
    """The verdict on a run; `rows` is the number of held-out rows."""
    if rows == 0:
        return Verdict("unmeasured", "Nothing was held out, so it is not known whether the model got better.")
    if base is None or tuned is None:
        return Verdict(
            "unmeasured",
            f"{title} is undefined on these {_rows(rows)}, so it is not known whether the model got better.",
        )
    change = f"{title} on {_rows(rows)}: {base:.4g} → {tuned:.4g}"
    if rows < ENOUGH_ROWS or base_rows is None or tuned_rows is None:
        return Verdict("few", f"{change}; too few rows to be sure.")
    interval = compare(base_rows, tuned_rows, seed)
    spread = f"the difference is {tuned - base:+.3g}, with 95 % certainty between {interval[0]:+.3g} and {interval[1]:+.3g}"
    if interval[0] > 0:
        return Verdict("better", f"Better. {change}; {spread}.", interval)
    if interval[1] < 0:
        return Verdict("worse", f"Worse. {change}; {spread}.", interval)
    return Verdict("unclear", f"Not distinguishable from the base model. {change}; {spread}.", interval)


def _rows(count: int) -> str:
    return f"{count:,} held-out row{'' if count == 1 else 's'}"
