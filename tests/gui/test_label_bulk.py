"""Changes of very many rows: a worker makes them, the page can be looked at, edits wait and say why."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format
from gui.context import Context
from tests.gui.label_support import Bench, bench, clipboard

ROWS = 30


@pytest.fixture
def here(qtbot: QtBot, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    for place in ("gui.views.label.commands", "gui.context"):
        monkeypatch.setattr(f"{place}.AT_ONCE", 3)
    rows = [Example((f"anchor {n}", f"positive {n}")) for n in range(ROWS)]
    return bench(qtbot, context, tmp_path / "p", Format.PAIRS, rows)


def done(here: Bench) -> None:
    here.bot.waitUntil(lambda: here.context.background.job is None, timeout=10_000)
    here.settle()


def test_many_rows_are_deleted_and_brought_back(here: Bench) -> None:
    here.select_rows(*range(5, 20))
    here.page.commands.delete()
    assert here.context.background.title == "Deleting 15 examples"
    assert not here.context.editable and not here.page.model.editable
    here.page.commands.set_flag(True)  # refused, with the reason
    assert "deleting 15 examples is not finished yet" in here.messages[-1]
    done(here)
    assert len(here.stored) == len(here.shown) == ROWS - 15 and here.page.model.editable
    assert here.page.table.currentIndex().row() == 5
    assert here.context.messages.shown[-1].text == "Deleted 15 examples."
    here.context.undo()
    assert here.context.background.title == "Undoing “Delete 15 rows”"
    done(here)
    assert len(here.shown) == ROWS and here.shown[5] == "anchor 5"
    here.context.redo()
    done(here)
    assert len(here.shown) == ROWS - 15


def test_what_is_being_typed_is_kept_before_it_begins(here: Bench) -> None:
    here.at(0, "anchor")
    here.type("half a tex")
    ids = here.page.model.ids[:]
    here.context.background.start("Flagging", lambda p: p.set_cells([(id, "flag", True) for id in ids]))
    done(here)
    assert here.stored[0].texts[0] == "half a tex" and all(row.flag for row in here.stored)


def test_cancelling_leaves_all_rows_there(here: Bench) -> None:
    here.page.table.selectAll()
    here.page.commands.set_split("test")
    here.context.background.cancel()
    here.bot.waitUntil(lambda: here.context.background.job is None)
    here.settle()
    splits = {row.split for row in here.stored}
    if splits == {"test"}:  # it was faster: then the bar offers to take it back
        assert here.context.messages.shown[-1].action == "Undo"
    else:
        assert splits == {""}
    here.page.commands.set_cells([(here.page.model.ids[0], "note", "edits go on")])
    assert here.stored[0].note == "edits go on"


def test_many_cells_are_cleared_filled_and_pasted(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    here.at(0, "positive")
    for _ in range(9):
        here.key(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    here.page.commands.fill_down()
    done(here)
    assert [row.texts[1] for row in here.stored[:11]] == ["positive 0"] * 10 + ["positive 10"]
    here.page.commands.clear_cells()
    done(here)
    assert {row.texts[1] for row in here.stored[:10]} == {""}
    monkeypatch.setattr("gui.views.label.clipboard._PASTED_AT_ONCE", 10)
    clipboard("\n".join(f"new {n}\tpair {n}" for n in range(4)))
    here.page.table.go_to(ROWS - 2, 1)
    here.page.commands.paste()
    done(here)
    assert [row.texts for row in here.stored[-2:]] == [("new 2", "pair 2"), ("new 3", "pair 3")]
    assert len(here.shown) == ROWS + 2


def test_a_failure_is_told_and_edits_go_on(here: Bench, messages: list[object]) -> None:
    here.context.background.start("Breaking", lambda p: p.set_cells([(10**9, "flag", True)]))
    done(here)
    assert "no longer in the project" in here.messages[-1] and here.context.editable


def test_filling_a_single_row_takes_over_the_row_above(here: Bench) -> None:
    here.at(4, "anchor")
    here.page.commands.fill_down()
    assert here.stored[4].texts[0] == "anchor 3"


@pytest.mark.skipif(sys.platform == "win32", reason="an open project's folder cannot be moved there")
def test_an_edit_of_many_rows_is_not_called_saved_while_the_folder_is_away(
    here: Bench, messages, tmp_path: Path
) -> None:
    folder = here.context.folder
    assert folder is not None
    folder.rename(tmp_path / "away")
    ids = list(here.context.project.ids(1))
    assert not here.context.background.start("Flagging", lambda p: p.set_cells([(ids[0], "flag", True)]))
    assert "was not saved" in messages.errors[-1].text and here.context.background.job is None
    (tmp_path / "away").rename(folder)
