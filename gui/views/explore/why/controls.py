"""Above the heat maps of a pair: which model, words or tokens, special tokens, and by which method."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QCheckBox, QHBoxLayout, QWidget

from gui.widgets.basic import button
from gui.widgets.choice_box import ChoiceBox

BOTH, CHANGE = "both", "change"
_ONE_LINE = 700  # pixels
_VIEWS = {
    BOTH: "Both models beside each other",
    "0": "The model that is compared with",
    "1": "The model that is looked at",
    CHANGE: "What the second model has more",
}


class WhyControls(QWidget):
    changed = Signal()
    method_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(4)
        first, second = self._parts = (QHBoxLayout(), QHBoxLayout())
        for row in (first, second):
            row.setSpacing(2)
            self._rows.addLayout(row)
        self._views = QButtonGroup(self)
        self._alone = False
        self._keys = (BOTH, "0", "1", CHANGE)
        for key, words in zip(self._keys, ("Both", "Base", "Tuned", "Δ Change"), strict=True):
            made = button(words, kind="tab", name=f"why.view.{key}", tip=_VIEWS[key])
            made.setCheckable(True)
            made.setChecked(key == BOTH)
            self._views.addButton(made)
            first.addWidget(made)
        first.addStretch(1)
        self._pieces = QButtonGroup(self)
        for key, words, tip in (
            ("words", "Words", "Each word as a whole"),
            ("tokens", "Tokens", "The pieces that the model reads: rare words are several of them"),
        ):
            made = button(words, kind="tab", name=f"why.{key}", tip=tip)
            made.setCheckable(True)
            made.setChecked(key == "words")
            self._pieces.addButton(made)
            second.addWidget(made)
        self._special = QCheckBox("Special")
        self._special.setObjectName("why.special")
        self._special.setAccessibleName("Special tokens")
        self._special.setToolTip(
            "The marks that the model itself puts around a text are part of its score. They stand together in the row and the column "
            "“special”; checked, each by itself."
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

    def minimumSizeHint(self) -> QSize:
        parts = [part.minimumSize() for part in self._parts]
        return QSize(max(part.width() for part in parts), max(part.height() for part in parts))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One line where there is room for it: the height is for the maps."""
        super().resizeEvent(event)
        wide = self.width() >= _ONE_LINE
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._rows.direction() != way:
            self._rows.setDirection(way)
            self.updateGeometry()

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
        change.setToolTip(_VIEWS[CHANGE] if difference else "The two models do not read the same words")
        if not two:
            first.setChecked(True)
        elif self._alone or (change.isChecked() and not difference):
            both.setChecked(True)
        self._alone = not two
        for made in (*self._pieces.buttons(), self._special):
            made.setVisible(sums)
