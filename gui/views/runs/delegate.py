"""Cells of the runs table: the run's colour as a dot, states and changes in their tone."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.models.runs_model import COLUMNS, RIGHT, RUN_ROLE, change_of
from gui.theme.manager import tokens
from gui.theme.tokens import RUN_COLOURS


class RunDelegate(QStyledItemDelegate):
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours, run, column = tokens(), index.data(RUN_ROLE), COLUMNS[index.column()]
        rect = option.rect  # type: ignore[attr-defined]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        painter.save()
        painter.fillRect(rect, QColor(colours.tint if selected else colours.surface))
        painter.setPen(QColor(colours.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(10, 0, -10, -1)
        ink = colours.text
        if column == "Run":
            palette = RUN_COLOURS[colours.name]
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette[(run.number - 1) % len(palette)]))
            painter.drawEllipse(QRectF(inner.left(), inner.center().y() - 3.5, 8, 8))
            inner.adjust(16, 0, 0, 0)
        elif column == "State":
            ink = {"failed": colours.negative, "interrupted": colours.warning, "running": colours.accent}.get(
                run.status, colours.secondary
            )
        elif column == "Change":
            change = change_of(run)
            if change:
                ink = colours.positive if change > 0 else colours.negative
        elif column in ("Started", "Base", "Steps", "Rows", "Time"):
            ink = colours.secondary
        painter.setPen(QColor(ink))
        side = Qt.AlignmentFlag.AlignRight if column in RIGHT else Qt.AlignmentFlag.AlignLeft
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(side | Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()
