"""Shift and a drag over the histograms select a range of scores."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme.manager import tokens
from gui.views.explore.scores.histogram import Histograms

_LEAST = 4  # pixels: less is a click, which clears


class Span(QWidget):
    """Lies over the histograms and paints the range; Escape or a click with Shift clears it. `value` is None for none."""

    def __init__(self, over: Histograms) -> None:
        super().__init__(over)
        self.setObjectName("scores.span")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over = over
        self._from: float | None = None
        self.which = 1  # the model whose scores are meant
        self.value: tuple[float, float] | None = None
        over.installEventFilter(self)

    def clear(self) -> None:
        self.value = self._from = None
        self.update()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.resize(self._over.size())
        elif isinstance(event, QMouseEvent) and self._over.sides is not None:
            return self._mouse(event)
        elif (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
            and self.value is not None
        ):
            self.clear()
            return True
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        x = event.position().x()
        left, shift = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
        if (
            event.type() == QEvent.Type.MouseButtonPress
            and event.button() == left
            and event.modifiers() & shift
        ):
            self._from, self.value = x, None
            self.which = int(event.position().y() > self._over.pane(0).bottom())
            self.raise_()
        elif event.type() == QEvent.Type.MouseMove and self._from is not None:
            ends = sorted((self._from, x))
            wide = ends[1] - ends[0] >= _LEAST
            self.value = (self._over.value_at(ends[0]), self._over.value_at(ends[1])) if wide else None
        elif event.type() == QEvent.Type.MouseButtonRelease and self._from is not None:
            self._from = None
        else:
            return False
        self.update()
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.value is None or self._over.sides is None:
            return
        pane = self._over.pane(self.which)
        left, right = (self._over.x_of(value) for value in self.value)
        accent = QColor(tokens().accent)
        painter = QPainter(self)
        painter.setPen(QPen(accent, 1, Qt.PenStyle.DashLine))
        accent.setAlpha(36)
        painter.setBrush(accent)
        painter.drawRect(QRectF(left, pane.top(), right - left, pane.height()))
        painter.end()
