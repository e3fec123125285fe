"""Which of the texts from before an edit are still there, and where: an edit changes few of them, mostly next to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class StillThere:
    """From one list of distinct texts to another. `missing` are the places of those that are new."""

    def __init__(self, before: Sequence[str], now: Sequence[str]) -> None:
        most = min(len(before), len(now))
        self._head = next((n for n in range(most) if before[n] != now[n]), most)
        most -= self._head
        self._tail = next((n for n in range(most) if before[-1 - n] != now[-1 - n]), most)
        self._before, self._now = len(before), len(now)
        places = {text: place for place, text in enumerate(before[self._head : self._before - self._tail])}
        middle = now[self._head : self._now - self._tail]
        found = np.fromiter((places.get(text, -1) for text in middle), dtype=np.int64, count=len(middle))
        self._there = np.flatnonzero(found >= 0)
        self._from = found[self._there]
        self.missing: list[int] = (np.flatnonzero(found < 0) + self._head).tolist()

    def take(self, values: NDArray[Any]) -> NDArray[Any]:
        """One value or row for each text before → for each text now; at the places of new ones anything."""
        made = np.empty((self._now, *values.shape[1:]), values.dtype)
        head, end = self._head, self._before - self._tail
        made[:head] = values[:head]
        made[self._now - self._tail :] = values[end:]
        made[head + self._there] = values[head + self._from]
        return made
