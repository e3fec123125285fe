"""Words in the score column: what each of them means as a score, confirmed by the person."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QWidget

from core.dataset.importing import Inspection, Reading
from core.dataset.label_words import suggested
from core.dataset.scores import parse_score
from gui.widgets.basic import Card, ElidedLabel, button, label, set_tone

_TALLEST = 132


class WordsForm(Card):
    """`confirmed` carries {word: score from 0 to 1, or None for unlabelled}."""

    confirmed = Signal(object)

    def __init__(self) -> None:
        super().__init__("The scores are words: what does each mean?", margins=12, spacing=6)
        self.accept = button("Use these scores", name="import.words.use", clicked=self._confirm)
        self.head.addWidget(self.accept)
        self.body.addWidget(
            label(
                "A score from 0 (different) to 1 (the same); empty leaves the row unlabelled.",
                "caption",
                wrap=True,
            )
        )
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body.addWidget(self._scroll)
        self.fields: dict[str, QLineEdit] = {}
        self._confirmed = False

    def show_words(self, found: Inspection, asked: Reading) -> None:
        """One field for every word; what was typed stays while the words are the same."""
        words = found.labels if asked.corpus is None else {}
        self.setVisible(bool(words))
        if not words:
            self.fields = {}
            return
        if list(self.fields) != list(words):
            self._build(words, asked.labels if asked.labels is not None else suggested(words))
        self._confirmed = asked.labels is not None
        self._judge()

    def _build(self, words: dict[str, int], scores: dict[str, float | None]) -> None:
        holder = QWidget()
        holder.setObjectName("scrolled")
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        self.fields = {}
        for place, (word, count) in enumerate(words.items()):
            field = QLineEdit("" if scores.get(word) is None else f"{scores[word]:g}")
            field.setObjectName(f"import.word.{place}")
            field.setAccessibleName(f"Score for {word}")
            field.setFixedWidth(72)
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            field.textEdited.connect(self._typed)
            field.returnPressed.connect(self._confirm)
            row, column = divmod(place, 2)
            cell = QHBoxLayout()
            cell.setSpacing(8)
            cell.addWidget(ElidedLabel(word), 1)
            cell.addWidget(label(f"{count:,}×", "caption"))
            cell.addWidget(field)
            grid.addLayout(cell, row, column)
            self.fields[word] = field
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        before = self._scroll.takeWidget()
        if before is not None:
            before.deleteLater()  # later: a field of it may be telling something just now
        self._scroll.setWidget(holder)
        for first, second in pairwise([self.accept, *self.fields.values()]):
            QWidget.setTabOrder(first, second)
        self._scroll.setFixedHeight(min(_TALLEST, holder.sizeHint().height() + 2))

    @property
    def open_question(self) -> bool:
        """Whether the words still have to be confirmed."""
        return bool(self.fields) and not self._confirmed

    def scores(self) -> dict[str, float | None] | None:
        """None while a field holds something else than a number from 0 to 1."""
        result: dict[str, float | None] = {}
        for word, field in self.fields.items():
            text = field.text().strip()
            value = parse_score(text) if text else None
            if text and (value is None or not 0 <= value <= 1):
                return None
            result[word] = value
        return result

    def _typed(self, _text: str) -> None:
        self._confirmed = False
        self._judge()

    def _judge(self) -> None:
        for field in self.fields.values():
            text = field.text().strip()
            value = parse_score(text) if text else 0.0
            set_tone(field, "" if value is not None and 0 <= value <= 1 else "error")
        given = self.scores()
        some = given is not None and any(value is not None for value in given.values())
        self.accept.setEnabled(some and not self._confirmed)
        words = "In use" if self._confirmed else "Use these scores"
        self.accept.setText(words)
        self.accept.setAccessibleName(words)

    def _confirm(self) -> None:
        given = self.scores()
        if given is not None and not self._confirmed:
            self.confirmed.emit(given)
