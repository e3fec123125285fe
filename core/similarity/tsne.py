"""A map by neighbourhoods (t-SNE), made step by step so that it can be watched and stopped.

openTSNE does the descent; the neighbours are ours, because their search must report and stop. openTSNE is imported inside: it takes a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.similarity.neighbours import nearest

Floats = NDArray[np.float32]

_PERPLEXITY = 30.0
_LARGE = 50_000  # rows from where fewer neighbours have to do
_EARLY, _LATER = 250, 500  # iterations, as openTSNE's own defaults
_EXAGGERATION = 12.0
_CHUNK_SECONDS = 0.25  # between two pictures, and what stopping may wait for
_FIRST = 5


@dataclass(frozen=True)
class Picture:
    """The map after some iterations: `points` (n, 2), of `total` iterations `done`."""

    points: Floats
    done: int
    total: int


def layout(
    matrix: Floats,
    start: Floats,
    *,
    fixed: NDArray[np.bool_] | None = None,
    threads: int = 1,
    on_neighbours: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    seed: int = 0,
) -> Iterator[Picture]:
    """Pictures of a map of `matrix` (n, d; best some 50 principal components) that begins as `start` (n, 2).

    With `fixed` (n,) the marked points stay where they are, and nothing is drawn together first: this is how the tuned model's map grows
    out of the base model's. Fewer than four rows stay as they are.

    Raises:
        Cancelled: `should_stop` said so, within half a second.
    """
    if len(matrix) < 4:
        yield Picture(np.asarray(start, np.float32).copy(), 1, 1)
        return
    pinned = np.zeros(len(matrix), bool) if fixed is None else fixed
    embedding = _embedding(
        matrix, start, fixed is not None, pinned, threads, on_neighbours, should_stop, seed
    )
    places = np.asarray(embedding)[pinned].copy()
    phases = [(_LATER, 1.0, 0.8)] if fixed is not None else [(_EARLY, _EXAGGERATION, 0.5), (_LATER, 1.0, 0.8)]
    total, done = sum(phase[0] for phase in phases), 0
    for iterations, exaggeration, momentum in phases:
        left, chunk = iterations, _FIRST
        while left:
            if should_stop and should_stop():
                raise Cancelled
            count = min(chunk, left)
            before = time.monotonic()
            embedding.optimize(count, exaggeration=exaggeration, momentum=momentum, inplace=True)
            if len(places):
                np.asarray(embedding)[pinned] = places
            seconds = time.monotonic() - before
            left, done = left - count, done + count
            chunk = max(1, min(2 * chunk, round(count * _CHUNK_SECONDS / max(seconds, 1e-4))))
            yield Picture(np.array(embedding, dtype=np.float32), done, total)


def _embedding(
    matrix: Floats,
    start: Floats,
    grown: bool,
    pinned: NDArray[np.bool_],
    threads: int,
    on_neighbours: Callable[[int, int], None] | None,
    should_stop: Callable[[], bool] | None,
    seed: int,
) -> Any:
    import openTSNE
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    perplexity = min(_PERPLEXITY if len(matrix) < _LARGE else _PERPLEXITY / 2, (len(matrix) - 1) / 3)
    indices, distances = nearest(matrix, max(1, int(3 * perplexity)), on_neighbours, should_stop, seed=seed)
    if should_stop and should_stop():
        raise Cancelled
    affinities = PerplexityBasedNN(
        perplexity=perplexity,
        knn_index=PrecomputedNeighbors(indices, distances.astype(np.float64)),
        n_jobs=threads,
    )
    begin = np.asarray(start, np.float64)
    noise = np.random.default_rng(seed).normal(
        scale=1e-6, size=begin.shape
    )  # equal points have no direction to part in
    if grown:
        begin = begin + noise * ~pinned[:, None]
    else:  # openTSNE wants a small beginning, else the first steps tear it apart
        begin = begin / max(float(begin[:, 0].std()), 1e-12) * 1e-4 + noise
    return openTSNE.TSNEEmbedding(
        begin,
        affinities,
        negative_gradient_method="fft" if len(matrix) > 10_000 else "bh",
        n_jobs=threads,
        random_state=seed,
    )
