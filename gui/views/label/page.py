"""Label: the examples of a dataset in a table, what is wrong with them, and one of them in full."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from core.dataset.formats import DatasetInfo, Example, Format
from core.errors import AnchorLabError
from core.project import Change, View
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.models.example_query import Answer, ExampleQuery, Question, next_sort
from gui.models.example_table import Cell, ExampleTable
from gui.models.issue_watch import IssueWatch
from gui.views.label.column_widths import ColumnWidths
from gui.views.label.commands import ORIGIN, LabelCommands
from gui.views.label.details import DetailsPanel
from gui.views.label.menus import row_menu, split_menu
from gui.views.label.places import label_places
from gui.views.label.side import ISSUES, SidePanel
from gui.views.label.table import ExampleView
from gui.views.label.toolbar import LabelToolbar
from gui.views.page import Page
from gui.widgets.basic import label

# Below this width the table would be too narrow beside the details.
NARROW = 1000
_KEPT_SELECTED = 2000


class LabelPage(Page):
    """`counts_changed` carries rows, labelled and issues of the dataset; an empty dict without one."""

    counts_changed = Signal(dict)
    import_requested = Signal()
    export_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.status_text = ""
        self._view = View()
        self._details_when_narrow = False
        self._counts: dict[str, int] = {}
        self.model = ExampleTable(self._set_cells, context.messages.error, self)
        self.table = ExampleView(self.model)
        self.table.widths = ColumnWidths(self.table.head, self.model, context.settings)
        self.commands = LabelCommands(context, self.table, lambda ids: self.ask(keep=ids, reveal=bool(ids)))
        self.query = ExampleQuery(context, self)
        self.watch = IssueWatch(context, self)
        self.side = SidePanel()
        self.toolbar = LabelToolbar()
        self.details = DetailsPanel()
        self.places = label_places(self.table, self)
        self._lay_out()
        self._connect()
        self._details_timer = QTimer(self)
        self._details_timer.setSingleShot(True)
        self._details_timer.setInterval(0)
        self._details_timer.timeout.connect(self._show_details)
        self.open_dataset()

    def _lay_out(self) -> None:
        self.read_only = QFrame()
        self.read_only.setObjectName("label.read_only")
        line = QHBoxLayout(self.read_only)
        line.setContentsMargins(14, 6, 12, 6)
        line.addWidget(
            label(
                "Read-only: the project is open in another window. You can look and copy; close it there to edit here.",
                "caption",
                tone="warning",
                wrap=True,
            )
        )
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(self.read_only)
        column.addWidget(self.places, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side)
        # The toolbar shortens its buttons when it must: its words may not widen the window.
        middle.setMinimumWidth(330)
        row.addWidget(middle, 1)
        row.addWidget(self.details)

    def _connect(self) -> None:
        context, table, toolbar = self.context, self.table, self.toolbar
        context.dataset_changed.connect(self.open_dataset)
        context.data_changed.connect(self._data_changed)
        context.theme.changed.connect(lambda _tokens: self._repaint())
        self.query.answered.connect(self._show_answer)
        self.query.busy_changed.connect(lambda _busy: self._show_place())
        self.watch.reported.connect(self._issues_reported)
        self.side.chosen.connect(self._view_chosen)
        toolbar.search.asked.connect(self._search)
        toolbar.search.left.connect(self.focus_table)
        toolbar.add_requested.connect(self.add_example)
        toolbar.delete_requested.connect(self.commands.delete)
        toolbar.import_requested.connect(self.import_requested)
        toolbar.export_requested.connect(self.export_requested)
        toolbar.details_toggled.connect(self.toggle_details)
        table.head.sectionClicked.connect(self._sort)
        table.copy_requested.connect(self.commands.copy)
        table.paste_requested.connect(self.commands.paste)
        table.delete_requested.connect(self.commands.delete_or_clear)
        table.flag_requested.connect(self.commands.toggle_flags)
        table.flag_clicked.connect(self.commands.toggle_flag)
        table.split_requested.connect(self._open_split_menu)
        table.customContextMenuRequested.connect(self._open_row_menu)
        table.selection_moved.connect(self._selection_moved)
        self.model.rowsInserted.connect(lambda *_: self._show_place())
        self.model.rowsRemoved.connect(lambda *_: self._show_place())
        self.model.modelReset.connect(self._selection_moved)
        self.details.edited.connect(lambda id, key, value: self._set_cells([(id, key, value)]))
        self.details.flag_selected.connect(self.commands.set_flag)
        self.details.split_selected.connect(self.commands.set_split)
        self.details.delete_selected.connect(self.commands.delete)

    # -- the page in the window ---------------------------------------------------------------------------------

    def actions_of_page(self) -> list[ActionSpec]:
        def here() -> bool:
            return self.isVisible() and self.context.dataset_id is not None

        def editable() -> bool:
            return here() and self.context.editable

        return [
            ActionSpec(
                "label.add", "Add an example", self.add_example, "Ctrl+N | Ins", "plus", "Label", editable
            ),
            ActionSpec(
                "label.find", "Search the examples", self.start_search, "Ctrl+F", "search", "Label", here
            ),
            ActionSpec(
                "label.flag",
                "Flag the selected examples",
                self.commands.toggle_flags,
                "Ctrl+Shift+F",
                "flag",
                "Label",
                editable,
            ),
            ActionSpec(
                "label.delete",
                "Delete the selected examples",
                self.commands.delete,
                "",
                "trash",
                "Label",
                editable,
            ),
            ActionSpec(
                "label.paste",
                "Paste rows from a spreadsheet",
                self.commands.paste,
                "",
                "copy",
                "Label",
                editable,
            ),
            ActionSpec("label.issues", "Show the issues", self.show_issues, "", "warning", "Label", here),
            ActionSpec(
                "label.details",
                "Show or hide the details",
                self.toggle_details,
                "Ctrl+D",
                "details",
                "Label",
                here,
            ),
        ]

    def activate(self) -> None:
        self._show_details_panel()
        self.focus_table()

    def deactivate(self) -> None:
        """Keep what is being typed."""
        self.table.commit()
        self.details.commit()

    def focus_table(self) -> None:
        """The table, or the button that would fill it."""
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

    def show_issues(self, kind: str = "") -> None:
        """Only the rows with an issue (of one kind)."""
        self.side.choose(ISSUES, kind if kind in self.side.kinds else "")
        self.focus_table()

    # -- the dataset --------------------------------------------------------------------------------------------

    def open_dataset(self) -> None:
        """Show the context's dataset from its start."""
        self.query.cancel()
        context, info = self.context, self.context.dataset
        project = context.project

        def fetch(ids: Sequence[int]) -> list[Example]:
            return project.examples(ids) if project is not None and project is context.project else []

        self._view = View()
        self.toolbar.search.forget()
        self.side.show_choice("all")
        self.table.head.show_sort(-1, False)
        self.model.open(info, fetch, context.editable)
        self.table.setProperty("editable", context.editable)
        self.details.open(info, context.editable)
        self.read_only.setVisible(project is not None and project.read_only)
        self.table.widths_changed()
        self._recount()
        self.watch.restart()
        self._show_place()
        if info is not None:
            self.ask()

    def _recount(self) -> None:
        project, info = self.context.project, self.context.dataset
        counts: dict[str, int] = {}
        if project is not None and info is not None:
            self.model.describe(info)
            try:
                counts = project.counts(info.id)
            except AnchorLabError as error:
                self.context.messages.error(error)
        self._counts = counts
        rows = counts.get("all", 0)
        self.side.show_counts(info, counts)
        self.toolbar.show_rows(rows)
        self.toolbar.set_editable(self.context.editable and info is not None, rows)
        self._show_details_panel()
        self._tell_counts(info)

    def _tell_counts(self, info: DatasetInfo | None) -> None:
        if info is None:
            self.status_text = ""
            self.counts_changed.emit({})
            return
        rows = self._counts.get("all", 0)
        labelled = rows - self._counts.get("unlabelled", 0)
        issues = self.watch.report.count
        parts = [f"{rows:,} example{'' if rows == 1 else 's'}", f"{labelled:,} labelled"]
        if issues:
            parts.append(f"{issues:,} issue{'' if issues == 1 else 's'}")
        self.status_text = " · ".join(parts)
        self.counts_changed.emit({"rows": rows, "labelled": labelled, "issues": issues})

    # -- which rows ---------------------------------------------------------------------------------------------

    def ask(self, keep: Sequence[int] | None = None, *, reveal: bool = False) -> None:
        """Ask the store for the rows of the view. What is selected stays so, unless `keep` names other rows."""
        if keep is None:
            chosen = self.table.selected()
            keep = chosen.ids() if chosen.count <= _KEPT_SELECTED else ()
        self.query.ask(Question(self._view, self._among(), frozenset(keep), reveal))

    def _among(self) -> Collection[int] | None:
        if self.side.view != ISSUES:
            return None
        report = self.watch.report
        return report.members.get(self.side.kind, frozenset()) if self.side.kind else report.rows

    def _show_answer(self, answer: Answer) -> None:
        question = answer.question
        if answer.ids == self.model.ids and not question.reveal:
            self.model.refresh(())
        else:
            self._show_ids(answer.ids, answer.kept, question.reveal)
        rows = self._counts.get("all", 0)
        narrowed = bool(self._view.search)
        self.toolbar.show_hits(f"{len(answer.ids):,} of {rows:,}" if narrowed else "")
        self._show_place()

    def _show_ids(self, ids: array[int], kept: list[int], reveal: bool) -> None:
        here = self.table.currentIndex()
        row, column = (here.row(), here.column()) if here.isValid() else (0, -1)
        place = self.table.verticalScrollBar().value()
        whole = self.table.selected().whole
        self.model.show(ids)
        self.table.widths_changed()
        if not ids:
            return
        typed = self.model.typed_columns()
        column = column if column >= 0 else (typed[0] if typed else 0)
        self.table.verticalScrollBar().setValue(place)
        if not kept:
            self.table.go_to(min(row, len(ids) - 1) if reveal else 0, column)
        elif len(kept) == 1 and not whole:
            self.table.go_to(kept[0], column)
        else:
            self.table.select_rows(kept)

    def _search(self, text: str) -> None:
        self._view = View(text, self._view.filter, self._view.sort, self._view.descending)
        self.ask()

    def clear_search(self) -> None:
        self.toolbar.search.clear_now()
        self.focus_table()

    def _sort(self, section: int) -> None:
        self._view = next_sort(self._view, self.model.columns[section])
        place = self.model.column(self._view.sort) if self._view.sort else -1
        self.table.head.show_sort(place, self._view.descending)
        self.ask()

    def _view_chosen(self, view: str, _kind: str) -> None:
        filter = "all" if view == ISSUES else view
        self._view = View(self._view.search, filter, self._view.sort, self._view.descending)
        self.table.commit()
        self.ask(keep=())

    def _show_all(self, reveal: Sequence[int]) -> None:
        """Leave every filter and search, and show these rows."""
        self.side.show_choice("all")
        self.toolbar.search.forget()
        self._view = View(sort=self._view.sort, descending=self._view.descending)
        self.ask(keep=reveal, reveal=True)
        self.focus_table()

    # -- news ---------------------------------------------------------------------------------------------------

    def _data_changed(self, change: Change) -> None:
        info = self.context.dataset
        if info is None or not change.dataset_ids.intersection({info.id}):
            return
        own = change.origin == ORIGIN
        if "rows" in change.kinds and not own:
            news = change.ids if change.origin == "" else ()
            self.ask(keep=news or None, reveal=bool(news))
        if "cells" in change.kinds:
            old = set() if own else set(change.ids)
            self.model.refresh(change.ids)
            if change.origin == "" and "rows" not in change.kinds:
                self._reveal(old, change)
        self._recount()
        self._details_timer.start()
        if change.kinds & {"cells", "rows"}:
            self.watch.changed()
        self._show_place()

    def _reveal(self, ids: set[int], change: Change) -> None:
        """Select the rows that an undo or redo touched and bring them into sight."""
        some = frozenset(sorted(ids)[:_KEPT_SELECTED])
        if not some:
            return
        if len(some) <= 8:
            rows = sorted(row for row in map(self.model.row_of, some) if row >= 0)
        else:
            rows = [row for row, id in enumerate(self.model.ids) if id in some]
        if not rows:
            if self.isVisible():
                self.context.messages.note(
                    f"“{change.label}” changed rows that this view does not show.",
                    action="Show them",
                    do=lambda: self._show_all(tuple(ids)),
                )
            return
        here = self.table.currentIndex()
        if len(rows) == 1 and here.isValid():
            if here.row() != rows[0]:
                self.table.go_to(rows[0], here.column())
        else:
            self.table.select_rows(rows)

    def _issues_reported(self) -> None:
        report = self.watch.report
        had = self.side.kind
        self.side.show_report(report)
        self.table.cells.report = report
        self.table.viewport().update()
        self._tell_counts(self.context.dataset)
        self._details_timer.start()
        if self.side.view != ISSUES or self.context.dataset is None:
            return
        if had and had not in report.members:
            self.side.show_choice(ISSUES)
            self.ask()
        elif self.table.state() != QAbstractItemView.State.EditingState and not (
            # A row that was just put right stays until the view is chosen again: nothing vanishes under one's hands.
            self.model.rowCount()
            and frozenset(self._among() or ()) <= frozenset(self.model.ids)
            and report.rows
        ):
            self.ask()

    def _repaint(self) -> None:
        self.table.viewport().update()
        self.table.head.viewport().update()
        self._details_timer.start()

    # -- commands -----------------------------------------------------------------------------------------------

    def _set_cells(self, cells: Sequence[Cell]) -> bool:
        return self.commands.set_cells(cells)

    def add_example(self) -> None:
        self.table.commit()
        if self.query.busy:
            self.query.cancel()
            self.ask()
        self.commands.add()

    def create_dataset(self, format: Format) -> None:
        self.context.create_dataset(format.title, format)

    def _open_split_menu(self, row: int, at: QPoint) -> None:
        if self.context.editable:
            split_menu(self, self.commands.set_split).popup(at)

    def _open_row_menu(self, at: QPoint) -> None:
        index = self.table.indexAt(at)
        if index.isValid():
            if not self.table.selectionModel().isSelected(index):
                self.table.go_to(index.row(), index.column())
            menu: QMenu = row_menu(self, self.table, self.commands, self.context.editable)
            menu.popup(self.table.viewport().mapToGlobal(at))

    # -- details ------------------------------------------------------------------------------------------------

    def toggle_details(self) -> None:
        shown = not self.details.isVisibleTo(self)
        if self.width() < NARROW:
            self._details_when_narrow = shown
        else:
            self.context.settings.details_visible = shown
            self.context.save_settings()
        self._show_details_panel()

    def _show_details_panel(self) -> None:
        wanted = (
            self.context.settings.details_visible if self.width() >= NARROW else self._details_when_narrow
        )
        shown = wanted and bool(self._counts.get("all"))
        if not shown:
            self.details.commit()
        self.details.setVisible(shown)
        self.toolbar.details.setChecked(shown)
        self.toolbar.details.setToolTip(f"{'Hide' if shown else 'Show'} the details (Ctrl+D)")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_details_panel()

    def _selection_moved(self) -> None:
        self._details_timer.start()

    def _show_details(self) -> None:
        """Runs once after all news of a moment, so that dragging a selection stays light."""
        chosen = self.table.selected()
        if chosen.count > 1:
            self.details.show_many(chosen.count)
            return
        example = self.model.example(chosen.first) if chosen.count else None
        if example is None:
            self.details.show_nothing()
        else:
            self.details.show_example(example, self.watch.report.of_row(example.id))

    # -- the table's place --------------------------------------------------------------------------------------

    def _show_place(self) -> None:
        place = self._place()
        self.places.show_place(place)
        if place == "none" and self.side.view == ISSUES:
            waiting = self.watch.busy and not self.watch.report.issues
            self.places.say(
                "none", "Looking for issues…" if waiting else "No issues found in any row.", icon="check"
            )
        elif place == "none":
            self.places.say("none", _NOTHING.get(self.side.view, "No rows here."), icon="table")
        elif place == "no_hits":
            self.places.say("no_hits", f"No example contains “{self._view.search[:60]}”.")
        self.places.allow(self.context.editable)

    def _place(self) -> str:
        if self.context.dataset_id is None:
            return "no_dataset"
        if self.model.rowCount():
            return "table"
        if self.query.busy:
            return "waiting"
        if not self._counts.get("all"):
            return "no_rows"
        return "no_hits" if self._view.search else "none"


_NOTHING = {
    "unlabelled": "Everything is labelled.",
    "flagged": "No row is flagged. Press F in the number column, or click ⚑ beside a row.",
    "train": "No row is marked for training: each run divides the rows itself.",
    "eval": "No row is marked for the hold-out: each run divides the rows itself.",
    "test": "No row is marked as test.",
}
