"""The pairs that somebody keeps an eye on: what the base model says, and what the run's model says by now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import AnchorLabError
from core.project.probes import Probe
from core.training.events import ProbesEvent
from gui.context import Context
from gui.dialogs.probe import ProbeDialog
from gui.views.train.change_table import Change, ChangeTable
from gui.widgets.basic import button, label

_WISH = {"similar": "up", "different": "down"}


class ProbesPanel(QWidget):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._probes: list[Probe] = []
        self._pairs: list[tuple[str, str]] = []  # of the run that is shown
        self._base: list[float] = []
        self._now: list[float] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.table = ChangeTable("train.probes", "Watched pairs", "Pair")
        column.addWidget(self.table, 1)
        self.empty = label(
            "Watch a few pairs whose similarity should rise or fall. They move here while a run goes on and are never trained on.",
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
        self._probes = [probe for probe in found if probe.other]
        self._show()

    def start(self, pairs: Sequence[Sequence[str]]) -> None:
        """Another run, with these pairs in the order of its events."""
        self._pairs = [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]
        self._base, self._now = [], []
        self._show()

    def take(self, event: ProbesEvent) -> None:
        if event.step == 0:
            self._base = event.scores
        self._now = event.scores
        self._show()

    def _data_changed(self, change: object) -> None:
        if "probes" in getattr(change, "kinds", ()):
            self.reload()

    def _show(self) -> None:
        places = {pair: place for place, pair in enumerate(self._pairs)}

        def figure(scores: list[float], probe: Probe) -> float | None:
            place = places.get((probe.text, probe.other))
            return scores[place] if place is not None and place < len(scores) else None

        self.table.show_changes(
            [
                Change(
                    f"{probe.text}  ↔  {probe.other}",
                    figure(self._base, probe),
                    figure(self._now, probe),
                    _WISH.get(probe.expectation, ""),
                    f"{probe.text}\n{probe.other}",
                )
                for probe in self._probes
            ]
        )
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
