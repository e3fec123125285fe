"""Choose among the trials of a search, and judge that choice by rows that did not make it. Torch-free.

Two choices are nested: within a trial the best of its candidates, then the best trial. Each part of the rows is scored by what both
choices come to on the other parts, see `core.training.choice`. What remains is that all rows had a say in which settings were
proposed at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from core.training.choice import FEWEST_GROUPS, PARTS, Candidate, choose, parts, spread, usual
from core.training.scores import RowScores, ranks

Trial = Sequence[Candidate]

WITHIN = 1.0  # standard errors of the difference by which a trial must beat the recipe


def pick(trial: Trial, rows: np.ndarray | None = None) -> Candidate:
    """The candidate of one trial, as a run with these settings would choose it."""
    return trial[choose(trial, rows, usual(len(trial[0].scores.values)))]


def best(trials: Sequence[Trial], rows: np.ndarray | None = None) -> int:
    """The index of the trial whose pick has the highest metric, unless the first, which is the recipe itself, is within chance of it.

    Within chance: not worse by more than `WITHIN` standard errors of the difference.
    """
    picks = [pick(trial, rows) for trial in trials]
    found = [_finite(candidate.scores.metric(rows)) for candidate in picks]
    top = max(range(len(found)), key=lambda index: (found[index], -index))
    return 0 if found[top] - found[0] <= WITHIN * spread(picks[top], picks[0], rows) else top


def judged(trials: Sequence[Trial], seed: int = 0) -> RowScores:
    """Scores of every row by what the rows of the other parts choose, comparable between models."""
    chosen = pick(trials[best(trials)]).scores
    groups = trials[0][0].scores.grouped()
    if groups.max(initial=0) + 1 < FEWEST_GROUPS:
        return chosen
    part_of_row = parts(groups, PARTS, seed)
    values = np.empty(len(groups))
    for part in range(PARTS):
        inside, others = part_of_row == part, np.flatnonzero(part_of_row != part)
        scores = pick(trials[best(trials, others)], others).scores
        comparable = (
            scores.values if scores.gold is None else ranks(scores.values) / max(len(scores.values) - 1, 1)
        )
        values[inside] = comparable[inside]
    return RowScores(values, chosen.gold, chosen.groups)


def _finite(value: float) -> float:
    return value if math.isfinite(value) else -math.inf
