"""A table of values as colours, with a word or a text for each row and column. Hover, click, keys; zoom where it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.theme.manager import current, tokens
from gui.widgets import heat_paint
from gui.widgets.diverging import picture

NOWHERE = (-1, -1)
_KEYS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
_CLICK = 4  # pixels the mouse may move and still click
_NEAREST = 48.0  # pixels a cell has at most when zoomed


@dataclass(frozen=True)
class Cells:
    """What is on show.

    Args:
        values: shape (rows, columns).
        limit: the value with the full colour.
        muted_rows, muted_columns: places whose names stand back.
        blank_diagonal: cells of a text with itself say nothing.
        row_weights, column_weights: where not all names have room, those with the largest are shown; none: from the first on.
    """

    values: NDArray[np.floating]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    limit: float = 1.0
    muted_rows: frozenset[int] = frozenset()
    muted_columns: frozenset[int] = frozenset()
    blank_diagonal: bool = False
    row_weights: tuple[float, ...] = ()
    column_weights: tuple[float, ...] = ()


EMPTY = Cells(np.zeros((0, 0)), (), ())


class HeatMap(QWidget):
    hovered = Signal(int, int)  # row, column; -1: nothing
    clicked = Signal(int, int)

    def __init__(
        self,
        *,
        aspect: float = 0.0,
        largest: tuple[float, float] = (56.0, 30.0),
        longest_label: int = 120,
        longest_column: int = 96,
        zoomable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.cells = EMPTY
        self.aspect = (
            aspect  # a cell is at most so many times as wide as high, and not narrower; 0: as the room is
        )
        self.largest, self.zoomable = largest, zoomable
        self._by_keys = False  # the focus came by Tab
        self.longest_label, self.longest_column = longest_label, longest_column
        self.row_names = True  # False: the map beside has them
        self.zoom = 1.0
        self.origin = QPointF()  # the cell at the upper left, in cells
        self.mark_row = self.mark_column = -1
        self.tip: Callable[[int, int], str] | None = None  # the tool tip of a cell, or with -1 of a name
        self.layout_of: heat_paint.Geometry = heat_paint.Geometry()
        self._picture: QImage | None = None
        self._pressed: QPointF | None = None
        self._dragged_from: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        current().changed.connect(self._recolour)

    def sizeHint(self) -> QSize:
        return QSize(240, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, 110)

    # -- what is on show ------------------------------------------------------------------------------------------------

    def show_cells(self, cells: Cells, *, keep_view: bool = False) -> None:
        """`keep_view`: the same texts with other values; zoom and mark stay."""
        same = keep_view and cells.values.shape == self.cells.values.shape
        self.cells, self._picture = cells, None
        if not same:
            self.zoom, self.origin = 1.0, QPointF()
            self.mark_row = self.mark_column = -1
        self.lay_out()

    def lay_out(self) -> None:
        """Find the places again, after a change of what is shown or how."""
        self.layout_of = heat_paint.geometry(self)
        self._clamp()
        self.update()

    def needed_height(self) -> int:
        """How high the map would be with cells as large as they may be."""
        return round(heat_paint.names_height(self) + len(self.cells.rows) * self.largest[1] + 2)

    def picture(self) -> QImage:
        if self._picture is None:
            values = np.asarray(self.cells.values)
            blank = (
                np.eye(*values.shape, dtype=np.bool_) if self.cells.blank_diagonal and values.size else None
            )
            self._picture = picture(values, self.cells.limit, tokens(), blank=blank)
        return self._picture

    def mark(self, row: int, column: int) -> None:
        """Point at a cell, or with -1 at a whole row or column."""
        if (row, column) != (self.mark_row, self.mark_column):
            self.mark_row, self.mark_column = row, column
            self.update()

    def _recolour(self, _tokens: object) -> None:
        self._picture = None
        self.update()

    # -- places ---------------------------------------------------------------------------------------------------------

    @property
    def cell(self) -> tuple[float, float]:
        """How large a cell is now, in pixels."""
        width, height = self.layout_of.cell
        return width * self.zoom, height * self.zoom

    def cell_at(self, place: QPointF) -> tuple[int, int]:
        area, (width, height) = self.layout_of.area, self.cell
        if not width or not area.contains(place):
            return NOWHERE
        row = int((place.y() - area.top()) / height + self.origin.y())
        column = int((place.x() - area.left()) / width + self.origin.x())
        rows, columns = self.cells.values.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else NOWHERE

    def place_of(self, row: int, column: int) -> QRectF:
        """Where a cell lies in the widget."""
        area, (width, height) = self.layout_of.area, self.cell
        return QRectF(
            area.left() + (column - self.origin.x()) * width,
            area.top() + (row - self.origin.y()) * height,
            width,
            height,
        )

    def _name_at(self, place: QPointF) -> tuple[int, int]:
        """The row or column whose name is there."""
        area, (width, height) = self.layout_of.area, self.cell
        rows, columns = self.cells.values.shape
        if not width:
            return NOWHERE
        if place.x() < area.left() and area.top() <= place.y() < area.bottom():
            row = int((place.y() - area.top()) / height + self.origin.y())
            return (row, -1) if row < rows else NOWHERE
        if place.y() < area.top() and area.left() <= place.x() < area.right():
            column = int((place.x() - area.left()) / width + self.origin.x())
            return (-1, column) if column < columns else NOWHERE
        return NOWHERE

    # -- zoom -----------------------------------------------------------------------------------------------------------

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Nearer or farther; what lies at `at` stays there."""
        area, (width, height) = self.layout_of.area, self.cell
        if not width:
            return
        where = at if at is not None and area.contains(at) else area.center()
        inside = QPointF((where.x() - area.left()) / width, (where.y() - area.top()) / height)
        nearest = max(1.0, _NEAREST / max(self.layout_of.cell[1], 0.01))
        zoom = min(max(self.zoom * factor, 1.0), nearest)
        kept = self.origin + inside
        share = self.zoom / zoom
        self.zoom = zoom
        self.origin = QPointF(kept.x() - inside.x() * share, kept.y() - inside.y() * share)
        self._clamp()
        self.update()

    def fit(self) -> None:
        self.zoom, self.origin = 1.0, QPointF()
        self.update()

    def _clamp(self) -> None:
        area, (width, height) = self.layout_of.area, self.cell
        rows, columns = self.cells.values.shape
        if not width or self.zoom == 1.0:
            self.origin = QPointF()
            return
        most = QPointF(max(0.0, columns - area.width() / width), max(0.0, rows - area.height() / height))
        self.origin = QPointF(
            min(max(self.origin.x(), 0.0), most.x()), min(max(self.origin.y(), 0.0), most.y())
        )

    # -- mouse and keys -------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged_from = event.position(), QPointF(self.origin)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._pressed is not None and self._dragged_from is not None and self.zoom > 1.0:
            moved, (width, height) = place - self._pressed, self.cell
            self.origin = self._dragged_from - QPointF(moved.x() / width, moved.y() / height)
            self._clamp()
            self.update()
            return
        found = self.cell_at(place)
        self._point(found if found != NOWHERE else self._name_at(place))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None or (event.position() - pressed).manhattanLength() > _CLICK:
            return
        row, column = self.cell_at(event.position())
        if row >= 0:
            self._point((row, column))
            self.clicked.emit(row, column)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(NOWHERE)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who comes by the keyboard sees where they are; who comes with the mouse knows."""
        super().focusInEvent(event)
        self._by_keys = event.reason() in _KEYS
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and self.tip is not None and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(self.mark_row, self.mark_column), self)
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.zoomable or not event.angleDelta().y():
            event.ignore()
            return
        self.zoom_by(1.2 ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows, columns = self.cells.values.shape
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key = Qt.Key(event.key())
        if key in steps and rows and columns:
            step = steps[key]
            row = min(max(self.mark_row + step[0], 0), rows - 1)
            column = min(max(self.mark_column + step[1], 0), columns - 1)
            self._show(row, column)
            self._point((row, column))
        elif (
            key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
            and min(self.mark_row, self.mark_column) >= 0
        ):
            self.clicked.emit(self.mark_row, self.mark_column)
        elif self.zoomable and event.text() in ("+", "=", "-", "0"):
            self.fit() if event.text() == "0" else self.zoom_by(1 / 1.25 if event.text() == "-" else 1.25)
        else:
            super().keyPressEvent(event)

    def _show(self, row: int, column: int) -> None:
        """Move the view so that the cell can be seen."""
        area, (width, height) = self.layout_of.area, self.cell
        across, down = area.width() / width, area.height() / height
        self.origin = QPointF(
            min(max(self.origin.x(), column + 1 - across), column),
            min(max(self.origin.y(), row + 1 - down), row),
        )
        self._clamp()

    def _point(self, found: tuple[int, int]) -> None:
        if found != (self.mark_row, self.mark_column):
            self.mark(*found)
            self.hovered.emit(*found)

    # -- painting -------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.cells.values.size:
            heat_paint.paint(painter, self)
        if self.hasFocus() and self._by_keys:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens().accent), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()
