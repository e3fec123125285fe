"""Above the heat maps of a pair: which model, words or tokens, special tokens, and by which method."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from gui.widgets.basic import button
from gui.widgets.choice_box import ChoiceBox

BOTH, CHANGE = "both", "change"


class WhyControls(QWidget):
    changed = Signal()
    method_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(2)
            column.addLayout(row)
        self._views = QButtonGroup(self)
        self._alone = False
        self._keys = (BOTH, "0", "1", CHANGE)
        for key, words in zip(self._keys, ("Both", "Base", "Tuned", "Δ Change"), strict=True):
            made = button(words, kind="tab", name=f"why.view.{key}")
            made.setCheckable(True)
            made.setChecked(key == BOTH)
            self._views.addButton(made)
            first.addWidget(made)
        first.addStretch(1)
        self._pieces = QButtonGroup(self)
        for key, words in (("words", "Words"), ("tokens", "Tokens")):
            made = button(words, kind="tab", name=f"why.{key}")
            made.setCheckable(True)
            made.setChecked(key == "words")
            self._pieces.addButton(made)
            second.addWidget(made)
        self._special = QCheckBox("Special")
        self._special.setObjectName("why.special")
        self._special.setAccessibleName("Special tokens")
        self._special.setToolTip(
            "Show each special token. Folded, they stand in one row and one column, so that the sum holds."
        )
        second.addSpacing(8)
        second.addWidget(self._special)
        second.addSpacing(8)
        second.addStretch(1)
        self._method = ChoiceBox("why.method", "How it is explained", 11)
        self._method.addItem("Exact sum", "sum")
        self._method.addItem("Leave words out", "occlusion")
        self._method.setToolTip(
            "Exact sum: what each pair of words gives to the score; all of it adds up.\n"
            "Leave words out: what the score loses without a word. An approximation, for every model."
        )
        second.addWidget(self._method)
        self._views.buttonClicked.connect(lambda _button: self.changed.emit())
        self._pieces.buttonClicked.connect(lambda _button: self.changed.emit())
        self._special.toggled.connect(lambda _on: self.changed.emit())
        self._method.activated.connect(lambda _place: self.method_changed.emit())

    @property
    def view(self) -> str:
        """ "both", "change", or a model's place: "0", "1"."""
        chosen = [one.isChecked() for one in self._views.buttons()]
        return self._keys[chosen.index(True)]

    @property
    def by_words(self) -> bool:
        return self._pieces.buttons()[0].isChecked()

    @property
    def special(self) -> bool:
        return self._special.isChecked()

    @property
    def method(self) -> str:
        return str(self._method.currentData())

    def offer(self, titles: Sequence[str], *, difference: bool, sums: bool) -> None:
        """Only what there is: one model has no other beside it; what is left out of a text are words, never tokens."""
        both, first, second, change = self._views.buttons()
        two = len(titles) == 2
        for made, title in zip((first, second), titles, strict=False):
            made.setText(title)
            made.setAccessibleName(title)
        for made in (both, first, second, change):
            made.setVisible(two)
        change.setEnabled(difference)
        change.setToolTip(
            "What the second model has more" if difference else "The two models do not read the same words"
        )
        if not two:
            first.setChecked(True)
        elif self._alone or (change.isChecked() and not difference):
            both.setChecked(True)
        self._alone = not two
        for made in (*self._pieces.buttons(), self._special):
            made.setVisible(sums)
