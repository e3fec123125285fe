"""A list of texts near an anchor: how similar each is, what is known about it, and what was just decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.widgets.basic import plain_tip
from gui.widgets.score import number

Index = QModelIndex | QPersistentModelIndex

NEAR_ROLE = Qt.ItemDataRole.UserRole

_WORDS = {"positive": "known positive", "negative": "known negative", "skip": "skipped"}


@dataclass(frozen=True)
class NearText:
    """`role` is "positive", "negative" or "skip" where that is known or decided, `label` its words ("0.9"); `row` the example
    it is proposed for, `anchor` and `positive` the texts of that row."""

    text: str
    score: float
    role: str = ""
    label: str = ""
    row: int = 0
    anchor: str = ""
    positive: str = ""
    own: float | None = None  # the similarity of the row's positive


class NearTexts(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[NearText] = []

    def show(self, items: Sequence[NearText]) -> None:
        self.beginResetModel()
        self.items = list(items)
        self.endResetModel()

    def add(self, items: Sequence[NearText]) -> None:
        """More at the end."""
        if items:
            first = len(self.items)
            self.beginInsertRows(QModelIndex(), first, first + len(items) - 1)
            self.items += items
            self.endInsertRows()

    def mark(self, rows: Sequence[int], role: str, label: str = "") -> None:
        """What was just decided about these."""
        for row in rows:
            self.items[row] = replace(self.items[row], role=role, label=label)
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def next_open(self, row: int) -> int:
        """The first place after `row` that nothing is known about; the last place where there is none."""
        later = (place for place in range(row + 1, len(self.items)) if not self.items[place].role)
        return next(later, min(row + 1, len(self.items) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.text
        if role == NEAR_ROLE:
            return item
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(item.text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = [item.text, f"similarity {number(item.score)}", _WORDS.get(item.role, ""), item.label]
            if item.anchor:
                parts.insert(0, f"For {item.anchor}:")
            return ", ".join(part for part in parts if part)
        return None
