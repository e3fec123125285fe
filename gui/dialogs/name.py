"""Ask for a name."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from gui.dialogs.foot import foot
from gui.widgets.basic import label


class NameDialog(QDialog):
    """`done` gets the name once it is accepted; without a letter in it there is nothing to accept."""

    def __init__(self, title: str, name: str, done: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.name")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(360)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        layout.addWidget(label(title, "title"))
        layout.addWidget(label("Name", "strong"))
        self.field = QLineEdit(name)
        self.field.setObjectName("name.field")
        self.field.setAccessibleName("Name")
        self.field.selectAll()
        layout.addWidget(self.field)
        layout.addSpacing(8)
        row, self._accept, _reject = foot(self, "Save", name="name", key="save")
        layout.addLayout(row)
        self.field.textChanged.connect(self._allow)
        self.accepted.connect(lambda: done(self.field.text().strip()))
        self._allow()

    def _allow(self) -> None:
        self._accept.setEnabled(bool(self.field.text().strip()))
