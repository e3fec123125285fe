"""What training did to the rows of one part, as a card: how many, right before and after, fixed and broken."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from core import rounding
from core.similarity.before_after import Tally
from core.words import percent
from gui.widgets.basic import Card, ElidedLabel, label, set_tone


class SummaryCard(Card):
    def __init__(self, title: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(margins=12, spacing=2, parent=parent)
        self.setObjectName("card")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(title, "section"))
        self.count = _elided(f"pairs.count.{key}", "caption")
        head.addWidget(self.count, 1)
        self.change = label("", "strong", name=f"pairs.change.{key}")
        head.addWidget(self.change)
        self.accuracy = _elided(f"pairs.accuracy.{key}", "strong")
        self.moved = _elided(f"pairs.moved.{key}", "secondary")
        self.body.addLayout(head)
        self.body.addWidget(self.accuracy)
        self.body.addWidget(self.moved)

    def show_tally(self, found: Tally) -> None:
        self.count.setText(f"{found.count:,} row{'' if found.count == 1 else 's'}")
        if not found.count:
            self.accuracy.setText("Not decided")
            self.change.setText("")
            self.moved.setText(f"{found.undecided:,} without a verdict")
            return
        self.accuracy.setText(f"{percent(found.before)} → {percent(found.after)} right")
        self.change.setText(f"{rounding.points(found.change)} points" if found.change else "no change")
        sure = found.sure
        set_tone(
            self.change,
            "secondary" if not sure else "positive" if found.change > 0 else "negative",
        )
        self.change.setToolTip(
            ""
            if sure or not found.change
            else "So few changed rows may part like this by chance: label more."
        )
        net = found.fixed - found.broken
        self.moved.setText(
            f"{found.fixed:,} fixed − {found.broken:,} broken = {net:+,}".replace("-", "−")
            + ("" if sure else "  ·  may be chance")
            if net
            else f"{found.fixed:,} fixed − {found.broken:,} broken = 0"
        )
        self.moved.setAccessibleName(self.moved.text())


def _elided(name: str, kind: str) -> ElidedLabel:
    made = ElidedLabel("", kind)
    made.setObjectName(name)
    return made
