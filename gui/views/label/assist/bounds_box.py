"""How similar a hard negative may be: four numbers, what they mean, and the way back to the usual ones."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.similarity.negatives import Bounds
from gui.theme import icons
from gui.widgets.basic import button, label
from gui.widgets.spin import inset

_PATIENCE_MS = 400


class BoundsBox(QWidget):
    """A line that says the bounds and opens to change them. `changed` comes a moment after the last number."""

    changed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.line = button("", kind="menu", name=f"{name}.bounds", tip="How similar a proposal may be")
        icons.attach(self.line, "chevron", size=12)
        self.line.clicked.connect(lambda _checked=False: self.open())
        column.addWidget(self.line)
        # over the page, not in it: the list below keeps its room
        self.box = QFrame(self, Qt.WindowType.Popup)
        self.box.setObjectName("card")
        self.box.setFixedWidth(300)
        inside = QVBoxLayout(self.box)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.setSpacing(6)
        self._numbers: dict[str, QDoubleSpinBox] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        for row, (words, tip, first, second) in enumerate(_LINES):
            heading = label(words, "secondary")
            heading.setToolTip(tip)
            grid.addWidget(heading, row, 0)
            for place, key in enumerate((first, second), 1):
                grid.addWidget(
                    self._number(key, f"{words}, {'from' if place == 1 else 'to'}", tip), row, place
                )
        grid.setColumnStretch(0, 1)
        inside.addLayout(grid)
        inside.addWidget(
            label(
                "A text as close as the positive is often an unlabelled positive; one far below teaches nothing.",
                "caption",
                wrap=True,
            )
        )
        foot = QHBoxLayout()
        foot.addStretch(1)
        self.reset = button(
            "Usual bounds", kind="link", name=f"{name}.bounds.reset", clicked=lambda: self.set(Bounds())
        )
        foot.addWidget(self.reset)
        inside.addLayout(foot)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PATIENCE_MS)
        self._timer.timeout.connect(self.changed)
        self._say()

    def _number(self, key: str, name: str, tip: str) -> QDoubleSpinBox:
        made = inset(QDoubleSpinBox())
        made.setObjectName(f"{self._name}.bounds.{key}")
        made.setAccessibleName(name)
        made.setToolTip(tip)
        made.setRange(-1.0, 1.0)
        made.setDecimals(2)
        made.setSingleStep(0.05)
        made.setFixedWidth(68)
        made.setAlignment(Qt.AlignmentFlag.AlignRight)
        made.setValue(getattr(Bounds(), key))
        made.valueChanged.connect(self._edited)
        self._numbers[key] = made
        return made

    def open(self) -> None:
        """Show the numbers below the line; Escape or a click elsewhere closes them."""
        self.box.adjustSize()
        self.box.move(self.line.mapToGlobal(QPoint(0, self.line.height() + 4)))
        self.box.show()
        self._numbers["least_gap"].setFocus()
        self._numbers["least_gap"].selectAll()

    @property
    def bounds(self) -> Bounds:
        return Bounds(**{key: made.value() for key, made in self._numbers.items()})

    def set(self, bounds: Bounds) -> None:
        for key, made in self._numbers.items():
            made.setValue(getattr(bounds, key))

    def _edited(self) -> None:
        self._say()
        self._timer.start()

    def _say(self) -> None:
        bounds, usual = self.bounds, Bounds()
        words = f"{bounds.least_gap:.2f} to {bounds.most_gap:.2f} below the positive".replace("-", "−")
        if (bounds.lowest, bounds.highest) != (usual.lowest, usual.highest):
            words += f", {bounds.lowest:.2f}–{bounds.highest:.2f}".replace("-", "−")
        self.line.setText(f" {words}")
        self.line.setAccessibleName(f"Bounds: {words}")


_LINES = (
    (
        "Below the positive",
        "How much less similar to the anchor than its positive a proposal is, at least and at most",
        "least_gap",
        "most_gap",
    ),
    (
        "Similarity",
        "The similarity of a proposal to the anchor, whatever the positive has",
        "lowest",
        "highest",
    ),
)
