"""The window's own figures: time to the first usable frame, time to the first loss, gaps of the event loop while training.

A real window: run it on a screen, or under `xvfb-run`. Uses fresh copies of the examples in a temporary folder.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.report import Figure, arguments, at_most, tell

ROOT = Path(__file__).resolve().parents[2]

# Started by the parent with the time of its birth: prints the seconds until the window has painted and its event loop is idle.
_START = """
import sys, time
born = float(sys.argv[1])
from PySide6.QtCore import QTimer
from gui.app import application, create
app = application()
window = create(sys.argv[2] if len(sys.argv) > 2 else None)
window.show()
def idle():
    table = window.findChild(object, "label.table")
    if len(sys.argv) > 2 and (table is None or table.model() is None or table.model().rowCount() == 0):
        QTimer.singleShot(0, idle)
        return
    print(time.time() - born, flush=True)
    window.close()
    app.quit()
QTimer.singleShot(0, lambda: QTimer.singleShot(0, idle))
app.exec()
"""


def copy_of(name: str, folder: Path) -> Path:
    target = folder / name
    target.mkdir(parents=True)
    for file in (ROOT / "projects" / name).iterdir():
        if file.suffix in (".toml", ".csv", ".md"):
            shutil.copyfile(file, target / file.name)
    return target


def start_once(*arguments: str) -> float:
    result = subprocess.run(
        [sys.executable, "-c", _START, repr(time.time()), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return float(result.stdout.split()[-1])


class Loop:
    """Waits inside the event loop and measures the gaps between turns of it."""

    def __init__(self) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        self._loop = QEventLoop
        self._beat = QTimer()
        self._beat.setInterval(2)
        self._beat.timeout.connect(self._turn)
        self._last = 0.0
        self.gaps: list[float] = []

    def _turn(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self._last)
        self._last = now

    def until(self, condition: Callable[[], bool], seconds: float = 300) -> float:
        """Seconds until `condition` held."""
        from PySide6.QtCore import QTimer

        began = time.perf_counter()
        self._last = began
        self._beat.start()
        loop = self._loop()
        look = QTimer()
        look.setInterval(5)
        look.timeout.connect(
            lambda: loop.quit() if condition() or time.perf_counter() - began > seconds else None
        )
        look.start()
        loop.exec()
        look.stop()
        self._beat.stop()
        if not condition():
            raise SystemExit("The window did not get there in time.")
        return time.perf_counter() - began

    def pause(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        self.until(lambda: time.perf_counter() >= end)


def measure_training(folder: Path) -> list[Figure]:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from gui.app import application, create
    from gui.widgets.loss_plot import LossPlot

    app = application()
    loop = Loop()
    window = create(copy_of("fashion-aesthetics", folder))
    window.show()
    context = window.context
    loop.until(lambda: context.engine.state == "warm" and context.training._trainer.ready)
    loop.pause(1.0)
    firsts = []
    for _ in range(3):
        loop.until(lambda: context.training._trainer.ready)
        loop.pause(0.5)
        QTest.mouseClick(window.topbar.train, Qt.MouseButton.LeftButton)
        plot = window.findChild(LossPlot, "train.loss_plot")
        firsts.append(loop.until(lambda plot=plot: context.training.active and plot.points >= 1))
        loop.until(lambda: not context.training.active)
    window.close()

    window = create(copy_of("item-relations", folder))
    window.show()
    context = window.context
    loop.until(lambda: context.engine.state == "warm" and context.training._trainer.ready)
    loop.pause(1.0)
    loop.gaps.clear()
    QTest.mouseClick(window.topbar.train, Qt.MouseButton.LeftButton)
    loop.until(lambda: context.training.last_step is not None and context.training.last_step.step >= 40)
    for page in ("label", "train", "runs", "explore", "train"):
        window.show_page(page)
        loop.pause(1.0)
    gaps = sorted(loop.gaps)
    context.training.stop()
    loop.until(lambda: not context.training.active)
    window.close()
    app.quit()
    return [
        at_most(
            "first loss after pressing Train, engine warm (median of 3)", statistics.median(firsts), "s", 3.0
        ),
        at_most("longest gap of the event loop while training", 1000 * gaps[-1], "ms", 50.0),
        Figure(
            "99th percentile of the gaps while training", round(1000 * gaps[int(0.99 * len(gaps))], 2), "ms"
        ),
    ]


def main() -> int:
    options = arguments(__doc__ or "").parse_args()
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        folder = Path(name)
        os.environ["ANCHORLAB_HOME"] = str(folder / "home")
        project = copy_of("outfit-search", folder / "start")
        start_once(str(project))  # builds the project, warms the disk
        welcome = statistics.median(start_once() for _ in range(5))
        opened = statistics.median(start_once(str(project)) for _ in range(5))
        figures = [
            at_most("window interactive, welcome page (median of 5)", welcome, "s", 1.0),
            at_most("window interactive, a project open (median of 5)", opened, "s", 1.0),
            *measure_training(folder / "train"),
        ]
    return tell(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
