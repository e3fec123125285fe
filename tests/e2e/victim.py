"""A window in a process of its own that does something until it is killed: `python -m tests.e2e.victim storm|train ARGS…`.

Every line on standard output is an acknowledgement: it is written after the window was told that the thing is done.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QTableView

from core.dataset.formats import Example
from core.training.events import StepEvent
from gui.app import main
from gui.main_window import MainWindow
from tests.e2e.robot import child, the_window

_keep: list[object] = []


def acknowledge(*words: object) -> None:
    print(*words, sep="\t", flush=True)


def storm(window: MainWindow) -> None:
    """Edit as fast as the event loop turns: cells through the table's model, now and then a new row, a deletion."""
    model = child(window, "label.table", QTableView).model()
    count = 0

    def edit() -> None:
        nonlocal count
        count += 1
        if count % 7 == 0:
            change = window.context.add_examples([Example((f"added {count}", "by the storm"))])
            assert change is not None
            acknowledge("added", change.ids[0], f"added {count}")
        elif count % 11 == 0:
            gone = model.rowCount() - 1
            ids = window.context.project.ids(window.context.dataset_id)[gone:]  # type: ignore[union-attr, arg-type]
            assert window.context.delete_examples(list(ids)) is not None
            acknowledge("deleted", ids[0], "")
        else:
            row = count % 20
            id = window.context.project.ids(window.context.dataset_id)[row]  # type: ignore[union-attr, arg-type]
            assert model.setData(model.index(row, 1), f"edit {count}")
            acknowledge("edited", id, f"edit {count}")

    timer = QTimer(window)
    timer.timeout.connect(edit)
    timer.start(0)


def train(window: MainWindow) -> None:
    """Press Train and tell every step."""

    def told(events: list[object]) -> None:
        for event in events:
            if isinstance(event, StepEvent):
                acknowledge("step", event.step)

    window.context.training.events.connect(told)
    window.topbar.train.click()


def when_open(do: Callable[[MainWindow], None]) -> None:
    """Once the project is open and its rows are in the table."""
    timer = QTimer()
    _keep.append(timer)

    def look() -> None:
        window = the_window()
        table = window.findChild(QTableView, "label.table")
        if table is not None and table.model() is not None and table.model().rowCount() > 20:
            timer.stop()
            acknowledge("open")
            do(window)

    timer.timeout.connect(look)
    timer.start(20)


if __name__ == "__main__":
    from gui.app import application

    application()
    when_open({"storm": storm, "train": train}[sys.argv[1]])
    sys.exit(main(sys.argv[2:]))
