"""Label: the examples of a dataset in a table, what is wrong with them, and one of them in full."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.dataset.formats import DatasetInfo, Example, Format
from core.dataset.issues import Issue
from core.errors import AnchorLabError
from core.project import Change, Project
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.models.column_choice import ColumnChoice
from gui.models.example_table import Cell, ExampleTable
from gui.models.issue_watch import IssueWatch
from gui.views.label.actions import label_actions
from gui.views.label.assist.helpers import add_helpers
from gui.views.label.assist.panel import MOST_TOGETHER, AssistPanel
from gui.views.label.assist.suggest import add_suggest
from gui.views.label.chosen_rows import ChosenRows
from gui.views.label.column_widths import ColumnWidths
from gui.views.label.commands import ORIGIN, LabelCommands
from gui.views.label.details import DetailsPanel
from gui.views.label.menus import TableMenus
from gui.views.label.places import LabelPlaces
from gui.views.label.review.mode import ReviewMode
from gui.views.label.saved_views import SavedViews
from gui.views.label.scores import LabelScores
from gui.views.label.shown_rows import ShownRows
from gui.views.label.side import ISSUES, SidePanel
from gui.views.label.strips import ReadOnlyStrip, WorkStrip
from gui.views.label.suggesting import Suggesting
from gui.views.label.table import ExampleView
from gui.views.label.toolbar import LabelToolbar
from gui.views.label.tools import TableTools
from gui.views.label.validation.flow import Validation
from gui.views.page import Page
from gui.widgets.basic import tab_order

# Below this width the table would be too narrow beside the details.
NARROW = 1000


class LabelPage(Page):
    """`counts_changed` carries rows, labelled and issues of the dataset; an empty dict without one."""

    counts_changed = Signal(dict)
    import_requested = Signal()
    export_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.status_text = ""
        self._project: Project | None = None
        self._details_when_narrow = False
        self.counts: dict[str, int] = {}  # of the rows of the dataset, by view
        self._has_texts = False  # rows, or unpaired texts to make rows of
        self.model = ExampleTable(self._set_cells, context.messages.error, self)
        self.table = ExampleView(self.model)
        self.columns = ColumnChoice(context, self)
        self.model.shown = self.columns.shown
        self.columns.changed.connect(self.model.change_columns)
        self.table.widths = ColumnWidths(self.table.head, self.model, context)
        self.watch = IssueWatch(context, self)
        self.side = SidePanel()
        self.toolbar = LabelToolbar()
        self.rows = ShownRows(context, self.table, self.side, self.toolbar, self.watch, self)
        self.commands = LabelCommands(context, self.table, self.rows.ask)
        self.details = DetailsPanel()
        self.assist = AssistPanel(context.settings, context.save_settings)
        self.assist.add_tab("details", "Details", "details", self.details)
        self.scores = LabelScores(context, self.model, self.side, self.rows, self)
        self.columns.offers.append(self.scores.offer)
        self.helpers = add_helpers(self)
        self.suggesting = Suggesting(context, self.table, self.rows, self.scores, self)
        self.suggest = add_suggest(
            context, self.scores, self.suggesting, self.assist.add_tab, self.import_requested.emit
        )
        self.places = LabelPlaces(self.table, self)
        self.validation = Validation(context, self.side, self.watch, self.table, self)
        self._lay_out()
        self.review = ReviewMode(self)
        self.menus = TableMenus(self)
        self.chosen = ChosenRows(self)
        self.saved = SavedViews(self)
        self.tools = TableTools(self)
        self._order_tabs()
        self._connect()
        self._details_timer = QTimer(self)
        self._details_timer.setSingleShot(True)
        self._details_timer.setInterval(0)
        self._details_timer.timeout.connect(self._show_details)
        self.open_dataset()

    def _lay_out(self) -> None:
        self.read_only = ReadOnlyStrip()
        self.work = WorkStrip(self.context.background)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(self.read_only)
        column.addWidget(self.work)
        column.addWidget(self.validation.bar)
        column.addWidget(self.places, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side)
        # The toolbar shortens its buttons when it must: its words may not widen the window.
        middle.setMinimumWidth(318)
        row.addWidget(middle, 1)
        row.addWidget(self.assist)

    def _order_tabs(self) -> None:
        """Parts that other classes put among those that were there come in their place."""
        bar, switch = self.toolbar, self.review.switch
        tab_order(
            self.validation.splits,
            self.saved.add,
            switch.table,
            switch.review,
            bar.search,
            bar.add,
            bar.delete,
            bar.import_,
            bar.export,
            self.tools.button,
            bar.details,
        )

    def _connect(self) -> None:
        context, table, toolbar = self.context, self.table, self.toolbar
        context.project_closing.connect(self.deactivate)
        context.dataset_changed.connect(self.open_dataset)
        context.data_changed.connect(self._data_changed)
        context.background.starting.connect(self.deactivate)
        context.background.changed.connect(self._allow_edits)
        context.theme.changed.connect(self._repaint)
        self.rows.changed.connect(self.places.refresh)
        self.watch.reported.connect(self._issues_reported)
        toolbar.search.left.connect(self.focus_table)
        toolbar.add_requested.connect(self.add_example)
        toolbar.delete_requested.connect(self.commands.delete)
        toolbar.import_requested.connect(self.import_requested)
        toolbar.export_requested.connect(self.export_requested)
        toolbar.details_toggled.connect(self.toggle_details)
        table.copy_requested.connect(self.commands.copy)
        table.cut_requested.connect(self.commands.cut)
        table.paste_requested.connect(self.commands.paste)
        table.delete_requested.connect(self.commands.delete_or_clear)
        table.flag_requested.connect(self.commands.toggle_flags)
        table.flag_clicked.connect(self.commands.toggle_flag)
        table.selection_moved.connect(self._selection_moved)
        self.model.rowsInserted.connect(lambda *_: self.places.refresh())
        self.model.rowsRemoved.connect(lambda *_: self.places.refresh())
        self.model.modelReset.connect(self._selection_moved)
        self.details.edited.connect(lambda id, key, value: self._set_cells([(id, key, value)]))
        self.details.flag_selected.connect(self.commands.set_flag)
        self.details.split_selected.connect(self.commands.set_split)
        self.details.delete_selected.connect(self.commands.delete)

    # -- the page in the window ---------------------------------------------------------------------------------

    def actions_of_page(self) -> list[ActionSpec]:
        return [
            *label_actions(self),
            *self.review.actions(),
            *self.saved.actions_of(),
            *self.tools.actions_of(),
        ]

    @property
    def waiting(self) -> bool:
        return self.rows.query.busy

    def activate(self) -> None:
        self.show_details_panel()
        self.focus_table()

    def deactivate(self) -> None:
        """Keep what is being typed."""
        self.table.commit()
        self.details.commit()

    def focus_table(self) -> None:
        """The table, or the button that would fill it."""
        if not self.review.focus():
            self.places.focus_target().setFocus(Qt.FocusReason.OtherFocusReason)

    def start_search(self) -> None:
        self.toolbar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.toolbar.search.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the page's actions where no window has made shortcuts of them."""
        if event.matches(QKeySequence.StandardKey.Find):
            self.start_search()
        elif event.matches(QKeySequence.StandardKey.New) or event.key() == Qt.Key.Key_Insert:
            self.add_example()
        elif event.key() == Qt.Key.Key_Escape and self.toolbar.search.text():
            self.toolbar.search.clear_now()
        else:
            super().keyPressEvent(event)

    def clear_search(self) -> None:
        self.toolbar.search.clear_now()
        self.focus_table()

    def show_issues(self, issue: Issue | None = None) -> None:
        """Only the rows with an issue, or with this one, which may be none that this page finds by itself."""
        if issue is not None:
            self.watch.take(issue)
        kind = issue.kind if issue is not None else ""
        self.side.choose(ISSUES, kind if kind in self.side.kinds else "")
        self.focus_table()

    # -- the dataset --------------------------------------------------------------------------------------------

    def open_dataset(self) -> None:
        """Show the context's dataset from its start."""
        context, info = self.context, self.context.dataset
        project = context.project
        if project is self._project:
            self.deactivate()  # an open editor still holds a text of the dataset before
        self._project = project

        def fetch(ids: Sequence[int]) -> list[Example]:
            return project.examples(ids) if project is not None and project is context.project else []

        self.rows.reset()
        self.model.open(info, fetch, context.editable)
        self.table.setProperty("editable", context.editable)
        self.details.open(info, context.editable)
        self.read_only.setVisible(project is not None and project.read_only)
        self.table.widths_changed()
        self._recount()
        self.watch.restart()
        self.places.refresh()
        if info is not None:
            self.rows.ask()

    def _allow_edits(self) -> None:
        """A worker began to change rows, or ended: what is being typed was kept before."""
        editable = self.context.editable
        self.model.editable = editable and self.model.info is not None
        self.table.setProperty("editable", editable)
        self.details.allow(editable)
        self.toolbar.set_editable(editable and self.model.info is not None, self.counts.get("all", 0))
        self.places.allow(editable)

    def _recount(self) -> None:
        project, info = self.context.project, self.context.dataset
        counts: dict[str, int] = {}
        if project is not None and info is not None:
            self.model.describe(info)
            try:
                counts = project.counts(info.id)
                self._has_texts = bool(counts["all"] or project.corpus_count())
            except AnchorLabError as error:
                self.context.messages.error(error)
        self.counts = counts
        self.columns.learn(counts)
        rows = counts.get("all", 0)
        self.side.show_counts(info, counts)
        self.toolbar.show_rows(rows)
        self.toolbar.set_editable(self.context.editable and info is not None, rows)
        self.show_details_panel()
        self._tell_counts(info)

    def _tell_counts(self, info: DatasetInfo | None) -> None:
        if info is None:
            self.status_text = ""
            self.counts_changed.emit({})
            return
        rows = self.counts.get("all", 0)
        labelled = rows - self.counts.get("unlabelled", 0)
        issues = self.watch.report.count
        parts = [f"{rows:,} example{'' if rows == 1 else 's'}", f"{labelled:,} labelled"]
        if issues:
            parts.append(f"{issues:,} issue{'' if issues == 1 else 's'}")
        self.status_text = " · ".join(parts)
        self.counts_changed.emit({"rows": rows, "labelled": labelled, "issues": issues})

    # -- news ---------------------------------------------------------------------------------------------------

    def _data_changed(self, change: Change) -> None:
        dataset_id = self.context.dataset_id
        if dataset_id is None or dataset_id not in change.dataset_ids:
            if "texts" in change.kinds:
                self._recount()
            return
        self._recount()
        other = change.origin != ORIGIN  # what this page did is on show already
        if "cells" in change.kinds:
            self.model.refresh(change.ids)
            if change.origin == "" and "rows" not in change.kinds:
                self.rows.reveal(change)
        if "rows" in change.kinds and other:
            self.rows.rows_changed(change)
        if change.kinds & {"cells", "rows"}:
            self.watch.changed(change)
        self._details_timer.start()
        self.places.refresh()

    def _issues_reported(self) -> None:
        report, kind_before = self.watch.report, self.side.kind
        self.side.show_report(report)
        self.table.cells.report = report
        self.table.viewport().update()
        self._tell_counts(self.context.dataset)
        self._details_timer.start()
        self.rows.issues_changed(kind_before)
        self.places.refresh()

    def _repaint(self, _tokens: object = None) -> None:
        self.table.viewport().update()
        self.table.head.viewport().update()
        self._details_timer.start()

    # -- commands -----------------------------------------------------------------------------------------------

    def _set_cells(self, cells: Sequence[Cell]) -> bool:
        return self.commands.set_cells(cells)

    def add_example(self) -> None:
        self.table.commit()
        late = self.rows.query.busy  # its answer would not know the new row
        self.commands.add()
        if late:
            self.rows.ask()

    def create_dataset(self, format: Format) -> None:
        self.context.create_dataset(format.title, format)

    # -- details ------------------------------------------------------------------------------------------------

    def toggle_details(self) -> None:
        if self.review.toggle_details():
            return
        shown = not self.assist.isVisibleTo(self)
        if self.width() < NARROW:
            self._details_when_narrow = shown
        else:
            self.context.settings.details_visible = shown
            self.context.save_settings()
        self.show_details_panel()

    def show_details_panel(self) -> None:
        wanted = (
            self.context.settings.details_visible if self.width() >= NARROW else self._details_when_narrow
        )
        wanted = self.review.shows_details if self.review.on else wanted
        shown = wanted and self._has_texts and bool(self.counts)
        if not shown:
            self.details.commit()
        self.assist.setVisible(shown)
        self.toolbar.details.setChecked(shown)
        self.toolbar.details.setToolTip(f"{'Hide' if shown else 'Show'} the details (Ctrl+D)")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.show_details_panel()

    def _selection_moved(self) -> None:
        self._details_timer.start()

    def _show_details(self) -> None:
        """Runs once after all news of a moment, so that dragging a selection stays light."""
        chosen = self.table.selected()
        if chosen.count > 1:
            self.details.show_many(chosen.count)
            if self.model.info is not None:
                self.assist.show_many(
                    [self.model.ids[row] for row in chosen.some_rows(MOST_TOGETHER)], self.model.info
                )
            return
        example = self.model.example(chosen.first) if chosen.count else None
        if example is None:
            self.details.show_nothing()
        else:
            self.details.show_example(example, self.watch.report.of_row(example.id))
        self.assist.show_example(example, self.model.info)
