"""The card beside a point under the mouse: its text and what is known about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from gui.widgets.basic import label
from gui.widgets.lines import LinesLabel

WIDTH = 264
_AWAY = 14  # pixels from the point
_MOST = 5  # lines below the text


class HoverCard(QFrame):
    """Lies over `parent`, never under the mouse's way."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setObjectName("hovercard")
        self.setAccessibleName("The text under the mouse")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(2)
        self.text = LinesLabel(WIDTH - 26)
        self.text.setObjectName("map.text")
        column.addWidget(self.text)
        column.addSpacing(4)
        self.about: list[QLabel] = [label("", "secondary", name=f"map.about.{n}") for n in range(_MOST)]
        for line in self.about:
            line.setMaximumWidth(WIDTH - 26)
            column.addWidget(line)
        self.hide()

    def told(self) -> str:
        return "\n".join(line.text() for line in self.about if not line.isHidden())

    def show_text(self, text: str, about: Sequence[str], at: QPointF) -> None:
        """Beside the place `at` of the parent, on that side of it where there is room."""
        self.text.setText(text)
        for number, line in enumerate(self.about):
            known = about[number] if number < len(about) else ""
            line.setText(line.fontMetrics().elidedText(known, Qt.TextElideMode.ElideRight, WIDTH - 26))
            line.setVisible(bool(known))
        self.adjustSize()
        self.move(self._place(at))
        self.show()
        self.raise_()

    def _place(self, at: QPointF) -> QPoint:
        room = self._over.size()
        right, below = at.x() + _AWAY, at.y() + _AWAY
        x = right if right + self.width() <= room.width() else at.x() - _AWAY - self.width()
        y = below if below + self.height() <= room.height() else at.y() - _AWAY - self.height()
        return QPoint(round(max(2.0, x)), round(max(2.0, y)))
