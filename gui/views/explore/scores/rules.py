"""By which rule the threshold is chosen, and what the rule wants."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QWidget

from core.similarity import cuts
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.spin import inset

HAND = "hand"


@dataclass(frozen=True)
class _Rule:
    """`wants` is what stands before and behind the value, its lowest, highest and first one, and what is one of its unit; None where nothing is asked for."""

    key: str
    title: str
    wants: tuple[str, str, float, float, float, float] | None = None


_RULES = (
    _Rule(cuts.F1, "Best F1"),
    _Rule(cuts.ACCURACY, "Best accuracy"),
    _Rule(cuts.COST, "Lowest cost", ("A false match costs ", " misses", 0.0, 1000.0, 5.0, 1.0)),
    _Rule(cuts.PRECISION, "Wanted precision", ("at least ", " %", 1.0, 100.0, 90.0, 100.0)),
    _Rule(cuts.RECALL, "Wanted recall", ("at least ", " %", 1.0, 100.0, 90.0, 100.0)),
    _Rule(HAND, "By hand"),
)


class RulePicker(QWidget):
    chosen = Signal()  # another rule, or another value for it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.box = ChoiceBox("scores.rule", "Choose the threshold by")
        for rule in _RULES:
            self.box.addItem(rule.title, rule.key)
        self.spin = inset(QDoubleSpinBox())
        self.spin.setObjectName("scores.value")
        self.spin.setAccessibleName("What is wanted")
        self.spin.setDecimals(1)
        self.spin.setKeyboardTracking(False)
        row.addWidget(self.box)
        row.addWidget(self.spin)
        self._show_wants()
        self.box.activated.connect(lambda _place: self._changed())
        self.spin.valueChanged.connect(lambda _value: self.chosen.emit())

    @property
    def rule(self) -> str:
        return str(self.box.currentData())

    @property
    def value(self) -> float:
        """The price of a false match, or the wanted share."""
        wants = self._now.wants
        return self.spin.value() / wants[5] if wants is not None else 1.0

    def choose(self, rule: str) -> None:
        self.box.setCurrentIndex(self.box.findData(rule))
        self._changed()

    def by_hand(self) -> None:
        """A person moved a line: no rule put it there."""
        if self.rule != HAND:
            self.box.setCurrentIndex(self.box.findData(HAND))
            self._show_wants()

    @property
    def _now(self) -> _Rule:
        return _RULES[self.box.currentIndex()]

    def _changed(self) -> None:
        self._show_wants()
        self.chosen.emit()

    def _show_wants(self) -> None:
        wants = self._now.wants
        self.spin.setVisible(wants is not None)
        if wants is None:
            return
        before, behind, low, high, value, _ = wants
        self.spin.blockSignals(True)
        self.spin.setPrefix(before)
        self.spin.setSuffix(behind)
        self.spin.setRange(low, high)
        self.spin.setValue(value)
        self.spin.blockSignals(False)
        self.spin.setMinimumWidth(self.spin.sizeHint().width())
