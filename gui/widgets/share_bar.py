"""Parts of a whole as one bar."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.theme.manager import current

_TONES = ("accent", "warning", "secondary")
_HEIGHT = 10
_GAP = 2


class ShareBar(QWidget):
    """Up to three parts, each in its tone; `tones` names the colours in their order for a legend."""

    tones = _TONES

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("share_bar")
        self.setFixedHeight(_HEIGHT)
        self._parts: tuple[int, ...] = ()

    def show_parts(self, parts: Sequence[int], words: str) -> None:
        """`words` say the same for those who do not see it."""
        self._parts = tuple(parts)
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = current().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()), _HEIGHT / 2, _HEIGHT / 2)
        painter.setClipPath(whole)
        painter.fillRect(self.rect(), QColor(tokens.track))
        total = sum(self._parts)
        left = 0.0
        for part, tone in zip(self._parts, _TONES, strict=False):
            width = self.width() * part / total if total else 0.0
            if part:
                painter.fillRect(
                    QRectF(left, 0, max(width - _GAP, 1.0), _HEIGHT), QColor(getattr(tokens, tone))
                )
            left += width
        painter.end()
