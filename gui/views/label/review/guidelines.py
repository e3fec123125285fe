"""The project's own rules for labelling, beside what is judged: read all the time, edited in place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from core.dataset.formats import DatasetInfo, Format
from gui.models import score_text
from gui.widgets.basic import label, tool_button
from gui.widgets.text_edit import TextEdit

WIDTH = 250
META = "guidelines"


class GuidelineText(TextEdit):
    """Leaving it keeps what was typed, and so do Escape and Ctrl+Enter, which go back to the review."""

    kept = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("review.guidelines.text")
        self.setAccessibleName("Guidelines")
        self.setTabChangesFocus(True)

    def teach(self, info: DatasetInfo) -> None:
        """What an empty pane says: rules as a dataset of this kind could have them."""
        scale = info.scale
        low, middle, high = (score_text.plain(scale.from_unit(part)) for part in (0.0, 0.5, 1.0))
        example = {
            Format.SCORED: f"{high}  the same thing in other words\n{middle}  related, but not the same\n{low}  nothing in common",
            Format.PAIRS: "Y  the second text answers the first\nN  the same topic, but no answer",
            Format.TRIPLETS: "Positive  answers the anchor\nNegative  tempting, but wrong",
            Format.CATEGORIES: "One category  means the same in use\nAnother  sounds alike, is used otherwise",
        }[info.format]
        self.setPlaceholderText(
            "What does a good label look like here? Write the rules you want to hold yourself to, "
            f"with an example of each:\n\n{example}"
        )

    def show_text(self, text: str) -> None:
        if text != self.stored or not self.hasFocus():
            self.hold(text)

    def commit(self) -> None:
        if self.touched and not self.isReadOnly():
            text = self.held
            self.keep(text)
            self.kept.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape or (
            enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.commit()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.commit()


class GuidelinesPane(QFrame):
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("review.guidelines")
        self.setFixedWidth(WIDTH)
        self.setFrameShape(QFrame.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 14)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(label("Guidelines", "section"), 1)
        head.addWidget(
            tool_button(
                "close", "Hide the guidelines (G)", name="review.guidelines.close", clicked=self.closed.emit
            )
        )
        column.addLayout(head)
        self.text = GuidelineText()
        column.addWidget(self.text, 1)
        column.addWidget(label("Saved in the project. Esc goes back to the review.", "caption", wrap=True))
