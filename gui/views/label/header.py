"""The table's head: role signs in their colours, and the arrow of the sorted column."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPolygonF
from PySide6.QtWidgets import QHeaderView, QWidget

from gui.models.example_table import ExampleTable
from gui.models.table_columns import TableColumn
from gui.theme import icons
from gui.theme.manager import current
from gui.views.label.delegates import MARK, PADDING, mark_places
from gui.widgets.roles import SIGNED, paint_sign

HEIGHT = 31
_ROOM_FOR_STATUS = 64


class ExampleHeader(QHeaderView):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("label.header")
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setFixedHeight(HEIGHT)
        self.setMinimumSectionSize(40)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Columns")
        self._sorted_key = ""
        self._descending = False

    def show_sort(self, section: int, descending: bool) -> None:
        """Mark a section as the sorted one; -1 for none."""
        model = self.model()
        columns = model.columns if isinstance(model, ExampleTable) else ()
        self._sorted_key = columns[section].key if 0 <= section < len(columns) else ""
        self._descending = descending
        self.viewport().update()

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        model = self.model()
        if not isinstance(model, ExampleTable) or section >= len(model.columns):
            return
        column = model.columns[section]
        tokens = current().tokens
        painter.save()
        painter.fillRect(rect, QColor(tokens.raised))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(tokens.line))
        if column.kind == "flag":
            flag, _ = mark_places(rect)
            lit = tokens.text if column.key == self._sorted_key else tokens.secondary
            painter.drawPixmap(flag, icons.pixmap("flag", lit, MARK, self.devicePixelRatioF()))
            if column.key == self._sorted_key:
                self._arrow(painter, QPointF(flag.right() + 9.0, rect.center().y()))
        else:
            self._heading(painter, rect, column, column.key == self._sorted_key)
        painter.restore()

    def _heading(self, painter: QPainter, rect: QRect, column: TableColumn, is_sorted: bool) -> None:
        tokens = current().tokens
        font = QFont(self.font())
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.DemiBold if is_sorted else QFont.Weight.Medium)
        painter.setFont(font)
        right = column.kind in ("number", "score", "extra")
        inner = rect.adjusted(PADDING, 0, -PADDING, -1)
        middle = rect.top() + (rect.height() - 1) / 2
        arrow_room = 14 if is_sorted else 0
        if column.role in SIGNED and column.role is not None:
            paint_sign(painter, QPointF(inner.left() + 5, middle), column.role, tokens.role(column.role))
            inner.setLeft(inner.left() + 16)
        room = inner.width() - arrow_room
        title = "✓" if column.kind == "status" and rect.width() < _ROOM_FOR_STATUS else column.title
        text = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room)
        width = painter.fontMetrics().horizontalAdvance(text)
        left = inner.right() + 1 - arrow_room - width if right else inner.left()
        painter.setPen(QColor(tokens.text if is_sorted else tokens.secondary))
        painter.drawText(
            QRectF(left, inner.top(), width + 2, inner.height()), int(Qt.AlignmentFlag.AlignVCenter), text
        )
        if is_sorted:
            self._arrow(painter, QPointF(left + width + 8, middle))

    def _arrow(self, painter: QPainter, centre: QPointF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current().tokens.text))
        way = 1 if self._descending else -1
        painter.drawPolygon(
            QPolygonF(
                [
                    centre + QPointF(-3.5, -2 * way),
                    centre + QPointF(3.5, -2 * way),
                    centre + QPointF(0, 2.5 * way),
                ]
            )
        )
