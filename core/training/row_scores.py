"""How each held-out row fared, so that two models can be compared row by row. Only child processes import this module."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import torch

from core.dataset.normalise import normalise
from core.training.embedder import Embedder
from core.training.scores import RowScores

TOP = 10
CHUNK = 512  # anchors compared with every positive at once


def together(anchors: Sequence[str]) -> np.ndarray:
    """The number of each row's anchor: rows about one anchor are no independent evidence."""
    return np.unique([normalise(anchor) for anchor in anchors], return_inverse=True)[1]


def _pairwise(embedder: Embedder, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    result: torch.Tensor = embedder.similarity_pairwise(torch.from_numpy(first), torch.from_numpy(second))
    return result.cpu().numpy()


def scored(
    embedder: Embedder, first: Sequence[str], second: Sequence[str], scores: Sequence[float]
) -> RowScores:
    values = _pairwise(embedder, embedder.encode(first), embedder.encode(second))
    return RowScores(values, np.asarray(scores, dtype=np.float64), together(first))


def triplets(
    embedder: Embedder, anchors: Sequence[str], positives: Sequence[str], negatives: Sequence[str], group: int
) -> RowScores:
    """The share of a row's negatives that lie further away than its positive. `group`: negatives per row."""
    anchor = embedder.encode_query(anchors)
    near = _pairwise(embedder, anchor, embedder.encode_document(positives))
    far = _pairwise(embedder, anchor, embedder.encode_document(negatives))
    return RowScores(
        (near > far).astype(np.float64).reshape(-1, group).mean(axis=1), None, together(anchors[::group])
    )


def _relevant(
    anchors: Sequence[str], positives: Sequence[str]
) -> tuple[list[str], list[str], list[list[int]]]:
    """Distinct anchors, distinct positives, and for each anchor the indices of its positives."""
    documents = {text: number for number, text in enumerate(dict.fromkeys(positives))}
    found: dict[str, list[int]] = {}
    for anchor, positive in zip(anchors, positives, strict=True):
        number = documents[positive]
        if number not in found.setdefault(anchor, []):
            found[anchor].append(number)
    return list(found), list(documents), list(found.values())


def pairs(
    embedder: Embedder,
    anchors: Sequence[str],
    positives: Sequence[str],
    only: Collection[str] | None = None,
) -> RowScores:
    """NDCG@10 of each distinct anchor (of those in `only`) among the distinct positives (Järvelin and Kekäläinen 2002, gains 0 and 1)."""
    questions, documents, relevant = _relevant(anchors, positives)
    if only is not None:
        kept = [place for place, question in enumerate(questions) if question in only]
        questions, relevant = [questions[place] for place in kept], [relevant[place] for place in kept]
    query = torch.from_numpy(embedder.encode_query(questions))
    corpus = torch.from_numpy(embedder.encode_document(documents))
    discounts = 1 / np.log2(np.arange(2, TOP + 2))
    values = []
    for start in range(0, len(questions), CHUNK):
        scores = embedder.similarity(query[start : start + CHUNK], corpus)
        top = torch.topk(scores, min(TOP, len(documents)), dim=1).indices.cpu().numpy()
        for row, right in zip(top, relevant[start : start + CHUNK], strict=True):
            gains = np.isin(row, right)
            values.append((gains * discounts[: len(row)]).sum() / discounts[: min(len(right), TOP)].sum())
    return RowScores(np.asarray(values), None, together(questions))


def paired_accuracy(embedder: Embedder, anchors: Sequence[str], positives: Sequence[str]) -> float | None:
    """How often an anchor is nearer to its own positive than to a positive that is not its own; None with only one positive.

    The mean over all such comparisons, first within each distinct anchor and positive, then over them.
    """
    questions, documents, relevant = _relevant(anchors, positives)
    query = torch.from_numpy(embedder.encode_query(questions))
    corpus = torch.from_numpy(embedder.encode_document(documents))
    shares: list[float] = []
    for start in range(0, len(questions), CHUNK):
        scores = embedder.similarity(query[start : start + CHUNK], corpus).cpu().numpy()
        for row, right in zip(scores, relevant[start : start + CHUNK], strict=True):
            wrong = np.delete(row, right)
            if wrong.size:
                shares.extend(float((row[own] > wrong).mean()) for own in right)
    return sum(shares) / len(shares) if shares else None
