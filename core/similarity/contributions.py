"""Why two texts are similar: which tokens of one bring it near which tokens of the other.

Exact, where an embedding is a sum over tokens (see `token_vectors`): with a = Σᵢ aᵢ and b = Σⱼ bⱼ

    cos(a, b) = Σᵢ Σⱼ ⟨aᵢ, bⱼ⟩ / (|a|·|b|),

so the cells ⟨aᵢ, bⱼ⟩ / (|a|·|b|) add up to the score; for a dot product the lengths are left out. A cell belongs to the *outputs* of the
transformer, in which attention has mixed the words already.

Approximate, for every model: what the score loses when a word is taken out of the input. `occlusion` gives the loss for each word of either
text, and for pairs of words the part that only both together explain, s − s₋ᵢ − s₋ⱼ + s₋ᵢ₋ⱼ (the second difference, also called interaction).
These do not add up to the score.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.similarity.token_vectors import TokenVectors

Floats = NDArray[np.float64]

MOST_WORDS = 96  # of one text; what follows is taken together as one
# Words, single signs, and single letters of scripts that do not put spaces between words.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+(?:['’][^\W\d_]+)?|[^\w\s]"
)


@dataclass(frozen=True)
class Contributions:
    """`cells` has shape (rows, columns): how much the pair of row i and column j of the two texts adds to `score`."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Floats
    score: float
    exact: bool = True
    truncated: bool = False

    @property
    def of_rows(self) -> Floats:
        found: Floats = self.cells.sum(axis=1)
        return found

    @property
    def of_columns(self) -> Floats:
        found: Floats = self.cells.sum(axis=0)
        return found


@dataclass(frozen=True)
class Occlusion:
    """What the score loses without each word: `of_rows` (n,), `of_columns` (m,), and `cells` (n, m) what only both together explain."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    of_rows: Floats
    of_columns: Floats
    cells: Floats
    score: float
    exact: bool = False


def contributions(one: TokenVectors, other: TokenVectors, metric: str = "cosine") -> Contributions:
    """The cells of two texts' tokens (or, with `by_word`, words) under cosine or dot product.

    Raises:
        ValueError: another metric; distances are no sums over pairs.
    """
    if metric not in ("cosine", "dot"):
        raise ValueError(f"{metric} is no sum over pairs of tokens")
    cells = one.vectors @ other.vectors.T
    if metric == "cosine":
        product = float(np.linalg.norm(one.embedding) * np.linalg.norm(other.embedding))
        cells = cells / product if product > 0 else np.zeros_like(cells)
    return Contributions(
        one.pieces, other.pieces, cells, float(cells.sum()), True, one.truncated or other.truncated
    )


def words_of(text: str) -> list[tuple[int, int]]:
    """Where the words and signs of a text begin and end; the last one takes what is beyond `MOST_WORDS`."""
    found = [match.span() for match in _WORD.finditer(text)]
    if len(found) > MOST_WORDS:
        found = [*found[: MOST_WORDS - 1], (found[MOST_WORDS - 1][0], found[-1][1])]
    return found


def occlusion(
    one: str, other: str, encode: Callable[[Sequence[str]], NDArray[np.float32]], metric: str = "cosine"
) -> Occlusion:
    """Take out one word after the other. `encode` gives the embeddings (k, d) of k texts and is called once."""
    first, second = words_of(one), words_of(other)
    texts = [one, other, *_without(one, first), *_without(other, second)]
    vectors = np.asarray(encode(texts), dtype=np.float64)
    rows = np.vstack([vectors[:1], vectors[2 : 2 + len(first)]])
    columns = np.vstack([vectors[1:2], vectors[2 + len(first) :]])
    scores = pairwise(rows, columns, metric)
    whole = float(scores[0, 0])
    return Occlusion(
        tuple(one[start:end] for start, end in first),
        tuple(other[start:end] for start, end in second),
        whole - scores[1:, 0],
        whole - scores[0, 1:],
        whole - scores[1:, :1] - scores[:1, 1:] + scores[1:, 1:],
        whole,
    )


def _without(text: str, words: Sequence[tuple[int, int]]) -> list[str]:
    return [f"{text[:start].rstrip()} {text[end:].lstrip()}".strip() for start, end in words]


def pairwise(rows: NDArray[Any], columns: NDArray[Any], metric: str) -> Floats:
    """Every row with every column, higher is more similar, as `search.scores`."""
    rows, columns = np.asarray(rows, dtype=np.float64), np.asarray(columns, dtype=np.float64)
    if metric == "euclidean":
        return -np.sqrt(np.maximum(0.0, _squares(rows)[:, None] + _squares(columns) - 2 * rows @ columns.T))
    if metric == "manhattan":
        return -np.stack([np.abs(row - columns).sum(axis=1) for row in rows]).reshape(len(rows), -1)
    products: Floats = rows @ columns.T
    if metric == "cosine":
        lengths = np.linalg.norm(rows, axis=1)[:, None] * np.linalg.norm(columns, axis=1)[None]
        return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return products


def _squares(vectors: Floats) -> Floats:
    found: Floats = np.einsum("ij,ij->i", vectors, vectors)
    return found
