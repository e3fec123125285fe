"""The held-out rows by label or by anchor: where the model is good and where it is not. Torch-free; numpy only."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.dataset.formats import Format
from core.dataset.normalise import normalise
from core.training.scores import RowScores

MOST_LEVELS, MOST_ANCHORS = 6, 12
FEWEST_REPEATS = 2

Group = dict[str, Any]  # name, title (of the figure), value, rows


def groups(format: Format, rows: Sequence[tuple[Any, ...]], scores: RowScores | None) -> list[Group]:
    """Figures of parts of `rows`, in a fixed order; none where nothing can be put together.

    Scored pairs: the mean similarity at each score, lowest score first, in at most six bins of the scale. Triplets: the share of
    right rows of the most frequent anchors, where anchors repeat. Texts with categories: the most frequent categories.
    """
    if scores is None:
        return []
    if format is Format.SCORED and scores.gold is not None:
        return _levels(scores.values, scores.gold)
    if format is Format.TRIPLETS and len(scores.values) == len(rows):
        return _anchors([row[0] for row in rows], scores.values)
    if format is Format.CATEGORIES:
        return _categories([row[1] for row in rows], scores.values)
    return []


def _levels(values: np.ndarray, gold: np.ndarray) -> list[Group]:
    levels = np.unique(gold)
    if len(levels) <= MOST_LEVELS:
        parts = [(f"score {_number(level)}", gold == level) for level in levels]
    else:
        edges = np.linspace(0, 1, MOST_LEVELS)
        parts = [
            (
                f"score {_number(low)}–{_number(high)}",
                (gold >= low) & ((gold < high) | ((high == 1) & (gold == 1))),
            )
            for low, high in itertools.pairwise(edges)
        ]
    return [_group(name, "mean similarity", values[inside]) for name, inside in parts if inside.any()]


def _anchors(anchors: Sequence[str], values: np.ndarray) -> list[Group]:
    frequent = [text for text, count in Counter(anchors).most_common(MOST_ANCHORS) if count >= FEWEST_REPEATS]
    names = np.asarray(anchors, dtype=object)
    return [_group(text, "accuracy", values[names == text]) for text in frequent]


def _categories(names: Sequence[str], values: np.ndarray) -> list[Group]:
    """`values` are those of the rows that are not alone in their category."""
    keys = [normalise(name) for name in names]
    counts = Counter(keys)
    found = [(key, name) for key, name in zip(keys, names, strict=True) if counts[key] > 1]
    if len(found) != len(values):
        return []
    inside = np.asarray([key for key, _ in found], dtype=object)
    titles = dict(reversed(found))
    frequent = [key for key, _ in Counter(inside.tolist()).most_common(MOST_ANCHORS)]
    return [_group(titles[key], "accuracy", values[inside == key]) for key in frequent]


def _group(name: str, title: str, values: np.ndarray) -> Group:
    return {"name": name, "title": title, "value": float(values.mean()), "rows": len(values)}


def _number(value: float) -> str:
    return f"{float(value):.3g}"
