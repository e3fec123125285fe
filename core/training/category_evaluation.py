"""Measure a model on held-out texts with categories: is a text nearer to those of its own category? Child processes only.

For every held-out text all comparisons of a text of its own category with a text of another count: what drawing triplets would
estimate, without drawing. It is the area under the ROC curve of "same category" by similarity, averaged over the texts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from core.dataset.normalise import normalise
from core.training.embedder import Embedder
from core.training.row_scores import CHUNK, together
from core.training.scores import RowScores

EVALUATOR = "CategoryAccuracy"
NO_PARTNER = "No category has two held-out texts, or there is only one category, so nothing can be measured."


def measure(
    embedder: Embedder, rows: Sequence[tuple[str, str]], similarity: str
) -> tuple[str, dict[str, float | None], RowScores | None, str]:
    """(main metric, metrics, figures by row, note). Each text's figure is its share of comparisons that come out right; texts that
    are alone in their category are no rows. `nearest`: how often the nearest other text is of the same category."""
    texts = [text for text, _ in rows]
    numbers = {
        name: number for number, name in enumerate(dict.fromkeys(normalise(category) for _, category in rows))
    }
    labels = np.asarray([numbers[normalise(category)] for _, category in rows])
    metric, nearest = f"{similarity}_category_accuracy", f"{similarity}_nearest_accuracy"
    matrix = torch.from_numpy(embedder.encode(texts))
    shares: list[float] = []
    hits: list[float] = []
    counted: list[str] = []
    for start in range(0, len(texts), CHUNK):
        found = embedder.similarity(matrix[start : start + CHUNK], matrix).cpu().numpy().astype(np.float64)
        for place, row in enumerate(found, start):
            same = labels == labels[place]
            others = ~same
            same[place] = False
            if not same.any() or not others.any():
                continue
            counted.append(texts[place])
            shares.append(_right(row[same], row[others]))
            hits.append(float(row[same].max() > row[others].max()))
    if not shares:
        return metric, {metric: None, nearest: None}, None, NO_PARTNER
    found_metrics: dict[str, float | None] = {metric: float(np.mean(shares)), nearest: float(np.mean(hits))}
    return metric, found_metrics, RowScores(np.asarray(shares), groups=together(counted)), ""


def _right(own: np.ndarray, others: np.ndarray) -> float:
    """The share of pairs (own, other) in which own is higher; a tie counts half."""
    order = np.sort(others)
    below = np.searchsorted(order, own, "left")
    upto = np.searchsorted(order, own, "right")
    return float((below + upto).sum() / (2 * len(own) * len(others)))
