"""A query's similarities to a corpus, as a list of the best and as ranks of chosen texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.similarity.search import Floats, Integers, best, ranks

_LAST = np.finfo(np.float32).min  # what is not a number comes last of those that take part


class Ranking(Protocol):
    """Places are positions in the corpus; those that do not take part have no rank."""

    exact: bool

    def best(self, k: int) -> list[int]:
        """The places of the `k` most similar texts, best first, equal ones in their order."""

    def scores(self, places: Sequence[int]) -> list[float]: ...

    def ranks(self, places: Sequence[int]) -> list[int | None]:
        """1 is the most similar; None where that is not known."""


class Exact:
    """Every text was scored. `values` (n,) become this ranking's own; `allowed` is a mask, None for all of them."""

    exact = True

    def __init__(self, values: Floats, allowed: NDArray[np.bool_] | None = None) -> None:
        self._values = values
        self._shown = np.where(np.isnan(values), _LAST, values)
        if allowed is not None:
            self._shown[~allowed] = -np.inf
        self._count = len(values) if allowed is None else int(allowed.sum())
        self._allowed = allowed

    def best(self, k: int) -> list[int]:
        return best(self._shown, min(k, self._count)).tolist()

    def scores(self, places: Sequence[int]) -> list[float]:
        return [float(self._values[place]) for place in places]

    def ranks(self, places: Sequence[int]) -> list[int | None]:
        inside = [place for place in places if self._allowed is None or self._allowed[place]]
        known = dict(zip(inside, ranks(self._shown, inside), strict=True))
        return [known.get(place) for place in places]


class Found:
    """Only `places` (their `values` beside them, in no order) are known to be near: what an index gave, scored exactly.

    `others` are texts that somebody asks about as well: their scores are known, their ranks only among the places.
    """

    exact = False

    def __init__(self, places: Integers, values: Floats, others: dict[int, float]) -> None:
        order = np.lexsort((places, -np.nan_to_num(values, nan=-np.inf)))
        self._order = places[order].tolist()
        self._scores = {**others, **dict(zip(self._order, values[order].tolist(), strict=True))}
        self._ranks = {place: rank for rank, place in enumerate(self._order, start=1)}

    def best(self, k: int) -> list[int]:
        return self._order[:k]

    def scores(self, places: Sequence[int]) -> list[float]:
        return [self._scores.get(place, float("nan")) for place in places]

    def ranks(self, places: Sequence[int]) -> list[int | None]:
        return [self._ranks.get(place) for place in places]
