"""Which texts a helper looks among: all, or all but those that are only anchors. Until somebody says, the engine decides by the data."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget


class Among(QComboBox):
    chosen = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said: dict[int, str] = {}
        self._dataset = 0
        self.setObjectName(name)
        self.setAccessibleName("Texts to look among")
        self.addItem("All texts", "all")
        self.addItem("No anchors", "others")
        self.setItemData(0, "Every text of the project", Qt.ItemDataRole.ToolTipRole)
        self.setItemData(1, "Without texts that stand nowhere but as anchors", Qt.ItemDataRole.ToolTipRole)
        self.activated.connect(self._activated)

    @property
    def wanted(self) -> str:
        """For the engine: all, others, or auto."""
        return self._said.get(self._dataset, "auto")

    def open(self, dataset_id: int) -> None:
        """Another dataset, for which something else may have been said."""
        self._dataset = dataset_id

    def show_answer(self, among: str) -> None:
        """What the engine looked among."""
        self.setCurrentIndex(max(0, self.findData(among)))

    def _activated(self, place: int) -> None:
        self._said[self._dataset] = str(self.itemData(place))
        self.chosen.emit()
