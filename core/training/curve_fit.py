"""What a learning curve says: figures with their uncertainty, and whether more labels would help. Torch-free; numpy only.

The error of a model falls with the number of its labels n about as a power of it: metric(n) = a − b · n^−c (Hestness et al. 2017,
"Deep Learning Scaling is Predictable, Empirically", arXiv 1712.00409; Viering and Loog 2021, "The Shape of Learning Curves: a
Review", arXiv 2103.10948). That line is laid through the measured shares by least squares, with c from a short list, and followed to
twice as many labels. How sure that is comes from a bootstrap: the measured rows (those with one anchor together) and the repeated
trainings of each share are drawn anew, and the line is laid again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.training.scores import RowScores
from core.training.verdict import ENOUGH_ROWS, signed

HELP, FLAT, UNCLEAR = "help", "flat", "unclear"
EXPONENTS = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0)
SMALL = 0.01  # a gain below a hundredth is not worth labelling twice as much for
FEWEST_POINTS = 3
DRAWS = 400
BUDGET = 3_000_000  # row draws in all

Trainings = Sequence[RowScores]  # the same rows by each training of one share


@dataclass(frozen=True)
class Figure:
    """The metric with one share of the labels: the mean of its trainings, and the middle 95 % of the draws."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Outlook:
    """What twice as many labels would bring, and `word`: help, flat or unclear."""

    word: str
    sentence: str
    gain: float | None = None
    interval: tuple[float, float] | None = None


def figures(
    points: Sequence[Trainings], seed: int = 0, draws: int = DRAWS
) -> tuple[list[Figure], np.ndarray]:
    """(the figure of each share, the metric of each share under every draw, shape (draws, shares))."""
    drawn = _drawn(points, seed, draws)
    found = []
    for place, trainings in enumerate(points):
        value = float(np.mean([scores.metric() for scores in trainings]))
        usable = drawn[:, place][np.isfinite(drawn[:, place])]
        low, high = np.quantile(usable, (0.025, 0.975)) if usable.size else (value, value)
        found.append(Figure(value, float(low), float(high)))
    return found, drawn


def _drawn(points: Sequence[Trainings], seed: int, most: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    groups = points[0][0].grouped()
    count, size = int(groups.max(initial=-1)) + 1, len(groups)
    each = sum(len(trainings) for trainings in points)
    draws = int(min(most, max(100, BUDGET // max(size * each, 1))))
    every = np.arange(size)
    values = np.empty((draws, len(points)))
    for number in range(draws):
        times = np.bincount(generator.integers(0, count, count), minlength=count)
        rows = np.repeat(every, times[groups])
        for place, trainings in enumerate(points):
            metrics = np.array([scores.metric(rows) for scores in trainings])
            values[number, place] = metrics[generator.integers(0, len(metrics), len(metrics))].mean()
    return values


def gains(labels: Sequence[float], values: np.ndarray) -> np.ndarray:
    """What the power law through `values[:, i]` at `labels[i]` promises for twice the most labels, shape (len(values),)."""
    relative = np.asarray(labels, dtype=float) / max(labels)
    best, found = np.full(len(values), np.inf), np.zeros(len(values))
    centred = values - values.mean(axis=1, keepdims=True)
    for exponent in EXPONENTS:
        power = relative**-exponent
        power = power - power.mean()
        slope = centred @ power / (power @ power)
        left = ((centred - slope[:, None] * power) ** 2).sum(axis=1)
        better = left < best
        best[better] = left[better]
        found[better] = (slope * (2.0**-exponent - 1.0))[better]
    return found


def outlook(labels: Sequence[int], points: Sequence[Figure], drawn: np.ndarray, rows: int) -> Outlook:
    """One honest sentence. `rows`: how many rows measured."""
    if len(points) < FEWEST_POINTS:
        return Outlook(UNCLEAR, "Cannot tell: too few shares of the labels could be measured.")
    middle = float(gains(labels, np.array([[point.value for point in points]]))[0])
    usable = drawn[np.isfinite(drawn).all(axis=1)]
    if not usable.size or not np.isfinite(middle):
        return Outlook(UNCLEAR, "Cannot tell: the metric is undefined on these rows.")
    low, high = (float(value) for value in np.quantile(gains(labels, usable), (0.025, 0.975)))
    between = f"between {signed(low)} and {signed(high)} with 95 % certainty"
    if rows < ENOUGH_ROWS:
        word = UNCLEAR
        sentence = f"Cannot tell: {rows} measured rows are too few to be sure. Following the curve, twice as many labels would bring {signed(middle)}."
    elif low > 0 and middle >= SMALL:
        word = HELP
        sentence = f"More labels would likely help: if the curve goes on like this, twice as many bring about {signed(middle)} ({between})."
    elif high < SMALL:
        word = FLAT
        sentence = f"The curve has flattened: twice as many labels would bring about {signed(middle)} ({between}). Better labels or another base model may help more."
    else:
        word = UNCLEAR
        sentence = f"Cannot tell: twice as many labels would bring about {signed(middle)}, {between}."
    return Outlook(word, sentence, middle, (low, high))
