"""Charts with many points in a real window: frames per second while panning and zooming, while points arrive, and over one another.

A real window: run it on a screen, or under `xvfb-run`. A frame is a change of the view, and its painting, brought to its end.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.bench.report import Figure, arguments, at_least, tell

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtWidgets import QApplication

    from core.training.events import StepEvent
    from core.training.step_table import StepTable
    from gui.main_window import MainWindow
    from gui.widgets.plot import Plot

POINTS = 100_000
SECONDS = 3.0
TARGET = 30.0
PER_BATCH = 40  # steps that arrive at once: a thousand a second, 25 times a second
OVERLAID = 7


def steps(count: int, seed: int, start: int = 0) -> list[StepEvent]:
    """A noisy falling loss, as of small batches."""
    from core.training.events import StepEvent

    random = np.random.default_rng(seed)
    places = np.arange(start + 1, start + count + 1)
    losses = 0.9 * np.exp(-places / (0.4 * POINTS)) + np.abs(random.normal(0.1, 0.06, count))
    return [
        StepEvent(int(n), n / 1000, float(loss), 2e-5, 1.0, elapsed=n / 50)
        for n, loss in zip(places, losses, strict=True)
    ]


def table(seed: int) -> StepTable:
    from core.training.step_table import StepTable

    return StepTable(steps(POINTS, seed))


class Frames:
    """Draws frame after frame for some seconds, each from a change until it is on the screen."""

    def __init__(self, app: QApplication, plot: Plot) -> None:
        self._app, self._plot = app, plot
        self.times: list[float] = []
        self.painted, self.work = 0, 0.0
        self._count = painted(plot, self)

    def run(self, change: Callable[[int], None]) -> None:
        for number in range(5):  # the first ones fill caches
            self._frame(change, number)
        self.times.clear()
        self.painted = 0
        began, end, number = time.process_time(), time.perf_counter() + SECONDS, 5
        while time.perf_counter() < end:
            self._frame(change, number)
            number += 1
        self.work = time.process_time() - began
        if self.painted < len(self.times):
            raise SystemExit("Frames were counted that nobody could see.")

    def _frame(self, change: Callable[[int], None], number: int) -> None:
        began = time.perf_counter()
        change(number)
        self._plot.viewport().update()
        self._app.processEvents()  # paints what changed, once
        self.times.append(time.perf_counter() - began)

    def figures(self, what: str) -> list[Figure]:
        slow = sorted(self.times)[int(0.95 * len(self.times))]
        return [
            at_least(f"{what}: frames per second", 1 / statistics.mean(self.times), "1/s", TARGET),
            Figure(f"{what}: 95 of 100 frames within", round(1000 * slow, 1), "ms"),
            Figure(f"{what}: processor time of a frame", round(1000 * self.work / len(self.times), 1), "ms"),
        ]


def painted(plot: Plot, frames: Frames) -> QObject:
    """Counts in `frames` how often `plot` was really painted."""
    from PySide6.QtCore import QEvent, QObject

    class Counter(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            frames.painted += event.type() == QEvent.Type.Paint
            return False

    counter = Counter(plot)
    plot.viewport().installEventFilter(counter)
    return counter


def pan_and_zoom(plot: Plot) -> Callable[[int], None]:
    """Back and forth over the run, from all of it to a hundredth."""

    def change(number: int) -> None:
        share = 0.505 + 0.495 * np.cos(number / 17)
        middle = POINTS * (0.5 + 0.5 * (1 - share) * np.sin(number / 29))
        plot.setXRange(middle - share * POINTS / 2, middle + share * POINTS / 2, padding=0)

    return change


def settle(app: QApplication, window: MainWindow) -> None:
    """Until nothing is on its way any more."""
    end = time.perf_counter() + 0.5
    while window.context.jobs.running or time.perf_counter() < end:
        app.processEvents()


def measure(app: QApplication, window: MainWindow) -> list[Figure]:
    from gui.views.runs.curves import RunCurves
    from gui.views.runs.overlay import Drawn
    from gui.views.runs.page import RunsPage
    from gui.views.train.page import TrainPage

    window.show_page("train")
    page = window.page("train")
    assert isinstance(page, TrainPage)
    page.stack.setCurrentIndex(1)
    card = page.loss_card
    card.clear_run(POINTS)
    card.load(table(1))
    found: list[Figure] = []
    for log in (False, True):
        card.log.setChecked(log)
        frames = Frames(app, card.plot)
        frames.run(pan_and_zoom(card.plot))
        found += frames.figures(
            f"loss, {POINTS:,} steps, panning and zooming{', logarithmic' if log else ''}"
        )
    card.log.setChecked(False)
    card.plot.show_whole()

    arriving = [steps(PER_BATCH, n, POINTS + n * PER_BATCH) for n in range(2000)]
    card.clear_run(POINTS + 2000 * PER_BATCH)
    card.load(table(1))
    frames = Frames(app, card.plot)
    frames.run(lambda number: card.extend(arriving[number % len(arriving)]))
    found += frames.figures(f"loss, {POINTS:,} steps, {PER_BATCH} more with every frame")
    move = pan_and_zoom(card.plot)

    def both(number: int) -> None:
        card.extend(arriving[number % len(arriving)])
        move(number)

    frames = Frames(app, card.plot)
    frames.run(both)
    found += frames.figures(f"loss, {POINTS:,} steps, {PER_BATCH} more with every frame, panning and zooming")
    frames = Frames(app, card.plot)
    frames.run(lambda number: card.smoothing.setValue(50 + number % 45))
    found += frames.figures(f"loss, {POINTS:,} steps, moving the smoothing")

    window.show_page("runs")
    runs = window.page("runs")
    assert isinstance(runs, RunsPage)
    curves = [RunCurves(table(seed)) for seed in range(OVERLAID)]
    settle(app, window)  # the page reads the project's runs, of which there are none
    runs.stack.setCurrentIndex(1)
    runs.overlay.show_runs(
        [Drawn(f"run {n}", f"#{40 * n:02x}60c0", item) for n, item in enumerate(curves, 1)]
    )
    settle(app, window)
    if runs.overlay.curves != OVERLAID:
        raise SystemExit("The curves were not drawn.")
    frames = Frames(app, runs.overlay.plot)
    frames.run(pan_and_zoom(runs.overlay.plot))
    found += frames.figures(f"{OVERLAID} runs of {POINTS:,} steps over one another, panning and zooming")
    return found


def main() -> int:
    options = arguments(__doc__ or "").parse_args()
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        os.environ["ANCHORLAB_HOME"] = str(Path(name) / "home")
        from core.project import Project
        from gui.app import application, create

        app = application()
        Project.create(Path(name) / "p", "Charts").close()
        window = create(Path(name) / "p", ["--no-engine"])
        window.resize(1280, 800)
        window.show()
        app.processEvents()
        figures = measure(app, window)
        window.close()
        app.quit()
    return tell(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
