"""Pairs have no place for a negative: where the triplets go that are made of them. Asked once for a dataset."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from core.dataset.formats import DatasetInfo
from gui.widgets.basic import brief, button, label


class NegativesHome(QDialog):
    """`chosen` is an existing dataset of triplets, or None for the new one called `name`."""

    def __init__(self, name: str, triplets: Sequence[DatasetInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("negatives_home")
        self.setWindowTitle("Where negatives go")
        self.setMinimumWidth(420)
        self.chosen: DatasetInfo | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label("Pairs have no place for a negative", "section"))
        column.addWidget(
            label(
                "The pair and its negative become a row of triplets: anchor, positive, negative. The pairs stay as they are. "
                "This is asked once for this dataset.",
                "secondary",
                wrap=True,
            )
        )
        first = self._option(f"A new dataset, “{brief(name)}”", "negatives_home.new", None)
        first.setChecked(True)
        column.addWidget(first)
        for info in triplets:
            words = f"“{brief(info.name)}”, which has {info.rows:,} row{'' if info.rows == 1 else 's'}"
            column.addWidget(self._option(words, f"negatives_home.{info.id}", info))
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(button("Cancel", name="negatives_home.cancel", clicked=self.reject))
        accept = button(
            "Make triplets there", kind="primary", name="negatives_home.accept", clicked=self.accept
        )
        accept.setDefault(True)
        line.addWidget(accept)
        column.addSpacing(4)
        column.addLayout(line)

    def _option(self, words: str, name: str, info: DatasetInfo | None) -> QRadioButton:
        made = QRadioButton(words.replace("&", "&&"))
        made.setObjectName(name)
        made.toggled.connect(lambda on: setattr(self, "chosen", info) if on else None)
        return made
