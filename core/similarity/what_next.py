"""Which examples to label next: those that the model is unsure about, and that are unlike each other and unlike what is labelled.

Greedy farthest-first traversal (Gonzalez 1985; as a core set for active learning: Sener and Savarese 2018), each distance
weighted by what the label would be worth (weighted k-center: Dyer and Frieze 1985). The next one is

    argmax  worth(i) · min over all labelled or chosen j of (1 − cos(i, j)) / 2

so that an example scores only when it is both uncertain and far from everything that is known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.similarity.search import norms

Floats = NDArray[np.float32]

_KNOWN = 256  # labelled examples that distances are measured to: a random sample where there are more
_CHUNK = 8192


def unit(vectors: Floats) -> Floats:
    """The rows at length 1; zero rows stay zero."""
    lengths = norms(vectors)[:, None]
    return np.divide(vectors, lengths, out=np.zeros_like(vectors, dtype=np.float32), where=lengths > 0)


def choose(
    vectors: Floats, worth: NDArray[np.floating], known: Floats, count: int, seed: int = 0
) -> tuple[NDArray[np.int64], Floats]:
    """At most `count` rows of `vectors` (n, d), best first, and the value that each was chosen for.

    `vectors` and `known` (m, d), the labelled ones, have length 1. `worth` (n,) is 0 or more; what is not a number is worth nothing. A
    copy of something labelled or chosen has no value and is never chosen.
    """
    weight = np.nan_to_num(np.asarray(worth, dtype=np.float32), nan=0.0).clip(min=0.0)
    if len(known) > _KNOWN:
        known = known[np.random.default_rng(seed).choice(len(known), _KNOWN, replace=False)]
    # nothing is known: everything is equally far from it
    nearest = np.full(len(vectors), -1.0, dtype=np.float32)
    for start in range(0, len(vectors) if len(known) else 0, _CHUNK):
        nearest[start : start + _CHUNK] = (vectors[start : start + _CHUNK] @ known.T).max(axis=1)
    chosen: list[int] = []
    values: list[float] = []
    for _ in range(min(count, len(vectors))):
        value = weight * (1.0 - nearest.clip(-1.0, 1.0)) / 2.0
        best = int(np.argmax(value))
        if value[best] <= 1e-6:
            break
        chosen.append(best)
        values.append(float(value[best]))
        np.maximum(nearest, vectors @ vectors[best], out=nearest)
    return np.array(chosen, dtype=np.int64), np.array(values, dtype=np.float32)


def typical(vectors: Floats, seed: int = 0, sample: int = 256) -> Floats:
    """How much each row (length 1) is like the others, 0–1: the mean cosine to a sample of them, the lowest as 0, the highest as 1.

    Farthest-first alone runs after outliers; a text that resembles many others teaches about all of them (information density:
    Settles and Craven 2008).
    """
    if not len(vectors):
        return np.empty(0, dtype=np.float32)
    some = np.random.default_rng(seed).choice(len(vectors), min(sample, len(vectors)), replace=False)
    density = vectors @ vectors[some].mean(axis=0)
    low, high = float(density.min()), float(density.max())
    if high - low < 1e-6:
        return np.ones(len(vectors), dtype=np.float32)
    return ((density - low) / (high - low)).astype(np.float32)
