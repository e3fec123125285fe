"""From a map back into labelling in a real window: train, draw around texts, make labels of them, see the rows, take it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QTabBar, QTableView, QWidget

from core.dataset.formats import Example
from core.project import Project, Reader
from gui.main_window import MainWindow
from gui.views.explore.map.view import MapView
from gui.views.label.page import LabelPage
from tests.core import tiny_model
from tests.e2e.robot import child, drive, screenshots

MINUTES = 60_000  # milliseconds: starting a child on a busy machine takes its time


@pytest.fixture
def quick(example: Path, tmp_path: Path) -> Path:
    """The example with a base model of a few kilobytes: a run on it takes a second."""
    model = str(tiny_model.build(tmp_path / "tiny"))
    with Project.open(example) as project:
        project.set_recipe({"base_model": model, "epochs": 1, "batch_size": 8, "folds": 0})
    return example


def rows(folder: Path) -> list[Example]:
    with Reader(folder) as reader:
        return list(reader.rows(reader.datasets()[0].id))


class Hand:
    """A mouse that knows only the window: what lies under it gets the event."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self._handle = window, window.windowHandle()

    def _at(self, where: QWidget, place: QPoint) -> QPoint:
        return where.mapTo(self._window, place)

    def click(self, where: QWidget, place: QPoint | None = None) -> None:
        at = self._at(where, place or where.rect().center())
        QTest.mouseClick(self._handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def draw(self, where: QWidget, corners: list[QPoint]) -> None:
        plain, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
        QTest.mousePress(self._handle, left, plain, self._at(where, corners[0]))
        for corner in corners[1:]:
            QTest.mouseMove(self._handle, self._at(where, corner))
        QTest.mouseRelease(self._handle, left, plain, self._at(where, corners[-1]))


def entry(menu: QMenu, name: str) -> QAction:
    return next(action for action in menu.actions() if action.objectName() == name)


def test_a_lasso_becomes_labels_and_is_taken_back(qtbot, quick: Path) -> None:
    before = rows(quick)

    def steps(window: MainWindow) -> None:
        hand = Hand(window)
        qtbot.waitUntil(lambda: window.current_page == "label", timeout=MINUTES)
        table = child(window, "label.table", QTableView)
        qtbot.waitUntil(lambda: table.model().rowCount() == len(before), timeout=MINUTES)
        hand.click(child(window, "action.train", QPushButton))
        verdict = child(window, "train.verdict", QLabel)
        qtbot.waitUntil(lambda: bool(verdict.text()) and not window.context.training.active, timeout=MINUTES)

        hand.click(child(window, "nav.explore"))
        tabs = child(window, "explore.tabs", QTabBar)
        titles = [tabs.tabText(place) for place in range(tabs.count())]
        hand.click(tabs, tabs.tabRect(titles.index("Map")).center())
        view = child(window, "explore.view.map", MapView)
        qtbot.waitUntil(lambda: view.mapped is not None and len(view.mapped.points) == 2, timeout=MINUTES)
        qtbot.waitUntil(lambda: not view.busy.isVisible(), timeout=MINUTES)

        shown = view.pair.maps[0]
        hand.click(child(view, "map.lasso", QPushButton))
        right, bottom = shown.width() * 2 // 3, shown.height() - 4
        hand.draw(shown, [QPoint(4, 4), QPoint(right, 4), QPoint(right, bottom), QPoint(4, bottom)])
        texts = view.chosen_texts()
        assert 1 < len(texts) < len(view.texts.texts)

        hand.click(child(view, "map.send", QPushButton))
        menu = view.send
        assert menu is not None and menu.isVisible()
        place = menu.actionGeometry(entry(menu, "send.positives")).center()
        assert window.grab().save(str(screenshots() / "back-to-labelling.png"))
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        bar = window.message_bar
        qtbot.waitUntil(lambda: bar.isVisible() and " added " in bar.text.text(), timeout=MINUTES)
        new = rows(quick)[len(before) :]
        assert new and {row.source for row in new} == {"explorer: map"}
        assert {row.texts[0] for row in new} == {texts[0]} and {row.texts[1] for row in new} <= set(texts)
        known = {row.texts for row in before}
        there = [text for text in texts[1:] if (texts[0], text) in known or (text, texts[0]) in known]
        assert len(new) + len(there) == len(texts) - 1  # none lost, none doubled

        hand.click(child(window, "message.other", QPushButton))
        assert window.current_page == "label"
        qtbot.waitUntil(
            lambda: list(table.model().ids)[-len(new) :] == [row.id for row in new], timeout=MINUTES
        )
        assert table.model().rowCount() <= len(texts) - 1
        first = table.model().index(table.model().row_of(new[0].id), 2)
        hand.click(table.viewport(), table.visualRect(first).center())
        page = window.page("label")
        assert isinstance(page, LabelPage)
        qtbot.waitUntil(lambda: page.details.source.text() == "From explorer: map", timeout=MINUTES)

        hand.click(child(window, "nav.explore"))
        window.activateWindow()  # nobody does it after a menu where no window manager runs
        qtbot.waitUntil(window.isActiveWindow, timeout=MINUTES)
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(
            lambda: bar.isVisible() and bar.text.text().startswith("Undone: Add"), timeout=MINUTES
        )
        assert rows(quick) == before
        hand.click(child(window, "nav.label"))
        hand.click(child(window, "label.view.all"))
        qtbot.waitUntil(lambda: table.model().rowCount() == len(before), timeout=MINUTES)

    assert drive([str(quick), "--theme", "light"], steps) == 0
    assert rows(quick) == before
