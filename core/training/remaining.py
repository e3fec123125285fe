"""How long a run will still take: its steps, the measurements to come, checkpoints, and what follows the last step. No torch."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

RECENT_STEPS = 50  # the time left follows the speed of so many steps
AFTER = 1.0  # seconds for the card and the files of the finished model
_FIRST = 3  # from so many steps on the first, which warms the computer up, says nothing about the others


class Remaining:
    """Counts what things took.

    more_steps: made after the last step of the run; later: measurements made after it.
    """

    def __init__(self) -> None:
        self.more_steps = 0
        self.later = 0
        self._recent: deque[float] = deque(maxlen=RECENT_STEPS)
        self._steps = 0
        self._measured = [0.0, 0]  # seconds and number, that of the base model among them
        self._between = [0.0, 0]  # seconds and number of steps: checkpoints, probes

    def step(self, seconds: float) -> None:
        self._steps += 1
        self._recent.append(seconds)
        if self._steps == _FIRST:
            self._recent.popleft()

    def measured(self, seconds: float) -> None:
        self._measured = [self._measured[0] + seconds, self._measured[1] + 1]

    def between(self, seconds: float, steps: int = 1) -> None:
        """What else was done after a step; 0 `steps` where that step has been counted already."""
        self._between = [self._between[0] + max(seconds, 0.0), self._between[1] + steps]

    def seconds(self, steps_left: int, measurements_left: int) -> float:
        """The time left. `measurements_left` are those up to the last step."""
        if not self._recent:
            return 0.0
        per_step = sum(self._recent) / len(self._recent)
        per_look = self._measured[0] / max(self._measured[1], 1)
        besides = self._between[0] / max(self._between[1], 1)
        steps = (steps_left + self.more_steps) * per_step + steps_left * besides
        return steps + (measurements_left + self.later) * per_look + AFTER

    def record(self) -> dict[str, Any]:
        """For a run that goes on later, on whatever computer: measurements are too rare to be forgotten."""
        return {"measured": self._measured}

    def resume(self, record: dict[str, Any]) -> None:
        self._measured = list(record.get("measured", self._measured))


def measurements_left(step: int, total_steps: int, epoch: float, eval_steps: int) -> int:
    """The measurements from `step`, whose own is still to come, to the last step, which is measured in any case.

    0 `eval_steps`: after each epoch.
    """
    if step >= total_steps:
        return 1
    if eval_steps:
        return math.ceil(total_steps / eval_steps) - (step - 1) // eval_steps
    epochs = round(epoch * total_steps / max(step, 1), 4)
    return math.ceil(epochs) - math.ceil(round(epoch, 4)) + 1
