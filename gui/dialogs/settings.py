"""The few settings there are."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from core import paths
from gui.context import Context
from gui.widgets.basic import button, label

_THEMES = (("As the system", "system"), ("Light", "light"), ("Dark", "dark"))


class SettingsDialog(QDialog):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Settings")
        self.setMinimumWidth(460)
        self._context = context
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label("Settings", "title"))
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.theme = QComboBox()
        self.theme.setObjectName("settings.theme")
        self.theme.setAccessibleName("Theme")
        for title, value in _THEMES:
            self.theme.addItem(title, value)
        self.theme.setCurrentIndex(max(0, self.theme.findData(context.settings.theme)))
        self.theme.currentIndexChanged.connect(self._set_theme)
        form.addRow(label("Theme"), self.theme)
        self.threads = QComboBox()
        self.threads.setObjectName("settings.threads")
        self.threads.setAccessibleName("Processor threads for training")
        cores = os.cpu_count() or 1
        self.threads.addItem(f"All {cores}", 0)
        for count in range(1, cores):
            self.threads.addItem(str(count), count)
        position = self.threads.findData(context.settings.threads)
        self.threads.setCurrentIndex(max(0, position))
        self.threads.currentIndexChanged.connect(self._set_threads)
        form.addRow(label("Processor threads for training"), self.threads)
        layout.addLayout(form)
        layout.addWidget(
            label(
                "A changed number of threads counts from the next start. A run always leaves the window its share.",
                "caption",
                wrap=True,
            )
        )
        layout.addWidget(label(f"New projects go to {paths.workspace()}", "caption", wrap=True))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("Close", name="settings.close", clicked=self.accept))
        layout.addLayout(row)

    def _set_theme(self) -> None:
        self._context.settings.theme = str(self.theme.currentData())
        self._context.theme.set_mode(self._context.settings.theme)
        self._context.save_settings()

    def _set_threads(self) -> None:
        self._context.settings.threads = int(self.threads.currentData())
        self._context.save_settings()
