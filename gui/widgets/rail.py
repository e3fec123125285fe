"""The navigation rail on the left."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import icons
from gui.theme.manager import current
from gui.theme.tokens import RAIL_WIDTH


class NavButton(QPushButton):
    """An icon over a word."""

    def __init__(self, icon: str, text: str, name: str, *, checkable: bool = True) -> None:
        super().__init__(text)
        self._icon = icon
        self.setProperty("kind", "nav")
        self.setObjectName(name)
        self.setAccessibleName(text)
        self.setCheckable(checkable)
        self.setFixedSize(QSize(64, 56))
        current().changed.connect(self._repaint)

    def _repaint(self, _tokens: object) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
        tokens = current().tokens
        colour = (
            tokens.line_strong
            if not self.isEnabled()
            else tokens.accent
            if self.isChecked()
            else tokens.secondary
        )
        image = icons.pixmap(self._icon, colour, 20, self.devicePixelRatioF())
        painter.drawPixmap((self.width() - 20) // 2, 9, image)
        painter.setPen(colour)
        font = painter.font()
        font.setPixelSize(11)
        font.setBold(self.isChecked())
        painter.setFont(font)
        painter.drawText(QRect(0, 31, self.width(), 18), int(Qt.AlignmentFlag.AlignCenter), self.text())


class NavRail(QFrame):
    """Four destinations on top, settings and help below."""

    chosen = Signal(str)  # label, train, runs, explore

    PAGES = (
        ("label", "label", "Label"),
        ("train", "train", "Train"),
        ("runs", "runs", "Runs"),
        ("explore", "explore", "Explore"),
    )

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setFixedWidth(RAIL_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(4)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, NavButton] = {}
        for number, (key, icon, text) in enumerate(self.PAGES, 1):
            button = NavButton(icon, text, f"nav.{key}")
            button.setToolTip(f"{text} (Ctrl+{number})")
            button.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            self.buttons[key] = button
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.settings = NavButton("settings", "Settings", "nav.settings", checkable=False)
        self.help = NavButton("help", "Help", "nav.help", checkable=False)
        column.addWidget(self.settings, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.help, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_page(self, key: str) -> None:
        self.buttons[key].setChecked(True)
