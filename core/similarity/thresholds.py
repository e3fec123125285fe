"""Where to cut between "similar" and "not": every possible threshold of some scored pairs with known labels, and which of them is best for what.

A pair counts as similar when its score is at least the threshold. Pairs of equal scores cannot be cut apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_APART = 1e-5  # from the outermost score, where all pairs are taken or none


@dataclass(frozen=True)
class Cut:
    """What one threshold does. Shares are NaN where they divide by nothing."""

    threshold: float
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def count(self) -> int:
        return self.true_positives + self.false_positives + self.false_negatives + self.true_negatives

    @property
    def precision(self) -> float:
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float:
        return _share(
            2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives
        )

    @property
    def accuracy(self) -> float:
        return _share(self.true_positives + self.true_negatives, self.count)

    def cost(self, false_match: float, missed_match: float) -> float:
        """What its mistakes cost, in whatever unit the two prices have."""
        return false_match * self.false_positives + missed_match * self.false_negatives


class Thresholds:
    """All cuts through `scores` (n,), higher is more similar, with `positive` (n,) saying which pairs are similar.

    Pairs whose score is not a number are left out and counted in `unscored`.

    Raises:
        ValueError: the two differ in length.
    """

    def __init__(self, scores: ArrayLike, positive: ArrayLike) -> None:
        given, truth = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=bool)
        if given.shape != truth.shape or given.ndim != 1:
            raise ValueError("each score needs one label")
        usable = ~np.isnan(given)
        self.unscored = int(np.count_nonzero(~usable))
        order = np.argsort(-given[usable], kind="stable")
        self.scores: Floats = given[usable][order]  # highest first
        self.positive: NDArray[np.bool_] = truth[usable][order]
        self.positives = int(np.count_nonzero(self.positive))
        self.negatives = len(self.positive) - self.positives

    @property
    def decided(self) -> bool:
        """Whether there is anything to separate: both kinds of pairs."""
        return self.positives > 0 and self.negatives > 0

    # -- one threshold --------------------------------------------------------------------------------------------------

    def at(self, threshold: float) -> Cut:
        """What cutting at `threshold` does; O(log n)."""
        taken = int(np.searchsorted(-self.scores, -threshold, side="right"))
        return self._cut(taken, threshold)

    def _cut(self, taken: int, threshold: float) -> Cut:
        right = int(self._right[taken])
        return Cut(
            threshold,
            right,
            taken - right,
            self.positives - right,
            self.negatives - (taken - right),
        )

    @cached_property
    def _right(self) -> Integers:
        """How many of the first k pairs are similar, for k = 0 … n."""
        return np.concatenate(([0], np.cumsum(self.positive, dtype=np.int64)))

    @cached_property
    def _ends(self) -> Integers:
        """How many pairs each possible cut takes: none, or all down to the last of equal scores."""
        if not len(self.scores):
            return np.zeros(1, dtype=np.int64)
        last = np.flatnonzero(np.diff(self.scores, append=-np.inf))
        return np.concatenate(([0], last + 1)).astype(np.int64)

    def _between(self, taken: int) -> float:
        """A threshold that takes exactly the first `taken` pairs: half-way to the next score, as sentence-transformers does."""
        scores = self.scores
        if not len(scores):
            return float("nan")
        if taken == 0:
            return float(np.nextafter(scores[0], np.inf))
        if taken == len(scores):
            return float(scores[-1])
        middle = (scores[taken - 1] + scores[taken]) / 2
        return float(scores[taken - 1] if middle == scores[taken] else middle)

    def short(self, threshold: float, decimals: int = 3) -> float:
        """The shortest decimal number, of at least so many decimals, that parts these pairs as `threshold` does: what is shown, kept and
        handed on.

        From the nearest scores it keeps at least half the distance of the threshold, as the same model elsewhere gives scores that differ
        in the seventh digit.
        """
        if not len(self.scores) or not math.isfinite(threshold):
            return threshold
        taken = int(np.searchsorted(-self.scores, -threshold, side="right"))
        over = float(self.scores[taken - 1]) - threshold if taken else math.inf
        under = threshold - float(self.scores[taken]) if taken < len(self.scores) else math.inf
        aim = threshold + (_APART if over == math.inf else -_APART if under == math.inf else 0.0)
        for places in range(decimals, 13):
            scale = 10.0**places
            for whole in (round(aim * scale), math.floor(aim * scale), math.ceil(aim * scale)):
                found = round(whole / scale, places)
                if -under / 2 <= found - threshold <= over / 2:
                    return found
        return threshold

    # -- the best ones --------------------------------------------------------------------------------------------------

    def best_f1(self) -> Cut:
        """The cut with the highest F1, the strictest one of equals: what sentence-transformers' BinaryClassificationEvaluator calls cosine_f1.

        F1 is worked out in the evaluator's order, so that of cuts that differ only by rounding both choose the same.
        """
        taken = self._ends
        right = self._right[taken]
        precisions, recalls = right / np.maximum(taken, 1), right / max(self.positives, 1)
        total = precisions + recalls
        return self._best(2 * precisions * recalls / np.where(total > 0, total, 1.0))

    def best_accuracy(self) -> Cut:
        """The cut with the highest accuracy, the strictest one of equals: the evaluator's cosine_accuracy."""
        taken = self._ends
        right = self._right[taken]
        return self._best((right + self.negatives - (taken - right)).astype(np.float64))

    def cheapest(self, false_match: float, missed_match: float = 1.0) -> Cut:
        """The cut whose mistakes cost least, the strictest one of equals.

        Raises:
            ValueError: a price that is negative or not a number.
        """
        if not (false_match >= 0 and missed_match >= 0):
            raise ValueError("a mistake costs nothing or more")
        taken = self._ends
        right = self._right[taken]
        return self._best(-(false_match * (taken - right) + missed_match * (self.positives - right)))

    def with_precision(self, least: float) -> Cut | None:
        """The cut that finds most among those with at least this precision; None when there is none."""
        return self._most(self._precisions() >= least)

    def with_recall(self, least: float) -> Cut | None:
        """The most precise cut among those that find at least this share."""
        recalls = self._right[self._ends] / max(self.positives, 1)
        fine = recalls >= least
        if not self.positives or not fine.any():
            return None
        return self._best(np.where(fine, self._precisions(), -1.0))

    def _precisions(self) -> Floats:
        taken = self._ends
        return np.where(taken > 0, self._right[taken] / np.maximum(taken, 1), 0.0)

    def _most(self, fine: NDArray[np.bool_]) -> Cut | None:
        found = self._right[self._ends]
        if not (fine & (found > 0)).any():
            return None
        return self._best(np.where(fine, found, -1).astype(np.float64))

    def _best(self, values: Floats) -> Cut:
        taken = int(self._ends[int(np.argmax(values))])
        return self._cut(taken, self._between(taken))

    # -- all of them ----------------------------------------------------------------------------------------------------

    def auc(self) -> float:
        """The chance that a similar pair scores higher than a dissimilar one, equal scores counting half (area under the ROC curve)."""
        if not self.decided:
            return float("nan")
        taken, right = self._ends, self._right[self._ends]
        true_share, false_share = right / self.positives, (taken - right) / self.negatives
        return float(np.trapezoid(true_share, false_share))

    def average_precision(self) -> float:
        """Σ (Rₖ − Rₖ₋₁)·Pₖ over the cuts, as scikit-learn's average_precision_score."""
        if not self.positives:
            return float("nan")
        recalls = self._right[self._ends] / self.positives
        return float(np.sum(np.diff(recalls) * self._precisions()[1:]))


def histograms(
    scores: ArrayLike,
    positive: ArrayLike,
    bins: int = 60,
    low: float | None = None,
    high: float | None = None,
) -> tuple[Floats, Integers, Integers]:
    """Edges (bins + 1,) and the counts (bins,) of dissimilar and of similar pairs; scores beyond the edges count in the outermost bins."""
    given, truth = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=bool)
    usable = np.isfinite(given)
    given, truth = given[usable], truth[usable]
    first = low if low is not None else float(given.min()) if len(given) else 0.0
    last = high if high is not None else float(given.max()) if len(given) else 1.0
    if not last > first:
        first, last = first - 0.5, first + 0.5
    edges = np.linspace(first, last, bins + 1)
    place = np.clip(((given - first) * (bins / (last - first))).astype(np.int64), 0, bins - 1)
    return (
        edges,
        np.bincount(place[~truth], minlength=bins).astype(np.int64),
        np.bincount(place[truth], minlength=bins).astype(np.int64),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
