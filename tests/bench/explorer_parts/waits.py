"""What the window waits for while a person explores a large project: the longest turn of its event loop in every step of a visit.

A turn is judged by what the window's own thread computed in it: another program that takes the processor from it meanwhile is not its
fault. The last figure is the longest turn in which the threads of the program computed, whichever it was: what waits for one of them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from tests.bench.explorer_waits.project import large
from tests.bench.report import Figure, at_most

TEXTS, PAIRS, SCORED = 100_000, 10_000, 100_000
MOST_MS = 50


@dataclass(frozen=True)
class Turns:
    """The longest turns of the loop in a step, in seconds: computed by the window's thread, by any thread, and by the clock."""

    title: str
    computed: float
    by_any: float
    passed: float


class Watch:
    """Does a step inside the event loop and measures its turns."""

    def __init__(self) -> None:
        self.steps: list[Turns] = []
        self._beat = QTimer()
        self._beat.setInterval(1)
        self._beat.timeout.connect(self._turn)
        self._last = (0.0, 0.0, 0.0)
        self._most = [0.0, 0.0, 0.0]

    def _turn(self) -> None:
        now = _now()
        spent = [one - last for one, last in zip(now, self._last, strict=True)]
        spent[1] = min(spent[1], spent[2])  # two threads compute more than passes
        self._most = [max(most, one) for most, one in zip(self._most, spent, strict=True)]
        self._last = now

    def step(
        self,
        title: str,
        act: Callable[[], object],
        there: Callable[[], bool] = lambda: True,
        rest: float = 0.4,
    ) -> None:
        """`act`, and what follows until `there` has held for `rest` seconds."""
        self._most, self._last = [0.0, 0.0, 0.0], _now()
        loop, look, since = QEventLoop(), QTimer(), [0.0]
        end = time.monotonic() + 400

        def ended() -> None:
            now = time.monotonic()
            since[0] = (since[0] or now) if there() else 0.0
            if (since[0] and now - since[0] > rest) or now > end:
                loop.quit()

        look.setInterval(20)
        look.timeout.connect(ended)
        self._beat.start()
        QTimer.singleShot(0, act)
        QTimer.singleShot(1, look.start)
        loop.exec()
        look.stop()
        self._beat.stop()
        self._turn()
        if not there():
            raise SystemExit(f"The window did not get there: {title}.")
        self.steps.append(Turns(title, *self._most))


def figures(options: argparse.Namespace) -> list[Figure]:
    from gui.app import application

    application()
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        os.environ["ANCHORLAB_HOME"] = str(Path(name) / "home")
        steps = visit(large(Path(name) / "project", TEXTS, PAIRS, SCORED), Watch())
    made = [at_most(f"waits: {one.title}", 1000 * one.computed, "ms", MOST_MS) for one in steps]
    longest = max(steps, key=lambda one: one.by_any)
    return [
        *made,
        Figure(f"waits: longest with all threads ({longest.title})", round(1000 * longest.by_any, 1), "ms"),
    ]


def _now() -> tuple[float, float, float]:
    return time.thread_time(), time.process_time(), time.perf_counter()


def visit(folder: Path, watch: Watch) -> list[Turns]:
    from tests.bench.explorer_waits.visit import Visit

    Visit(folder, watch).all()
    return watch.steps
