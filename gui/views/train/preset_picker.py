"""Which preset fills in the recipe, with the sentence that explains it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from core.training.presets import Preset
from gui.widgets.basic import label


class PresetPicker(QWidget):
    """`chosen(key)` when the person takes another preset."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        self.box = QComboBox()
        self.box.setObjectName("recipe.preset")
        self.box.setAccessibleName("Preset")
        self.box.activated.connect(self._activated)
        column.addWidget(self.box)
        self.explanation = label("", "secondary", wrap=True, name="recipe.preset.explanation")
        column.addWidget(self.explanation)
        self._presets: tuple[Preset, ...] = ()
        self._current = ""

    def show_presets(self, presets: Sequence[Preset], current: str, editable: bool) -> None:
        if tuple(presets) != self._presets:
            self._presets = tuple(presets)
            self.box.clear()
            self.box.addItems([preset.title for preset in presets])
        keys = [preset.key for preset in presets]
        self._current = current
        self.box.setCurrentIndex(keys.index(current) if current in keys else 0)
        self.box.setEnabled(editable)
        self.explanation.setText(presets[self.box.currentIndex()].explanation if presets else "")

    def _activated(self, index: int) -> None:
        key = self._presets[index].key
        if key != self._current:
            self.chosen.emit(key)
