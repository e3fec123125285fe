"""A decision that cannot be undone, or that is the user's alone."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from gui.dialogs.foot import foot
from gui.widgets.basic import label


class ConfirmDialog(QDialog):
    """Asks. Escape and closing mean no, and so does Enter where `danger` is ahead."""

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        text: str,
        yes: str,
        *,
        no: str = "Cancel",
        danger: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("confirm")
        self.setWindowTitle(title)
        self.setMinimumWidth(400)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        heading = label(title, "title", wrap=True)
        words = label(text, "secondary", wrap=True, name="confirm.text")
        layout.addWidget(heading)
        layout.addWidget(words, 1)
        layout.addSpacing(12)
        row, accept, reject = foot(self, yes, name="confirm", key="yes", no=no, danger=danger)
        layout.addLayout(row)
        self.setAccessibleDescription(text)
        (reject if danger else accept).setFocus()


def confirm(
    parent: QWidget | None, title: str, text: str, yes: str, *, no: str = "Cancel", danger: bool = False
) -> bool:
    """Ask; True for `yes`."""
    dialog = ConfirmDialog(parent, title, text, yes, no=no, danger=danger)
    try:
        return bool(dialog.exec())
    finally:
        dialog.deleteLater()
