"""A whole window on a real project, without child processes, and the small things that tests do with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core.dataset.formats import Example, Format, Scale
from core.project import Project, Reader
from gui.app import create
from gui.main_window import MainWindow
from gui.widgets.messages import Message

SCORED = [
    Example(("soft girl", "pastel cardigan"), score=1.0, raw_score="1"),
    Example(("pastoral vibe", "linen dress"), score=0.5, raw_score="0.5"),
    Example(("futuristic", "tracksuit"), score=0.0, raw_score="0"),
    Example(("dark academia", "tweed blazer"), score=1.0, raw_score="1"),
]
PAIRS = [Example((f"anchor {n}", f"positive {n}")) for n in range(6)]


def make_project(
    folder: Path,
    format: Format = Format.SCORED,
    rows: Sequence[Example] = SCORED,
    *,
    name: str = "Garden",
    negatives: int = 1,
    scale: Scale | None = None,
) -> Path:
    """A closed project with one dataset called Main."""
    with Project.create(folder, name) as project:
        project.create_dataset("Main", format, negatives, scale or Scale(), rows)
    return folder


def open_window(qtbot: QtBot, project: Path | None = None, *argv: str) -> MainWindow:
    """A shown window; with a project, one that has it open."""
    window = create(project, ["--no-engine", *argv])
    qtbot.addWidget(window, before_close_func=_no_question)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    return window


def _no_question(window: MainWindow) -> None:
    """A window does not close without a question while a run is on, and nobody is there to answer at the end of a test."""
    window.context.training.state = "idle"


def child(widget: QWidget, name: str, kind: type = QWidget) -> Any:
    """The widget of this object name, which must exist; not one that is only waiting to be deleted."""
    QApplication.processEvents()  # what was just added to a layout is shown one turn of the event loop later
    found = sorted(widget.findChildren(kind, name), key=lambda item: not item.isVisible())
    assert found, f"there is no {name}"
    return found[0]


def click(widget: QWidget) -> None:
    QApplication.processEvents()
    assert widget.isVisible() and widget.isEnabled(), f"{widget.objectName()} cannot be clicked"
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(widget.width() // 2, widget.height() // 2))


def said(window: MainWindow) -> list[str]:
    return [message.text for message in window.context.messages.shown]


def last(window: MainWindow) -> Message:
    return window.context.messages.shown[-1]


def in_bar(window: MainWindow) -> str:
    """What the message bar says now; "" while it is hidden."""
    return window.message_bar.text.text() if window.message_bar.isVisible() else ""


def dialog(qtbot: QtBot, name: str) -> Any:
    """The open dialog of this object name."""

    def find() -> list[QDialog]:
        return [
            top
            for top in QApplication.topLevelWidgets()
            if isinstance(top, QDialog) and top.objectName() == name and top.isVisible()
        ]

    qtbot.waitUntil(lambda: bool(find()), timeout=10_000)
    return find()[0]


def closed(box: QWidget) -> bool:
    """Whether a dialog is gone or on its way."""
    return not isValid(box) or not box.isVisible()


def texts(folder: Path) -> list[tuple[str, ...]]:
    """Every row of the first dataset, as another process reads it from the disk."""
    with Reader(folder) as reader:
        datasets = reader.datasets()
        return [row.texts for row in reader.rows(datasets[0].id)] if datasets else []


def fits(window: MainWindow, width: int, height: int) -> bool:
    """Whether everything in the window can be drawn in so much room."""
    for _ in range(5):  # a change climbs one layout a turn of the event loop
        QApplication.processEvents()
    needed = window.centralWidget().minimumSizeHint()
    return needed.width() <= width and needed.height() <= height


def quiet(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until nothing is on its way: no job, no timer that fills a page."""
    qtbot.waitUntil(lambda: not window.context.jobs.running, timeout=20_000)
