"""Runs: the history of a project, curves over one another, differences, notes, deletion."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QSortFilterProxyModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.errors import AnchorLabError
from core.training.events import Event
from core.training.runs import Run, delete_run, list_runs, read_events, restore_run, set_note
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.models.runs_model import COLUMNS, RUN_ROLE, SORT_ROLE, RunsModel
from gui.theme.tokens import ROW_HEIGHT
from gui.views.page import Page
from gui.views.runs.delegate import RunDelegate
from gui.views.runs.details import RunDetails
from gui.views.runs.overlay import Overlay
from gui.widgets.basic import Card, EmptyState, label
from gui.widgets.messages import Message
from gui.workers.job import Job

_MOST_CURVES = 7  # as many as there are colours that can be told apart
_WIDTHS = {
    "Run": 56,
    "State": 108,
    "Dataset": 0,
    "Loss": 0,
    "Rows": 52,
    "Steps": 56,
    "Base": 60,
    "Tuned": 60,
    "Change": 70,
    "Time": 92,
    "Started": 122,
}
_SPARE = ("Steps", "Rows", "Time")  # left out where the window is narrow


class _Table(QTableView):
    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


class RunsPage(Page):
    train_requested = Signal()
    continue_requested = Signal(object)  # Run
    explore_requested = Signal()
    open_requested = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._events: dict[str, list[Event]] = {}
        self._job: Job | None = None
        self._reading: Job | None = None
        self.model = RunsModel()
        self.proxy = QSortFilterProxyModel(self)
        self.proxy.setSourceModel(self.model)
        self.proxy.setSortRole(SORT_ROLE)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.stack = QStackedWidget()
        self.empty = EmptyState(
            "runs",
            "No runs yet. Every run keeps its settings, its curves and its model here.",
            "Train",
            self.train_requested.emit,
        )
        self.stack.addWidget(self.empty)
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(label("Runs", "title"))
        self.table = self._make_table()
        frame = Card(margins=1, spacing=0)
        frame.body.setContentsMargins(1, 1, 1, 1)
        frame.body.addWidget(self.table)
        column.addWidget(frame, 5)
        self.overlay = Overlay(context.settings.smoothing)
        column.addWidget(self.overlay, 6)
        self.stack.addWidget(main)
        row.addWidget(self.stack, 1)
        self.details = RunDetails()
        self.details.continue_requested.connect(self.continue_requested)
        self.details.open_requested.connect(self.open_requested)
        self.details.explore_requested.connect(self._explore)
        self.details.delete_requested.connect(self.delete)
        self.details.export_requested.connect(self._export)
        self.details.note_changed.connect(self._set_note)
        row.addWidget(self.details)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(60)
        self._timer.timeout.connect(self._show_selected)
        context.runs_changed.connect(self.refresh)
        context.project_changed.connect(self._project_changed)
        context.training.state_changed.connect(self.refresh)
        context.theme.changed.connect(self._recolour)
        self._show_empty()
        self.refresh()

    def _make_table(self) -> QTableView:
        table = _Table()
        table.setObjectName("runs.table")
        table.setAccessibleName("Runs")
        table.setModel(self.proxy)
        table.setItemDelegate(RunDelegate(table))
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        table.setShowGrid(False)
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        for number, name in enumerate(COLUMNS):
            if _WIDTHS[name]:
                table.setColumnWidth(number, _WIDTHS[name])
            else:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        table.selectionModel().selectionChanged.connect(lambda *_: self._timer.start())
        table.doubleClicked.connect(lambda index: self.open_requested.emit(index.data(RUN_ROLE).folder.name))
        table.delete_pressed.connect(lambda: self.delete(self.selected()))
        return table

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < 1100
        for name in _SPARE:
            self.table.setColumnHidden(COLUMNS.index(name), narrow)

    def actions_of_page(self) -> list[ActionSpec]:
        def one() -> bool:
            return self.isVisible() and len(self.selected()) == 1

        return [
            ActionSpec(
                "runs.open",
                "Open the run",
                lambda: self.open_requested.emit(self.selected()[0].folder.name),
                group="Runs",
                enabled=one,
            ),
            ActionSpec(
                "runs.delete",
                "Delete the selected runs",
                lambda: self.delete(self.selected()),
                group="Runs",
                enabled=lambda: self.isVisible() and self.context.editable and bool(self.selected()),
            ),
        ]

    # -- the list -----------------------------------------------------------------------------------------------

    def activate(self) -> None:
        self.refresh()

    def deactivate(self) -> None:
        """Keep the note that is being written."""
        self.details.keep_note()

    def _project_changed(self) -> None:
        self._events.clear()
        self.model.show([])
        self.details.show_runs([])
        self._show_empty()
        self.refresh()

    def refresh(self) -> None:
        """Read the run folders again, in the background."""
        folder = self.context.folder
        if folder is None:
            return

        def work(_job: Job) -> list[Run]:
            return list_runs(folder)

        def done(runs: list[Run]) -> None:
            self._reading = None
            if self.context.folder == folder:
                self._take(runs)

        if self._reading is not None:
            self._reading.cancel()  # a list from before must not arrive after the newer one
        self._reading = self.context.run("", work, on_done=done)

    def _take(self, runs: list[Run]) -> None:
        chosen = {run.folder.name for run in self.selected()}
        before = {run.folder.name: run for run in self.model.runs}
        for run in runs:
            known = before.get(run.folder.name)
            if (
                run.status == "running"
                or known is None
                or (known.status, known.steps) != (run.status, run.steps)
            ):
                self._events.pop(run.folder.name, None)  # its curve has grown since
        self.model.show(runs)
        self._show_empty()
        if not chosen and runs:
            chosen = {runs[0].folder.name}
        self._select(chosen)

    def _show_empty(self) -> None:
        there = bool(self.model.runs)
        self.stack.setCurrentIndex(1 if there else 0)
        self.details.setVisible(there)

    def selected(self) -> list[Run]:
        """The selected runs, in the order of the table."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.proxy.index(row, 0).data(RUN_ROLE) for row in rows]

    def _select(self, names: set[str]) -> None:
        selection = self.table.selectionModel()
        if {run.folder.name for run in self.selected()} != names:
            selection.clearSelection()
            flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            for row in range(self.proxy.rowCount()):
                index = self.proxy.index(row, 0)
                if index.data(RUN_ROLE).folder.name in names:
                    selection.select(index, flags)
        self._timer.start()

    # -- the selected ones --------------------------------------------------------------------------------------

    def _show_selected(self) -> None:
        runs = self.selected()
        self.details.show_runs(runs, editable=self.context.editable)
        wanted = runs[:_MOST_CURVES]
        missing = [run for run in wanted if run.folder.name not in self._events]
        if self._job is not None:
            self._job.cancel()
            self._job = None
        if not missing:
            self._draw(wanted)
            return

        def work(_job: Job) -> dict[str, list[Event]]:
            return {run.folder.name: read_events(run.folder) for run in missing}

        def done(events: dict[str, list[Event]]) -> None:
            self._job = None
            self._events.update(events)
            self._draw(wanted)

        self._job = self.context.run("", work, on_done=done)

    def _recolour(self, _tokens: object) -> None:
        self._draw(self.selected()[:_MOST_CURVES])

    def _draw(self, runs: list[Run]) -> None:
        names = [run.folder.name for run in runs]
        self.overlay.show_runs(
            {name: self._events.get(name, []) for name in names},
            {run.folder.name: self.model.colour(run) for run in runs},
            {run.folder.name: f"run {run.number}" for run in runs},
        )

    def _explore(self, name: str) -> None:
        self.context.choose_run(name)
        self.explore_requested.emit()

    def _set_note(self, run: Run, text: str) -> None:
        if not run.folder.is_dir():
            return  # deleted meanwhile: a note alone would bring an empty run back
        try:
            set_note(run.folder, text)
        except AnchorLabError as error:
            self.context.messages.error(error)
        self.refresh()

    def delete(self, runs: list[Run]) -> None:
        """Move runs to the project's bin; the message offers to bring them back."""
        if not self.context.editable:
            self.context.messages.note("This project is read-only here, so no run can be deleted.")
            return
        self.details.keep_note()
        gone: list[Path] = []
        for run in runs:
            if run.status == "running":
                continue
            try:
                gone.append(delete_run(run.folder))
            except AnchorLabError as error:
                self.context.messages.error(error)
        if not gone:
            return
        self._timer.stop()
        self.context.runs_changed.emit()

        def bring_back() -> None:
            for place in gone:
                try:
                    restore_run(place)
                except AnchorLabError as error:
                    self.context.messages.error(error)
            self.context.runs_changed.emit()

        words = f"Run {runs[0].number} deleted." if len(gone) == 1 else f"{len(gone)} runs deleted."
        self.context.messages.post(Message(words, "", "", action="Undo", do=bring_back))

    def _export(self, run: Run) -> None:
        parent = QFileDialog.getExistingDirectory(self, "Export the model into this folder", str(Path.home()))
        if not parent:
            return
        target = Path(parent) / f"{run.folder.name}-model"

        def work(_job: Job) -> Path:
            from core.models.export import export_model

            return export_model(run.folder, target)

        self.context.run(
            f"Exporting run {run.number}",
            work,
            on_done=lambda path: self.context.messages.post(
                Message(f"The model is in {path}.", "Load it with SentenceTransformer(path).", "positive")
            ),
        )
