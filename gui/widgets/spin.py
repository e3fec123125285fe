"""Boxes for numbers: their text begins where that of every other box begins, which the style sheet alone cannot do."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QAbstractSpinBox

_EDGE = 7
Spin = TypeVar("Spin", bound=QAbstractSpinBox)


def inset(spin: Spin) -> Spin:
    spin.lineEdit().setTextMargins(_EDGE, 0, _EDGE, 0)
    return spin
