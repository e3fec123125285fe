"""A strip over an older run's curves while another run trains: says so, and leads back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from gui.context import Context
from gui.widgets.basic import ElidedLabel, button


class LiveBar(QFrame):
    wanted = Signal()  # to see the run that is on

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("livebar")
        self._context = context
        self._older = ""  # the run that is shown in place of the one that is on
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.setSpacing(12)
        self.words = ElidedLabel("")
        self.words.setObjectName("train.live_words")
        row.addWidget(self.words, 1)
        self.back = button("", name="train.live", clicked=self.wanted.emit)
        row.addWidget(self.back)
        self.hide()
        context.training.state_changed.connect(self._say)
        context.training.events.connect(lambda _batch: self._say())

    def show_for(self, older: str) -> None:
        """`older` is the run that is shown; "" when it is the one that is on."""
        self._older = older
        self._say()

    def _say(self) -> None:
        training = self._context.training
        on = training.active and bool(self._older) and self._older != training.run_name
        if on:
            name = f"Run {number_of(training.run_name)}" if training.run_name else "Another run"
            state = {"paused": "is paused", "stopping": "is stopping", "starting": "is starting"}
            words = state.get(training.state, f"is training: {100 * training.share:.0f} % done")
            self.words.setText(f"This is an older run. {name} {words}.")
            self.back.setText(f"Back to {name[0].lower()}{name[1:]}")
            self.back.setAccessibleName(self.back.text())
        self.setVisible(on)


def number_of(name: str) -> str:
    """ "0007-main" is run 7."""
    head = name.split("-", 1)[0]
    return str(int(head)) if head.isascii() and head.isdigit() else name
