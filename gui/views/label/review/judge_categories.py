"""Texts with categories: keep the category, or give another by a digit or by its name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from core.dataset.agreement.judgements import ACCEPTED
from core.dataset.formats import DatasetInfo, Example
from gui.views.label.review.big_text import TextCard, size_for
from gui.views.label.review.judge import Judge, Verdict
from gui.views.label.review.keys import KeyBar, KeyHint
from gui.widgets.basic import Card, brief, label

_SHOWN = 9


class CategoryJudge(Judge):
    def __init__(self) -> None:
        super().__init__()
        self.card: TextCard | None = None
        self.names: list[str] = []
        self.current = label("", "judged", wrap=True, name="review.category")
        self.caption = label("Category", "caption")
        self.search = QLineEdit()
        self.search.setObjectName("review.category.find")
        self.search.setAccessibleName("Category by name")
        self.search.setPlaceholderText("Type a category, Enter takes the first match")
        self.search.setMaxLength(400)
        self.search.textChanged.connect(lambda _text: self._show())
        self.search.installEventFilter(self)
        self.search.hide()
        self.hint = label("", "caption", wrap=True, name="review.category.hint")
        self.choices = KeyBar("review.choices", large=True, centred=True)
        self.choices.pressed.connect(self.press)
        box = Card(margins=24, spacing=6)
        box.body.addWidget(self.caption)
        box.body.addWidget(self.current)
        self.column.addWidget(box)
        self.tools = [self.search, self.choices, self.hint]

    def open(self, info: DatasetInfo) -> None:
        super().open(info)
        if self.card is None:
            text = info.columns[0]
            self.card = TextCard("review.text", text.title, text.role)
            self.column.insertWidget(0, self.card)
        self.names = []

    def know(self, names: Sequence[str]) -> None:
        """The categories of the dataset, the most frequent first."""
        self.names = [name for name in names if name]
        if self.example is not None:
            self._show()

    def fill(self, example: Example) -> None:
        self.fit()
        self._close_find()
        self._show()

    def fit(self) -> None:
        assert self.card is not None and self.example is not None
        self.card.set_compact(self.compact)
        self.card.show_text(self.example.texts[0], size_for(self.example.texts[:1], compact=self.compact))

    @property
    def category(self) -> str:
        """The category on show; "" in a second pass until it was judged again."""
        if self.example is None:
            return ""
        return self.again.removeprefix("=") if self.blind else self.example.texts[1]

    def offered(self) -> list[str]:
        """The categories behind the digits."""
        typed = self.search.text().casefold().strip()
        names = self.names
        if typed:
            starts = [name for name in names if name.casefold().startswith(typed)]
            names = starts + [name for name in names if typed in name.casefold() and name not in starts]
        return names[:_SHOWN]

    def _show(self) -> None:
        offered, typing = self.offered(), not self.search.isHidden()
        self.caption.setText("Choose the category" if self.blind and not self.category else "Category")
        self.current.setText(brief(self.category, 120) or ("–" if self.blind else "none yet"))
        self.choices.show_keys(
            [
                KeyHint(
                    str(n),
                    brief(name, 28),
                    cap="" if not typing else "↵" if n == 1 else " ",
                    on=name == self.category,
                )
                for n, name in enumerate(offered, 1)
            ]
        )
        text = self.search.text().strip()
        self.hint.setText(
            f"Enter makes a new category “{brief(text, 60)}”." if typing and text and not offered else ""
        )
        self.hint.setVisible(bool(self.hint.text()))
        self.changed.emit()

    def press(self, key: str) -> bool:
        if key.isdecimal() and key != "0":
            offered = self.offered()
            if int(key) > len(offered):
                self.refused.emit(f"There is no category {key}. C finds one by its name.")
            else:
                self._give(offered[int(key) - 1])
        elif key in ("Y", "Enter"):
            if self.blind or not self.category:
                self.refused.emit("Choose a category first.")
            else:
                self._give(self.category)
        elif key == "C":
            self.search.show()
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._show()
        elif key == "S":
            return self.skip()
        else:
            return False
        return True

    def _give(self, name: str) -> None:
        assert self.example is not None
        self._close_find()
        changed = () if name == self.example.texts[1] else ((self.example.id, "category", name),)
        cells = (*changed, (self.example.id, "status", ACCEPTED))
        self.decided.emit(Verdict(f"={name}", cells, brief(name, 40)))

    def _close_find(self) -> None:
        if not self.search.isHidden():
            held = self.search.hasFocus()
            self.search.hide()
            self.search.clear()
            if held:
                self.setFocus(Qt.FocusReason.OtherFocusReason)  # its focus goes on to the review

    def show_tools(self, shown: bool) -> None:
        self.choices.setVisible(shown)
        if not shown:
            self.search.hide()
            self.hint.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                offered, typed = self.offered(), self.search.text().strip()
                if typed:
                    self._give(offered[0] if offered else typed)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._close_find()
                self._show()
                return True
        return super().eventFilter(watched, event)

    def keys(self) -> list[KeyHint]:
        return [
            KeyHint("Y", "right as it is", tone="positive", enabled=bool(self.category) and not self.blind),
            KeyHint("C", "another, by name"),
            KeyHint("S", "cannot say", tip="Skip it: it trains as before"),
        ]
