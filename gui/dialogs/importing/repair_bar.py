"""Garbled letters that were found, before and after, and the offer to repair them. Nothing is repaired unasked."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout

from core.dataset.importing import Inspection, Reading
from gui.widgets.basic import Card, ElidedLabel, label

_SHOWN = 2
_AROUND = 36  # signs on either side of the first difference


class RepairBar(Card):
    changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__("Garbled letters", margins=12, spacing=4)
        self.repair = QCheckBox("Repair them")
        self.repair.setObjectName("import.repair")
        self.repair.setAccessibleName("Repair garbled letters")
        self.head.addWidget(self.repair)
        self.repair.clicked.connect(self.changed)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        self._pairs: list[tuple[ElidedLabel, ElidedLabel]] = []
        for row in range(_SHOWN):
            before, after = ElidedLabel(), ElidedLabel()
            before.setProperty("tone", "warning")
            after.setProperty("tone", "positive")
            before.setObjectName(f"import.before.{row}")
            after.setObjectName(f"import.after.{row}")
            arrow = label("→", "secondary")
            grid.addWidget(before, row, 0)
            grid.addWidget(arrow, row, 1, Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(after, row, 2)
            before.arrow = arrow  # type: ignore[attr-defined]
            self._pairs.append((before, after))
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        self.body.addLayout(grid)

    def show_reading(self, found: Inspection, asked: Reading) -> None:
        self.setVisible(bool(found.mojibake))
        if not found.mojibake:
            return
        rows = f"{found.garbled:,} of the first rows"
        self.title.setText(f"Garbled letters in {rows}" if found.garbled else "Garbled letters")
        self.repair.setChecked(asked.repair)
        for place, (before, after) in enumerate(self._pairs):
            there = place < len(found.mojibake)
            for part in (before, after, before.arrow):  # type: ignore[attr-defined]
                part.setVisible(there)
            if there:
                left, right = excerpts(*found.mojibake[place])
                before.setText(left)
                after.setText(right)


def excerpts(before: str, after: str) -> tuple[str, str]:
    """Both texts around their first difference."""
    at = next((n for n, (a, b) in enumerate(zip(before, after)) if a != b), min(len(before), len(after)))
    start = max(0, at - _AROUND)
    dots = "…" if start else ""
    return tuple(  # type: ignore[return-value]
        dots + text[start : at + _AROUND] + ("…" if len(text) > at + _AROUND else "")
        for text in (before, after)
    )
