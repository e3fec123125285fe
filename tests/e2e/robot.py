"""A person made of code: steps that run inside the event loop that the real `main()` started."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from gui.app import main
from gui.main_window import MainWindow

ROOT = Path(__file__).resolve().parents[2]


def screenshots() -> Path:
    """Where a test run keeps its pictures: `test-output/screenshots` of the checkout, or `ANCHORLAB_SCREENSHOTS`."""
    folder = Path(os.environ.get("ANCHORLAB_SCREENSHOTS", ROOT / "test-output" / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def the_window() -> MainWindow:
    found = [
        widget
        for widget in QApplication.topLevelWidgets()
        if isinstance(widget, MainWindow) and widget.isVisible()
    ]
    assert len(found) == 1, f"{len(found)} windows are open"
    return found[0]


def child(window: QWidget, name: str, kind: type = QWidget) -> Any:
    """The widget with this object name, which must exist."""
    found = window.findChild(kind, name)
    assert found is not None, f"there is no {name}"
    return found


def drive(argv: list[str], steps: Callable[[MainWindow], None]) -> int:
    """Start the program as a user does and run `steps` in it; the window is closed afterwards, whatever happened."""
    failure: list[BaseException] = []

    def run() -> None:
        window = the_window()
        try:
            steps(window)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failure.append(error)
        finally:
            if window.context.training.active:
                window.context.training.discard()
            window.context.training.state = "idle"  # no question at the end of a failed test
            window.close()
            QApplication.quit()

    QTimer.singleShot(300, run)
    status = main(argv)
    if failure:
        raise failure[0]
    return status
