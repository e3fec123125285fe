"""Hard negatives: texts that a model finds almost as similar to an anchor as its positive, and that are none of its positives.

Similarities here are cosines, whatever the model itself compares with, so that bounds mean the same for every model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.similarity import search
from core.similarity.relations import Integers, Keys, Relations

Floats = NDArray[np.float32]

_TOGETHER = 4_000_000  # similarities in memory at once, and the most that cancelling waits for


@dataclass(frozen=True)
class Bounds:
    """How similar to the anchor a proposal may be.

    Relative to the positive: at least `least_gap` less similar (what is as close as the positive is often an unlabelled positive),
    at most `most_gap` less (what is far away teaches nothing). Absolute: from `lowest` to `highest`; these hold as well, and alone
    where there is no positive.
    """

    least_gap: float = 0.05
    most_gap: float = 0.40
    lowest: float = 0.0
    highest: float = 1.0

    def window(self, positive: float) -> tuple[float, float]:
        """The similarities allowed for an anchor whose positive has this one (NaN: no positive)."""
        if positive != positive:
            return self.lowest, self.highest
        return max(self.lowest, positive - self.most_gap), min(self.highest, positive - self.least_gap)


@dataclass(frozen=True)
class Proposal:
    """`text` is an index of the corpus."""

    text: int
    similarity: float


class Pool:
    """The corpus as a place to look for negatives: one spelling of each text, and who may not be proposed to whom."""

    def __init__(self, texts: Integers, keys: Keys, relations: Relations) -> None:
        """`texts` are the keys of the corpus in its order."""
        self._relations = relations
        self.keys = texts
        relations.finish()
        self._groups = relations.groups[texts] if len(texts) else texts
        self._blank = keys.of("")
        self.usable = np.zeros(len(texts), dtype=bool)
        self.usable[np.unique(self.keys, return_index=True)[1]] = True
        self.usable &= self.keys != self._blank

    def barred(self, anchor: int, positive: int | None = None) -> NDArray[np.bool_]:
        """A mask of the corpus: what may never be proposed to the anchor (a key).

        The anchor and its positive in any spelling, every text that shares a group of positives with one of them, and
        what somebody decided about already.
        """
        relations = self._relations
        found = ~self.usable | (self._groups == relations.group(anchor)) | (self.keys == anchor)
        if positive is not None and positive != self._blank:
            found |= (self._groups == relations.group(positive)) | (self.keys == positive)
        apart = relations.apart(anchor)
        if len(apart):
            found |= np.isin(self.keys, apart)
        return found


def mine(
    anchors: Floats,
    positives: Floats,
    matrix: Floats,
    barred: Callable[[int], NDArray[np.bool_]],
    bounds: Bounds,
    k: int,
    *,
    lengths: Floats | None = None,
    on_progress: Callable[[int, int], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[list[Proposal]]:
    """For each anchor the up to `k` most similar texts between the bounds, most similar first, equal ones in their order.

    Args:
        anchors: embeddings, shape (q, d).
        positives: the similarity of each anchor to its positive, shape (q,); NaN where it has none.
        matrix: the embeddings of the corpus, shape (n, d); `lengths` their `search.norms` where the caller has them.
        barred: for the position of an anchor the mask of the corpus that may not be proposed, shape (n,).

    Raises:
        Cancelled: `should_stop` said so.
    """
    count = len(matrix)
    step = max(1, _TOGETHER // max(1, count))
    lengths = search.norms(matrix) if lengths is None else lengths
    found: list[list[Proposal]] = []
    for start in range(0, len(anchors), step):
        if should_stop is not None and should_stop():
            raise Cancelled
        chunk = anchors[start : start + step]
        similarities = cosines(chunk, matrix, lengths)
        for offset, row in enumerate(similarities):
            place = start + offset
            low, high = bounds.window(float(positives[place]))
            found.append(_hardest(row, low, high, barred(place), k) if low <= high and count else [])
        if on_progress is not None:
            on_progress(len(found), len(anchors))
    return found


def cosines(queries: Floats, matrix: Floats, lengths: Floats) -> Floats:
    """The cosine of every query (q, d) to every row of the matrix (n, d): shape (q, n); 0 where one is a zero vector."""
    product = queries @ matrix.T
    scale = search.norms(queries)[:, None] * lengths[None, :]
    np.divide(product, scale, out=product, where=scale > 0)
    product[~(scale > 0)] = 0
    return product


def _hardest(row: Any, low: float, high: float, barred: NDArray[np.bool_], k: int) -> list[Proposal]:
    places: Integers = np.flatnonzero((row >= low) & (row <= high) & ~barred)
    chosen = places[search.best(row[places], k)]
    return [Proposal(int(place), float(row[place])) for place in chosen]
