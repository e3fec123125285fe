"""Triplets: each candidate is asked about on its own, P, N or S; Y confirms the row as it is."""

from __future__ import annotations

import random

from PySide6.QtWidgets import QWidget

from core.dataset.agreement.judgements import ACCEPTED, REJECTED
from core.dataset.formats import DatasetInfo, Example
from core.dataset.reviewing import expectation, triplet_outcome
from gui.views.label.review.judge import TwoTexts, Verdict
from gui.views.label.review.keys import KeyHint

_MARKS = {"P": "＋ fits", "N": "− does not fit", "S": "cannot say"}


class TripletJudge(TwoTexts):
    """In a second pass the candidates stand in another order without their roles, and the one that fits best is named."""

    def __init__(self) -> None:
        super().__init__()
        self.marks = ""
        self._order: list[int] = []

    def open(self, info: DatasetInfo) -> None:
        super().open(info)
        self.marks = ""

    def fill(self, example: Example) -> None:
        self.marks = ""
        count = len(example.texts) - 1
        self._order = list(range(count))
        if self.blind:
            random.Random(example.id).shuffle(self._order)
        self.fit()
        self._show()

    def texts(self) -> tuple[str, ...]:
        if self.example is None:
            return ()
        texts = self.example.texts
        return (texts[0], *(texts[1 + place] for place in self._order))

    def _show(self) -> None:
        assert self.info is not None
        columns = [column for column in self.info.columns if column.slot > 0]
        for place, card in enumerate(self.cards[1:]):
            card.show_role(not self.blind, str(place + 1) if self.blind else "")
            asked = place == len(self.marks) and not self.blind
            ask = ""
            if asked:
                yes, no = expectation([*columns], self.marks, place)
                ask = f"P  {yes}\nN  {no}"
            state = _MARKS[self.marks[place]] if place < len(self.marks) else ""
            card.show_state(state, active=asked, ask=ask)
        self.changed.emit()

    def press(self, key: str) -> bool:
        if self.blind:
            return self._pick(key)
        if key in ("P", "N", "S"):
            self.marks += key
            self._show() if len(self.marks) < len(self.cards) - 1 else self._decide(self.marks)
        elif key in ("Y", "Enter"):
            rest = "P" + "N" * (len(self.cards) - 2)
            self._decide(self.marks + rest[len(self.marks) :])
        else:
            return False
        return True

    def _decide(self, marks: str) -> None:
        assert self.example is not None
        outcome = triplet_outcome(self.example, marks)
        self.decided.emit(Verdict(outcome.status, outcome.cells, outcome.words, outcome.found))

    def _pick(self, key: str) -> bool:
        if key == "S":
            return self.skip()
        if not key.isdecimal() or not 1 <= int(key) < len(self.cards):
            return False
        right = self._order[int(key) - 1] == 0
        self.decided.emit(Verdict(ACCEPTED if right else REJECTED, (), f"chose {key}"))
        return True

    def back(self) -> bool:
        if not self.marks:
            return False
        self.marks = self.marks[:-1]
        self._show()
        return True

    def target(self) -> QWidget | None:
        return next((card for card in self.cards if card.active), None) if self.marks else None

    def keys(self) -> list[KeyHint]:
        if self.blind:
            count = len(self.cards) - 1
            chosen = [KeyHint(str(n), "fits best" if n == 1 else "") for n in range(1, min(count, 9) + 1)]
            return [*chosen, KeyHint("S", "cannot say")]
        return [
            KeyHint("Y", "all as it is" if not self.marks else "the rest as it is", tone="accent"),
            KeyHint("P", "positive", tone="positive", tip="This candidate is really a positive"),
            KeyHint("N", "negative", tone="negative", tip="This candidate is really a negative"),
            KeyHint("S", "cannot say", tip="Skip this candidate: the row trains as before"),
        ]
