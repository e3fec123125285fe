"""A person with a keyboard in front of the review of a real window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example
from core.project import Reader
from gui.main_window import MainWindow
from gui.views.label.page import LabelPage
from gui.views.label.review.panel import ReviewPanel
from tests.gui.window_support import open_window, quiet

NO = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


class Reviewer:
    """A person with a keyboard in front of the window."""

    def __init__(self, bot: QtBot, folder: Path) -> None:
        self.bot, self.folder = bot, folder
        self.window: MainWindow = open_window(bot, folder)
        self.page = self.window.page("label")
        assert isinstance(self.page, LabelPage)
        bot.waitUntil(lambda: not self.page.rows.query.busy)
        self.key(Qt.Key.Key_R, CTRL)
        bot.waitUntil(lambda: self.page.review.on)
        assert self.page.review.panel is not None
        self.panel: ReviewPanel = self.page.review.panel
        quiet(bot, self.window)
        assert self.panel.hasFocus()

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO) -> None:
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClick(widget, key, modifier)

    def type(self, text: str) -> None:
        for letter in text:
            widget = QApplication.focusWidget()
            assert widget is not None
            QTest.keyClicks(widget, letter)

    def back_in_front(self) -> None:
        """A dialog has closed; a real window manager activates the window by itself."""
        self.window.activateWindow()
        self.bot.waitUntil(self.window.isActiveWindow)
        assert self.panel.hasFocus()

    @property
    def rows(self) -> list[Example]:
        dataset = self.window.context.dataset_id
        with Reader(self.folder) as reader:
            return list(reader.rows(dataset if dataset is not None else 1))

    @property
    def number(self) -> int:
        example = self.panel.example
        return example.number if example is not None else 0

    @property
    def last(self) -> str:
        return self.panel.desk.last.text()

    def close(self) -> None:
        self.window.close()


def scored(count: int) -> list[Example]:
    return [Example((f"anchor {n}", f"text {n}")) for n in range(count)]
