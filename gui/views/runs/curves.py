"""What can be drawn of a run: its steps and its measured points as arrays, read away from the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.training import search_record
from core.training.events import BaselineEvent, EvaluationEvent, Event
from core.training.run_files import contained
from core.training.run_probes import RunProbes, read_probes
from core.training.search_record import Record
from core.training.step_table import StepTable, read_log
from gui.widgets.loss_plot import AXES, QUANTITIES

HOLDOUT = "holdout"  # the metric by which a run was judged, whatever it is called
_MOST_BYTES = 2_000_000
_NO_TIME = float("nan")


@dataclass
class RunCurves:
    """`points` by metric: rows of step, epoch, value; the first is the base model's, at step 0."""

    steps: StepTable = field(default_factory=StepTable)
    points: dict[str, list[tuple[float, float, float]]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)  # all but the steps
    search: Record | None = None  # what a search tried before the run
    probes: RunProbes | None = None

    def of(self, quantity: str, axis: str) -> tuple[np.ndarray, np.ndarray]:
        """Where and what to draw, float64 (n,) each; NaN for a gap."""
        if quantity in QUANTITIES:
            return self.steps.column(AXES[axis][1]), self.steps.column(quantity)
        rows = np.array(self.points.get(quantity, []), float).reshape(-1, 3)
        if axis == "epoch":
            return rows[:, 1], rows[:, 2]
        if axis == "time":
            return self._times(rows[:, 0]), rows[:, 2]
        return rows[:, 0], rows[:, 2]

    def _times(self, steps: np.ndarray) -> np.ndarray:
        """When these steps were taken, in seconds."""
        if not len(self.steps):
            return np.where(steps == 0, 0.0, _NO_TIME)
        known, times = self.steps.column("step"), self.steps.column("elapsed")
        return np.interp(steps, np.concatenate(([0.0], known)), np.concatenate(([0.0], times)))


def read_curves(folder: Path, should_stop: Callable[[], bool] | None = None) -> RunCurves:
    """Raises FileProblem never: what cannot be read is not there."""
    try:
        steps, events = read_log(folder, should_stop)
    except OSError:
        return RunCurves()
    return RunCurves(steps, points_of(events), events, _search(folder), read_probes(folder))


def _search(folder: Path) -> Record | None:
    path = contained(folder, search_record.FOLDER, search_record.FILE)
    if path is None or path.stat().st_size > _MOST_BYTES:
        return None
    found = search_record.read(path.parent)
    return found if found.tried else None


def points_of(events: Iterable[Event]) -> dict[str, list[tuple[float, float, float]]]:
    found: dict[str, list[tuple[float, float, float]]] = {}
    for event in events:
        if isinstance(event, BaselineEvent):
            step, epoch = 0.0, 0.0
        elif isinstance(event, EvaluationEvent):
            step, epoch = float(event.step), event.epoch
        else:
            continue
        for name, value in ((HOLDOUT, event.value), *event.metrics.items()):
            if value is not None:
                found.setdefault(name, []).append((step, epoch, value))
    return found
