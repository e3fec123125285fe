"""The steps of a run as columns of numbers: what charts draw. A million of them are a few arrays, not a million objects."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from core.training.event_log import every
from core.training.events import Event, StepEvent

COLUMNS = ("step", "epoch", "elapsed", "loss", "learning_rate", "grad_norm")


class StepTable:
    """Columns of float64, in the order of the events. A value that is not known is NaN."""

    def __init__(self, steps: Iterable[StepEvent] = ()) -> None:
        self._columns = {name: array("d") for name in COLUMNS}
        self._parts: dict[str, array[float]] = {}
        self.last: StepEvent | None = None
        self.extend(steps)

    def __len__(self) -> int:
        return len(self._columns["step"])

    def extend(self, steps: Iterable[StepEvent]) -> None:
        for step in steps:
            self.append(step)

    def append(self, step: StepEvent) -> None:
        columns, none = self._columns, float("nan")
        count = len(columns["step"])
        for title in step.losses:
            if title not in self._parts:
                self._parts[title] = array("d", [none]) * count
        columns["step"].append(step.step)
        columns["epoch"].append(step.epoch)
        columns["elapsed"].append(step.elapsed)
        columns["loss"].append(none if step.loss is None else step.loss)
        columns["learning_rate"].append(step.learning_rate)
        columns["grad_norm"].append(none if step.grad_norm is None else step.grad_norm)
        for title, part in self._parts.items():
            part.append(step.losses.get(title, none))
        self.last = step

    def column(self, name: str, start: int = 0) -> np.ndarray:
        """A copy of a column from row `start` on, float64 (n,)."""
        return np.array(self._columns[name][start:] if start else self._columns[name])

    def part(self, title: str, start: int = 0) -> np.ndarray:
        """The loss over the rows of one label type, see `StepEvent.losses`."""
        return np.array(self._parts[title][start:] if start else self._parts[title])

    @property
    def part_titles(self) -> list[str]:
        return list(self._parts)

    def rows(self) -> tuple[list[str], Iterator[list[float | None]]]:
        """Header and rows for a table file; gaps are None."""
        named = [(name, values[:]) for name, values in (*self._columns.items(), *self._parts.items())]
        header = [{"elapsed": "seconds"}.get(name, name) for name, _ in named]
        return header, (
            [None if value != value else value for value in row]
            for row in zip(*(values for _, values in named), strict=True)
        )


def read_log(folder: Path, should_stop: Callable[[], bool] | None = None) -> tuple[StepTable, list[Event]]:
    """A run's steps as a table, and its other events in order; what was read so far when `should_stop` says so."""
    steps, others = StepTable(), list[Event]()
    for event in every(folder, should_stop):
        if isinstance(event, StepEvent):
            steps.append(event)
        else:
            others.append(event)
    return steps, others
