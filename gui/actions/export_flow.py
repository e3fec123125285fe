"""From the wish to export to the dialog."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class ExportFlow(QObject):
    """Remembers the folder of the last export for the next one."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._place = Path.home()

    def start(self) -> None:
        from gui.dialogs.export.dialog import ExportDialog
        from gui.dialogs.export.scopes import scopes
        from gui.views.label.page import LabelPage

        context = self._window.context
        info = context.dataset
        if info is None:
            return
        page = self._window.pages.get("label")
        if isinstance(page, LabelPage):
            page.deactivate()  # what is being typed is part of the dataset
        found = scopes(info, page if isinstance(page, LabelPage) else None)
        dialog = ExportDialog(context, info, found, self._place, self._window)
        dialog.exported.connect(self._remember)
        dialog.open()

    def _remember(self, target: Path) -> None:
        self._place = target.parent
