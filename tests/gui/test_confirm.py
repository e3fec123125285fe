"""The question before what cannot be undone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from gui.dialogs.confirm import ConfirmDialog, confirm


def _answer(key: Qt.Key | None, press: str = "") -> list[str]:
    """Answer the question that is about to be asked; what it said."""
    said: list[str] = []

    def act() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, ConfirmDialog)
        said.extend(label.text() for label in box.findChildren(QLabel))
        if key is not None:
            QTest.keyClick(box.focusWidget() or box, key)
        else:
            box.findChild(QPushButton, press).click()

    QTimer.singleShot(0, act)
    return said


@pytest.mark.parametrize(
    ("danger", "key", "press", "expected"),
    [
        (False, Qt.Key.Key_Return, "", True),
        (False, Qt.Key.Key_Escape, "", False),
        (True, Qt.Key.Key_Return, "", False),
        (True, None, "confirm.yes", True),
        (True, None, "confirm.cancel", False),
    ],
)
def test_what_counts_as_yes(
    qtbot: QtBot, danger: bool, key: Qt.Key | None, press: str, expected: bool
) -> None:
    said = _answer(key, press)
    assert confirm(None, "Delete <b>it</b>?", "For good.", "Delete", danger=danger) is expected
    assert said == ["Delete <b>it</b>?", "For good."]
