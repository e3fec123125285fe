"""Similar and dissimilar pairs by score, one model over the other, each with a threshold line to drag."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.similarity.cuts import Side, Sides
from core.words import exactly
from gui.theme.manager import current
from gui.widgets.basic import plain_tip
from gui.widgets.score import number

_LEFT, _RIGHT, _TOP, _BOTTOM, _GAP = 12.0, 12.0, 6.0, 24.0, 14.0
_TITLE = 22.0
_STEP, _LEAP = 0.001, 0.01


class Histograms(QWidget):
    """`moved` tells which model's line (0 or 1) was moved, and where to. Keys move the line of the second, with Alt that of the first."""

    moved = Signal(int, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scores.histograms")
        self.setAccessibleName("Similar and dissimilar pairs by score; the arrow keys move the threshold")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(130)  # a small window with a message over it
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.sides: Sides | None = None
        self.lines = [float("nan"), float("nan")]
        self._dragged = -1
        current().changed.connect(self._recolour)

    def _recolour(self, _tokens: object) -> None:
        self.update()

    def show_sides(self, sides: Sides | None) -> None:
        self.sides = sides
        self.update()

    def show_line(self, which: int, value: float) -> None:
        self.lines[which] = value
        self.update()

    # -- where things are -----------------------------------------------------------------------------------------------

    def pane(self, which: int) -> QRectF:
        """Where the bars of a model stand."""
        height = (self.height() - _TOP - _BOTTOM - _GAP) / 2
        top = _TOP + which * (height + _GAP)
        return QRectF(_LEFT, top + _TITLE, self.width() - _LEFT - _RIGHT, height - _TITLE)

    def x_of(self, value: float) -> float:
        assert self.sides is not None
        low, high = float(self.sides.edges[0]), float(self.sides.edges[-1])
        pane = self.pane(0)
        return pane.left() + pane.width() * (min(max(value, low), high) - low) / (high - low)

    def value_at(self, x: float) -> float:
        assert self.sides is not None
        low, high = float(self.sides.edges[0]), float(self.sides.edges[-1])
        pane = self.pane(0)
        return low + (high - low) * min(max((x - pane.left()) / pane.width(), 0.0), 1.0)

    def told_at(self, at: QPointF) -> str:
        """How many pairs lie in the bar at this place."""
        if self.sides is None or not self.pane(0).left() <= at.x() <= self.pane(0).right():
            return ""
        side = self.sides.second if at.y() > self.pane(0).bottom() + _GAP / 2 else self.sides.first
        edges, value = self.sides.edges, self.value_at(at.x())
        bar = min(max(int(np.searchsorted(edges, value, side="right")) - 1, 0), len(edges) - 2)
        similar, other = self.sides.kinds
        return (
            f"{side.title}, scores from {number(float(edges[bar]), 3)} to {number(float(edges[bar + 1]), 3)}: "
            f"{int(side.positives[bar]):,} {similar}, {int(side.negatives[bar]):,} {other}"
        )

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = self.told_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), plain_tip(words) if words else "", self)
            return True
        return super().event(event)

    # -- mouse and keys -------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.sides is not None and event.button() == Qt.MouseButton.LeftButton:
            self._dragged = int(event.position().y() > self.pane(0).bottom() + _GAP / 2)
            self._drag(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged >= 0 and event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event.position())
        elif self.sides is not None:
            self.setCursor(Qt.CursorShape.SplitHCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = -1

    def _drag(self, at: QPointF) -> None:
        self._move(self._dragged, self.value_at(at.x()))

    def _move(self, which: int, value: float) -> None:
        self.show_line(which, value)
        self.moved.emit(which, value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        which = 0 if event.modifiers() & Qt.KeyboardModifier.AltModifier else 1
        value = self.lines[which]
        if self.sides is None or value != value:
            super().keyPressEvent(event)
            return
        step = _LEAP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        edges = self.sides.edges
        places = {
            Qt.Key.Key_Left: value - step,
            Qt.Key.Key_Right: value + step,
            Qt.Key.Key_Home: float(edges[0]),
            Qt.Key.Key_End: float(edges[-1]),
        }
        if event.key() in places:
            wanted = places[Qt.Key(event.key())]
            self._move(which, min(max(wanted, float(edges[0])), float(edges[-1])))
        else:
            super().keyPressEvent(event)

    # -- painting -------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.sides is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for which, side in enumerate((self.sides.first, self.sides.second)):
            self._paint_pane(painter, which, side)
        self._paint_axis(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(current().tokens.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _paint_pane(self, painter: QPainter, which: int, side: Side) -> None:
        theme, pane = current().tokens, self.pane(which)
        top = max(1, int(side.negatives.max(initial=0)), int(side.positives.max(initial=0)))
        for counts, colour in ((side.negatives, theme.negative), (side.positives, theme.positive)):
            width = pane.width() / len(counts)
            points = [QPointF(pane.left(), pane.bottom())]
            for place, count in enumerate(counts.tolist()):
                y = pane.bottom() - (pane.height() - 2) * count / top
                points += [
                    QPointF(pane.left() + place * width, y),
                    QPointF(pane.left() + (place + 1) * width, y),
                ]
            points.append(QPointF(pane.right(), pane.bottom()))
            fill = QColor(colour)
            fill.setAlpha(70)
            painter.setBrush(fill)
            painter.setPen(QPen(QColor(colour), 1.2))
            painter.drawPolygon(QPolygonF(points))
        painter.setPen(QPen(QColor(theme.line_strong), 2))
        painter.drawLine(pane.bottomLeft(), pane.bottomRight())
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        title = QRectF(pane.left(), pane.top() - _TITLE, pane.width(), _TITLE - 4)
        tag = self._tag(painter, which, pane)
        if tag.left() < title.left() + painter.fontMetrics().horizontalAdvance(side.title) + 8:
            title.setLeft(tag.right() + 8)  # the line's own place is more important
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, side.title)
        font.setBold(False)
        painter.setFont(font)
        self._paint_line(painter, which, pane)

    def _tag(self, painter: QPainter, which: int, pane: QRectF) -> QRectF:
        """Where the number of a line stands; far to the right where there is no line."""
        value = self.lines[which]
        if value != value:
            return QRectF(pane.right(), 0.0, 0.0, 0.0)
        wide = painter.fontMetrics().horizontalAdvance(self._told(which)) + 14
        left = min(max(self.x_of(value) - wide / 2, pane.left()), pane.right() - wide)
        return QRectF(left, pane.top() - _TITLE, wide, _TITLE - 3)

    def _told(self, which: int) -> str:
        """A number that parts the pairs as the line does."""
        assert self.sides is not None
        side = (self.sides.first, self.sides.second)[which]
        return exactly(side.cuts.short(self.lines[which]))

    def _paint_line(self, painter: QPainter, which: int, pane: QRectF) -> None:
        value = self.lines[which]
        if value != value:
            return
        theme, x = current().tokens, self.x_of(value)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawLine(QPointF(x, pane.top() - 2), QPointF(x, pane.bottom()))
        box = self._tag(painter, which, pane)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(theme.on_accent))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._told(which))

    def _paint_axis(self, painter: QPainter) -> None:
        assert self.sides is not None
        theme, pane = current().tokens, self.pane(1)
        low, high = float(self.sides.edges[0]), float(self.sides.edges[-1])
        step = next((one for one in (0.05, 0.1, 0.2, 0.5) if (high - low) / one <= 12), (high - low) / 8)
        painter.setPen(QColor(theme.secondary))
        tick = int(low / step) - 1
        while tick * step <= high:
            if tick * step >= low:
                place = QRectF(self.x_of(tick * step) - 30, pane.bottom() + 3, 60, 18)
                place.moveLeft(min(max(place.left(), 0.0), self.width() - 60.0))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, number(tick * step, 2))
            tick += 1
