"""What a key is called in the review, whatever alphabet the keyboard writes."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_TOKENS = {
    Qt.Key.Key_Return: "Enter",
    Qt.Key.Key_Enter: "Enter",
    Qt.Key.Key_Up: "Up",
    Qt.Key.Key_Down: "Down",
    Qt.Key.Key_Left: "Left",
    Qt.Key.Key_Right: "Right",
    Qt.Key.Key_Space: "Right",
    Qt.Key.Key_Home: "Home",
    Qt.Key.Key_End: "End",
    Qt.Key.Key_Backspace: "Z",
    Qt.Key.Key_Escape: "Escape",
    Qt.Key.Key_PageUp: "PageUp",
    Qt.Key.Key_PageDown: "PageDown",
}

# On a keyboard of another alphabet the letters are where a Latin one has them.
_LETTERS = {
    first + place: letter
    for first, row in ((16, "QWERTYUIOP"), (30, "ASDFGHJKL"), (44, "ZXCVBNM"))
    for place, letter in enumerate(row)
}


def token(event: QKeyEvent) -> str:
    """What a key is called here; "" for keys with Ctrl, Alt and the like, which belong to the window."""
    commands = (
        Qt.KeyboardModifier.ControlModifier
        | Qt.KeyboardModifier.AltModifier
        | Qt.KeyboardModifier.MetaModifier
    )
    if event.modifiers() & commands:
        return ""
    found = _TOKENS.get(Qt.Key(event.key()))
    if found is not None:
        return found
    text = event.text().upper()
    if text and not text.isascii():
        return _LETTERS.get(_position(event), "")
    return text if len(text) == 1 and text.isprintable() else ""


def _position(event: QKeyEvent) -> int:
    """Where the key lies on the keyboard, numbered as the Linux kernel and Windows do."""
    return event.nativeScanCode() - (8 if sys.platform.startswith("linux") else 0)
