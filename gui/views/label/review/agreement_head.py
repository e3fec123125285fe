"""The top of the agreement: what is compared, how far it agrees, in numbers and in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QVBoxLayout

from core.dataset.agreement.report import Agreement
from core.project.passes import Pass
from gui.widgets.basic import ElidedLabel, brief, button, label, plain_tip
from gui.widgets.score import number

_MEASURES = 3


class AgreementHead(QFrame):
    chosen = Signal(int)  # the place of a pass
    resumed = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("review.agreement.head")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 10, 24, 12)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.choice = QComboBox()
        self.choice.setObjectName("agreement.pass")
        self.choice.setAccessibleName("Which judgements are compared")
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(16)
        self.choice.activated.connect(self.chosen)
        self.resume = button("Go on judging", name="agreement.resume", clicked=self.resumed.emit)
        row.addWidget(self.choice, 1)
        row.addWidget(self.resume)
        row.addWidget(
            button("Back to the review", name="agreement.close", tip="Esc", clicked=self.closed.emit)
        )
        column.addLayout(row)
        self.words = label("", "strong", wrap=True, name="agreement.words")
        column.addWidget(self.words)
        tiles = QHBoxLayout()
        tiles.setSpacing(24)
        self.values = []
        for place in range(_MEASURES):
            value, name = label("", "title", name=f"agreement.value.{place}"), ElidedLabel("", "caption")
            tile = QVBoxLayout()
            tile.setSpacing(0)
            tile.addWidget(value)
            tile.addWidget(name)
            self.values.append((value, name))
            tiles.addLayout(tile, 1)
        column.addLayout(tiles)

    def show_passes(self, passes: Sequence[Pass], current: Pass) -> None:
        self.choice.clear()
        for one in passes:
            self.choice.addItem(title(one))
        self.choice.setCurrentIndex(list(passes).index(current))

    def show_report(self, found: Agreement) -> None:
        self.words.setText(found.words)
        for (value, name), measure in zip(self.values, [*found.measures, *[None] * _MEASURES]):
            value.setVisible(measure is not None)
            name.setVisible(measure is not None)
            if measure is not None:
                value.setText(number(measure.value, 2))
                name.setText(f"{measure.name}, n = {found.n:,}")
                for part in (value, name):
                    part.setToolTip(plain_tip(measure.tip))


def title(one: Pass) -> str:
    """ "Second pass, 12 Mar 2026, 48 of 50 judged again" """
    try:
        day = datetime.fromisoformat(one.made)
        when = f"{day.day} {day:%b %Y, %H:%M}"
    except ValueError:
        when = brief(one.made, 20)
    if one.kind == "blind":
        return f"Second pass · {when} · {one.judged:,} of {len(one.rows):,} judged again"
    return f"Merged from {brief(one.name, 40)} · {when} · {len(one.rows):,} rows both judged"
