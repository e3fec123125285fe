"""Near neighbours of very many vectors from an index (a graph of small worlds, by usearch), and how near to exact it is.

What an index finds is scored exactly afterwards, so that scores and their order are those of an exact search; only a text that it does not
find is missing. How often that happens is measured: see `ExactBest` and `recall`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.similarity.search import Floats, Integers, norms

_METRICS = {"cosine": "cos", "dot": "ip", "euclidean": "l2sq"}
_CONNECTIVITY, _WIDTH_ADD, _WIDTH_SEARCH = 16, 128, 128


def fits(metric: str) -> bool:
    """Whether there is an index for this metric (manhattan has none)."""
    return metric in _METRICS


class Index:
    """Vectors by an integer key each. They are kept as bfloat16: enough to be found by."""

    def __init__(self, dimension: int, metric: str) -> None:
        from usearch.index import Index as Graph  # here: who has few texts never loads it

        self._graph: Any = Graph(
            ndim=dimension,
            metric=_METRICS[metric],
            dtype="bf16",
            connectivity=_CONNECTIVITY,
            expansion_add=_WIDTH_ADD,
            expansion_search=_WIDTH_SEARCH,
        )
        self.dimension = dimension
        self._mapped = False
        self._keys: Integers | None = None

    def __len__(self) -> int:
        return len(self._graph)

    @property
    def size(self) -> int:
        """Bytes of memory; what is read from a file as it is asked for takes none that is not free for others."""
        return 0 if self._mapped else int(self._graph.memory_usage)

    @property
    def keys(self) -> Integers:
        """All of them, ascending. Not to be written to."""
        if self._keys is None:
            self._keys = np.sort(np.asarray(self._graph.keys[:]).astype(np.int64))
        return self._keys

    def add(self, keys: Integers, vectors: Floats, threads: int = 0) -> None:
        """Add vectors under keys that are not there yet; `threads` 0: as many as there are cores."""
        if len(keys):
            self._graph.add(
                keys.astype(np.uint64), np.ascontiguousarray(vectors, np.float32), threads=threads
            )
            self._keys = None

    def search(self, query: Floats, count: int) -> Integers:
        """The keys of about the `count` nearest vectors, nearest first."""
        if not len(self._graph):
            return np.empty(0, dtype=np.int64)
        found = self._graph.search(np.ascontiguousarray(query, np.float32), min(count, len(self._graph)))
        return np.array(found.keys, dtype=np.int64)

    def save(self, path: Path) -> None:
        self._graph.save(os.fspath(path))

    def open(self, path: Path) -> bool:
        """Read what `save` wrote, as far as it is asked for; from then on nothing can be added. False: it is another kind of file.

        Only for files that are known to be ours: the library trusts what it reads.
        """
        return self._read(path, view=True)

    def load(self, path: Path) -> bool:
        """As `open`, all of it into memory, so that more can be added."""
        return self._read(path, view=False)

    def _read(self, path: Path, *, view: bool) -> bool:
        self._keys = None
        try:
            (self._graph.view if view else self._graph.load)(os.fspath(path))
        except (RuntimeError, ValueError, OSError):
            return False
        self._mapped = view
        return int(self._graph.ndim) == self.dimension


class ExactBest:
    """The `k` best of many queries at once, over vectors that come block by block."""

    def __init__(self, queries: Floats, k: int, metric: str) -> None:
        self._metric = metric
        if metric == "cosine":
            queries = np.divide(queries, np.maximum(norms(queries)[:, None], 1e-12), dtype=np.float32)
        self._queries, self._k = np.ascontiguousarray(queries, dtype=np.float32), k
        self._values: Floats = np.full((len(queries), 0), -np.inf, dtype=np.float32)
        self._keys: Integers = np.zeros((len(queries), 0), dtype=np.int64)

    def look(self, keys: Integers, vectors: Floats) -> None:
        found = self._queries @ np.asarray(vectors, dtype=np.float32).T
        if self._metric == "cosine":
            found /= np.maximum(norms(vectors), 1e-12)
        elif self._metric == "euclidean":
            lengths = norms(vectors)
            found = 2 * found - lengths * lengths
        values = np.concatenate([self._values, found], axis=1)
        every = np.concatenate([self._keys, np.broadcast_to(keys, found.shape)], axis=1)
        if values.shape[1] > self._k:
            chosen = np.argpartition(-values, self._k - 1, axis=1)[:, : self._k]
            values, every = np.take_along_axis(values, chosen, 1), np.take_along_axis(every, chosen, 1)
        self._values, self._keys = values, every

    def best(self) -> list[Integers]:
        """The keys of each query, best first."""
        order = np.argsort(-self._values, axis=1, kind="stable")
        return list(np.take_along_axis(self._keys, order, 1))


def recall(found: list[NDArray[Any]], exact: list[Integers], k: int) -> float:
    """The share of the exact `k` best that were found, over all queries."""
    shares = [
        len(set(one[:k].tolist()) & set(other[:k].tolist())) / min(k, len(other))
        for one, other in zip(found, exact, strict=True)
        if len(other)
    ]
    return float(np.mean(shares)) if shares else 1.0
