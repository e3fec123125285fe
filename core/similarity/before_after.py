"""What training did to each labelled example: right or wrong before, right or wrong after.

A row is *right* under a model when the model decides as its label says. Rows with a margin (triplets, texts with categories) decide by it: right is
above 0, as sentence-transformers' TripletEvaluator counts. Rows with one similarity decide by a threshold, each model by its own: right is
similarity ≥ threshold for a similar pair and below it for another, as its BinaryClassificationEvaluator counts.

    accuracy = right / n,   and so   (fixed − broken) / n = accuracy after − accuracy before,   exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]
Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]
_CERTAIN = 0.05
_EXACT = 1000  # changed rows up to which coins are counted one by one


class Outcome(IntEnum):
    """In the order in which a person wants to see them."""

    BROKEN = 0
    FIXED = 1
    STILL_WRONG = 2
    STILL_RIGHT = 3
    UNDECIDED = 4  # no label, no similarity, or neither class

    @property
    def title(self) -> str:
        return ("Broken", "Fixed", "Still wrong", "Still right", "Not decided")[self]


@dataclass(frozen=True)
class Tally:
    """Rows of some kind by what became of them."""

    fixed: int = 0
    broken: int = 0
    still_wrong: int = 0
    still_right: int = 0
    undecided: int = 0

    @property
    def count(self) -> int:
        """The rows that both models decided."""
        return self.fixed + self.broken + self.still_wrong + self.still_right

    @property
    def before(self) -> float:
        """The first model's accuracy; NaN without rows."""
        return (self.still_right + self.broken) / self.count if self.count else float("nan")

    @property
    def after(self) -> float:
        return (self.still_right + self.fixed) / self.count if self.count else float("nan")

    @property
    def change(self) -> float:
        """The difference of the two accuracies, from whole numbers."""
        return (self.fixed - self.broken) / self.count if self.count else float("nan")

    @property
    def chance(self) -> float:
        """How often coins would part the changed rows at least so unevenly: the sign test of McNemar, exact where they are few."""
        changed, fewer = self.fixed + self.broken, min(self.fixed, self.broken)
        if not changed:
            return 1.0
        if changed > _EXACT:
            apart = abs(self.fixed - self.broken) - 1
            return math.erfc(max(apart, 0) / math.sqrt(2 * changed))
        return min(1.0, 2 * sum(math.comb(changed, few) for few in range(fewer + 1)) / 2**changed)

    @property
    def sure(self) -> bool:
        """Whether the change is more than chance may make of these rows."""
        return self.chance < _CERTAIN


def by_margin(margins: ArrayLike) -> Values:
    """1 where a row is right, 0 where it is wrong, NaN where there is no margin: shape (n,)."""
    given = np.asarray(margins, dtype=np.float64)
    return np.where(np.isnan(given), np.nan, (given > 0).astype(np.float64))


def by_threshold(similarities: ArrayLike, similar: ArrayLike, threshold: float) -> Values:
    """The same by a threshold. `similar` (n,) is 1 for pairs that should be similar, 0 for others, NaN for unlabelled ones."""
    given, wanted = np.asarray(similarities, dtype=np.float64), np.asarray(similar, dtype=np.float64)
    unknown = np.isnan(given) | np.isnan(wanted) | np.isnan(threshold)
    return np.where(unknown, np.nan, ((given >= threshold) == (wanted >= 0.5)).astype(np.float64))


def outcomes(before: Values, after: Values) -> Codes:
    """The `Outcome` of each row from what the two models made of it (1 right, 0 wrong, NaN not decided)."""
    found = np.full(len(before), Outcome.UNDECIDED, np.int8)
    decided = ~(np.isnan(before) | np.isnan(after))
    was, became = before > 0.5, after > 0.5
    found[decided & was & ~became] = Outcome.BROKEN
    found[decided & ~was & became] = Outcome.FIXED
    found[decided & ~was & ~became] = Outcome.STILL_WRONG
    found[decided & was & became] = Outcome.STILL_RIGHT
    return found


def tally(codes: Codes, rows: Flags | None = None) -> Tally:
    """The counts of all rows, or of those where `rows` (n,) is true."""
    counts = np.bincount(codes if rows is None else codes[rows], minlength=len(Outcome)).tolist()
    return Tally(
        fixed=counts[Outcome.FIXED],
        broken=counts[Outcome.BROKEN],
        still_wrong=counts[Outcome.STILL_WRONG],
        still_right=counts[Outcome.STILL_RIGHT],
        undecided=counts[Outcome.UNDECIDED],
    )
