"""What was typed while the project could not be written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from core.dataset.formats import Format
from core.errors import DataProblem, DiskFull
from gui.context import Context
from gui.unsaved import Unsaved
from tests.gui.label_support import PAIRS, Bench, bench


@pytest.fixture
def pairs(qtbot, context: Context, tmp_path: Path) -> Bench:
    made = bench(qtbot, context, tmp_path / "p", Format.PAIRS, PAIRS)
    made.settle()
    return made


@pytest.mark.skipif(sys.platform == "win32", reason="an open project's folder cannot be moved there")
def test_what_was_typed_while_the_folder_was_away_is_saved_by_another_try(
    pairs: Bench, messages, tmp_path: Path
) -> None:
    folder, away = tmp_path / "p", tmp_path / "elsewhere"
    folder.rename(away)
    for row, word in enumerate(("moss", "fern")):
        pairs.at(row, "anchor")
        pairs.key(Qt.Key.Key_F2)
        pairs.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        pairs.type(word)
        pairs.key(Qt.Key.Key_Return)
    assert ["was not saved" in told.text for told in messages.errors] == [True, True]
    failed = pairs.context.messages.shown[-1]
    assert failed.action == "Try again" and failed.do is not None
    away.rename(folder)
    assert [row.texts[0] for row in pairs.stored[:2]] == ["shade plants", "bees love it"]

    failed.do()
    assert [row.texts[0] for row in pairs.stored[:2]] == ["moss", "fern"]
    assert pairs.context.unsaved.cells == ()
    pairs.context.undo()
    assert [row.texts[0] for row in pairs.stored[:2]] == ["shade plants", "bees love it"]


def test_only_what_another_try_may_save_is_kept() -> None:
    unsaved = Unsaved()
    assert not unsaved.keep([(1, "anchor", "a")], DataProblem("No.", ""))
    assert unsaved.keep([(1, "anchor", "a"), (2, "anchor", "b")], DiskFull("Full.", ""))
    assert unsaved.keep([(1, "anchor", "c")], DiskFull("Full.", ""))
    assert unsaved.cells == ((1, "anchor", "c"), (2, "anchor", "b"))
    unsaved.forget([(1, "anchor", "d")])
    assert unsaved.cells == ((2, "anchor", "b"),)
