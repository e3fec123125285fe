"""Choose between models by rows that none of them was trained on, and judge the choice by rows that did not make it. Torch-free.

Whoever picks the best of many by one set of rows and reports its figure on the same rows reports luck as well (Varma and Simon
2006, "Bias in error estimation when using cross-validation for model selection"). A second hold-out would cost rows that small
sets do not have, so the rows are cut into parts, and each part is scored by the model that the *other* parts would have chosen
(cross-fitting). The figure over all rows then is that of the way of choosing, without the luck. The model that is handed over is
the one that all rows choose.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.training.scores import RowScores, ranks

PARTS = 5
FEWEST_GROUPS = 10  # with fewer groups a part says next to nothing
FEW_LABELS = 100
CLEAR = 1.645  # standard errors from which a difference counts: 95 % on one side


@dataclass(frozen=True)
class Candidate:
    """Weights after `step` steps, `factor` of the way from the base model's to them; step 0 is the base model itself."""

    step: int
    factor: float
    scores: RowScores


Pick = Callable[[Sequence[Candidate], np.ndarray | None], int]


def usual(labels: int) -> float:
    """How far to go from the base model towards the end of a run where nothing tells the candidates apart, see docs/recipes.md."""
    return 0.5 if labels < FEW_LABELS else 0.75


def choose(
    candidates: Sequence[Candidate],
    rows: np.ndarray | None = None,
    towards: float | None = None,
    clear: float = CLEAR,
) -> int:
    """The index of the candidate with the best metric over `rows`; among equals the calmest: nearest to the base, earliest.

    With `towards`, of those that beat the base model and are not clearly worse than the best (by more than `clear` standard errors
    of the difference), the one whose factor is nearest to it: few rows say that training helps long before they say how far to go.

    Going on beyond the end of a run (a factor above 1) must be clearly better than the base model, too.

    The first candidate should be the base model. With no defined metric at all it is the choice.
    """
    figures = [candidate.scores.metric(rows) for candidate in candidates]
    order = sorted(range(len(candidates)), key=lambda index: _calm(candidates[index]))
    if towards is not None:
        order = [index for index in order if not _too_far(candidates, figures, index, rows, clear)]
    best, value = 0, -math.inf
    for index in order:
        if math.isfinite(figures[index]) and figures[index] > value:
            best, value = index, figures[index]
    if towards is None or candidates[best].step == 0:
        return best
    floor = max(
        (figure for figure, item in zip(figures, candidates, strict=True) if item.step == 0),
        default=-math.inf,
    )
    return min(
        (
            index
            for index in order
            if figures[index] > (floor if math.isfinite(floor) else -math.inf)
            and value - figures[index] <= clear * spread(candidates[best], candidates[index], rows)
        ),
        key=lambda index: (abs(candidates[index].factor - towards), -candidates[index].step),
        default=best,
    )


def _too_far(
    candidates: Sequence[Candidate],
    figures: Sequence[float],
    index: int,
    rows: np.ndarray | None,
    clear: float,
) -> bool:
    base, found = candidates[0], candidates[index]
    if found.factor <= 1 or base.step:
        return False
    return not figures[index] - figures[0] > clear * spread(found, base, rows)


def choose_in_two(
    candidates: Sequence[Candidate], rows: np.ndarray | None = None, towards: float | None = None
) -> int:
    """As a run chooses by its hold-out: the best weights on the way first, then a point of the line from the base model to them."""
    ends = [index for index, item in enumerate(candidates) if item.step and item.factor == 1]
    if not ends:
        return choose(candidates, rows, towards)
    step = candidates[ends[choose([candidates[index] for index in ends], rows)]].step
    line = [index for index, item in enumerate(candidates) if item.step in (0, step)]
    return line[choose([candidates[index] for index in line], rows, towards)]


def spread(one: Candidate, other: Candidate, rows: np.ndarray | None) -> float:
    """The standard error of the difference between the metrics of two candidates on the same rows."""
    differences = one.scores.shares(rows) - other.scores.shares(rows)
    count = len(differences)
    return float(differences.std(ddof=1)) / math.sqrt(count) if count > 1 else 0.0


def _calm(candidate: Candidate) -> tuple[float, int]:
    return (0.0, 0) if candidate.step == 0 else (abs(candidate.factor), candidate.step)


def cross_fitted(
    candidates: Sequence[Candidate], count: int = PARTS, seed: int = 0, pick: Pick = choose
) -> RowScores:
    """Scores of every row by the candidate that the rows of the other parts choose.

    For a rank correlation the values become shares of ranks under their own candidate: two models' similarities need not mean
    the same. With fewer than `FEWEST_GROUPS` groups, or one candidate, the scores of the plain choice.
    """
    groups = candidates[0].scores.grouped()
    chosen = candidates[pick(candidates, None)].scores
    if len(candidates) == 1 or groups.max(initial=0) + 1 < FEWEST_GROUPS:
        return chosen
    part_of_row = parts(groups, count, seed)
    values = np.empty(len(groups))
    for part in range(count):
        inside = part_of_row == part
        winner = candidates[pick(candidates, np.flatnonzero(~inside))].scores
        values[inside] = _comparable(winner)[inside]
    return RowScores(values, chosen.gold, chosen.groups)


def parts(groups: np.ndarray, count: int, seed: int) -> np.ndarray:
    """A part from 0 to count - 1 for each row, nearly equal in rows, never cutting a group."""
    sizes = np.bincount(groups)
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    load = np.zeros(count, dtype=np.int64)
    part_of_group = np.empty(len(sizes), dtype=np.int64)
    for group in order:
        part = int(np.argmin(load))
        part_of_group[group] = part
        load[part] += sizes[group]
    return part_of_group[groups]


def _comparable(scores: RowScores) -> np.ndarray:
    return scores.values if scores.gold is None else ranks(scores.values) / max(len(scores.values) - 1, 1)
