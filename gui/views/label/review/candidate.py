"""A candidate of a ranking: its key, its text, and the place it was given."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from gui.theme.manager import current, tokens
from gui.views.label.review.big_text import BigText
from gui.widgets.basic import keycap, label


class Candidate(QFrame):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.setObjectName(f"ranking.row.{number}")
        self._placed = False
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 16, 8)
        row.setSpacing(14)
        row.addWidget(keycap(str(number)), 0, Qt.AlignmentFlag.AlignVCenter)
        self.text = BigText(f"ranking.candidate.{number}")
        row.addWidget(self.text, 1, Qt.AlignmentFlag.AlignVCenter)
        self.place = label("", "strong", tone="accent", name=f"ranking.place.{number}")
        self.place.setMinimumWidth(64)
        self.place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.place)
        current().changed.connect(self.update)

    def show_text(self, text: str, size: int) -> None:
        self.text.show_text(text, size)

    def show_place(self, words: str) -> None:
        """Where it stands; "" while it has no place."""
        self.place.setText(words)
        if self._placed != bool(words):
            self._placed = bool(words)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.accent if self._placed else colours.line))
        painter.setBrush(QColor(colours.tint if self._placed else colours.surface))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)
