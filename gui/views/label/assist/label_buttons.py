"""The buttons under a list of near texts, each with its key: what a text can become in this dataset."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QWidget

from core.dataset.formats import DatasetInfo, Format, Role
from gui.models import score_text
from gui.theme import icons
from gui.widgets.basic import button


class LabelButtons(QWidget):
    """`pressed(role, score)`: a role and "", or "score" and the raw score."""

    pressed = Signal(str, str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.by_key: dict[str, QPushButton] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)

    def open(self, info: DatasetInfo | None) -> None:
        """Other buttons for another dataset."""
        for old in self.by_key.values():
            old.hide()
            old.deleteLater()
        self.by_key = {}
        if info is None:
            return
        if info.format is Format.SCORED:
            for place, value in enumerate(score_text.steps(info.scale)):
                raw, title = score_text.plain(value), score_text.step_title(value)
                made = self._add(_digit(value), title, f"Score {raw}", "score", raw, place, 0)
                made.setProperty("kind", "step")
            return
        same = info.format is Format.CATEGORIES
        self._add("P", "Same category" if same else "Positive", "Positive", "positive", "", 0, 0)
        if not same:
            self._add("N", "Negative", "Negative", "negative", "", 1, 0)

    def _add(self, key: str, title: str, tip: str, role: str, raw: str, column: int, row: int) -> QPushButton:
        made = button(title, name=f"{self._name}.{role}{raw}", tip=f"{tip} ({key})" if key else tip)
        made.setAccessibleName(tip)
        if role in (Role.POSITIVE, Role.NEGATIVE):
            icons.attach(made, "plus" if role == Role.POSITIVE else "minus", role, size=16)
            made.setText(f"\u2009{title}   {key}")
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard in the list
        made.clicked.connect(lambda _checked=False: self.pressed.emit(role, raw))
        self._grid.addWidget(made, row, column)
        self.by_key[key or f"{role}{raw}"] = made
        return made

    def allow(self, allowed: bool) -> None:
        for made in self.by_key.values():
            made.setEnabled(allowed)

    def press(self, key: str) -> None:
        """What the key of the list means."""
        steps = [made for key_, made in self.by_key.items() if key_ not in ("P", "N")]
        made = self.by_key.get(key)
        if made is None and steps:  # on a scale P and N are its ends
            made = {"P": steps[-1], "N": steps[0]}.get(key)
        if made is not None and made.isEnabled():
            made.click()


def _digit(value: float) -> str:
    """The key of a score: its digit, 5 for a half."""
    if value == 0.5:
        return "5"
    return str(int(value)) if value == int(value) and 0 <= value <= 9 else ""
