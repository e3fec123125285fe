"""Signs that a run goes wrong: a loss that is no number, embeddings that all point one way, learning by heart.

Only child processes import this module.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from core.training.embedder import Embedder
from core.training.evaluation import Measurement

TEXTS = 32  # so many texts give 496 pairs, whose mean cosine is known to about 0.01
COLLAPSED = 0.9
SMALLEST_FALL = 0.02
ROWS_FALL = 0.5  # over the square root of the hold-out's rows: about half the spread of a metric between two draws of them
FALLS = 2  # evaluations in a row


class NotFinite(Exception):
    """The loss or the gradient of a step is no number. Raised before the optimiser moves the weights."""


def finite(model: SentenceTransformer) -> bool:
    """Whether every weight is a number."""
    return all(bool(torch.isfinite(weight).all()) for weight in model.parameters())


class Guards:
    """Watches the evaluations of one run and words each warning once.

    `texts`: any texts of the run; a fixed draw of them, by `seed`, is encoded at every evaluation.
    """

    def __init__(self, texts: Sequence[str], seed: int, should_stop: Callable[[], bool]) -> None:
        distinct = sorted(set(texts))
        chosen = np.random.default_rng(seed).permutation(len(distinct))[:TEXTS]
        self.texts = [distinct[index] for index in chosen]
        self.should_stop = should_stop
        self.base_cosine: float | None = None
        self.told: list[str] = []
        self._best: tuple[float, int, float] | None = None  # value, step, training loss up to there
        self._falls = 0
        self._loss = [0.0, 0]  # sum and number of the losses since the last evaluation

    def base(self, model: SentenceTransformer, found: Measurement | None) -> None:
        """Look at the untouched model. Raises: StopRequested."""
        self.base_cosine = self.mean_cosine(model)
        if found is not None and found.value is not None:
            self._best = (found.value, 0, math.inf)

    def step(self, loss: float) -> None:
        self._loss = [self._loss[0] + loss, self._loss[1] + 1]

    def evaluated(self, model: SentenceTransformer, found: Measurement | None, step: int) -> list[str]:
        """The warnings after an evaluation. Raises: StopRequested."""
        return [text for text in (self._collapse(model, step), self._overfitting(found, step)) if text]

    def mean_cosine(self, model: SentenceTransformer) -> float | None:
        """The mean cosine over all pairs of the drawn texts; None with fewer than three texts."""
        if len(self.texts) < 3:
            return None
        was_training = model.training
        try:
            vectors = np.asarray(Embedder(model, self.should_stop).encode(self.texts), dtype=np.float64)
        finally:
            model.train(was_training)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors / np.maximum(lengths, 1e-12)
        count = len(vectors)
        return float((np.square(vectors.sum(axis=0)).sum() - count) / (count * (count - 1)))

    def _collapse(self, model: SentenceTransformer, step: int) -> str:
        if "collapse" in self.told or (self.base_cosine is not None and self.base_cosine > COLLAPSED):
            return ""
        cosine = self.mean_cosine(model)
        if cosine is None or not cosine > COLLAPSED:
            return ""
        self.told.append("collapse")
        before = "" if self.base_cosine is None else f" (base model: {self.base_cosine:.2f})"
        return (
            f"The embeddings are collapsing: after step {step:,} any two texts have a cosine of {cosine:.2f} on average"
            f"{before}, so the model hardly tells them apart. A smaller learning rate, or more varied examples, helps."
        )

    def _overfitting(self, found: Measurement | None, step: int) -> str:
        mean = self._loss[0] / self._loss[1] if self._loss[1] else math.inf
        self._loss = [0.0, 0]
        if found is None or found.value is None:
            return ""
        if self._best is None or found.value > self._best[0]:
            self._best, self._falls = (found.value, step, mean), 0
            return ""
        best, at, loss_then = self._best
        if math.isinf(loss_then):  # the base model's: nothing to compare this first loss with
            self._best = (best, at, mean)
            return ""
        fallen = best - found.value > max(SMALLEST_FALL, ROWS_FALL / math.sqrt(max(found.rows, 1)))
        self._falls = self._falls + 1 if fallen and mean < loss_then else 0
        if self._falls < FALLS or "overfitting" in self.told:
            return ""
        self.told.append("overfitting")
        where = f"after step {at:,}" if at else "of the base model"
        return (
            f"The model is overfitting: {found.title} has fallen from {best:.3f} {where} to {found.value:.3f} after step "
            f"{step:,} while the training loss went on falling. Fewer epochs, a smaller learning rate or more examples help; "
            "the best weights measured are kept."
        )

    def record(self) -> dict[str, Any]:
        best = (
            None
            if self._best is None
            else [*self._best[:2], None if math.isinf(self._best[2]) else self._best[2]]
        )
        return {
            "base_cosine": self.base_cosine,
            "told": self.told,
            "best": best,
            "falls": self._falls,
            "loss": self._loss,
        }

    def resume(self, record: dict[str, Any]) -> None:
        best = record["best"]
        self.base_cosine, self.told, self._falls = record["base_cosine"], record["told"], record["falls"]
        self._loss = record["loss"]
        self._best = None if best is None else (best[0], best[1], math.inf if best[2] is None else best[2])
