"""At which ranks a query finds the texts it is expected to find, for many queries at once, exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.similarity import search

Floats = NDArray[np.float32]

_VALUES_AT_ONCE = 8_000_000  # scores in memory at once, 32 MB


@dataclass(frozen=True)
class Question:
    """`hits`: the place of each looked for text among the texts, or None where it is not one of them. `left_out`: the places of the texts
    that are the query itself."""

    vector: Floats
    hits: Sequence[int | None]
    hit_vectors: Floats  # (hits, d)
    left_out: Sequence[int] = ()


@dataclass(frozen=True)
class Ranked:
    """For each hit of a question: its rank among all texts, 1 the most similar, and its score. A text that is not among them has the
    rank it would have if it were."""

    ranks: tuple[int, ...]
    scores: tuple[float, ...]


def block_size(texts: int) -> int:
    """How many questions are looked at together."""
    return max(1, min(64, _VALUES_AT_ONCE // max(1, texts)))


def rank(
    questions: Sequence[Question],
    matrix: Floats,
    lengths: Floats,
    metric: str,
    check: Callable[[], None] = lambda: None,
) -> list[Ranked]:
    """Rank the hits of every question among the rows of `matrix`; `check` is called between blocks and may raise.

    Equal scores rank in the order of the rows, as in a search. `lengths` are the norms of the rows.
    """
    found: list[Ranked] = []
    step = block_size(len(matrix))
    for start in range(0, len(questions), step):
        check()
        some = questions[start : start + step]
        scores = _scores(np.stack([one.vector for one in some]), matrix, lengths, metric)
        found += [_ranked(one, row, metric) for one, row in zip(some, scores, strict=True)]
    return found


def _scores(queries: Floats, matrix: Floats, lengths: Floats, metric: str) -> Floats:
    if metric not in ("cosine", "dot"):
        return np.stack([search.scores(query, matrix, metric, lengths) for query in queries])
    found = np.matmul(queries, matrix.T)
    if metric == "cosine":
        product = np.linalg.norm(queries, axis=1).astype(np.float32)[:, None] * lengths[None, :]
        np.divide(found, product, out=found, where=product > 0)
        found[~(product > 0)] = 0
    return found


def _ranked(question: Question, scores: Floats, metric: str) -> Ranked:
    own = [float(score) for score in search.scores(question.vector, question.hit_vectors, metric)]
    for place, hit in enumerate(question.hits):
        if hit is not None:
            own[place] = float(scores[hit])
    scores = np.where(np.isnan(scores), -np.inf, scores)
    scores[list(question.left_out)] = -np.inf
    ranks = []
    for score, hit in zip(own, question.hits, strict=True):
        above = int(np.count_nonzero(scores > score)) if score == score else len(scores) - 1
        equal = int(np.count_nonzero(scores[:hit] == np.float32(score))) if hit is not None else 0
        ranks.append(1 + above + equal)
    return Ranked(tuple(ranks), tuple(own))
