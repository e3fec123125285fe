"""Laid over a window while files are dragged onto it: says what dropping them does."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import icons
from gui.theme.manager import tokens

_MARGIN = 12
_VEIL = 235  # of 255


class DropHint(QWidget):
    def __init__(self, parent: QWidget, words: str) -> None:
        super().__init__(parent)
        self.setObjectName("drop_hint")
        self.setAccessibleName(words)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words = words
        self.hide()

    def show_over(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
            self.raise_()
            self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(colours.window)
        veil.setAlpha(_VEIL)
        painter.fillRect(self.rect(), veil)
        pen = QPen(QColor(colours.accent), 2, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN), 10, 10)
        middle = self.rect().center()
        picture = icons.pixmap("import", colours.accent, 40, self.devicePixelRatioF())
        painter.drawPixmap(middle.x() - 20, middle.y() - 44, picture)
        font = painter.font()
        font.setPixelSize(16)
        painter.setFont(font)
        painter.setPen(QColor(colours.text))
        line = QRectF(0, middle.y() + 8, self.width(), 28)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignCenter), self._words)
