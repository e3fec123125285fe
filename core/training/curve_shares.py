"""Which trainings a learning curve is made of: shares of the rows, drawn by group, nested, several times where rows are few. No torch."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from core.dataset.folds import units
from core.dataset.formats import Example, Format
from core.dataset.normalise import normalise
from core.errors import DataProblem

SHARES = (0.25, 0.5, 0.75, 1.0)
FEWEST_ROWS = 6  # of a share; a smaller one shows nothing
FEWEST_SHARES = 3
FEW_ROWS, SEVERAL_ROWS = (
    300,
    1_000,
)  # with a hold-out: below the first three draws of each share, below the second two
FEW_IN_FOLDS = 100  # with folds, each of which draws its own: below it two draws


@dataclass(frozen=True)
class Training:
    """One training: `rows` are positions among the training rows, `fold` the one left out (0 with a hold-out)."""

    share: float
    draw: int
    fold: int
    rows: list[int]

    @property
    def key(self) -> str:
        return f"{round(100 * self.share)}-{self.draw}-{self.fold}"


def draws(rows: int, folds: int) -> int:
    """How often each share is drawn: the fewer rows, the more it matters which."""
    if folds > 1:
        return 2 if rows < FEW_IN_FOLDS else 1
    return 3 if rows < FEW_ROWS else 2 if rows < SEVERAL_ROWS else 1


def trainings(
    rows: Sequence[Example], format: Format, folds: Sequence[Sequence[int]], seed: int
) -> list[Training]:
    """All trainings, in an order that soon gives every share a first figure. `folds`: the rows that each fold trains on.

    Raises:
        DataProblem: too few rows.
    """
    least = min(len(fold) for fold in folds)
    shares = [share for share in SHARES if round(share * least) >= FEWEST_ROWS]
    if len(shares) < FEWEST_SHARES:
        raise DataProblem(
            f"There are too few rows for a learning curve: {least} can be trained on at once.",
            "Label some more first; from about 20 rows on it can be drawn.",
        )
    found = []
    for draw in range(draws(len(rows), len(folds))):
        orders = [
            _order([rows[place] for place in fold], format, seed + 1000 * draw + number)
            for number, fold in enumerate(folds)
        ]
        for share in shares:
            for number, (fold, order) in enumerate(zip(folds, orders, strict=True)):
                chosen = order[: max(FEWEST_ROWS, round(share * len(fold)))]
                found.append(Training(share, draw, number, sorted(fold[place] for place in chosen)))
    return found


def _order(rows: Sequence[Example], format: Format, seed: int) -> list[int]:
    """All places, so that the first so many are a fair share: whole groups of rows, or of each category a like part."""
    shuffle = random.Random(seed)
    if format is Format.CATEGORIES:
        return _by_category(rows, shuffle)
    members: dict[int, list[int]] = {}
    for place, group in enumerate(units(rows)[0]):
        members.setdefault(group, []).append(place)
    groups = list(members.values())
    shuffle.shuffle(groups)
    return [place for group in groups for place in group]


def _by_category(rows: Sequence[Example], shuffle: random.Random) -> list[int]:
    members: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        members.setdefault(normalise(row.texts[1]), []).append(place)
    ranked = []
    for places in members.values():
        shuffle.shuffle(places)
        # the first two of a category come early and together: one text alone teaches nothing
        ranked += [
            ((max(rank, 1)) / len(places), shuffle.random(), place) for rank, place in enumerate(places)
        ]
    return [place for _, _, place in sorted(ranked)]
