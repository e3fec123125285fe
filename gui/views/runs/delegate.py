"""Cells of the runs table: the run's colour as a dot, states and changes in their tone."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.training.runs import Run
from gui.models.runs_model import COLOUR_ROLE, COLUMNS, RIGHT, RUN_ROLE, told
from gui.theme.manager import tokens
from gui.theme.tokens import Tokens

_PLAIN = {"Run", "Name", "Kept"}


class RunDelegate(QStyledItemDelegate):
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours, run, column = tokens(), index.data(RUN_ROLE), COLUMNS[index.column()]
        rect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.save()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, QColor(colours.tint if selected else colours.surface))
        painter.setPen(QColor(colours.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -2))
        inner = rect.adjusted(8, 0, -8, -1)
        if column == "Run":
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(index.data(COLOUR_ROLE)))
            painter.drawEllipse(QRectF(inner.left(), inner.center().y() - 3.5, 8, 8))
            inner.adjust(16, 0, 0, 0)
        painter.setPen(QColor(_ink(run, column, colours)))
        side = Qt.AlignmentFlag.AlignRight if column in RIGHT else Qt.AlignmentFlag.AlignLeft
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(side | Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()


def _ink(run: Run, column: str, colours: Tokens) -> str:
    if column == "State":
        tones = {
            "failed": colours.negative,
            "interrupted": colours.warning,
            "unreadable": colours.warning,
            "running": colours.accent,
        }
        return tones.get(run.status, colours.secondary)
    if column == "Verdict":
        return {"better": colours.positive, "worse": colours.negative}.get(
            run.outcome.word, colours.secondary
        )
    if column == "Change":
        return {1: colours.positive, -1: colours.negative}.get(told(run), colours.secondary)
    return colours.text if column in _PLAIN else colours.secondary
