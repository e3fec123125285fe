"""One line while a map is made: what happens, how far it is, and a way to stop it; before one that takes long, a question."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from gui.widgets.basic import button, label


class MapBusy(QWidget):
    stopped = Signal()
    agreed = Signal()  # to wait
    declined = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self.state = label("", "caption", name="map.state")
        self.question = label("", "secondary", wrap=True, name="map.question")
        self.progress = QProgressBar()
        self.progress.setObjectName("map.progress")
        self.progress.setAccessibleName("Making the map")
        self.progress.setTextVisible(False)
        self.stop = button("Stop", kind="link", name="map.stop", clicked=self.stopped.emit)
        self.agree = button("Arrange", name="map.agree", clicked=self.agreed.emit)
        self.decline = button("Stay with PCA", kind="link", name="map.decline", clicked=self.declined.emit)
        row.addWidget(self.state)
        row.addWidget(self.question, 1)
        row.addWidget(self.progress, 1)
        for one in (self.stop, self.agree, self.decline):
            row.addWidget(one)
        self.hide()

    @property
    def asks(self) -> bool:
        return not self.isHidden() and not self.agree.isHidden()

    def tell(self, words: str, done: int = 0, total: int = 0) -> None:
        self.state.setText(words)
        self.progress.setRange(0, max(0, total))
        self.progress.setValue(done)
        self._ask(False)

    def offer(self, words: str) -> None:
        self.question.setText(words)
        self._ask(True)

    def _ask(self, asks: bool) -> None:
        asking: tuple[QWidget, ...] = (self.question, self.agree, self.decline)
        working: tuple[QWidget, ...] = (self.state, self.progress, self.stop)
        for part in (*asking, *working):
            part.setVisible((part in asking) == asks)
        self.show()
