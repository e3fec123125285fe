"""One line of a result list: rank, the sign of what a row says of the text, the text, movement, bar, score."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.dataset.formats import Role
from gui.models.hits_model import GAINED, HitsModel
from gui.theme.manager import tokens
from gui.theme.tokens import Tokens
from gui.widgets.roles import paint_sign
from gui.widgets.score import number, paint_bar

Index = QModelIndex | QPersistentModelIndex

ROW = 38
_HEADING = 24  # above the first of the known texts further down
_WIDE, _BAR, _SCORE = 380, 56, 40
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class HitDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, ROW + (_HEADING if _first_beyond(index) else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours, model = tokens(), index.model()
        assert isinstance(model, HitsModel)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.save()
        if _first_beyond(index):
            self._heading(painter, QRect(rect.left(), rect.top(), rect.width(), _HEADING), colours)
            rect = rect.adjusted(0, _HEADING, 0, 0)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, QColor(colours.tint if selected else colours.surface))
        painter.setPen(QColor(colours.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        self._line(painter, rect, model, index.row(), colours)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(colours.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()

    def _heading(self, painter: QPainter, rect: QRect, colours: Tokens) -> None:
        painter.fillRect(rect, QColor(colours.window))
        painter.setPen(QColor(colours.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setPen(QColor(colours.secondary))
        words = painter.fontMetrics().elidedText(
            "Known, further down", Qt.TextElideMode.ElideRight, rect.width() - 24
        )
        painter.drawText(rect.adjusted(14, 0, -10, -1), int(Qt.AlignmentFlag.AlignVCenter), words)

    def _line(self, painter: QPainter, rect: QRect, model: HitsModel, row: int, colours: Tokens) -> None:
        hit, mark, metrics = model.hits[row], model.mark(row), painter.fontMetrics()
        if mark:
            tone = colours.positive if mark == GAINED else colours.negative
            painter.fillRect(rect.left(), rect.top(), 3, rect.height() - 1, QColor(tone))
        inner = rect.adjusted(10, 0, -12, -1)
        wide = inner.width() > _WIDE
        ranks = max(20, metrics.horizontalAdvance(f"{max(hit.rank, 10):,}"))
        painter.setPen(QColor(colours.secondary))
        painter.drawText(QRect(inner.left(), inner.top(), ranks, inner.height()), _RIGHT, f"{hit.rank:,}")
        left = inner.left() + ranks + 10
        if hit.role in ("positive", "negative"):
            paint_sign(
                painter,
                QPointF(left + 5, inner.center().y() + 1),
                Role(hit.role),
                colours.role(hit.role),
            )
        left += 18
        edge = self._figures(painter, inner, hit.score, colours, wide=wide)
        words, tone = model.change(row, brief=not wide)
        if words:
            width = metrics.horizontalAdvance(words)
            painter.setPen(QColor(getattr(colours, tone) if tone else colours.secondary))
            painter.drawText(QRect(edge - width, inner.top(), width, inner.height()), _RIGHT, words)
            edge -= width + 10
        painter.setPen(QColor(colours.text if row < model.listed else colours.secondary))
        line = " ".join(hit.text[:500].split())
        text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, edge - left)
        painter.drawText(
            QRect(left, inner.top(), edge - left, inner.height()),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine),
            text,
        )

    def _figures(self, painter: QPainter, inner: QRect, score: float, colours: Tokens, *, wide: bool) -> int:
        """The score and, where there is room, its bar; where the room before them ends."""
        edge = inner.right()
        font, strong = painter.font(), painter.font()
        strong.setBold(True)
        painter.setFont(strong)
        painter.setPen(QColor(colours.text))
        painter.drawText(QRect(edge - _SCORE, inner.top(), _SCORE, inner.height()), _RIGHT, number(score))
        painter.setFont(font)
        edge -= _SCORE + 10
        if wide:
            bar = QRectF(edge - _BAR, inner.top(), _BAR, inner.height())
            paint_bar(painter, bar, score, colours.accent)
            edge -= _BAR + 10
        return edge


def _first_beyond(index: Index) -> bool:
    model = index.model()
    return isinstance(model, HitsModel) and index.row() == model.listed and model.listed < len(model.hits)
