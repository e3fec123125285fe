"""Saving what the table shows under a name, and coming back to it with one click."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core.dataset.formats import Format
from core.project.saved_views import saved_views
from gui.context import Context
from gui.dialogs.name import NameDialog
from tests.gui.label_support import SCORED, Bench, bench


@pytest.fixture
def here(qtbot: QtBot, context: Context, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "p", Format.SCORED, SCORED)


def answer(here: Bench, name: str) -> None:
    dialog = here.page.window().findChild(NameDialog)
    assert dialog is not None
    dialog.field.setText(name)
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    here.bot.waitUntil(lambda: here.page.window().findChild(NameDialog) is None or dialog.isVisible())
    if isValid(dialog) and dialog.isVisible():  # nothing to accept
        dialog.reject()
        here.bot.waitUntil(lambda: here.page.window().findChild(NameDialog) is None)


def choose(here: Bench, place: int, key: str) -> None:
    made = here.page.saved.buttons[place]
    made.customContextMenuRequested.emit(QPoint(4, 4))
    menu = here.page.saved.findChild(QMenu, "label.view_menu")
    assert menu is not None
    action = menu.findChild(QAction, f"label.view_menu.{key}")
    assert action is not None
    action.trigger()
    menu.close()
    here.bot.waitUntil(lambda: here.page.saved.findChild(QMenu, "label.view_menu") is None)


def names(here: Bench) -> list[str]:
    return [made.title for made in here.page.saved.buttons]


def save(here: Bench, name: str) -> None:
    here.page.saved.save()
    answer(here, name)


def test_a_click_brings_filter_search_order_and_columns_back(here: Bench) -> None:
    page = here.page
    page.columns.choose({"note": True, "split": False})
    page.side.choose("all")
    page.toolbar.search.setText("t")
    page.toolbar.search._ask()
    page.table.head.sectionClicked.emit(page.model.column("text_a"))
    page.table.head.sectionClicked.emit(page.model.column("text_a"))
    here.settle()
    shown, columns = here.shown, page.model.columns
    save(here, "With a t")
    page.columns.usual()
    page.toolbar.search.clear_now()
    page.rows.sort_by("")
    here.settle()
    assert len(here.shown) == 4 and page.model.columns != columns
    page.saved.buttons[0].click()
    here.settle()
    assert here.shown == shown and page.model.columns == columns
    assert page.toolbar.search.text() == "t" and page.saved.buttons[0].isChecked()
    page.side.choose("unlabelled")
    assert not page.saved.buttons[0].isChecked()
    page.grab()


def test_views_are_renamed_moved_changed_and_deleted_undoably(here: Bench) -> None:
    for name in ("One", "Two"):
        save(here, name)
    choose(here, 0, "rename")
    answer(here, "Uno")
    assert names(here) == ["Uno", "Two"]
    choose(here, 0, "down")
    assert names(here) == ["Two", "Uno"]
    here.page.side.choose("unlabelled")
    choose(here, 0, "update")
    project = here.context.project
    assert project is not None and saved_views(project)[0].shown == "unlabelled"
    choose(here, 0, "delete")
    assert names(here) == ["Uno"]
    here.context.undo()
    assert names(here) == ["Two", "Uno"]


def test_a_name_that_is_taken_is_refused(here: Bench, messages: list[object]) -> None:
    save(here, "One")
    save(here, "one")
    assert names(here) == ["One"] and "already a view" in here.messages[-1]


def test_each_dataset_shows_its_own(here: Bench) -> None:
    save(here, "One")
    here.context.create_dataset("Other", Format.PAIRS)
    assert names(here) == []
