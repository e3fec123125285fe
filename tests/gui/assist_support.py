"""A helper beside the table of a label page, with an engine made of code: what was asked, what is marked, keys in the list."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.views.label.assist.near_tab import NearTab
from tests.gui.fake_engine import FakeEngine, Question
from tests.gui.label_support import Bench


class Helper:
    tab: NearTab

    def __init__(self, made: Bench, engine: FakeEngine) -> None:
        self.made, self.engine = made, engine

    def asked(self, count: int) -> Question:
        """The last of so many questions and not one more."""
        self.made.bot.waitUntil(lambda: len(self.engine.asked) >= count)
        assert len(self.engine.asked) == count
        return self.engine.last

    @property
    def marks(self) -> list[str]:
        return [item.role for item in self.tab.list.texts.items]

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.tab.list, key)
