"""One more dataset in the project: its format."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from core.dataset.formats import Format
from gui.dialogs.foot import foot
from gui.dialogs.format_choice import FormatChoice
from gui.widgets.basic import label


class NewDatasetDialog(QDialog):
    """`format` holds the answer once accepted. Nothing is written here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.dataset")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("New dataset")
        self.setMinimumWidth(520)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        layout.addWidget(label("New dataset", "title"))
        self._choice = FormatChoice("dataset")
        layout.addWidget(self._choice)
        layout.addStretch(1)
        row, _accept, _reject = foot(self, "Create", name="dataset", key="create")
        layout.addLayout(row)

    @property
    def format(self) -> Format:
        return self._choice.format
