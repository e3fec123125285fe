"""The runs of a project as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from core.training.runs import Run
from gui.theme.manager import current, tokens
from gui.theme.tokens import RUN_COLOURS
from gui.widgets.score import number
from gui.widgets.statusbar import spoken

Index = QModelIndex | QPersistentModelIndex

RUN_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1

COLUMNS = ("Run", "State", "Dataset", "Loss", "Rows", "Steps", "Base", "Tuned", "Change", "Time", "Started")
RIGHT = {"Rows", "Steps", "Base", "Tuned", "Change", "Time"}

STATES = {
    "running": "training",
    "finished": "finished",
    "stopped": "stopped, kept",
    "interrupted": "interrupted",
    "failed": "failed",
}


def change_of(run: Run) -> float | None:
    return None if run.best is None or run.base is None else run.best - run.base


def started(run: Run) -> str:
    try:
        return datetime.fromisoformat(run.created).strftime("%d %b, %H:%M")
    except ValueError:
        return ""


class RunsModel(QAbstractTableModel):
    """Rows are runs, newest first. The model never reads a file; `show` hands it the list."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[Run] = []
        self._colours: dict[str, str] = {}
        current().changed.connect(self._recolour)

    def show(self, runs: Sequence[Run]) -> None:
        names = [run.folder.name for run in runs]
        if names == [run.folder.name for run in self.runs]:
            self.runs = list(runs)
            if runs:
                self.dataChanged.emit(self.index(0, 0), self.index(len(runs) - 1, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self.runs = list(runs)
        self.endResetModel()

    def colour(self, run: Run) -> str:
        """The run's own colour: by its number, so it keeps it whatever else is shown."""
        palette = RUN_COLOURS[tokens().name]
        return palette[(run.number - 1) % len(palette)]

    def _recolour(self, _tokens: object) -> None:
        if self.runs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.runs) - 1, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if COLUMNS[section] in RIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run, column = self.runs[index.row()], COLUMNS[index.column()]
        if role == RUN_ROLE:
            return run
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(run, column)
        if role == SORT_ROLE:
            return self._key(run, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column in RIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and column in ("Dataset", "Loss"):
            return None
        return None

    @staticmethod
    def _text(run: Run, column: str) -> str:
        spec = run.spec
        change = change_of(run)
        return {
            "Run": f"{run.number}",
            "State": STATES.get(run.status, run.status),
            "Dataset": " ".join(spec.dataset_name.split()) if spec else "–",
            "Loss": spec.loss.removesuffix("Loss") if spec else "–",
            "Rows": f"{run.rows:,}" if run.rows else "–",
            "Steps": f"{run.steps:,}",
            "Base": number(run.base, 3),
            "Tuned": number(run.best, 3),
            "Change": ("+" if change is not None and change > 0 else "") + number(change, 3),
            "Time": spoken(run.seconds) if run.seconds else "–",
            "Started": started(run),
        }[column]

    @staticmethod
    def _key(run: Run, column: str) -> float | str:
        low = float("-inf")
        keys: dict[str, float | str | None] = {
            "Run": run.number,
            "State": run.status,
            "Dataset": run.spec.dataset_name if run.spec else "",
            "Loss": run.spec.loss if run.spec else "",
            "Rows": run.rows,
            "Steps": run.steps,
            "Base": run.base,
            "Tuned": run.best,
            "Change": change_of(run),
            "Time": run.seconds,
            "Started": run.created,
        }
        value = keys[column]
        return low if value is None else value
