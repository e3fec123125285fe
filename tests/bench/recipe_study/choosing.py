"""How well rows that were left out choose: the same labels trained whole and in folds, every candidate scored on both sides.

The candidates of the whole training are judged on the test rows, those of the folds on the rows that each fold left out. Any way of
choosing can then be replayed without training again: what it would have picked by the folds, and what that is worth on the test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.dataset.formats import Example, Format
from core.dataset.grouping import by_anchor, by_text
from tests.bench.recipe_study.judge import Judge
from tests.bench.recipe_study.trajectory import Setup, Weights, blend, trajectory

FACTORS = (0.25, 0.5, 0.75, 1.0, 1.25)
FOLDS = 5
BASE = "base"


@dataclass(frozen=True)
class Replay:
    """`test`: figures by candidate; `left_out`: one figure by candidate and unit; `gold` of the units; `part`: their fold."""

    test: dict[str, dict[str, float]]
    left_out: dict[str, list[float]]
    gold: list[float] | None
    part: list[int]


def replay(
    model: Any,
    base: Weights,
    format: Format,
    labels: Sequence[Example],
    setup: Setup,
    seed: int,
    judge: Judge,
) -> Replay:
    parts = folds_of(labels)
    left_out: dict[str, np.ndarray] = {}
    units: list[np.ndarray] = []
    for fold in range(FOLDS):
        rows = [row for row, part in zip(labels, parts, strict=True) if part != fold]
        held = [row for row, part in zip(labels, parts, strict=True) if part == fold]
        # Pairs look for their positive among those of all labels, as a hold-out of the whole size would.
        scorer = Judge(model, format, held, judge.precision, corpus=labels)
        taken, _ = trajectory(model, base, format, rows, setup, seed)
        values = {name: scorer.per_row() for name in _walk(model, base, taken)}
        units.append(np.full(len(next(iter(values.values()))), fold))
        for name, found in values.items():
            left_out[name] = np.concatenate([left_out.get(name, np.empty(0)), found])
    taken, _ = trajectory(model, base, format, labels, setup, seed)
    test = {name: judge.score() for name in _walk(model, base, taken)}
    order = [row for fold in range(FOLDS) for row, part in zip(labels, parts, strict=True) if part == fold]
    gold = [float(row.score or 0) for row in order] if format is Format.SCORED else None
    listed = {name: [round(float(value), 6) for value in values] for name, values in left_out.items()}
    return Replay(test, listed, gold, np.concatenate(units).tolist())


def folds_of(labels: Sequence[Example]) -> list[int]:
    """Folds of like size in whole groups: of one text, or of one anchor where texts tie the rows together."""
    groups = by_text(labels)
    if max(groups.count(group) for group in set(groups)) > len(labels) / FOLDS:
        groups = by_anchor(labels)
    sizes = [0] * FOLDS
    fold_of: dict[int, int] = {}
    for group in sorted(set(groups), key=lambda item: -groups.count(item)):
        smallest = sizes.index(min(sizes))
        fold_of[group] = smallest
        sizes[smallest] += groups.count(group)
    return [fold_of[group] for group in groups]


def _walk(model: Any, base: Weights, taken: dict[int, Weights]) -> Any:
    """Puts the model to each candidate in turn and gives its name: "base", "3@0.5" …"""
    model.load_state_dict(base)
    yield BASE
    for epoch in sorted(taken)[::2]:  # three points of the run are enough
        for factor in FACTORS:
            weights = taken[epoch]
            model.load_state_dict(blend(base, weights, factor))
            yield f"{epoch}@{factor:g}"
