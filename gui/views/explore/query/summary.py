"""One line above the lists: what was gained and lost, and where the known texts are now."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.views.explore.query.answer import Answer, known_line, summary
from gui.widgets.basic import Chip, ElidedLabel


class SummaryLine(QWidget):
    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.gained = Chip("", "positive", self)
        self.lost = Chip("", "negative", self)
        self.gained.setToolTip("Texts that only the second model has in its list")
        self.lost.setToolTip("Texts that only the first model has in its list")
        self.rest = ElidedLabel("", "caption")
        self.rest.setObjectName("explore.summary")
        row.addWidget(self.gained)
        row.addWidget(self.lost)
        row.addWidget(self.rest, 1)
        self.show_answer(None)

    def show_answer(self, answer: Answer | None) -> None:
        parts = summary(answer) if answer is not None else []
        for chip, tone in ((self.gained, "positive"), (self.lost, "negative")):
            chip.show_state(next((words for words, own in parts if own == tone), ""), tone)
        rest = [words for words, tone in parts if not tone]
        known = known_line(answer) if answer is not None else ""
        self.rest.setText("  ·  ".join([*rest, *([known] if known else [])]))
        self.rest.setAccessibleName(self.text)
        self.setVisible(bool(self.text))

    @property
    def text(self) -> str:
        """All of the line."""
        return "  ·  ".join(part for part in (self.gained.text(), self.lost.text(), self.rest.text()) if part)
