"""Driving the import wizard in a real window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from core.project import Reader
from gui.main_window import MainWindow
from tests.gui.window_support import child, dialog


def drop(target: Any, *paths: Path) -> None:
    """Files dropped on the window or on the wizard."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    target.dropEvent(event)


def wizard(qtbot: QtBot, window: MainWindow, *paths: Path) -> Any:
    """The wizard with these files, once all of them were looked at."""
    window.imports.show(list(paths))
    box = dialog(qtbot, "dialog.import")
    looked(qtbot, box)
    return box


def looked(qtbot: QtBot, box: Any) -> None:
    qtbot.waitUntil(lambda: not box.session.busy, timeout=30_000)


def choose(qtbot: QtBot, box: Any, name: str, data: object) -> None:
    """Choose in a combo box of the wizard, and wait until the preview has followed."""
    combo = child(box, name, QComboBox)
    position = combo.findData(data)
    assert position >= 0, f"{data!r} is not among the choices of {name}"
    combo.setCurrentIndex(position)
    looked(qtbot, box)


def heads(box: Any) -> list[str]:
    model = box.page.preview.preview
    return [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]


def cells(box: Any, row: int) -> list[str]:
    model = box.page.preview.preview
    return [model.index(row, n).data() for n in range(model.columnCount())]


def stored(folder: Path) -> dict[str, Sequence[tuple[Any, ...]]]:
    """Every dataset with its rows, as another process reads it."""
    with Reader(folder) as reader:
        return {
            info.name: [(*row.texts, row.score) for row in reader.rows(info.id)] for info in reader.datasets()
        }


def data_hash(folder: Path) -> str:
    with Reader(folder) as reader:
        return reader.data_hash()
