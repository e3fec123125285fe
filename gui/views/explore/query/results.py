"""One model's result list under its name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QListView, QStackedWidget, QVBoxLayout, QWidget

from core.similarity.compare import Hit
from gui.models.hits_model import HitsModel
from gui.theme.manager import current
from gui.views.explore.query.hit_delegate import HitDelegate
from gui.widgets.basic import Card, ElidedLabel, button, label, separator

Index = QModelIndex | QPersistentModelIndex


class ResultsView(QListView):
    """Left and Right go to the list beside it, Up at the top and Escape back to the question, Enter asks from the text."""

    beside = Signal()
    left = Signal()
    opened = Signal()

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setItemDelegate(HitDelegate(self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.doubleClicked.connect(lambda _index: self.opened.emit())

    def chosen(self) -> list[int]:
        return sorted(index.row() for index in self.selectedIndexes())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        key = event.key()
        if plain and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.beside.emit()
        elif plain and (
            key == Qt.Key.Key_Escape or (key == Qt.Key.Key_Up and self.currentIndex().row() <= 0)
        ):
            self.left.emit()
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Not in here: letters are commands."""


class ResultsCard(Card):
    """A titled list; `show_words` puts a sentence, and where it helps a button, in the place of results."""

    chosen = Signal(str)  # the text
    acted = Signal()  # the button under the sentence

    def __init__(self, name: str, title: str, *, tuned: bool, parent: QWidget | None = None) -> None:
        super().__init__("", margins=0, spacing=0, parent=parent)
        self.body.setContentsMargins(1, 0, 1, 1)
        head = QHBoxLayout()
        head.setContentsMargins(14, 10, 14, 9)
        head.setSpacing(8)
        self.heading = label(title, "section")
        self.about = ElidedLabel("", "caption")
        head.addWidget(self.heading)
        head.addWidget(self.about, 1)
        self.body.addLayout(head)
        self.body.addWidget(separator())
        self.model = HitsModel(tuned=tuned)
        self.list = ResultsView(name, title)
        self.list.setModel(self.model)
        self.list.selectionModel().currentChanged.connect(self._current)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self._place(f"{name}.act"))
        self.body.addWidget(self.stack, 1)
        current().changed.connect(self._recolour)

    def _place(self, name: str) -> QWidget:
        place = QWidget()
        inside = QVBoxLayout(place)
        inside.setContentsMargins(24, 16, 24, 16)
        inside.setSpacing(12)
        self.words = label("", "secondary", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.act = button("", name=name, clicked=self.acted.emit)
        self.act.hide()
        inside.addStretch(1)
        inside.addWidget(self.words)
        inside.addWidget(self.act, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addStretch(1)
        return place

    def _recolour(self, _tokens: object) -> None:
        self.list.viewport().update()

    def show_words(self, words: str, act: str = "") -> None:
        self.words.setText(words)
        self.act.setText(act)
        self.act.setAccessibleName(act)
        self.act.setVisible(bool(act))
        self.model.show([], 0)
        self.stack.setCurrentIndex(1)

    def show_hits(self, hits: Sequence[Hit], length: int, beyond: Sequence[Hit], *, compared: bool) -> None:
        self.model.show(hits, length, beyond, compared=compared)
        self.stack.setCurrentIndex(0)

    @property
    def has_hits(self) -> bool:
        return bool(self.model.hits) and self.stack.currentIndex() == 0

    def take_keyboard(self) -> bool:
        """Go to the text in hand, or to the first; False where there is none."""
        if not self.has_hits:
            return False
        if not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.model.index(0, 0))
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def select_text(self, text: str) -> None:
        """Highlight the same text here, without telling anybody."""
        row = self.model.row_of(text)
        self.list.selectionModel().blockSignals(True)
        if row is None:
            self.list.clearSelection()
            self.list.setCurrentIndex(QModelIndex())
        else:
            self.list.setCurrentIndex(self.model.index(row, 0))
            self.list.scrollTo(self.model.index(row, 0))
        self.list.selectionModel().blockSignals(False)
        self.list.viewport().update()

    def text(self) -> str:
        """The text in hand."""
        index = self.list.currentIndex()
        return str(index.data()) if index.isValid() else ""

    def _current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(str(index.data()))
