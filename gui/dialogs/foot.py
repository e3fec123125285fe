"""The foot of a dialog that asks: Cancel, and the button that does it."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton

from gui.widgets.basic import button


def foot(dialog: QDialog, yes: str, *, name: str, key: str) -> tuple[QHBoxLayout, QPushButton]:
    """The line of buttons, and the one that accepts (also by Enter). They are called `name`.cancel and `name`.`key`."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(button("Cancel", name=f"{name}.cancel", clicked=dialog.reject))
    accept = button(yes, kind="primary", name=f"{name}.{key}", clicked=dialog.accept)
    accept.setDefault(True)
    row.addWidget(accept)
    return row, accept
