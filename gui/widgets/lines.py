"""A few lines of plain text; the last one ends in an ellipsis where there is more."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

_LETTERS = 600  # more cannot be seen in a few lines


class LinesLabel(QWidget):
    """As high as its lines need, at most `most` of them, in a width that does not change."""

    def __init__(self, width: int, most: int = 3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most
        self._lines: list[str] = []
        self._words = ""
        self.setFixedWidth(width)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        return self._words

    def lines(self) -> list[str]:
        """What is on the screen."""
        return list(self._lines)

    def setText(self, text: str) -> None:
        self._words = text
        line = " ".join(text[:_LETTERS].split())
        self._lines = self._broken(line) if line else []
        self.setFixedHeight(max(1, len(self._lines)) * QFontMetrics(self.font()).lineSpacing())
        self.update()

    def _broken(self, text: str) -> list[str]:
        layout = QTextLayout(text, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        found: list[str] = []
        layout.beginLayout()
        while len(found) < self._most:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(self.width())
            start, length = line.textStart(), line.textLength()
            last = len(found) == self._most - 1
            found.append(text[start:] if last else text[start : start + length].rstrip())
        layout.endLayout()
        if found:
            metrics = QFontMetrics(self.font())
            found[-1] = metrics.elidedText(found[-1], Qt.TextElideMode.ElideRight, self.width())
        return found

    def sizeHint(self) -> QSize:
        return QSize(self.width(), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        metrics = painter.fontMetrics()
        for number, line in enumerate(self._lines):
            painter.drawText(QPointF(0, number * metrics.lineSpacing() + metrics.ascent()), line)
        painter.end()
