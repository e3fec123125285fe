"""Shift and a drag over the heat map select a block of cells."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme.manager import tokens
from gui.widgets.heat_map import NOWHERE, HeatMap

Cell = tuple[int, int]


class Block(QWidget):
    """Lies over the map and paints the block; Escape clears it. `last` is the cell, or name, that was pointed at last."""

    def __init__(self, over: HeatMap) -> None:
        super().__init__(over)
        self.setObjectName("heat.block")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over = over
        self._from: Cell | None = None
        self.ends: tuple[Cell, Cell] | None = None
        self.last: Cell = NOWHERE
        over.installEventFilter(self)
        over.hovered.connect(self._hovered)

    def clear(self) -> None:
        self.ends = self._from = None
        self.last = NOWHERE
        self.update()

    def _hovered(self, row: int, column: int) -> None:
        if (row, column) != NOWHERE:  # an open menu takes the pointer away from the map
            self.last = row, column

    def cells(self) -> list[Cell]:
        """Row and column of each chosen cell: the block, else the one that was pointed at."""
        if self.ends is None:
            return [self.last] if min(self.last) >= 0 else []
        (top, left), (bottom, right) = self.ends
        rows, columns = sorted((top, bottom)), sorted((left, right))
        return [
            (row, column)
            for row in range(rows[0], rows[1] + 1)
            for column in range(columns[0], columns[1] + 1)
        ]

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.resize(self._over.size())
        elif isinstance(event, QMouseEvent):
            return self._mouse(event)
        elif (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
            and self.ends is not None
        ):
            self.clear()
            return True
        elif event.type() == QEvent.Type.Wheel:
            self.update()  # the cells moved
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        left, shift = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
        cell = self._over.cell_at(event.position())
        if event.type() == QEvent.Type.MouseButtonPress and event.button() == left:
            begins = bool(event.modifiers() & shift) and cell != NOWHERE
            self._from, self.ends = (cell if begins else None), None
            self.raise_()
            self.update()
            return begins
        if self._from is None or event.type() not in (
            QEvent.Type.MouseMove,
            QEvent.Type.MouseButtonRelease,
        ):
            return False
        if cell != NOWHERE:
            self.ends = self._from, cell
        if event.type() == QEvent.Type.MouseButtonRelease:
            self._from = None
        self.update()
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.ends is None:
            return
        first, last = (self._over.place_of(*cell) for cell in self.ends)
        painter = QPainter(self)
        painter.setClipRect(self._over.layout_of.area)
        painter.setPen(QPen(QColor(tokens().accent), 2))
        painter.drawRect(QRectF(first.united(last)).adjusted(1, 1, -1, -1))
        painter.end()
