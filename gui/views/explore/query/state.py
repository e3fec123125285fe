"""The line that says what a question waits for; nothing stands there while nothing is waited for."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from gui.widgets.basic import button, label


class SearchState(QWidget):
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self.words = label("", "caption", name="explore.state")
        self.progress = QProgressBar()
        self.progress.setObjectName("explore.progress")
        self.progress.setAccessibleName("Embedding the texts")
        self.progress.setTextVisible(False)
        self.cancel = button("Cancel", kind="link", name="explore.cancel", clicked=self.cancelled.emit)
        row.addWidget(self.words)
        row.addWidget(self.progress, 1)
        row.addWidget(self.cancel)
        row.addStretch()

    def idle(self, *, starting: bool) -> None:
        self.progress.hide()
        self.cancel.hide()
        self._say("The model is still loading; a search waits for it." if starting else "")

    def searching(self, *, warm: bool) -> None:
        self._say("" if warm else "The model is still loading…")

    def progressed(self, done: int, total: int) -> None:
        self.progress.setVisible(total > 0)
        self.cancel.setVisible(total > 0)
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(done)
        self._say(
            f"Embedding {done:,} of {total:,} texts; the next search is instant" if total else "Searching…"
        )

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.setVisible(bool(words))
