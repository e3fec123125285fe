"""A page of help: the loop in five lines, and every shortcut."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.paths import RESOURCES
from gui.actions.registry import Actions
from gui.widgets.basic import button, keycap, label


class HelpDialog(QDialog):
    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.help")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Help")
        self.resize(620, 600)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 16)
        scroll = QScrollArea()
        scroll.setObjectName("help.scroll")
        scroll.setAccessibleName("Help")
        scroll.setWidgetResizable(True)
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 20, 24, 8)
        column.setSpacing(8)
        for paragraph in (RESOURCES / "help" / "start.txt").read_text(encoding="utf-8").strip().split("\n\n"):
            head, _, rest = paragraph.partition("\n")
            column.addWidget(label(head, "section"))
            column.addWidget(label(rest, "secondary", wrap=True))
            column.addSpacing(4)
        column.addWidget(label("Keys", "section"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        row = 0
        for spec in actions.specs():
            if not spec.shortcut:
                continue
            grid.addWidget(
                label(f"{spec.group}: {spec.title.rstrip('…')}" if spec.group else spec.title), row, 0
            )
            keys = QHBoxLayout()
            keys.setSpacing(6)
            for key in spec.shortcut.split(" | "):
                keys.addWidget(keycap(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)))
            keys.addStretch(1)
            grid.addLayout(keys, row, 1)
            row += 1
        column.addLayout(grid)
        column.addStretch(1)
        scroll.setWidget(inside)
        layout.addWidget(scroll)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 0, 24, 0)
        foot.addStretch(1)
        foot.addWidget(button("Close", name="help.close", clicked=self.accept))
        layout.addLayout(foot)
