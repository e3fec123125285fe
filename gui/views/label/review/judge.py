"""What the ways of judging have in common: texts in large type, keys, a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.dataset.agreement.judgements import REJECTED, SKIPPED
from core.dataset.formats import DatasetInfo, Example
from gui.views.label.review.big_text import TextCard, size_for
from gui.views.label.review.keys import KeyHint

Cell = tuple[int, str, Any]


@dataclass(frozen=True)
class Verdict:
    """A decision about a row. `judgement` is its short form for a second pass, `found` pairs that belong together after all."""

    judgement: str
    cells: tuple[Cell, ...]
    words: str
    found: tuple[tuple[str, str], ...] = ()


class Judge(QWidget):
    """Shows an example and turns keys into a verdict. `blind`: what was decided before must not be seen."""

    decided = Signal(object)  # Verdict
    changed = Signal()  # the keys mean something else now, or there is news to show
    refused = Signal(str)  # why a key did nothing

    def __init__(self) -> None:
        super().__init__()
        self.info: DatasetInfo | None = None
        self.example: Example | None = None
        self.blind = False
        self.again = ""
        self.compact = False
        self.tools: list[QWidget] = []  # what must stay in sight however long the texts are
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(12)

    def open(self, info: DatasetInfo) -> None:
        """A dataset of the format."""
        self.info = info

    def show_example(self, example: Example, *, blind: bool = False, again: str = "") -> None:
        """`again`: the judgement of a second pass that this row has already."""
        self.example, self.blind, self.again = example, blind, again
        self.fill(example)

    def fill(self, example: Example) -> None:
        raise NotImplementedError

    def press(self, key: str) -> bool:
        """A key (a character, "Enter", "Up", "Down"). False when it means nothing here."""
        raise NotImplementedError

    def back(self) -> bool:
        """Take back a part of a decision that was not made yet. False when there is none."""
        return False

    def keys(self) -> list[KeyHint]:
        raise NotImplementedError

    def set_compact(self, compact: bool) -> None:
        """Little height: smaller type, tighter lines."""
        if compact != self.compact:
            self.compact = compact
            self.column.setSpacing(8 if compact else 12)
            if self.example is not None:
                self.fit()

    def fit(self) -> None:
        """Set the texts in the size there is room for."""

    def show_tools(self, shown: bool) -> None:
        for tool in self.tools:
            tool.setVisible(shown)

    def target(self) -> QWidget | None:
        """What must be in sight."""
        return None

    # -- verdicts that all formats know -------------------------------------------------------------------------

    def skip(self) -> bool:
        assert self.example is not None
        self.decided.emit(Verdict(SKIPPED, ((self.example.id, "status", SKIPPED),), "skipped"))
        return True

    def reject(self) -> bool:
        assert self.example is not None
        self.decided.emit(Verdict(REJECTED, ((self.example.id, "status", REJECTED),), "rejected"))
        return True


class TwoTexts(Judge):
    """Two texts, one above the other."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[TextCard] = []

    def open(self, info: DatasetInfo) -> None:
        super().open(info)
        for card in self.cards:
            self.column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []
        for place, column in enumerate(column for column in info.columns if column.slot >= 0):
            card = TextCard(f"review.{column.key}", column.title, column.role)
            self.column.insertWidget(place, card)
            self.cards.append(card)

    def fill(self, example: Example) -> None:
        self.fit()

    def texts(self) -> tuple[str, ...]:
        """The texts in the order of the cards."""
        return self.example.texts if self.example is not None else ()

    def fit(self) -> None:
        size = size_for(self.texts(), compact=self.compact)
        for card, text in zip(self.cards, self.texts()):
            card.set_compact(self.compact)
            card.show_text(text, size)
