"""Columns that another part of the window computes: shown, kept current, sorted by, copied, never written."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.dataset.formats import DatasetInfo, Example, Format
from gui.context import Context
from gui.models.extra_columns import NOTHING, ExtraCell, ExtraColumn, sorted_by
from tests.gui.label_support import SCORED, bench, clipboard


class Lengths(ExtraColumn):
    """Half of each example's id; nothing for the second."""

    def __init__(self) -> None:
        super().__init__("lengths", "Length", largest_first=True)
        self.known = {1: 0.5, 3: 1.5, 4: 1.0}

    def fits(self, info: DatasetInfo) -> bool:
        return info.format is Format.SCORED

    def value(self, id: int) -> ExtraCell:
        return ExtraCell(f"{self.known[id]:.1f}", "secondary") if id in self.known else NOTHING

    def sort_keys(self, ids: array[int]) -> Sequence[float]:
        return [self.known.get(id, np.nan) for id in ids]


def test_unknown_values_come_last_in_both_directions() -> None:
    ids = array("q", [5, 6, 7, 8])
    keys = [1.0, np.nan, 1.0, 0.0]
    assert list(sorted_by(ids, keys, descending=False)) == [8, 5, 7, 6]
    assert list(sorted_by(ids, keys, descending=True)) == [5, 7, 8, 6]
    assert list(sorted_by(array("q"), [], descending=True)) == []


def test_a_column_comes_and_goes_beside_what_is_selected(
    qtbot: QtBot, context: Context, tmp_path: Path
) -> None:
    here = bench(qtbot, context, tmp_path / "p", Format.SCORED, SCORED)
    here.at(2, "text_b")
    extra = Lengths()
    here.page.model.add_extra(extra)
    place = here.page.model.column("extra:lengths")
    shown = [here.page.model.index(row, place).data() for row in range(4)]
    assert shown == ["0.5", "", "1.5", "1.0"]
    assert here.page.table.currentIndex().row() == 2
    assert not here.page.model.index(0, place).flags() & Qt.ItemFlag.ItemIsEditable
    here.page.table.grab()
    extra.known[2] = 9.0
    extra.changed.emit((2,))
    assert here.page.model.index(1, place).data() == "9.0"
    here.page.model.remove_extra("extra:lengths")
    assert here.page.model.column("extra:lengths") == -1
    assert here.page.table.currentIndex().data() == "tracksuit"


def test_a_click_on_its_head_sorts_largest_first(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    here = bench(qtbot, context, tmp_path / "p", Format.SCORED, SCORED)
    here.page.model.add_extra(Lengths())
    place = here.page.model.column("extra:lengths")
    orders = []
    for _ in range(3):
        here.page.table.head.sectionClicked.emit(place)
        here.settle()
        orders.append(list(here.page.model.ids))
    assert orders == [[3, 4, 1, 2], [1, 4, 3, 2], [1, 2, 3, 4]]


def test_it_is_copied_but_pasting_over_it_changes_nothing(
    qtbot: QtBot, context: Context, tmp_path: Path
) -> None:
    here = bench(qtbot, context, tmp_path / "p", Format.SCORED, SCORED)
    here.page.model.add_extra(Lengths())
    here.at(0, "score")
    here.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    here.page.commands.copy()
    assert clipboard() == "1\t0.5"
    clipboard("0.25\t7\ttest")
    here.at(0, "score")
    here.page.commands.paste()
    first: Example = here.stored[0]
    assert (first.raw_score, first.split) == ("0.25", "test")


def test_other_formats_do_not_get_it(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    here = bench(qtbot, context, tmp_path / "p", Format.PAIRS, [Example(("a", "b"))])
    here.page.model.add_extra(Lengths())
    assert here.page.model.column("extra:lengths") == -1
