"""A scale to judge on: its keys in a line, the score as a knob that can be dragged."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.dataset.formats import Scale
from core.dataset.reviewing import ScoreKeys, score_keys
from gui.models.score_text import plain
from gui.theme.manager import current, tokens

_MARGIN = 34
_LINE = 42  # the line's distance from the top
_FINE = 100  # steps of a drag from end to end


class ScaleBar(QWidget):
    """`dragged` tells the score while it is moved, `chosen` where the mouse let it go."""

    dragged = Signal(float)
    chosen = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("review.scale")
        self.setAccessibleName("Score")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(220)
        self.setMaximumWidth(640)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.scale = Scale()
        self.keys: ScoreKeys = score_keys(self.scale)
        self.value: float | None = None
        self.half = False
        self.enabled = True
        current().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(560, 84)

    def open(self, scale: Scale, keys: ScoreKeys) -> None:
        self.scale, self.keys, self.value, self.half = scale, keys, None, False
        self.update()

    def show_value(self, value: float | None, *, half: bool = False) -> None:
        """The score to show (none: not judged); `half`: the next digit means a half step more."""
        if (value, half) != (self.value, self.half):
            self.value, self.half = value, half
            self.setAccessibleDescription("no score" if value is None else plain(value))
            self.update()

    def _x(self, value: float) -> float:
        share = self.scale.to_unit(value)
        return _MARGIN + share * (self.width() - 2 * _MARGIN)

    def _at(self, x: float) -> float:
        share = min(max((x - _MARGIN) / max(self.width() - 2 * _MARGIN, 1), 0.0), 1.0)
        return round(self.scale.from_unit(round(share * _FINE) / _FINE), 6)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.enabled:
            self.dragged.emit(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self.enabled:
            self.dragged.emit(self._at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.enabled:
            self.chosen.emit(self._at(event.position().x()))

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right = QPointF(_MARGIN, _LINE), QPointF(self.width() - _MARGIN, _LINE)
        painter.setPen(QPen(QColor(colours.track), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(left, right)
        if self.value is not None:
            painter.setPen(QPen(QColor(colours.accent), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(left, QPointF(self._x(self.value), _LINE))
        font = QFont(self.font())
        for digit, value in self.keys.values.items():
            self._paint_key(painter, font, digit, value)
        self._paint_value(painter, font)

    def _paint_key(self, painter: QPainter, font: QFont, digit: str, value: float) -> None:
        colours = tokens()
        x = self._x(value)
        here = self.value is not None and abs(self.value - value) < 1e-6
        if self.half and self.keys.value(digit, half=True, scale=self.scale) is not None:
            half = self._x(value + self.keys.half)
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawLine(QPointF(half, _LINE - 9), QPointF(half, _LINE + 9))
        cap = QRectF(x - 14.5, _LINE - 14.5, 29, 29)
        painter.setPen(QPen(QColor(colours.accent if here else colours.line_strong), 1))
        painter.setBrush(QColor(colours.accent if here else colours.surface))
        painter.drawRoundedRect(cap, 8, 8)
        font.setPixelSize(14)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(colours.on_accent if here else colours.text))
        painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), digit)
        shown = plain(value).replace("-", "−")
        if shown != digit:
            font.setPixelSize(12)
            font.setWeight(QFont.Weight.Normal)
            painter.setFont(font)
            painter.setPen(QColor(colours.secondary))
            painter.drawText(QRectF(x - 30, _LINE + 20, 60, 18), int(Qt.AlignmentFlag.AlignCenter), shown)

    def _paint_value(self, painter: QPainter, font: QFont) -> None:
        """A score between two keys: a knob with its number."""
        if self.value is None or any(abs(self.value - value) < 1e-6 for value in self.keys.values.values()):
            return
        colours = tokens()
        x = self._x(self.value)
        painter.setPen(QPen(QColor(colours.surface), 2))
        painter.setBrush(QColor(colours.accent))
        painter.drawEllipse(QPointF(x, _LINE), 8, 8)
        font.setPixelSize(14)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        words = plain(self.value).replace("-", "−")
        box = QRectF(x - 26, _LINE - 38, 52, 18)
        painter.setPen(QColor(colours.accent))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)
