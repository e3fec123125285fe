"""The foot of a dialog that asks: Cancel, and the button that does it."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton

from gui.widgets.basic import button


def foot(
    dialog: QDialog, yes: str, *, name: str, key: str, no: str = "Cancel", danger: bool = False
) -> tuple[QHBoxLayout, QPushButton, QPushButton]:
    """The line of buttons, the one that accepts, and the one that gives up, called `name`.`key` and `name`.cancel.

    Enter accepts, unless that is dangerous.
    """
    row = QHBoxLayout()
    row.addStretch(1)
    reject = button(no, name=f"{name}.cancel", clicked=dialog.reject)
    accept = button(yes, kind="danger" if danger else "primary", name=f"{name}.{key}", clicked=dialog.accept)
    (reject if danger else accept).setDefault(True)
    row.addWidget(reject)
    row.addWidget(accept)
    return row, accept, reject
