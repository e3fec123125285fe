"""The bar on top: project, dataset, model, device and the *Train* button."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QWidget,
)

from gui.theme import icons
from gui.theme.manager import current
from gui.theme.tokens import TOP_BAR_HEIGHT
from gui.widgets.basic import label, tool_button
from gui.widgets.train_button import TrainButton


class Pill(QPushButton):
    """A button that shows a caption and a value and opens a menu; the value elides, the menu arrow stays."""

    def __init__(self, name: str, caption: str = "", *, bold: bool = False, outlined: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("kind", "" if outlined else "plain")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._caption = caption
        self._value = ""
        self._bold = bold
        self.menu_of_pill = QMenu(self)
        self.menu_of_pill.setToolTipsVisible(True)
        self.setMenu(self.menu_of_pill)
        current().changed.connect(self._recolour)

    def show_value(self, value: str) -> None:
        """`value` comes from data: shown as it is, one line."""
        self._value = " ".join(value.split())
        self.setAccessibleName(f"{self._caption} {self._value}".strip())
        self.updateGeometry()
        self.update()

    def _recolour(self, _tokens: object) -> None:
        self.update()

    @property
    def value(self) -> str:
        return self._value

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._value_font())
        caption = self.fontMetrics().horizontalAdvance(self._caption) + 8 if self._caption else 0
        return QSize(12 + caption + metrics.horizontalAdvance(self._value) + 4 + 16 + 10, 32)

    def minimumSizeHint(self) -> QSize:
        caption = self.fontMetrics().horizontalAdvance(self._caption) + 8 if self._caption else 0
        return QSize(min(self.sizeHint().width(), 12 + caption + 72 + 30), 32)

    def _value_font(self) -> QFont:
        font = self.font()
        if self._bold:
            font.setWeight(font.Weight.DemiBold)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
        tokens = current().tokens
        left, height = 12, self.height()
        if self._caption:
            painter.setPen(tokens.secondary)
            painter.drawText(left, 0, self.width(), height, int(Qt.AlignmentFlag.AlignVCenter), self._caption)
            left += painter.fontMetrics().horizontalAdvance(self._caption) + 8
        painter.setFont(self._value_font())
        painter.setPen(tokens.text if self.isEnabled() else tokens.secondary)
        room = self.width() - left - 28
        text = painter.fontMetrics().elidedText(self._value, Qt.TextElideMode.ElideRight, room)
        painter.drawText(left, 0, room + 2, height, int(Qt.AlignmentFlag.AlignVCenter), text)
        arrow = icons.pixmap("chevron", tokens.secondary, 12, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - 22, height // 2 - 6, arrow)


class TopBar(QFrame):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topbar")
        self.setFixedHeight(TOP_BAR_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 12, 0)
        row.setSpacing(8)
        self._logo = QLabel()
        self._logo.setFixedWidth(76)
        self._logo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._logo.setAccessibleName("AnchorLab")
        row.addWidget(self._logo)
        row.setSpacing(0)
        self.project = Pill("top.project", bold=True, outlined=True)
        self.dataset = Pill("top.dataset", "Dataset")
        self.model = Pill("top.model", "Model")
        self.device = label("", "caption", name="top.device")
        self.queue = tool_button(
            "queue",
            "Add to the queue: train by this recipe when the runs before have ended",
            name="action.queue",
        )
        self.queue.setAccessibleName("Add to the queue")
        self.train = TrainButton()
        row.addSpacing(-4)
        row.addWidget(self.project)
        row.addSpacing(8)
        row.addWidget(self.dataset)
        row.addStretch(1)
        row.addWidget(self.model)
        row.addSpacing(12)
        row.addWidget(self.device)
        row.addSpacing(16)
        row.addWidget(self.queue)
        row.addSpacing(8)
        row.addWidget(self.train)
        theme = current()
        theme.changed.connect(self._paint_logo)
        self._paint_logo()

    def show_project_controls(self, visible: bool) -> None:
        for part in (self.dataset, self.model, self.queue, self.train):
            part.setVisible(visible)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.device.setVisible(self.width() >= 1180)  # what it says matters least where room is short

    def _paint_logo(self, _tokens: object = None) -> None:
        self._logo.setPixmap(icons.pixmap("anchor", current().tokens.accent, 22, self.devicePixelRatioF()))
