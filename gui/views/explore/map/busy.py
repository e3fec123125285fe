"""One line while a map is made: what happens, how far it is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from gui.widgets.basic import button, label


class MapBusy(QWidget):
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self.state = label("", "caption", name="map.state")
        self.progress = QProgressBar()
        self.progress.setObjectName("map.progress")
        self.progress.setAccessibleName("Making the map")
        self.progress.setTextVisible(False)
        self.stop = button("Stop", kind="link", name="map.stop", clicked=self.stopped.emit)
        row.addWidget(self.state)
        row.addWidget(self.progress, 1)
        row.addWidget(self.stop)
        self.hide()

    def tell(self, words: str, done: int = 0, total: int = 0) -> None:
        self.state.setText(words)
        self.progress.setRange(0, max(0, total))
        self.progress.setValue(done)
        self.show()
