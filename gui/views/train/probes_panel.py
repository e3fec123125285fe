"""The probes that somebody keeps an eye on: what the base model says, and what the run's model says by now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import AnchorLabError
from core.project.probes import Probe
from core.training.events import ProbesEvent
from gui.context import Context
from gui.dialogs.probe import ProbeDialog
from gui.views.train.change_table import ChangeTable
from gui.views.train.probes_seen import Seen
from gui.widgets.basic import button, label


class ProbesPanel(QWidget):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._probes: list[Probe] = []
        self._seen = Seen()  # of the run that is shown
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.table = ChangeTable("train.probes", "Probes", "Probe")
        column.addWidget(self.table, 1)
        self.empty = label(
            "Watch a few pairs, or make queries under Explore. They move here while a run goes on and are never trained on.",
            "secondary",
            wrap=True,
        )
        column.addWidget(self.empty, 1)
        row = QHBoxLayout()
        self.add = button("Watch a pair…", kind="plain", name="train.probe_add", clicked=self.ask)
        self.remove = button("Remove", kind="plain", name="train.probe_remove", clicked=self._remove)
        row.addWidget(self.add)
        row.addWidget(self.remove)
        row.addStretch(1)
        column.addLayout(row)
        self.table.itemSelectionChanged.connect(self._buttons)
        context.project_changed.connect(self.reload)
        context.data_changed.connect(self._data_changed)
        self.reload()

    def reload(self) -> None:
        project = self._context.project
        try:
            found = project.probes() if project is not None else []
        except AnchorLabError as error:
            self._context.messages.error(error)
            found = []
        self._probes = found
        self._show()

    def start(
        self, pairs: Sequence[Sequence[str]], queries: Sequence[dict[str, Any]] = (), texts: int = 0
    ) -> None:
        """Another run, with these pairs and queries in the order of its events."""
        self._seen = Seen(pairs, queries, texts)
        self._show()

    def take(self, event: ProbesEvent) -> None:
        self._seen.take(event)
        self._show()

    def _data_changed(self, change: object) -> None:
        if "probes" in getattr(change, "kinds", ()):
            self.reload()

    def _show(self) -> None:
        self.table.show_changes([self._seen.change(probe) for probe in self._probes])
        self.table.setVisible(bool(self._probes))
        self.empty.setVisible(not self._probes)
        self._buttons()

    def _buttons(self) -> None:
        self.add.setEnabled(self._context.editable)
        self.remove.setVisible(bool(self._probes))
        self.remove.setEnabled(self._context.editable and bool(self.table.selectedItems()))

    def ask(self) -> None:
        """Ask for a pair to watch."""
        dialog = ProbeDialog(self.window())
        dialog.open()
        dialog.finished.connect(lambda result: self._added(dialog, result))

    def _added(self, dialog: ProbeDialog, result: int) -> None:
        if result == QDialog.DialogCode.Accepted:
            first, second = dialog.texts
            self._context.edit(lambda project: project.add_probe(first, second, dialog.expectation))
        dialog.deleteLater()

    def _remove(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self._probes):
            id = self._probes[row].id
            self._context.edit(lambda project: project.delete_probe(id))
