"""What will you label? The formats, each with a sentence."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from core.dataset.formats import Format
from gui.widgets.basic import label

EXPLAINED = {
    Format.TRIPLETS: "An anchor, a text that belongs to it, and one that does not.",
    Format.PAIRS: "Two texts that belong together. Everything else in a batch counts as different.",
    Format.SCORED: "Two texts and how similar they are, from 0 to 1.",
    Format.CATEGORIES: "Texts and the category of each. Those of one category belong together.",
}
_BESIDE_MARK = 26  # where the words of a choice begin


class FormatChoice(QWidget):
    def __init__(self, name: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(label("What will you label?", "strong"))
        self._group = QButtonGroup(self)
        for number, (format, words) in enumerate(EXPLAINED.items()):
            column.addSpacing(8)
            choice = QRadioButton(format.title)
            choice.setObjectName(f"{name}.format.{format.value}")
            choice.setAccessibleDescription(words)
            choice.setChecked(number == 0)
            self._group.addButton(choice, number)
            column.addWidget(choice)
            hint = label(words, "caption", wrap=True)
            hint.setContentsMargins(_BESIDE_MARK, 0, 0, 0)
            column.addWidget(hint)

    @property
    def format(self) -> Format:
        return list(EXPLAINED)[self._group.checkedId()]
