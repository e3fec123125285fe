"""Make a project: a name, a folder, and the format of its first dataset."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from core import paths
from core.dataset.formats import Format
from gui.widgets.basic import button, label

EXPLAINED = {
    Format.TRIPLETS: "An anchor, a text that belongs to it, and one that does not.",
    Format.PAIRS: "Two texts that belong together. Everything else in a batch counts as different.",
    Format.SCORED: "Two texts and how similar they are, from 0 to 1.",
    Format.CATEGORIES: "Texts and the category of each. Those of one category belong together.",
}


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
        layout.addWidget(label("What will you label?", "strong"))
        self._group = QButtonGroup(self)
        self._formats: dict[int, Format] = {}
        for number, (format, words) in enumerate(EXPLAINED.items()):
            choice = QRadioButton(format.title)
            choice.setObjectName(f"new.format.{format.value}")
            choice.setChecked(number == 0)
            self._group.addButton(choice, number)
            self._formats[number] = format
            layout.addWidget(choice)
            hint = label(words, "caption", wrap=True)
            hint.setContentsMargins(24, 0, 0, 4)
            layout.addWidget(hint)
        layout.addSpacing(8)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("Cancel", name="new.cancel", clicked=self.reject))
        self.create_button = button("Create", kind="primary", name="new.create", clicked=self.accept)
        self.create_button.setDefault(True)
        row.addWidget(self.create_button)
        layout.addLayout(row)
        self.name_field.textChanged.connect(self._show_place)
        self._show_place()
        self.name_field.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def name(self) -> str:
        return self.name_field.text().strip()

    @property
    def format(self) -> Format:
        return self._formats[self._group.checkedId()]

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
