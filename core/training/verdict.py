"""Whether the tuned model really is better: a paired bootstrap over the held-out rows, and one plain sentence.

Torch-free; numpy only. Both models are measured on the same resampled rows, 2,000 times; the middle 95 % of the differences
is the interval (Efron and Tibshirani 1993, percentile method). Rows that share their anchor are drawn together. Where each row
is right or wrong, a few changed rows can make that interval too narrow, so an exact sign test (McNemar 1947) must agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.training.scores import RowScores

RESAMPLES = 2_000
ENOUGH_ROWS = 30  # below this no interval is trusted
CERTAIN = 0.05
BUDGET = 4_000_000  # row draws in all, so that a large hold-out costs no noticeable time


@dataclass(frozen=True)
class Verdict:
    """`word`: better, worse, unclear (cannot tell), base (nothing beat it and it is kept), few (too few rows), unmeasured."""

    word: str
    sentence: str
    interval: tuple[float, float] | None = None  # of the difference tuned - base


def compare(base: RowScores, tuned: RowScores, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of tuned - base over resampled groups of rows."""
    generator = np.random.default_rng(seed)
    groups = base.grouped()
    count = int(groups.max(initial=-1)) + 1
    every = np.arange(len(groups))
    draws = int(min(RESAMPLES, max(200, BUDGET // max(len(groups), 1))))
    differences = np.empty(draws)
    for number in range(draws):
        times = np.bincount(generator.integers(0, count, count), minlength=count)
        rows = np.repeat(every, times[groups])
        differences[number] = tuned.metric(rows) - base.metric(rows)
    differences = differences[np.isfinite(differences)]
    if not differences.size:
        return (float("-inf"), float("inf"))
    low, high = np.quantile(differences, (0.025, 0.975))
    return float(low), float(high)


def by_chance(base: RowScores, tuned: RowScores) -> float:
    """How likely as many groups of rows change for the better, or for the worse, if both are equally likely; 0–1, two-sided.

    0 where rows have more than right and wrong: the interval says enough there.
    """
    if base.gold is not None or not _binary(base.values) or not _binary(tuned.values):
        return 0.0
    changes = np.bincount(base.grouped(), tuned.values - base.values)
    better, worse = int((changes > 0).sum()), int((changes < 0).sum())
    changed = better + worse
    tail = sum(math.comb(changed, number) for number in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / 2**changed)


def _binary(values: np.ndarray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())


def judge(
    title: str,
    rows: int,
    base: float | None,
    tuned: float | None,
    base_rows: RowScores | None = None,
    tuned_rows: RowScores | None = None,
    seed: int = 0,
) -> Verdict:
    """The verdict on a run.

    Args:
        rows: how many were held out.
        base, tuned: the metric of both models over all of them.
        tuned_rows: scores of each row by the kind of model that the other rows would have chosen, see `core.training.choice`.
    """
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
    fair = tuned_rows.metric() - base_rows.metric()
    said = f"the difference is {signed(tuned - base)}"
    if math.isfinite(fair) and abs(fair - (tuned - base)) > 5e-4:
        said += f", or {signed(fair)} without the luck of having been chosen by these rows"
    spread = f"{said}; with 95 % certainty it lies between {signed(interval[0])} and {signed(interval[1])}"
    sure = by_chance(base_rows, tuned_rows) < CERTAIN
    if interval[0] > 0 and sure:
        return Verdict("better", f"Better. {change}; {spread}.", interval)
    if interval[1] < 0 and sure:
        return Verdict("worse", f"Worse. {change}; {spread}.", interval)
    return Verdict("unclear", f"Not distinguishable from the base model. {change}; {spread}.", interval)


def nothing_beat(title: str, rows: int, base: float, best: float | None) -> Verdict:
    """The verdict where the base model itself is kept."""
    reached = "" if best is None else f"; the best that training reached is {best:.4g}"
    return Verdict(
        "base",
        f"Nothing beat the base model, so it is kept. {title} on {_rows(rows)}: {base:.4g}{reached}.",
    )


def signed(value: float) -> str:
    """Three digits with a real minus sign."""
    return f"{value:+.3g}".replace("-", "\N{MINUS SIGN}")


def _rows(count: int) -> str:
    return f"{count:,} held-out row{'' if count == 1 else 's'}"
