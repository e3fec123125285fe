"""How often which score: bars from the low to the high end of the label scale."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme.manager import current

_HEIGHT, _LINE = 132, 18


class ScoreHistogram(QWidget):
    """`bars` counts; the accessible description says in words what the picture shows."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("Suggested scores")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.bars: tuple[int, ...] = ()
        self._ends = ("", "")
        current().changed.connect(self._recolour)

    def _recolour(self, _tokens: object) -> None:
        self.update()

    def show_bars(self, bars: Sequence[int], low: str, high: str) -> None:
        self.bars, self._ends = tuple(bars), (low, high)
        total = sum(self.bars)
        if total:
            middle = max(range(len(self.bars)), key=self.bars.__getitem__)
            self.setAccessibleDescription(
                f"{total:,} scores from {low} to {high}; most lie {round(100 * (middle + 0.5) / len(self.bars))} % up the scale"
            )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = current().tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self.font()
        font.setPixelSize(11)
        painter.setFont(font)
        area = self.rect().adjusted(0, _LINE, 0, -_LINE)
        painter.setPen(QColor(tokens.line))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        most = max(self.bars, default=0)
        if most:
            width = area.width() / len(self.bars)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent))
            for place, count in enumerate(self.bars):
                if count:
                    tall = max(2.0, count / most * area.height())
                    painter.drawRoundedRect(
                        QRectF(area.left() + place * width + 1, area.bottom() - tall, width - 2, tall),
                        1.5,
                        1.5,
                    )
            self._count_above_the_tallest(painter, area, width, most)
        painter.setPen(QColor(tokens.secondary))
        below = self.rect().adjusted(0, self.height() - _LINE + 2, 0, 0)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft), self._ends[0])
        painter.drawText(below, int(Qt.AlignmentFlag.AlignRight), self._ends[1])

    def _count_above_the_tallest(self, painter: QPainter, area: QRect, width: float, most: int) -> None:
        painter.setPen(QColor(current().tokens.secondary))
        centre = area.left() + (self.bars.index(most) + 0.5) * width
        left = min(max(centre - 40, area.left()), area.right() - 80)
        at = QRectF(left, 0, 80, _LINE - 3)
        side = Qt.AlignmentFlag.AlignHCenter
        if left != centre - 40:
            side = Qt.AlignmentFlag.AlignLeft if left > centre - 40 else Qt.AlignmentFlag.AlignRight
        painter.drawText(at, int(side | Qt.AlignmentFlag.AlignBottom), f"{most:,}")
