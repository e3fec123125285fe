"""The runs of a project as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from core.training.outcome import WORDS
from core.training.run_files import one_line
from core.training.runs import Run
from core.words import duration, signed
from gui.theme.manager import current, tokens
from gui.theme.tokens import RUN_COLOURS
from gui.widgets.basic import plain_tip
from gui.widgets.score import number

Index = QModelIndex | QPersistentModelIndex

RUN_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1
COLOUR_ROLE = Qt.ItemDataRole.UserRole + 2

STATES = {
    "running": "training",
    "finished": "finished",
    "stopped": "stopped, kept",
    "interrupted": "interrupted",
    "failed": "failed",
    "unreadable": "not readable",
}


def base_of(run: Run) -> float | None:
    return run.outcome.base if run.outcome.base is not None else run.base


def kept_of(run: Run) -> float | None:
    """The metric of the weights that were kept; of a run that has not ended, of the best so far."""
    if run.status == "failed":
        return None
    return run.outcome.tuned if run.outcome.tuned is not None else run.best


def change_of(run: Run) -> float | None:
    base, kept = base_of(run), kept_of(run)
    return None if base is None or kept is None else kept - base


def told(run: Run) -> int:
    """Which way a run went, as far as its figures can tell: 1 better, -1 worse, 0 neither or not known."""
    change = change_of(run)
    if not change or run.outcome.word not in ("better", "worse", ""):
        return 0
    return 1 if change > 0 else -1


def started(run: Run) -> str:
    try:
        return datetime.fromisoformat(run.created).strftime("%d %b, %H:%M")
    except ValueError:
        return ""


def called(run: Run) -> str:
    """What people call a run: the name they gave it, else its folder's without the number."""
    return run.label or one_line(run.name.partition("-")[2]) or f"run {run.number}"


def short(run: Run) -> str:
    """For legends and lists: "run 7", or "7 lower rate" where it has a name of its own."""
    return f"{run.number} {run.label}" if run.label else f"run {run.number}"


def _preset(run: Run) -> str:
    if run.spec is None:
        return "–"
    key = run.spec.preset
    plain = {"automatic": "Automatic", "card": "Card", "quick": "Quick look", "thorough": "Thorough"}
    return plain.get(key) or one_line(key.replace("card:", "Card: "), 30)


@dataclass(frozen=True)
class Column:
    """`width` 0: shares what room is left. `rank`: the higher, the sooner it goes where room is short."""

    title: str
    text: Callable[[Run], str]
    key: Callable[[Run], Any]  # what sorts; None sorts below everything
    width: int
    rank: int
    right: bool = False


_COLUMNS = (
    Column("Run", lambda run: str(run.number), lambda run: run.number, 60, 0),
    Column("Name", called, lambda run: called(run).casefold(), 0, 1),
    Column("State", lambda run: STATES.get(run.status, run.status), lambda run: run.status, 116, 5),
    Column(
        "Verdict",
        lambda run: WORDS.get(run.outcome.word, "–"),
        lambda run: run.outcome.word,
        104,
        2,
    ),
    Column("Base", lambda run: number(base_of(run), 3), base_of, 62, 6, True),
    Column("Kept", lambda run: number(kept_of(run), 3), kept_of, 62, 3, True),
    Column("Change", lambda run: signed(change_of(run)), change_of, 74, 4, True),
    Column(
        "Dataset",
        lambda run: one_line(run.spec.dataset_name) if run.spec else "–",
        lambda run: run.spec.dataset_name.casefold() if run.spec else "",
        0,
        9,
    ),
    Column("Preset", _preset, _preset, 96, 11),
    Column(
        "Loss",
        lambda run: one_line(run.spec.loss.removesuffix("Loss")) if run.spec else "–",
        lambda run: run.spec.loss if run.spec else "",
        0,
        8,
    ),
    Column("Rows", lambda run: f"{run.rows:,}" if run.rows else "–", lambda run: run.rows, 64, 10, True),
    Column("Steps", lambda run: f"{run.steps:,}", lambda run: run.steps, 64, 13, True),
    Column(
        "Time",
        lambda run: duration(run.seconds) if run.seconds else "–",
        lambda run: run.seconds,
        92,
        12,
        True,
    ),
    Column("Started", started, lambda run: run.created, 118, 7),
)
COLUMNS = tuple(column.title for column in _COLUMNS)
RIGHT = {column.title for column in _COLUMNS if column.right}
WIDTHS = {column.title: column.width for column in _COLUMNS}
BY_RANK = tuple(column.title for column in sorted(_COLUMNS, key=lambda column: column.rank))
SHARING = 116  # the least width of a column that shares the room that is left


class RunsModel(QAbstractTableModel):
    """Rows are runs, newest first. The model never reads a file; `show` hands it the list."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[Run] = []
        self._borrowed: dict[str, int] = {}  # the colour of a run whose own is taken by another in the chart
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
        """The run's own colour, by its number, whatever else is shown; another one while it would be in a chart twice."""
        palette = RUN_COLOURS[tokens().name]
        return palette[self._borrowed.get(run.folder.name, run.number - 1) % len(palette)]

    def tell_apart(self, runs: Sequence[Run]) -> None:
        """Give those that are drawn together different colours, as far as there are any."""
        many = len(RUN_COLOURS["light"])
        free = [place for place in range(many) if place not in {(run.number - 1) % many for run in runs}]
        taken: set[int] = set()
        borrowed: dict[str, int] = {}
        for run in sorted(runs, key=lambda run: run.number):
            own = (run.number - 1) % many
            if own in taken and free:
                own = borrowed[run.folder.name] = free.pop(0)
            taken.add(own)
        if borrowed != self._borrowed:
            self._borrowed = borrowed
            self._recolour(None)

    def _recolour(self, _tokens: object) -> None:
        if self.runs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.runs) - 1, 0))

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
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run, column = self.runs[index.row()], _COLUMNS[index.column()]
        if role == RUN_ROLE:
            return run
        if role == COLOUR_ROLE:
            return self.colour(run)
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(run)
        if role == SORT_ROLE:
            value = column.key(run)
            return float("-inf") if value is None else value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(run, column.title)
        return None


def _alignment(section: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if _COLUMNS[section].right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _tip(run: Run, column: str) -> str | None:
    words = {
        "Name": "\n".join(part for part in (run.label, run.name, run.note[:500]) if part),
        "State": run.problem,
        "Verdict": run.outcome.verdict[:1000],
        "Kept": run.outcome.title or run.metric_title,
        "Base": run.outcome.title or run.metric_title,
    }.get(column, "")
    return plain_tip(words) if words else None
