"""Texts that an editor cannot hold as they are: other spaces and line ends, signs no keyboard has, megabytes in one cell."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.dataset.formats import Example, Format
from gui.context import Context
from tests.gui.label_support import Bench, bench

ODD = [
    "10\u00a0km",  # a space that does not break
    "one\r\ntwo",
    "one\rtwo",
    "one\u2028two\u2029three",
    "nul \x00 inside",
    "\ufdd0 no sign at all \ufdd1",
    "\u202egnp.exe \u2066x",
    "Z" + "\u0301\u0327" * 200,
]


@pytest.fixture
def odd(qtbot, context: Context, tmp_path: Path) -> Bench:
    made = bench(qtbot, context, tmp_path / "p", Format.PAIRS, [Example((text, "other")) for text in ODD])
    made.settle()
    return made


def _texts(made: Bench) -> list[str]:
    return [row.texts[0] for row in made.stored]


def test_looking_at_rows_changes_none(odd: Bench) -> None:
    for row in [*range(len(ODD)), 0]:
        odd.at(row, "anchor")
        odd.bot.waitUntil(lambda row=row: odd.page.details.shown_id == odd.stored[row].id)
        odd.page.details.fields["anchor"].setFocus()
        odd.page.table.setFocus()
    assert _texts(odd) == ODD
    assert odd.context.project is not None and odd.context.project.undo_label == "Create Main"


def test_opening_a_cell_and_leaving_it_changes_nothing(odd: Bench) -> None:
    for row in range(len(ODD)):
        odd.at(row, "anchor")
        odd.key(Qt.Key.Key_F2)
        odd.key(Qt.Key.Key_Return)
    assert _texts(odd) == ODD


def test_what_is_typed_leaves_the_other_signs_as_they_are(odd: Bench) -> None:
    odd.at(0, "anchor")
    odd.key(Qt.Key.Key_F2)
    odd.type("!")
    odd.key(Qt.Key.Key_Return)
    assert _texts(odd)[0] == "10\u00a0km!"
    field = odd.page.details.fields["anchor"]
    odd.at(3, "anchor")
    odd.bot.waitUntil(lambda: field.stored == ODD[3])
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "new")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert _texts(odd)[3] == "new"


@pytest.mark.parametrize("word", ["lorem ipsum ", "A"], ids=["words", "one word"])
def test_a_cell_of_megabytes_makes_nobody_wait(odd: Bench, word: str) -> None:
    text = word * (3_000_000 // len(word))
    assert odd.page.commands.set_cells([(odd.page.model.ids[0], "anchor", text)])
    field = odd.page.details.fields["anchor"]
    odd.at(1, "anchor")
    odd.bot.waitUntil(lambda: field.stored == ODD[1])
    began = time.process_time()
    odd.at(0, "anchor")
    odd.bot.waitUntil(lambda: field.stored == text)
    odd.page.grab()
    odd.key(Qt.Key.Key_F2)
    editor = odd.focus()
    odd.page.grab()
    assert time.process_time() - began < 3
    assert "characters more: too long to be edited here" in field.toPlainText() and field.isReadOnly()
    QTest.keyClicks(editor, "x")
    odd.key(Qt.Key.Key_Return)
    odd.at(1, "anchor")
    odd.bot.waitUntil(lambda: not field.isReadOnly())
    assert _texts(odd)[0] == text


def test_megabytes_are_not_pasted_into_an_open_editor(odd: Bench) -> None:
    QApplication.clipboard().setText("A" * 3_000_000)
    odd.at(0, "anchor")
    odd.key(Qt.Key.Key_F2)
    began = time.process_time()
    odd.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    odd.key(Qt.Key.Key_Return)
    assert time.process_time() - began < 1
    assert _texts(odd) == ODD
