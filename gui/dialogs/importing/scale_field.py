"""The scale that scores were given on: as it looks, a usual one, or one that is typed."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from core.dataset.formats import Scale
from core.dataset.scores import shown
from gui.dialogs.importing.reading_form import combo, fill
from gui.widgets.basic import set_tone

_USUAL = (Scale(0, 1), Scale(-1, 1), Scale(1, 5), Scale(0, 5), Scale(0, 10), Scale(0, 100))
_OTHER = "other"
_NUMBER = r"([-−]?\d+(?:[.,]\d+)?)"
_TYPED = re.compile(rf"\s*{_NUMBER}\s*(?:–|—|-|to|\.\.|…|/|:|\s)\s*{_NUMBER}\s*")


class ScaleField(QWidget):
    """`chosen` carries a `Scale`, or None for: as it looks."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.box = combo("import.role.scale", "Scale of the scores")
        self.typed = QLineEdit()
        self.typed.setObjectName("import.scale")
        self.typed.setAccessibleName("Lowest and highest score")
        self.typed.setPlaceholderText("1–7")
        self.typed.setFixedWidth(72)
        self.typed.hide()
        row.addWidget(self.box, 1)
        row.addWidget(self.typed)
        self.setFocusProxy(self.box)
        self.box.currentIndexChanged.connect(self._pick)
        self.typed.textEdited.connect(self._type)

    def show_scale(self, asked: Scale | None, detected: Scale | None) -> None:
        words = f"As it looks: {shown(detected)}" if asked is None and detected is not None else "As it looks"
        items: list[tuple[str, Any]] = [(words, "")]
        items += [(shown(scale), key(scale)) for scale in _USUAL]
        other = self.typed.hasFocus() or (asked is not None and asked not in _USUAL)
        fill(self.box, [*items, ("Another…", _OTHER)], _OTHER if other else key(asked))
        self.typed.setVisible(other)
        if other and asked is not None and not self.typed.hasFocus():
            self.typed.setText(shown(asked))

    def _pick(self, _index: int) -> None:
        picked = str(self.box.currentData() or "")
        self.typed.setVisible(picked == _OTHER)
        if picked == _OTHER:
            self.typed.clear()
            self.typed.setFocus()
            return
        self.chosen.emit(next((scale for scale in _USUAL if key(scale) == picked), None))

    def _type(self, text: str) -> None:
        scale = parse_scale(text)
        set_tone(self.typed, "error" if text.strip() and scale is None else "")
        if scale is not None:
            self.chosen.emit(scale)


def key(scale: Scale | None) -> str:
    """A scale as the data of a choice: Qt finds texts again, but no objects of ours."""
    return "" if scale is None else f"{scale.low:g} {scale.high:g}"


def parse_scale(text: str) -> Scale | None:
    """ "1-7", "−3 to 3": None where it is no scale."""
    match = _TYPED.fullmatch(text)
    if match is None:
        return None
    low, high = (float(part.replace("−", "-").replace(",", ".")) for part in match.groups())
    return Scale(low, high) if low < high else None
