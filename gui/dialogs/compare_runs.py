"""Any number of runs beside one another: what came out, and the settings that differ, or all of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.training.outcome import WORDS
from core.training.runs import Run
from core.training.used import side_by_side
from core.words import signed
from gui.models.runs_model import STATES, base_of, change_of, kept_of, short
from gui.views.train.recipe_row import shown
from gui.widgets.basic import brief, button, label, plain_tip
from gui.widgets.score import number
from gui.widgets.table_look import to_read


class CompareRunsDialog(QDialog):
    def __init__(self, runs: Sequence[Run], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.compare")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Compare runs")
        self.resize(820, 560)
        self._runs = list(runs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(label(f"{len(runs)} runs side by side", "title"))
        head.addStretch(1)
        self.all = QCheckBox("All settings")
        self.all.setObjectName("compare.all")
        self.all.toggled.connect(lambda _on: self._fill())
        head.addWidget(self.all)
        layout.addLayout(head)
        self.table = QTableWidget()
        to_read(self.table, "compare.table", "Runs side by side")
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        layout.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("Copy", "copy", name="compare.copy", clicked=self.copy))
        close = button("Close", kind="primary", name="compare.close", clicked=self.accept)
        close.setDefault(True)
        row.addWidget(close)
        layout.addLayout(row)
        self._fill()

    def _fill(self) -> None:
        rows = [
            ("State", [STATES.get(run.status, run.status) for run in self._runs]),
            ("Verdict", [WORDS.get(run.outcome.word, "–") for run in self._runs]),
            ("Base", [number(base_of(run), 3) for run in self._runs]),
            ("Kept", [number(kept_of(run), 3) for run in self._runs]),
            ("Change", [signed(change_of(run)) for run in self._runs]),
            ("Rows", [f"{run.rows:,}" for run in self._runs]),
        ]
        known = side_by_side([run.spec for run in self._runs])
        rows += [
            (title, [shown(value) for value in values])
            for title, values in known
            if self.all.isChecked() or len({repr(value) for value in values}) > 1
        ]
        table = self.table
        table.clear()
        table.setRowCount(len(rows))
        table.setColumnCount(1 + len(self._runs))
        table.setHorizontalHeaderLabels(["", *(brief(short(run), 24) for run in self._runs)])
        for line, (title, values) in enumerate(rows):
            for place, text in enumerate((title, *values)):
                item = QTableWidgetItem(brief(text, 200))
                item.setToolTip(plain_tip(text))
                table.setItem(line, place, item)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        table.setColumnWidth(0, 190)
        for place in range(1, table.columnCount()):
            table.setColumnWidth(place, 170)

    def text(self) -> str:
        """The table for a spreadsheet: tabs between the columns."""
        header = ["", *(short(run) for run in self._runs)]
        lines = [header]
        for row in range(self.table.rowCount()):
            items = [self.table.item(row, place) for place in range(self.table.columnCount())]
            lines.append([item.text() if item is not None else "" for item in items])
        return "\n".join("\t".join(line) for line in lines) + "\n"

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
