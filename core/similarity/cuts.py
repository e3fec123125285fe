"""Both models' thresholds over one part of the labelled rows, and the rules by which a threshold is chosen. What a threshold does to pairs of
scores and labels, whatever they are of, is in `thresholds`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.dataset.formats import Format
from core.similarity.labelled import EVERY_PART, Comparison, Floats
from core.similarity.thresholds import Cut, Thresholds, histograms

__all__ = ["EVERY_PART", "Side", "Sides", "sides"]

FEWEST_BINS, MOST_BINS = 16, 64
_SAME = 1e-4  # share of the scores that is no difference

F1, ACCURACY, COST, PRECISION, RECALL = "f1", "accuracy", "cost", "precision", "recall"


@dataclass(frozen=True, eq=False)
class Side:
    """One model: its cuts, and how many similar and dissimilar pairs it scores in each bin."""

    title: str
    cuts: Thresholds
    negatives: np.ndarray
    positives: np.ndarray
    auc: float

    def best(self, rule: str, value: float = 1.0) -> Cut | None:
        """The cut that a rule chooses; `value`: the price of a false match, or the wanted share. None where there is none."""
        if not self.cuts.decided:
            return None
        if rule == COST:
            return self.cuts.cheapest(value)
        if rule == PRECISION:
            return self.cuts.with_precision(value)
        if rule == RECALL:
            return self.cuts.with_recall(value)
        return self.cuts.best_accuracy() if rule == ACCURACY else self.cuts.best_f1()


@dataclass(frozen=True, eq=False)
class Sides:
    part: int
    edges: Floats
    first: Side
    second: Side
    kinds: tuple[str, str]  # what the similar and the dissimilar pairs are
    random: bool  # among the dissimilar pairs are random ones

    @property
    def decided(self) -> bool:
        return self.first.cuts.decided and self.second.cuts.decided


def sides(found: Comparison, part: int) -> Sides:
    """Both models over one part, on one scale; see `Comparison.of_part`."""
    given = [found.of_part(model, part) for model in (found.first, found.second)]
    every = np.concatenate([scores for scores, _ in given])
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    if (
        0 < high - low < _SAME * max(abs(low), abs(high))
    ):  # what only rounding tells apart stands in one place
        low, high = low - _SAME * abs(low), high + _SAME * abs(high)
    bins = min(max(int(2 * np.sqrt(len(every) / 2)), FEWEST_BINS), MOST_BINS)
    made = []
    edges: Floats = np.empty(0)
    for model, (scores, truth) in zip((found.first, found.second), given, strict=True):
        edges, negatives, positives = histograms(scores, truth, bins, low, high)
        cuts = Thresholds(scores, truth)
        made.append(Side(model.title, cuts, negatives, positives, cuts.auc()))
    return Sides(part, edges, made[0], made[1], _kinds(found), bool(len(found.second.background)))


def _kinds(found: Comparison) -> tuple[str, str]:
    rows = found.rows
    if rows.format is Format.CATEGORIES:
        return "with the rest of their category", "with the nearest other one"
    if rows.format is Format.TRIPLETS and any(len(texts) > 3 for texts in rows.texts[:1]):
        return "similar", "nearest negatives"
    if not len(found.second.background):
        return "similar", "not similar"
    return "similar", "rejected or at random" if (rows.similar < 0.5).any() else "at random"
