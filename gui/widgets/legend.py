"""Which line is which: a coloured dash and a name each, on as many lines as they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme.manager import tokens
from gui.widgets.basic import plain_tip

_DASH, _GAP, _SPACE, _LONGEST = 16, 6, 16, 180


@dataclass(frozen=True)
class Entry:
    title: str
    colour: str
    dashed: bool = False


class Legend(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[Entry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._lay_out()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        titles = [entry.title for entry in entries]
        self.setAccessibleName("Legend: " + ", ".join(titles) if titles else "Legend")
        self.setToolTip(plain_tip("\n".join(titles)) if titles else "")
        self._lay_out()
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        metrics = QFontMetrics(self.font())
        height = metrics.height() + 4
        left = top = 0
        self._places: list[tuple[Entry, QRect]] = []
        for entry in self.entries:
            width = _DASH + _GAP + min(_LONGEST, metrics.horizontalAdvance(entry.title) + 2)
            if left and left + width > self.width():
                left, top = 0, top + height
            self._places.append((entry, QRect(left, top, min(width, max(self.width(), 1)), height)))
            left += width + _SPACE
        self.setFixedHeight(top + height if self.entries else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for entry, place in self._places:
            style = Qt.PenStyle.DashLine if entry.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(entry.colour), 2.5, style))
            middle = place.center().y()
            painter.drawLine(place.left() + 1, middle, place.left() + _DASH, middle)
            painter.setPen(QColor(tokens().secondary))
            words = place.adjusted(_DASH + _GAP, 0, 0, 0)
            text = painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideRight, words.width())
            painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), text)
