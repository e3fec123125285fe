"""What stands where the labelled rows will be: what the tab is for, how far the scoring is, what went wrong."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from gui.views.explore.pairs.scored import ScoredRows
from gui.widgets.basic import EmptyState, button

_NO_ROWS = (
    "No row of this dataset has a label yet. Label some, and what training did to each of them stands here."
)
_NOTHING = "There are no rows yet. Import some, or type them in Label: what training does to each of them will stand here."
_STOPPED = "The rows were not scored to the end. What is done is kept."


class Waiting(QWidget):
    def __init__(
        self,
        scored: ScoredRows,
        name: str,
        teach: str,
        train: Callable[[], object],
        label: Callable[[int], object],
    ) -> None:
        super().__init__()
        self._scored, self._teach, self._train, self._label = scored, teach, train, label
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.state = EmptyState("explore", teach, "Train", self._act, primary=True)
        self.state.button.setObjectName(f"{name}.act")
        self.progress = QProgressBar()
        self.progress.setObjectName(f"{name}.progress")
        self.progress.setAccessibleName("Scoring the rows")
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(260)
        self.cancel = button("Cancel", kind="link", name=f"{name}.cancel", clicked=scored.cancel)
        self.state.add(self.progress)
        self.state.add(self.cancel)
        column.addWidget(self.state, 1, Qt.AlignmentFlag(0))
        scored.changed.connect(self._show)
        scored.progressed.connect(self._progressed)
        self._show()

    def _act(self) -> None:
        if self._scored.state in ("failed", "cancelled"):
            self._scored.again()
        elif self._scored.state == "ready" or self._scored.bare:
            self._label(self._scored.unlabelled)
        else:
            self._train()

    def _show(self) -> None:
        state = self._scored.state
        reading, stopped = state == "reading", state in ("failed", "cancelled")
        words = self._teach
        if reading:
            words = "Scoring the labelled rows…"
            self.progress.setRange(0, 0)
        elif stopped:
            words = f"{_STOPPED} {self._scored.problem if state == 'failed' else ''}".strip()
        elif state == "ready" or self._scored.bare:
            words = _NO_ROWS if self._scored.unlabelled else _NOTHING
        self.state.sentence.setText(words)
        self.state.button.setText(
            "Score them again"
            if stopped
            else "Add examples"
            if self._scored.bare
            else "Label rows"
            if state == "ready"
            else "Train"
        )
        self.state.button.setAccessibleName(self.state.button.text())
        self.state.button.setVisible(not reading)
        self.progress.setVisible(reading)
        self.cancel.setVisible(reading)

    def _progressed(self, words: str, done: int, total: int) -> None:
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(done)
        self.state.sentence.setText(f"{words}: {done:,} of {total:,}")
