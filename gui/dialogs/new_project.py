"""Make a project: a name, a folder, and the format of its first dataset."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from core import paths
from core.dataset.formats import Format
from gui.dialogs.foot import foot
from gui.dialogs.format_choice import FormatChoice
from gui.widgets.basic import button, label


def folder_name(title: str) -> str:
    """A folder name that every file system takes."""
    return (
        re.sub(r"[^\w\- ]+", "", title, flags=re.UNICODE).strip().replace(" ", "-").lower()[:60] or "project"
    )


class NewProjectDialog(QDialog):
    """`folder`, `name` and `format` hold the answer once accepted. Nothing is written here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.new")
        self.setWindowTitle("New project")
        self.setMinimumWidth(520)
        self._workspace = paths.workspace()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        layout.addWidget(label("New project", "title"))
        layout.addSpacing(4)
        layout.addWidget(label("Name", "strong"))
        self.name_field = QLineEdit()
        self.name_field.setObjectName("new.name")
        self.name_field.setAccessibleName("Name")
        self.name_field.setPlaceholderText("Garden shop search")
        layout.addWidget(self.name_field)
        place = QHBoxLayout()
        self.place = label("", "caption", wrap=True, name="new.place")
        place.addWidget(self.place, 1)
        place.addWidget(button("Change…", kind="link", name="new.change", clicked=self._change))
        layout.addLayout(place)
        layout.addSpacing(8)
        self._choice = FormatChoice("new")
        layout.addWidget(self._choice)
        layout.addSpacing(8)
        layout.addStretch(1)
        row, self.create_button, _reject = foot(self, "Create", name="new", key="create")
        layout.addLayout(row)
        self.name_field.textChanged.connect(self._show_place)
        self._show_place()
        self.name_field.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def name(self) -> str:
        return self.name_field.text().strip()

    @property
    def format(self) -> Format:
        return self._choice.format

    @property
    def folder(self) -> Path:
        return paths.free_name(self._workspace / folder_name(self.name or "project"))

    def _show_place(self) -> None:
        self.place.setText(f"In {self.folder}")
        self.create_button.setEnabled(bool(self.name))

    def _change(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder for the new project", str(self._workspace))
        if chosen:
            self._workspace = Path(chosen)
            self._show_place()
