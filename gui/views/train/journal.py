"""What a run said in words: the verdict first, then notices in the order they came."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from core.training.events import RecipeEvent
from gui.widgets.basic import label

_LONGEST = 20_000  # signs of a line
_MOST = 200  # lines; a log of a million notices must not fill the window


class Journal(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._lines = QVBoxLayout(inside)
        self._lines.setContentsMargins(0, 0, 8, 0)
        self._lines.setSpacing(8)
        self._verdict = label("", "strong", wrap=True, name="train.verdict")
        self._verdict.hide()
        self._lines.addWidget(self._verdict)
        self._lines.addStretch(1)
        scroll.setWidget(inside)
        column.addWidget(scroll, 1)

    def clear(self) -> None:
        self._verdict.hide()
        self._verdict.setText("")
        while self._lines.count() > 2:
            item = self._lines.takeAt(1)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def start(self, recipe: RecipeEvent) -> None:
        """The facts of a run that has just begun."""
        self.clear()
        held = f", {recipe.holdout_rows:,} held out" if recipe.holdout_rows else ", none held out"
        where = " · ".join(part for part in (recipe.device_name or recipe.device, recipe.precision) if part)
        self.note(f"{recipe.train_rows:,} rows to train on{held}. {where}".strip())

    def note(self, text: str, tone: str = "") -> None:
        if self._lines.count() > _MOST + 1:
            return
        if self._lines.count() == _MOST + 1:
            text, tone = "More was said than fits here; the run's events.jsonl has all of it.", ""
        line = label(text[:_LONGEST], "" if tone else "secondary", tone=tone, wrap=True)
        self._lines.insertWidget(self._lines.count() - 1, line)

    def verdict(self, text: str) -> None:
        self._verdict.setText(text[:_LONGEST])
        self._verdict.setVisible(bool(text))
