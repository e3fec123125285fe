"""Score the rows of a fold under any state of the model. Only child processes import this module."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer

from core.dataset.formats import Format
from core.models.packed_forward import PackedForward
from core.training import row_scores
from core.training.embedder import Embedder

Row = tuple[Any, ...]

_WORDS = {Format.SCORED: "Spearman", Format.TRIPLETS: "triplet accuracy", Format.PAIRS: "NDCG@10"}
EVALUATORS = {
    Format.SCORED: "EmbeddingSimilarityEvaluator",
    Format.TRIPLETS: "TripletEvaluator",
    Format.PAIRS: "InformationRetrievalEvaluator",
}
_METRICS = {
    Format.SCORED: "spearman_{}",
    Format.TRIPLETS: "{}_accuracy",
    Format.PAIRS: "{}_ndcg@10",
}


def title(format: Format) -> str:
    return f"Cross-validated {_WORDS[format]}"


def metric(format: Format, model: SentenceTransformer) -> str:
    return _METRICS[format].format(model.similarity_fn_name)


class FoldScorer:
    """One figure for each *unit*: a row, or with pairs a distinct anchor, whose positives are looked for among those of all rows.

    `units` are the units as the first row of each, in the order of the rows; `gold` their scores (scored pairs only).
    """

    def __init__(
        self,
        format: Format,
        rows: Sequence[Row],
        should_stop: Callable[[], bool],
        packed: PackedForward | None = None,
    ) -> None:
        self.format = format
        self.rows = list(rows)
        self.should_stop = should_stop
        self.packed = packed

    def units(self, held: Sequence[int]) -> list[int]:
        """The units of the rows `held`, which are in ascending order."""
        if self.format is not Format.PAIRS:
            return list(held)
        first: dict[str, int] = {}
        for row in held:
            first.setdefault(self.rows[row][0], row)
        return list(first.values())

    def groups(self, units: Sequence[int]) -> np.ndarray:
        """Rows about one anchor are no independent evidence: the number of each unit's anchor."""
        return row_scores.together([self.rows[row][0] for row in units])

    def gold(self, units: Sequence[int]) -> np.ndarray | None:
        if self.format is not Format.SCORED:
            return None
        return np.array([float(self.rows[row][2]) for row in units])

    def values(self, model: SentenceTransformer, units: Sequence[int]) -> np.ndarray:
        """The figure of each unit under the model as it is now, shape (n,). Raises: StopRequested."""
        embedder = Embedder(model, self.should_stop, packed=self.packed)
        was_training = model.training
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found: np.ndarray = self._values(embedder, [self.rows[row] for row in units])
                return found
        finally:
            model.train(was_training)

    def _values(self, embedder: Embedder, rows: list[Row]) -> np.ndarray:
        if self.format is Format.SCORED:
            first, second, scores = ([row[slot] for row in rows] for slot in range(3))
            return row_scores.scored(embedder, first, second, scores).values
        if self.format is Format.TRIPLETS:
            triplets = [(row[0], row[1], negative) for row in rows for negative in row[2:]]
            anchors, positives, negatives = (list(column) for column in zip(*triplets, strict=True))
            return row_scores.triplets(embedder, anchors, positives, negatives, group=len(rows[0]) - 2).values
        wanted = [row[0] for row in rows]
        anchors, positives = [row[0] for row in self.rows], [row[1] for row in self.rows]
        # it answers in the order of first appearance in all rows, which is that of the units
        return row_scores.pairs(embedder, anchors, positives, only=set(wanted)).values


def points(epochs: float, total_steps: int) -> list[tuple[int, float]]:
    """(step, epochs) at which the model is looked at, from the middle of the run on: before it the rate of learning is still so high
    that the weights are no good ones to stop at, and the line to the base model has calmer points. Ends of epochs where there are
    several, else quarters of the run."""
    whole = float(epochs).is_integer()
    if whole and 3 <= epochs <= 6:
        places = [float(number) for number in range(1, int(epochs) + 1)]
    elif whole and epochs > 6:
        places = sorted({float(math.ceil(epochs * number / 5)) for number in range(1, 6)})
    else:
        places = [epochs * number / 4 for number in range(1, 5)]
    places = [place for place in places if place >= epochs / 2]
    found: dict[int, float] = {}
    for place in places:
        found[max(1, round(total_steps * place / epochs))] = place
    return sorted(found.items())
