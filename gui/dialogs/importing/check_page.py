"""What reading all of the files gave: rows by file, and every line that was not taken, with its reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from core.atomic import write_text
from core.dataset.formats import Rejected
from core.dataset.importing import TextsResult
from core.errors import AnchorLabError
from core.project.reimport import Policy
from gui.context import Context
from gui.dialogs.importing.entry import Entry
from gui.dialogs.importing.known_card import KnownCard
from gui.dialogs.new_project import folder_name
from gui.widgets.basic import button, label
from gui.widgets.table_look import to_read

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class RejectedModel(QAbstractTableModel):
    """Any number of lines: only those that one sees are asked for."""

    _HEADS = ("Line", "Why it was not taken")

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: Sequence[Rejected] = ()

    def show_lines(self, lines: Sequence[Rejected]) -> None:
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else 2

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            item = self.lines[index.row()]
            return f"{item.line:,}" if index.column() == 0 else " ".join(item.reason.split())
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 0:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 0:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


class CheckPage(QWidget):
    chosen = Signal()  # something else is to be done with rows that are there already

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._entry: Entry | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.title = label("", "section", wrap=True, name="import.check.title")
        self.column.addWidget(self.title)
        self.notes = label("", "caption", wrap=True, name="import.check.notes")
        self.column.addWidget(self.notes)
        self.known = KnownCard()
        self.known.chosen.connect(self._choose)
        self.column.addWidget(self.known)
        head = QHBoxLayout()
        self.lost = label("", "strong", tone="warning", name="import.check.lost")
        head.addWidget(self.lost, 1)
        self.save = button("Save this list…", "export", name="import.check.save", clicked=self._save)
        head.addWidget(self.save)
        self.column.addLayout(head)
        self.model = RejectedModel(self)
        self.table = QTableView()
        to_read(self.table, "import.rejected", "Lines that were not taken", 28)
        self.table.setModel(self.model)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setColumnWidth(0, 88)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.column.addWidget(self.table, 1)
        self.fine = label("Every line was taken.", "secondary", name="import.check.fine")
        self.column.addWidget(self.fine, 1, Qt.AlignmentFlag.AlignTop)

    def show_entry(self, entry: Entry) -> None:
        self._entry = entry
        result = entry.result
        if result is None:
            self.title.setText(entry.unread or "This file is not imported.")
            self.notes.setText(entry.open_question or entry.hint)
            for part in (self.known, self.lost, self.save, self.table, self.fine):
                part.hide()
            self.notes.setVisible(bool(self.notes.text()))
            return
        self.title.setText(summary_of(entry))
        self.notes.setText(" ".join(result.notes))
        self.notes.setVisible(bool(result.notes))
        self.known.show_entry(entry)
        self.save.setText("Save this list…")
        count = len(result.rejected)
        self.lost.setText(f"{count:,} line{' was' if count == 1 else 's were'} not taken")
        for part in (self.lost, self.save, self.table):
            part.setVisible(bool(count))
        self.fine.setVisible(not count)
        self.model.show_lines(result.rejected)

    def _choose(self, policy: Policy) -> None:
        if self._entry is not None:
            self._entry.policy = policy
            self.chosen.emit()

    def _save(self) -> None:
        entry = self._entry
        if entry is None or entry.result is None:
            return
        suggestion = Path.home() / f"{folder_name(entry.name or entry.title)}-not-taken.csv"
        name, _filter = QFileDialog.getSaveFileName(
            self, "Save the lines that were not taken", str(suggestion), "CSV (*.csv)"
        )
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(f"{name}.csv")
        rejected = entry.result.rejected

        def work(_job: object) -> None:
            write_text(path, as_csv(entry.title, rejected))

        self._context.jobs.start(
            f"Saving {path.name}", work, on_done=lambda _none: self._saved(path), on_error=self._not_saved
        )

    def _saved(self, path: Path) -> None:
        self.save.setText("Saved")
        self.save.setToolTip(str(path))

    def _not_saved(self, error: BaseException) -> None:
        if isinstance(error, AnchorLabError):
            self.notes.setText(str(error))
            self.notes.show()
        else:
            self._context.messages.error(error)


def as_csv(title: str, lines: Sequence[Rejected]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["file", "line", "reason"])
    writer.writerows([title, item.line, item.reason] for item in lines)
    return stream.getvalue().encode("utf-8", "replace").decode("utf-8")


def summary_of(entry: Entry) -> str:
    result = entry.result
    if isinstance(result, TextsResult):
        there = f", {entry.texts_known:,} of them there already" if entry.texts_known else ""
        return f"{entry.title}: {_counted(len(result.texts), 'text')}{there}"
    return f"{entry.title}: {_counted(len(result.examples) if result is not None else 0, 'row')}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
