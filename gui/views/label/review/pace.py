"""How fast somebody judges: the judgements of the last minutes, pauses left out."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

WINDOW = 300.0  # seconds that count
PAUSE = 45.0  # a longer gap was a break, not a judgement
_LEAST = 3  # judgements before a pace is told


class Pace:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque()

    def judged(self) -> None:
        self._times.append(self._clock())
        while self._times and self._times[-1] - self._times[0] > WINDOW:
            self._times.popleft()

    def taken_back(self) -> None:
        if self._times:
            self._times.pop()

    def clear(self) -> None:
        self._times.clear()

    @property
    def per_minute(self) -> float | None:
        """None before there is anything to tell."""
        gaps = [later - earlier for earlier, later in zip(self._times, list(self._times)[1:])]
        worked = [gap for gap in gaps if gap <= PAUSE]
        if len(worked) < _LEAST - 1:
            return None
        return 60 * len(worked) / max(sum(worked), 0.001)

    def minutes_left(self, rows: int) -> float | None:
        pace = self.per_minute
        return None if not pace or not rows else rows / pace


def in_words(pace: float | None, minutes: float | None) -> str:
    """ "18 a minute · 7 min left" """
    if pace is None:
        return ""
    speed = f"{pace:.0f} a minute" if pace >= 1 else f"{60 * pace:.0f} an hour"
    if minutes is None:
        return speed
    if minutes < 1:
        left = "under a minute left"
    elif minutes < 90:
        left = f"{minutes:.0f} min left"
    else:
        left = f"{minutes / 60:.0f} h left"
    return f"{speed} · {left}"
