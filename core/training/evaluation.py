"""Measure a model on the hold-out with the evaluator that fits the format. Only child processes import this module.

Metric names are those of sentence-transformers' evaluators (`spearman_cosine`, `cosine_accuracy`, `cosine_ndcg@10` …), made
with the model's own similarity function, without the person's evaluation name before them.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import evaluation as library

from core.dataset.formats import Format
from core.models.packed_forward import PackedForward
from core.training import category_evaluation, row_scores
from core.training.embedder import Embedder
from core.training.groups import groups
from core.training.scores import RowScores

Row = tuple[Any, ...]  # the texts, and the score last where the format has one

ONE_SCORE = "All held-out rows have the same score, so their order says nothing."
ONE_CLASS = "The held-out rows are all of one class, so telling the classes apart cannot be measured."


@dataclass(frozen=True)
class Measurement:
    """What one look at the hold-out found. `rows` counts held-out rows, `per_row` feeds the comparison with the base."""

    metric: str
    title: str
    value: float | None
    rows: int
    metrics: dict[str, float | None]
    evaluator: str  # class name of the evaluator of `metric`
    evaluators: dict[str, str] = field(default_factory=dict)  # metric -> class name
    per_row: RowScores | None = None
    note: str = ""
    groups: list[dict[str, Any]] = field(default_factory=list)  # see `core.training.groups`


class Evaluator:
    """Measures any state of the model on the same rows.

    rows: the hold-out, in the column order of `training_columns`; never empty.
    """

    def __init__(
        self,
        format: Format,
        rows: Sequence[Row],
        should_stop: Callable[[], bool],
        name: str = "",
        packed: PackedForward | None = None,
        lengths: Sequence[int] = (),
    ) -> None:
        self.format = format
        self.rows = list(rows)
        self.should_stop = should_stop
        self.name = name
        self.packed = packed
        self.lengths = lengths  # of shortened embeddings that are measured as well

    def measure(self, model: SentenceTransformer) -> Measurement:
        """Raises: StopRequested, where `should_stop` says so between two chunks of texts."""
        was_training = model.training
        embedder = Embedder(model, self.should_stop, packed=self.packed)
        similarity = str(model.similarity_fn_name)
        parts = {
            Format.SCORED: self._scored,
            Format.TRIPLETS: self._triplets,
            Format.PAIRS: self._pairs,
            Format.CATEGORIES: self._categories,
        }
        try:
            # A constant set of similarities makes the libraries warn; the metric then is None and says so.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                measure = parts[self.format]
                found = measure(embedder, similarity)
                for length in self.lengths:
                    value = measure(embedder.shortened(length), similarity).value
                    found.metrics[f"{found.metric}_{length}"] = value
                    found.evaluators[f"{found.metric}_{length}"] = found.evaluator
            return replace(found, groups=groups(self.format, self.rows, found.per_row))
        finally:
            model.train(was_training)

    def _title(self, words: str) -> str:
        return f"{self.name} {words}" if self.name else f"Hold-out {words}"

    def _scored(self, embedder: Embedder, similarity: str) -> Measurement:
        first, second = [row[0] for row in self.rows], [row[1] for row in self.rows]
        scores = [float(row[2]) for row in self.rows]
        metric, note = f"spearman_{similarity}", ""
        found: dict[str, float | None] = {f"pearson_{similarity}": None, metric: None}
        if len(set(scores)) > 1:
            judge = library.EmbeddingSimilarityEvaluator(
                first, second, scores, similarity_fn_names=[similarity], write_csv=False
            )
            found = _clean(judge(embedder))
        else:
            note = ONE_SCORE
        evaluators = dict.fromkeys(found, "EmbeddingSimilarityEvaluator")
        if set(scores) == {0.0, 1.0}:
            binary = library.BinaryClassificationEvaluator(
                first,
                second,
                [int(score) for score in scores],
                similarity_fn_names=[similarity],
                write_csv=False,
            )
            classes = _clean(binary(embedder))
            found |= classes
            evaluators |= dict.fromkeys(classes, "BinaryClassificationEvaluator")
        elif set(scores) <= {0.0, 1.0}:
            note = f"{ONE_SCORE} {ONE_CLASS}"
        return Measurement(
            metric,
            self._title("Spearman"),
            found.get(metric),
            len(self.rows),
            found,
            "EmbeddingSimilarityEvaluator",
            evaluators,
            row_scores.scored(embedder, first, second, scores),
            note,
        )

    def _triplets(self, embedder: Embedder, similarity: str) -> Measurement:
        # A row with several negatives counts as one triplet each.
        triplets = [(row[0], row[1], negative) for row in self.rows for negative in row[2:]]
        anchors, positives, negatives = (list(column) for column in zip(*triplets, strict=True))
        judge = library.TripletEvaluator(
            anchors, positives, negatives, similarity_fn_names=[similarity], write_csv=False
        )
        found = _clean(judge(embedder))
        metric = f"{similarity}_accuracy"
        per_row = row_scores.triplets(embedder, anchors, positives, negatives, group=len(self.rows[0]) - 2)
        return Measurement(
            metric,
            self._title("triplet accuracy"),
            found.get(metric),
            len(self.rows),
            found,
            "TripletEvaluator",
            dict.fromkeys(found, "TripletEvaluator"),
            per_row,
        )

    def _pairs(self, embedder: Embedder, similarity: str) -> Measurement:
        anchors, positives = [row[0] for row in self.rows], [row[1] for row in self.rows]
        documents = {text: f"d{number}" for number, text in enumerate(dict.fromkeys(positives))}
        questions = {text: f"q{number}" for number, text in enumerate(dict.fromkeys(anchors))}
        relevant: dict[str, set[str]] = {}
        for anchor, positive in zip(anchors, positives, strict=True):
            relevant.setdefault(questions[anchor], set()).add(documents[positive])
        judge = library.InformationRetrievalEvaluator(
            {key: text for text, key in questions.items()},
            {key: text for text, key in documents.items()},
            relevant,
            write_csv=False,
        )
        found = _clean(judge(embedder))
        evaluators = dict.fromkeys(found, "InformationRetrievalEvaluator")
        paired = f"{similarity}_paired_accuracy"
        found[paired] = row_scores.paired_accuracy(embedder, anchors, positives)
        evaluators[paired] = "PairedAccuracy"
        metric = f"{similarity}_ndcg@10"
        return Measurement(
            metric,
            self._title("NDCG@10"),
            found.get(metric),
            len(self.rows),
            found,
            "InformationRetrievalEvaluator",
            evaluators,
            row_scores.pairs(embedder, anchors, positives),
        )

    def _categories(self, embedder: Embedder, similarity: str) -> Measurement:
        metric, found, per_row, note = category_evaluation.measure(
            embedder, [(row[0], row[1]) for row in self.rows], similarity
        )
        name = category_evaluation.EVALUATOR
        return Measurement(
            metric,
            self._title("category accuracy"),
            found[metric],
            len(self.rows) if per_row is None else len(per_row.values),
            found,
            name,
            dict.fromkeys(found, name),
            per_row,
            note,
        )


def _clean(metrics: dict[str, Any]) -> dict[str, float | None]:
    """Plain floats; None where a metric is undefined."""
    return {
        name: float(value) if math.isfinite(float(value)) else None
        for name, value in metrics.items()
        if _number(value)
    }


def _number(value: Any) -> bool:
    return isinstance(value, (int, float, np.floating, np.integer))
