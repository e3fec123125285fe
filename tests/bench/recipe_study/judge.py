"""Judge any weights on fixed test rows: each distinct text is embedded once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from core.dataset.formats import Example, Format
from core.models.packed_forward import PackedForward, autocast
from core.training.scores import RowScores

Found = dict[str, np.ndarray]  # embeddings by text
CHUNK = 256  # texts embedded at once

METRICS = {Format.SCORED: "spearman", Format.TRIPLETS: "accuracy", Format.PAIRS: "ndcg@10"}


class _Vectors:
    """Stands in for the model where `row_scores` asks for embeddings."""

    def __init__(self, found: dict[str, np.ndarray], model: Any) -> None:
        self.found = found
        self.similarity = model.similarity
        self.similarity_pairwise = model.similarity_pairwise

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self.found[text] for text in texts])

    encode_query = encode_document = encode


class Judge:
    """`score` measures the model as it is now. precision: bf16 is three times as fast on a CPU that has it."""

    def __init__(
        self,
        model: Any,
        format: Format,
        rows: Sequence[Example],
        precision: str = "fp32",
        most: int = 0,
        corpus: Sequence[Example] = (),
    ) -> None:
        self.model = model
        self.format = format
        self.rows = list(rows)[:: max(1, len(rows) // most)][:most] if most else list(rows)
        self.precision = precision
        self.forward = PackedForward(model)
        self.corpus = [row.texts[1] for row in corpus]
        self.texts = list(dict.fromkeys([*(text for row in self.rows for text in row.texts), *self.corpus]))

    def score(self, found: Found | None = None) -> dict[str, float]:
        from core.training import row_scores

        vectors: Any = _Vectors(found or self.embed(), self.model)
        columns = [list(column) for column in zip(*(row.texts for row in self.rows), strict=True)]
        if self.format is Format.SCORED:
            gold = [float(row.score or 0) for row in self.rows]
            return _scored(row_scores.scored(vectors, columns[0], columns[1], gold).values, np.asarray(gold))
        if self.format is Format.PAIRS:
            return {"ndcg@10": float(row_scores.pairs(vectors, columns[0], columns[1]).values.mean())}
        anchor, near, far = (vectors.encode(column) for column in columns)
        lead = ((anchor * near).sum(axis=1) - (anchor * far).sum(axis=1)).astype(np.float64)
        return {"accuracy": float((lead > 0).mean()), "margin": float(lead.mean())}

    def compared(self, found: Found) -> RowScores:
        """What a verdict compares: rows about one anchor belong together."""
        from core.training import row_scores

        values = self.per_row(found)
        if self.format is Format.PAIRS:
            return RowScores(values)
        gold = np.array([row.score or 0.0 for row in self.rows]) if self.format is Format.SCORED else None
        return RowScores(values, gold, row_scores.together([row.texts[0] for row in self.rows]))

    def per_row(self, found: Found | None = None) -> np.ndarray:
        """One figure a row (pairs: a distinct anchor, among the positives of `corpus`), as a hold-out has them."""
        from core.training import row_scores

        vectors: Any = _Vectors(found or self.embed(), self.model)
        columns = [list(column) for column in zip(*(row.texts for row in self.rows), strict=True)]
        if self.format is Format.SCORED:
            gold = [float(row.score or 0) for row in self.rows]
            return row_scores.scored(vectors, columns[0], columns[1], gold).values
        if self.format is Format.TRIPLETS:
            return row_scores.triplets(vectors, columns[0], columns[1], columns[2], 1).values
        return _ndcg(vectors, columns[0], columns[1], self.corpus)

    def embed(self) -> Found:
        """Every text under the model as it is now."""
        self.model.eval()
        found: Found = {}
        with torch.inference_mode(), autocast(self.model.device, self.precision):
            for start in range(0, len(self.texts), CHUNK):
                part = self.texts[start : start + CHUNK]
                found.update(zip(part, self.forward(part).float().cpu().numpy(), strict=True))
        return found


def _scored(values: np.ndarray, gold: np.ndarray) -> dict[str, float]:
    from scipy.stats import spearmanr
    from sklearn.metrics import average_precision_score

    found = {"spearman": float(spearmanr(values, gold).statistic)}
    if len(set(gold.tolist())) <= 3:
        found["ap"] = float(average_precision_score(gold >= 0.5, values))
    return found


def _ndcg(
    vectors: Any, anchors: Sequence[str], positives: Sequence[str], corpus: Sequence[str]
) -> np.ndarray:
    """NDCG@10 of each distinct anchor among the distinct texts of `corpus`."""
    documents = list(dict.fromkeys(corpus))
    matrix = vectors.encode(documents)
    discounts = 1 / np.log2(np.arange(2, 12))
    found = []
    for anchor in dict.fromkeys(anchors):
        right = {near for at, near in zip(anchors, positives, strict=True) if at == anchor}
        order = np.argsort(-(matrix @ vectors.encode([anchor])[0]), kind="stable")[:10]
        gains = np.array([documents[place] in right for place in order])
        found.append((gains * discounts[: len(order)]).sum() / discounts[: min(len(right), 10)].sum())
    return np.asarray(found)
