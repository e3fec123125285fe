"""All of one result, its scores and ranks under both models, what a row says of it, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from core.dataset.formats import Role
from core.similarity.compare import Hit
from gui.views.explore.query.answer import Answer
from gui.widgets.basic import ElidedLabel, button, label, separator
from gui.widgets.roles import SIGNED, RoleSign
from gui.widgets.score import number

_WIDTH = 264


class Details(QFrame):
    again = Signal(str)  # ask from this text
    why = Signal()
    row_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("details")
        self.setFixedWidth(_WIDTH)
        self._row = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        self.head = QHBoxLayout()
        self.head.setSpacing(6)
        self.head.addWidget(label("Text", "section"), 1)
        column.addLayout(self.head)
        self.hint = label("Select a result to read all of it and compare its scores.", "secondary", wrap=True)
        column.addWidget(self.hint)
        self.text = QPlainTextEdit()
        self.text.setObjectName("explore.text")
        self.text.setAccessibleName("Selected text")
        self.text.setReadOnly(True)
        column.addWidget(self.text, 1)
        column.addWidget(self._rows())
        column.addStretch(1)
        self.show_text("", None)

    def _rows(self) -> QWidget:
        self.rows = QWidget()
        rows = QVBoxLayout(self.rows)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        self.names: list[QLabel] = []
        self.values: list[QLabel] = []
        for key in ("base", "tuned"):
            line = QHBoxLayout()
            name, value = label("", "secondary"), label("", "strong", name=f"explore.value.{key}")
            line.addWidget(name)
            line.addStretch(1)
            line.addWidget(value)
            rows.addLayout(line)
            self.names.append(name)
            self.values.append(value)
        rows.addWidget(self._known())
        rows.addWidget(separator())
        rows.addWidget(
            button(
                "Why are these similar?", "why", name="explore.ask_why", tip="Why? (W)", clicked=self.why.emit
            )
        )
        below = QHBoxLayout()
        below.setSpacing(6)
        below.addWidget(
            button(
                "Search this",
                "search",
                name="explore.again",
                tip="Ask both models from this text (Enter)",
                clicked=lambda: self.again.emit(self.text.toPlainText()),
            ),
            1,
        )
        below.addWidget(
            button("Copy", "copy", name="explore.copy", tip="Copy this text", clicked=self._copy), 1
        )
        rows.addLayout(below)
        return self.rows

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _known(self) -> QWidget:
        self.known = QWidget()
        line = QHBoxLayout(self.known)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        self.signs = {role.value: RoleSign(role) for role in SIGNED if role is not Role.ANCHOR}
        for sign in self.signs.values():
            line.addWidget(sign)
        self.said = ElidedLabel("")
        self.said.setObjectName("explore.known")
        line.addWidget(self.said, 1)
        self.open = button(
            "Open row",
            kind="link",
            name="explore.open_row",
            tip="The row that says so, in Label",
            clicked=lambda: self.row_wanted.emit(self._row),
        )
        line.addWidget(self.open)
        return self.known

    def name_models(self, first: str, second: str) -> None:
        for name, value, words in zip(self.names, self.values, (first, second), strict=True):
            name.setText(words)
            for part in (name, value):
                part.setVisible(bool(words))

    def show_text(self, text: str, answer: Answer | None) -> None:
        for part in (self.text, self.rows):
            part.setVisible(bool(text))
        self.hint.setVisible(not text)
        if self.text.toPlainText() != text:
            self.text.setPlainText(text)
        hits = [answer.hit(place, text) if answer is not None else None for place in (0, 1)]
        for place, value in enumerate(self.values):
            value.setText(_standing(hits[place], hits[1 - place]))
        self._show_known(next((hit for hit in hits if hit is not None and hit.role), None))

    def _show_known(self, hit: Hit | None) -> None:
        self.known.setVisible(hit is not None)
        if hit is None:
            return
        for role, sign in self.signs.items():
            sign.setVisible(role == hit.role)
        score = "" if hit.label is None else f" · {hit.label:g}"
        self.said.setText(f"Known {hit.role}{score}")
        self._row = hit.row
        self.open.setVisible(bool(hit.row))


def _standing(hit: Hit | None, other: Hit | None) -> str:
    if hit is not None:
        return f"{number(hit.score, 3)}  ·  rank {hit.rank:,}"
    if other is not None and other.other_rank is not None:
        return f"rank {other.other_rank:,}"
    return "–"
