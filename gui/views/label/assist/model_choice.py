"""Which model a helper asks: the project's base model, or the run that the window compares it with."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from core.models.catalogue import EMBEDDED, title
from gui.context import Context


class ModelChoice(QComboBox):
    """Follows the window's chosen run; who chose the base model here keeps it."""

    chosen = Signal()

    def __init__(self, context: Context, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._base_wanted = False
        self.setObjectName(name)
        self.setAccessibleName("Model that measures the similarity")
        self.setToolTip("The model that measures the similarity")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._activated)
        context.run_chosen.connect(self.fill)
        context.project_changed.connect(self.fill)
        context.data_changed.connect(lambda change: self.fill() if "meta" in change.kinds else None)
        self.fill()

    @property
    def reference(self) -> str:
        """The reference for the engine."""
        return str(self.currentData() or "base")

    def fill(self) -> None:
        before = [self.itemText(place) for place in range(self.count())], self.reference
        project, run = self._context.project, self._context.run_name
        base = title(str(project.recipe().get("base_model", EMBEDDED))) if project is not None else ""
        self.clear()
        self.addItem(f"Base: {base}" if base else "Base model", "base")
        if run:
            number = run.split("-", 1)[0]
            self.addItem(f"Run {int(number)}" if number.isdecimal() else run, run)
            self.setCurrentIndex(0 if self._base_wanted else 1)
        if before != ([self.itemText(place) for place in range(self.count())], self.reference):
            self.chosen.emit()

    def _activated(self, place: int) -> None:
        self._base_wanted = place == 0
        self.chosen.emit()
