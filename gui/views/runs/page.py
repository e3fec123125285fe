"""Runs: the history of a project, curves over one another, differences, names and notes, the queue, the trash."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QSortFilterProxyModel, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.errors import AnchorLabError
from core.training.runs import Run, has_trash, runs_of_open
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.dialogs.compare_runs import CompareRunsDialog
from gui.models.runs_model import RUN_ROLE, SORT_ROLE, RunsModel, short
from gui.theme.tokens import ROW_HEIGHT
from gui.views.page import Page
from gui.views.runs.commands import RunCommands
from gui.views.runs.curves import RunCurves, read_curves
from gui.views.runs.details import RunDetails
from gui.views.runs.overlay import Drawn, Overlay
from gui.views.runs.queue_card import QueueCard
from gui.views.runs.table import RunsTable, column_chooser, known_columns
from gui.widgets.basic import Card, EmptyState, button, label, tool_button
from gui.workers.job import Job
from gui.workers.run_queue import RunQueue

MOST_CURVES = 21  # three times as many as there are colours; then nobody can follow a line any more
_COLOURS = 7
LIVE_SECONDS = 4

_NO_RUNS = "No runs yet. Every run keeps its settings, its curves and its model here."


class RunsPage(Page):
    train_requested = Signal()
    continue_requested = Signal(object)  # Run
    explore_requested = Signal()
    open_requested = Signal(str)
    report_requested = Signal(str)
    selected_others = Signal()
    settings_taken = Signal()

    def __init__(self, context: Context, queue: RunQueue, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.queue = QueueCard(queue, lambda: context.editable, self)
        self._waiting = queue
        self._curves: dict[str, RunCurves] = {}
        self._job: Job | None = None
        self._reading: Job | None = None
        self._deleted = False  # whether there are runs in the trash
        self.commands = RunCommands(context, self)
        self.commands.settings_taken.connect(self.settings_taken)
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
            _NO_RUNS,
            "Train",
            self.train_requested.emit,
        )
        self.empty.button.setObjectName("runs.empty.train")
        self.deleted = button(
            "Deleted runs…", kind="link", name="runs.deleted", clicked=self.commands.show_trash
        )
        self.empty.add(self.deleted)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._main())
        row.addWidget(self.stack, 1)
        self.details = self._details()
        row.addWidget(self.details)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(60)
        self._timer.timeout.connect(self._show_selected)
        self._live = QTimer(self)  # the curve of the run that is on follows it, a little behind
        self._live.setSingleShot(True)
        self._live.setInterval(LIVE_SECONDS * 1000)
        self._live.timeout.connect(self._follow)
        context.training.events.connect(self._heard)
        queue.changed.connect(self._show_empty)
        context.runs_changed.connect(self.refresh)
        context.probes_run.connect(self._probes_run)
        context.project_changed.connect(self._project_changed)
        context.training.state_changed.connect(self.refresh)
        context.theme.changed.connect(self._recolour)
        self._show_empty()
        self.refresh()

    def _main(self) -> QWidget:
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        self.table = RunsTable(self.proxy)
        wanted = known_columns(self.context.settings.run_columns)
        self.table.show_columns(wanted)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._timer.start())
        self.table.open_pressed.connect(self.open_requested)
        self.table.rename_pressed.connect(lambda: self.details.edit_name())
        self.table.delete_pressed.connect(lambda: self.delete(self.selected()))
        head = QHBoxLayout()
        head.addWidget(label("Runs", "title"))
        head.addStretch(1)
        self.columns = column_chooser(wanted, self._choose_columns)
        self.trash = tool_button("trash", "Deleted runs", name="runs.trash", clicked=self.commands.show_trash)
        head.addWidget(self.trash)
        head.addWidget(self.columns)
        column.addLayout(head)
        column.addWidget(self.queue)
        frame = Card(margins=1, spacing=0)
        frame.body.setContentsMargins(1, 1, 1, 1)
        frame.body.addWidget(self.table)
        frame.setMinimumHeight(4 * ROW_HEIGHT)
        column.addWidget(frame, 5)
        self.overlay = Overlay(self.context)
        column.addWidget(self.overlay, 6)
        return main

    def _details(self) -> RunDetails:
        details = RunDetails(self.commands)
        details.continue_requested.connect(self.continue_requested)
        details.open_requested.connect(self.open_requested)
        details.explore_requested.connect(self._explore)
        details.report_requested.connect(self.report_requested)
        details.delete_requested.connect(self.delete)
        details.compare_requested.connect(self._compare)
        return details

    def _choose_columns(self, wanted: tuple[str, ...]) -> None:
        self.context.settings.run_columns = list(wanted)
        self.context.save_settings()
        self.table.show_columns(wanted)

    def actions_of_page(self) -> list[ActionSpec]:
        def one() -> bool:
            return self.isVisible() and len(self.selected()) == 1

        def changeable() -> bool:
            return one() and self.context.editable

        def first() -> Run:
            return self.selected()[0]

        return [
            ActionSpec(
                "runs.open",
                "Open the run",
                lambda: self.open_requested.emit(first().folder.name),
                group="Runs",
                enabled=one,
            ),
            ActionSpec(
                "runs.rename",
                "Rename the run",
                self.details.edit_name,
                "F2",
                group="Runs",
                enabled=changeable,
            ),
            ActionSpec(
                "runs.again",
                "Use the run's settings again",
                lambda: self.commands.use_again(first()),
                group="Runs",
                enabled=changeable,
            ),
            ActionSpec(
                "runs.compare",
                "Compare the selected runs side by side",
                lambda: self._compare(self.selected()),
                group="Runs",
                enabled=lambda: self.isVisible() and len(self.selected()) > 1,
            ),
            ActionSpec(
                "runs.trash",
                "Deleted runs…",
                self.commands.show_trash,
                group="Runs",
                enabled=lambda: self.context.editable,
            ),
            ActionSpec(
                "runs.delete",
                "Delete the selected runs",
                lambda: self.delete(self.selected()),
                group="Runs",
                enabled=lambda: self.isVisible() and self.context.editable and bool(self.selected()),
            ),
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.queue.fit_into(self.height())

    # -- the list -----------------------------------------------------------------------------------------------

    def activate(self) -> None:
        self.refresh()

    def deactivate(self) -> None:
        """Keep the note that is being written."""
        self.details.keep_note()

    def _project_changed(self) -> None:
        self._curves.clear()
        self.model.show([])
        self.details.show_runs([])
        self._show_empty()
        self.refresh()

    def refresh(self) -> None:
        """Read the run folders again, in the background."""
        folder = self.context.folder
        if folder is None:
            return

        def work(_job: Job) -> tuple[list[Run], bool]:
            return runs_of_open(folder), has_trash(folder)

        def done(found: tuple[list[Run], bool]) -> None:
            self._reading = None
            if self.context.folder == folder:
                self.empty.sentence.setText(_NO_RUNS)
                self._deleted = found[1]
                self._take(found[0])

        if self._reading is not None:
            self._reading.cancel()  # a list from before must not arrive after the newer one

        def failed(error: BaseException) -> None:
            self._reading = None
            if self.context.folder == folder and not self.model.runs and isinstance(error, AnchorLabError):
                self.empty.sentence.setText(str(error))
            self.context.messages.error(error)

        self._reading = self.context.run("", work, on_done=done, on_error=failed)

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
                self._curves.pop(run.folder.name, None)  # its curve has grown since
        self.model.show(runs)
        self._show_empty()
        if not chosen and runs:
            chosen = {runs[0].folder.name}
        self._select(chosen)

    def _heard(self, _batch: object) -> None:
        if self.isVisible() and not self._live.isActive():
            self._live.start()

    def _follow(self) -> None:
        if self.isVisible():
            self.refresh()

    def _show_empty(self) -> None:
        there = bool(self.model.runs)
        self.stack.setCurrentIndex(1 if there or self._waiting.entries else 0)
        self.details.setVisible(there)
        for part in (self.trash, self.deleted):
            part.setVisible(self._deleted and self.context.editable)

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
        self.selected_others.emit()
        self.details.show_runs(runs, editable=self.context.editable)
        readable = [run for run in runs if run.status != "unreadable"]
        wanted = readable[:MOST_CURVES]
        self.model.tell_apart(wanted)
        missing = [run for run in wanted if run.folder.name not in self._curves]
        if self._job is not None:
            self._job.cancel()
            self._job = None
        if not missing:
            self._draw(wanted, len(readable))
            return

        def work(job: Job) -> dict[str, RunCurves]:
            return {run.folder.name: read_curves(run.folder, job.stopped) for run in missing}

        def done(curves: dict[str, RunCurves]) -> None:
            self._job = None
            self._curves.update(curves)
            self._draw(wanted, len(readable))

        self._job = self.context.run("", work, on_done=done)

    def _probes_run(self, run: str) -> None:
        """What the probes say of it is read anew."""
        self._curves.pop(run, None)
        if run in {one.folder.name for one in self.selected()}:
            self.details.show_runs([])
            self._show_selected()  # which stops a reading that began before

    def _recolour(self, _tokens: object) -> None:
        self._timer.start()

    def _draw(self, runs: Sequence[Run], of: int) -> None:
        self.overlay.show_runs(
            [
                Drawn(
                    short(run),
                    self.model.colour(run),
                    self._curves.get(run.folder.name, RunCurves()),
                    dashed=place >= _COLOURS,
                )
                for place, run in enumerate(runs)
            ],
            of=of,
        )
        if len(runs) == 1 and runs[0].folder.name in self._curves:
            found = self._curves[runs[0].folder.name]
            self.details.show_log(runs[0].folder.name, found.events, found.search, found.probes)

    def _explore(self, name: str) -> None:
        self.context.choose_run(name)
        self.explore_requested.emit()

    def _compare(self, runs: list[Run]) -> None:
        CompareRunsDialog(runs, self.window()).open()

    def delete(self, runs: list[Run]) -> None:
        """Move runs to the project's trash; the message offers to bring them back."""
        self.details.keep_note()
        if self.commands.delete(runs):
            self._timer.stop()
