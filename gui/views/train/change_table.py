"""Rows of a figure before and now: name, base model, now, and a bar that moves while a run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from gui.theme.manager import tokens
from gui.widgets.basic import brief, plain_tip
from gui.widgets.score import number, paint_bar
from gui.widgets.table_look import to_read

_BAR = 3
_WIDE, _NARROW = 96, 56  # of the bar
_ENOUGH = 320  # of the whole table, for a wide bar and the base model's figures
_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Change:
    """`base`, `now`: figures from 0 to 1 (or below 0 for opposite texts); None: not known yet. `wish`: up, down or ""."""

    name: str
    base: float | None
    now: float | None
    wish: str = ""
    tip: str = ""
    said: tuple[str, str] | None = None  # what stands in place of the figures, e.g. ranks


class ChangeTable(QTableWidget):
    def __init__(self, name: str, title: str, first: str, parent: QWidget | None = None) -> None:
        super().__init__(0, 4, parent)
        to_read(self, name, title, 28)
        self.setHorizontalHeaderLabels([first, "Base", "Now", ""])
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        head = self.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, 60), (2, 60), (_BAR, _WIDE)):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, width)
        for column in (1, 2):
            item = self.horizontalHeaderItem(column)
            if item is not None:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setItemDelegateForColumn(_BAR, _Bar(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow place the names need the room: the mark on the bar still shows the base model."""
        enough = self.viewport().width() >= _ENOUGH
        self.setColumnHidden(1, not enough)
        self.setColumnWidth(_BAR, _WIDE if enough else _NARROW)
        super().resizeEvent(event)

    def show_changes(self, changes: Sequence[Change]) -> None:
        """In the same order every time: only what is different is touched."""
        if self.rowCount() != len(changes):
            self.setRowCount(len(changes))
        for row, change in enumerate(changes):
            self._cell(row, 0, brief(change.name, 200), change.tip or change.name)
            before, now = change.said or (number(change.base), number(change.now))
            self._cell(row, 1, before, "")
            self._cell(row, 2, now, "")
            bar = self._cell(row, _BAR, "", "")
            if bar.data(_ROLE) != change:
                bar.setData(_ROLE, change)

    def _cell(self, row: int, column: int, text: str, tip: str) -> QTableWidgetItem:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            if column in (1, 2):
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
        if tip and item.toolTip() != plain_tip(tip):
            item.setToolTip(plain_tip(tip))
        return item


class _Bar(QStyledItemDelegate):
    """The figure now as a bar, the base model's as a mark on it."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        change = index.data(_ROLE)
        if not isinstance(change, Change):
            return
        place = QRectF(option.rect).adjusted(8, 0, -12, 0)  # type: ignore[attr-defined]
        colours = tokens()
        colour = colours.accent
        if change.wish and change.base is not None and change.now is not None and change.now != change.base:
            right = (change.now > change.base) == (change.wish == "up")
            colour = colours.role("positive" if right else "negative")
        paint_bar(painter, place, change.now if change.now is not None else 0.0, colour)
        if change.base is not None:
            left = place.left() + min(max(change.base, 0.0), 1.0) * place.width()
            painter.setPen(QPen(QColor(colours.text), 2))
            painter.drawLine(int(left), int(place.center().y()) - 6, int(left), int(place.center().y()) + 6)
