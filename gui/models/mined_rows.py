"""Proposals of hard negatives as a table: a tick, the row, anchor, positive, proposed negative, both similarities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from core.dataset.formats import Role
from gui.models.example_table import one_line
from gui.widgets.basic import plain_tip
from gui.widgets.roles import sign_pixmap
from gui.widgets.score import number

Index = QModelIndex | QPersistentModelIndex

HEADINGS = ("", "Anchor", "Positive", "Proposed negative", "Score", "Score")
TICK, ANCHOR, POSITIVE, NEGATIVE, OWN, SCORE = range(6)
_SIGNS = {
    ANCHOR: Role.ANCHOR,
    POSITIVE: Role.POSITIVE,
    NEGATIVE: Role.NEGATIVE,
    OWN: Role.POSITIVE,
    SCORE: Role.NEGATIVE,
}


@dataclass(frozen=True)
class Mined:
    row: int  # the example's id
    anchor: str
    positive: str
    text: str
    own: float | None
    similarity: float


class MinedRows(QAbstractTableModel):
    """All are ticked at first; `ticked` counts them. Ticks are kept as the few that were taken away."""

    ticks_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Mined] = []
        self._without: set[int] = set()

    @property
    def ticked(self) -> int:
        return len(self.rows) - len(self._without)

    def chosen(self) -> list[Mined]:
        return [mined for place, mined in enumerate(self.rows) if place not in self._without]

    def clear(self) -> None:
        self.beginResetModel()
        self.rows, self._without = [], set()
        self.endResetModel()
        self.ticks_changed.emit()

    def add(self, rows: Sequence[Mined]) -> None:
        if rows:
            first = len(self.rows)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self.rows += rows
            self.endInsertRows()
            self.ticks_changed.emit()

    def tick(self, places: Sequence[int], on: bool) -> None:
        if on:
            self._without.difference_update(places)
        else:
            self._without.update(places)
        for place in places:
            index = self.index(place, TICK)
            self.dataChanged.emit(index, self.index(place, SCORE))
        self.ticks_changed.emit()

    def is_ticked(self, place: int) -> bool:
        return place not in self._without

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADINGS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == TICK else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        mined, column = self.rows[index.row()], index.column()
        if column == TICK:
            if role == Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if self.is_ticked(index.row()) else Qt.CheckState.Unchecked
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return "accepted" if self.is_ticked(index.row()) else "left out"
            return None
        texts = {ANCHOR: mined.anchor, POSITIVE: mined.positive, NEGATIVE: mined.text}
        if column in texts:
            if role == Qt.ItemDataRole.DisplayRole:
                return one_line(texts[column])
            if role == Qt.ItemDataRole.ToolTipRole:
                return plain_tip(texts[column])
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return number(mined.own if column == OWN else mined.similarity)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != TICK:
            return False
        self.tick([index.row()], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        if role == Qt.ItemDataRole.DecorationRole and section in _SIGNS:
            return sign_pixmap(_SIGNS[section])
        if role == Qt.ItemDataRole.ToolTipRole and section in (OWN, SCORE):
            return f"How similar the {'positive' if section == OWN else 'proposed negative'} is to the anchor"
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (OWN, SCORE):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None
