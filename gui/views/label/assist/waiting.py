"""What a helper says while it has no list to show: why, how far it is, and the one thing to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from gui.widgets.basic import EmptyState, button, label


class Waiting(QWidget):
    """A thin line of progress above the list; the time left comes from the job's pace."""

    def __init__(self, name: str, cancel: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName(f"{name}.waiting")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 10)
        column.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(8)
        self.words = label("", "caption", wrap=True, name=f"{name}.progress.words")
        self.cancel = button("Cancel", kind="link", name=f"{name}.cancel", clicked=cancel)
        line.addWidget(self.words, 1)
        line.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignTop)
        self.bar = QProgressBar()
        self.bar.setObjectName(f"{name}.progress")
        self.bar.setAccessibleName("Progress")
        self.bar.setTextVisible(False)
        column.addLayout(line)
        column.addWidget(self.bar)
        self.hide()

    def show_progress(self, words: str, done: int = 0, total: int = 0) -> None:
        self.words.setText(words)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.show()


class Teaching(EmptyState):
    """An empty state in a narrow panel whose words and button change."""

    def __init__(self, name: str, icon: str) -> None:
        super().__init__(icon, "", "Go on", self._press)
        self.setObjectName(f"{name}.empty")
        self.button.setObjectName(f"{name}.empty.action")
        self.sentence.setObjectName(f"{name}.empty.words")
        self._do: Callable[[], object] | None = None

    def say(self, words: str, action: str = "", do: Callable[[], object] | None = None) -> None:
        self._do = do
        self.sentence.setText(words)
        self.button.setText(action)
        self.button.setAccessibleName(action)
        self.button.setVisible(bool(action))

    def _press(self) -> None:
        if self._do is not None:
            self._do()


def left_words(seconds: float | None) -> str:
    """ "about 2 min left"; "" while nobody knows."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60)} min left"
