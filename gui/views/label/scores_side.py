"""Under the view "Disagrees": how far the scoring is, what counts as a large disagreement, and what one can do about it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from gui.widgets.basic import button, label


class ScoresState(QWidget):
    stop_requested = Signal()
    again_requested = Signal()
    columns_requested = Signal()
    model_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("label.scores")
        column = QVBoxLayout(self)
        column.setContentsMargins(5, 2, 4, 8)
        column.setSpacing(6)
        self.words = label("", "caption", wrap=True, name="label.scores.words")
        self.bar = QProgressBar()
        self.bar.setObjectName("label.scores.progress")
        self.bar.setAccessibleName("Scored rows")
        self.bar.setTextVisible(False)
        self.stop = button("Stop", kind="link", name="label.scores.stop", clicked=self.stop_requested.emit)
        self.again = button(
            "Try again", kind="link", name="label.scores.again", clicked=self.again_requested.emit
        )
        self.columns = button(
            "Hide the columns", kind="link", name="label.scores.columns", clicked=self.columns_requested.emit
        )
        above = QVBoxLayout()
        above.setContentsMargins(5, 0, 0, 0)  # the words of a link start inside its frame
        above.setSpacing(6)
        above.addWidget(self.words)
        above.addWidget(self.bar)
        column.addLayout(above)
        self.model = button("", kind="link", name="label.scores.model", clicked=self.model_requested.emit)
        other = QHBoxLayout()
        other.setContentsMargins(0, 0, 0, 0)
        other.addWidget(self.model)
        other.addStretch(1)
        column.addLayout(other)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        for part in (self.stop, self.again, self.columns):
            row.addWidget(part)
        row.addStretch(1)
        column.addLayout(row)
        self.show_nothing()

    def show_nothing(self) -> None:
        self.hide()

    def show_scoring(self, words: str, done: int, total: int) -> None:
        self.words.setText(words)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self._show(bar=True, stop=True)

    def show_idle(self, words: str, act: str) -> None:
        """There are no scores; `act` says what asks for them."""
        self.words.setText(words)
        self.again.setText(act)
        self.again.setAccessibleName(act)
        self._show(again=True)

    def show_ready(self, words: str, other_model: str = "") -> None:
        """`other_model`: what the link that changes the model says; "" for none."""
        self.words.setText(words)
        self.model.setText(other_model)
        self.model.setAccessibleName(other_model)
        self._show(columns=True, model=bool(other_model))

    def _show(
        self,
        *,
        bar: bool = False,
        stop: bool = False,
        again: bool = False,
        columns: bool = False,
        model: bool = False,
    ) -> None:
        self.bar.setVisible(bar)
        self.stop.setVisible(stop)
        self.again.setVisible(again)
        self.columns.setVisible(columns)
        self.model.setVisible(model)
        self.show()
