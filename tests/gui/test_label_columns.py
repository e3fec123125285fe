"""Choosing columns, the status of rows, notes in the table, widths kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from core.dataset.formats import Format
from gui.context import Context
from tests.gui.label_support import PAIRS, Bench, bench, clipboard


@pytest.fixture
def pairs(qtbot: QtBot, context: Context, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "p", Format.PAIRS, PAIRS)


def keys(here: Bench) -> list[str]:
    return [column.key for column in here.page.model.columns]


def tick(here: Bench, key: str) -> None:
    here.page.table.head.customContextMenuRequested.emit(QPoint(20, 8))
    menu = here.page.findChild(QMenu, "label.columns_menu")
    assert menu is not None
    action = menu.findChild(QAction, f"label.column.{key}")
    assert action is not None and action.isEnabled()
    action.trigger()
    menu.close()
    here.bot.waitUntil(lambda: here.page.findChild(QMenu, "label.columns_menu") is None)
    here.page.activateWindow()
    here.bot.waitUntil(here.page.isActiveWindow)


def test_columns_are_chosen_for_each_dataset_and_remembered(pairs: Bench) -> None:
    usual = ["number", "anchor", "positive", "split", "flag"]
    assert keys(pairs) == usual
    pairs.at(2, "positive")
    tick(pairs, "note")
    tick(pairs, "split")
    assert keys(pairs) == ["number", "anchor", "positive", "flag", "note"]
    assert pairs.page.table.currentIndex().row() == 2
    assert pairs.page.table.head.length() == pairs.page.table.viewport().width()
    first = pairs.context.dataset_id
    pairs.context.create_dataset("Other", Format.PAIRS)
    assert keys(pairs) == usual
    assert first is not None
    pairs.context.choose_dataset(first)
    assert keys(pairs) == ["number", "anchor", "positive", "flag", "note"]
    tick(pairs, "usual")
    assert keys(pairs) == usual


def test_the_status_column_comes_with_the_first_decision(pairs: Bench) -> None:
    assert "status" not in keys(pairs)
    pairs.at(1, "anchor")
    pairs.page.commands.set_status("rejected")
    assert "status" in keys(pairs)
    place = pairs.page.model.column("status")
    assert pairs.page.model.index(1, place).data() == "✕ Rejected"
    assert pairs.page.model.index(0, place).data() == ""
    assert pairs.page.side.views["rejected"].count == "1"
    pairs.page.side.choose("rejected")
    assert pairs.shown == ["bees love it"]
    pairs.page.table.grab()
    pairs.context.undo()
    pairs.settle()
    assert "status" not in keys(pairs) and pairs.stored[1].status == ""


def test_enter_on_a_status_opens_its_menu(pairs: Bench) -> None:
    tick(pairs, "status")
    pairs.at(0, "status")
    pairs.key(Qt.Key.Key_Return)
    menu = pairs.page.findChild(QMenu, "label.status_menu")
    assert menu is not None
    action = menu.findChild(QAction, "label.status.accepted")
    assert action is not None
    action.trigger()
    menu.close()
    assert pairs.stored[0].status == "accepted"


def test_notes_are_typed_pasted_and_sorted_in_the_table(pairs: Bench) -> None:
    tick(pairs, "note")
    tick(pairs, "status")
    pairs.at(3, "note")
    pairs.type("look again")
    pairs.key(Qt.Key.Key_Return)
    assert pairs.stored[3].note == "look again"
    clipboard("rejected\ttest\t1\ta note")
    pairs.at(0, "status")
    pairs.page.commands.paste()
    first = pairs.stored[0]
    assert (first.status, first.split, first.flag, first.note) == ("rejected", "test", True, "a note")
    pairs.page.table.head.sectionClicked.emit(pairs.page.model.column("note"))
    pairs.settle()
    assert list(pairs.page.model.ids[:2]) == [1, 4]
