"""The tabs with the *Why* panel at their right. The panel's width is remembered; where there is no room for both, it stands alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget

from core.settings import Settings
from gui.views.explore.why.panel import LEAST_WIDTH, WhyPanel

_SAVE_MS = 400
LEAST_LEFT = 540  # what a tab gets beside the panel


class Tabs(QStackedWidget):
    """Needs the room of the tab in front, not of the largest one."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(lambda _place: self.updateGeometry())

    def minimumSizeHint(self) -> QSize:
        front = self.currentWidget()
        return front.minimumSizeHint() if front is not None else super().minimumSizeHint()


class Beside(QSplitter):
    toggled = Signal(bool)  # the panel was opened or closed

    def __init__(
        self, left: QStackedWidget, panel: WhyPanel, settings: Settings, save: Callable[[], object]
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName("explore.split")
        self.setChildrenCollapsible(False)
        self._left, self._panel, self._settings = left, panel, settings
        self._open = False
        self.addWidget(left)
        self.addWidget(panel)
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 0)
        panel.hide()
        panel.closed.connect(self.close_panel)
        left.currentChanged.connect(lambda _place: self._arrange())
        self._saving = QTimer(self)  # once after a drag, not for each pixel of it
        self._saving.setSingleShot(True)
        self._saving.setInterval(_SAVE_MS)
        self._saving.timeout.connect(save)
        self.splitterMoved.connect(lambda _place, _index: self._moved())

    @property
    def is_open(self) -> bool:
        return self._open

    @property
    def _least(self) -> int:
        return max(LEAST_LEFT, self._left.minimumSizeHint().width()) + self.handleWidth()

    @property
    def _least_panel(self) -> int:
        return max(LEAST_WIDTH, self._panel.minimumSizeHint().width())

    @property
    def alone(self) -> bool:
        """Whether the panel would take all the room."""
        return self.width() < self._least + self._least_panel

    def open_panel(self) -> None:
        if not self._open:
            self._open = True
            self.toggled.emit(True)
        self._arrange()

    def close_panel(self) -> None:
        if self._open:
            self._open = False
            self._arrange()
            self.toggled.emit(False)

    def minimumSizeHint(self) -> QSize:
        """Never the sum: where it gets narrow, only one of the two is seen."""
        sizes = [self._left.minimumSizeHint()]
        if self._open:
            sizes.append(self._panel.minimumSizeHint())
        return QSize(max(size.width() for size in sizes), max(size.height() for size in sizes))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        alone = self._open and self.alone
        self._left.setVisible(not alone)
        self._panel.setVisible(self._open)
        if self._open and not alone:
            most = self.width() - self._least
            width = min(max(self._settings.why_width, self._least_panel), most)
            self.setSizes([self.width() - width, width])

    def _moved(self) -> None:
        width = self._panel.width()
        if width != self._settings.why_width:
            self._settings.why_width = width
            self._saving.start()
