"""A score is a number and a bar: the painting shared by table cells, result lists and probe rows."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from core import words
from gui.theme.manager import tokens


def number(value: float | None, decimals: int = 2) -> str:
    """Fixed decimals and a true minus sign; an en dash where there is no value."""
    return words.number(value, decimals)


def paint_bar(painter: QPainter, rect: QRectF, share: float, colour: str) -> None:
    """A 6-pixel bar centred in `rect`, filled from the left to `share` (0–1, clipped)."""
    bar = QRectF(rect.left(), rect.center().y() - 3, rect.width(), 6)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens().track))
    painter.drawRoundedRect(bar, 3, 3)
    filled = min(max(share, 0.0), 1.0) * bar.width()
    if filled > 0:
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(filled, 3.0), 6), 3, 3)
    painter.restore()
