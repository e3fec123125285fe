"""The trash of a project's runs: bring some back, or remove them for good."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.training.runs import Run
from gui.models.runs_model import STATES, called, kept_of, started
from gui.widgets.basic import button, label
from gui.widgets.score import number
from gui.widgets.table_look import to_read

_HEADS = ("Run", "Name", "State", "Kept", "Started")


class DeletedRunsDialog(QDialog):
    """Nothing is moved here: `restore` and `remove` carry the chosen runs."""

    restore = Signal(object)  # list[Run]
    remove = Signal(object)  # list[Run]

    def __init__(self, runs: Sequence[Run], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.deleted")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Deleted runs")
        self.resize(620, 420)
        self._runs = list(runs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label("Deleted runs", "title"))
        words = "Select those to bring back. Their models, curves and notes are as they were."
        layout.addWidget(label(words if runs else "No run was deleted.", "secondary", wrap=True))
        self.table = QTableWidget(len(self._runs), len(_HEADS))
        to_read(self.table, "deleted.table", "Deleted runs")
        self.table.setHorizontalHeaderLabels(_HEADS)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        head = self.table.horizontalHeader()
        for column, width in ((0, 60), (2, 110), (3, 70), (4, 120)):
            self.table.setColumnWidth(column, width)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for row, run in enumerate(self._runs):
            state = STATES.get(run.status, run.status)
            texts = (str(run.number), called(run), state, number(kept_of(run), 3), started(run))
            for column, text in enumerate(texts):
                self.table.setItem(row, column, QTableWidgetItem(text))
        layout.addWidget(self.table, 1)
        row_of_buttons = QHBoxLayout()
        self.gone = button(
            "Remove for good…", kind="danger", name="deleted.remove", clicked=lambda: self._tell(self.remove)
        )
        row_of_buttons.addWidget(self.gone)
        row_of_buttons.addStretch(1)
        row_of_buttons.addWidget(button("Close", name="deleted.close", clicked=self.reject))
        self.back = button(
            "Bring back", kind="primary", name="deleted.restore", clicked=lambda: self._tell(self.restore)
        )
        self.back.setDefault(True)
        row_of_buttons.addWidget(self.back)
        layout.addLayout(row_of_buttons)
        self.table.itemSelectionChanged.connect(self._buttons)
        if self._runs:
            self.table.selectRow(0)
        self._buttons()

    @property
    def chosen(self) -> list[Run]:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self._runs[row] for row in rows]

    def _buttons(self) -> None:
        for part in (self.back, self.gone):
            part.setEnabled(bool(self.chosen))

    def _tell(self, signal: object) -> None:
        chosen = self.chosen
        self.accept()
        signal.emit(chosen)  # type: ignore[attr-defined]
