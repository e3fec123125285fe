"""A decision that cannot be undone, or that is the user's alone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def confirm(
    parent: QWidget, title: str, text: str, yes: str, *, no: str = "Cancel", danger: bool = False
) -> bool:
    """Ask; True for `yes`. Escape and closing mean no."""
    box = QMessageBox(parent)
    box.setObjectName("confirm")
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(title)
    box.setInformativeText(text)
    accept = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    accept.setProperty("kind", "danger" if danger else "primary")
    reject = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setEscapeButton(reject)
    box.setDefaultButton(reject if danger else accept)
    box.exec()
    return box.clickedButton() is accept
