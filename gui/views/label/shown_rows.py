"""Which rows the table shows: view, search and order, and what stays selected when they change."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import QObject, Signal

from core.errors import AnchorLabError
from core.project import Change, View
from gui.context import Context
from gui.models.example_query import Answer, ExampleQuery, Question, next_sort
from gui.models.issue_watch import IssueWatch
from gui.views.label.side import ISSUES, SidePanel
from gui.views.label.table import ExampleView
from gui.views.label.toolbar import LabelToolbar

# A larger selection is not looked for again in other rows.
MOST_KEPT = 2000


class ShownRows(QObject):
    """Listens to the side panel, the search box and the table's head, and hands the table the ids."""

    changed = Signal()  # other rows, or a query began or ended

    def __init__(
        self,
        context: Context,
        table: ExampleView,
        side: SidePanel,
        toolbar: LabelToolbar,
        watch: IssueWatch,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._table = table
        self._model = table.examples
        self._side = side
        self._toolbar = toolbar
        self._watch = watch
        self.view = View()
        self.special: dict[str, Callable[[], Collection[int]]] = {}  # views whose rows somebody else knows
        self.query = ExampleQuery(context, self)
        self.query.answered.connect(self._show_answer)
        self.query.busy_changed.connect(lambda _busy: self.changed.emit())
        side.chosen.connect(self._choose)
        toolbar.search.asked.connect(self._search)
        table.head.sectionClicked.connect(self._sort)

    def reset(self) -> None:
        """Another dataset: all of its rows in their natural order, once they are asked for."""
        self.query.cancel()
        self.view = View()
        self._toolbar.search.forget()
        self._toolbar.show_hits("")
        self._side.show_choice("all")
        self._table.head.show_sort(-1, False)

    # -- asking -------------------------------------------------------------------------------------------------

    def ask(self, keep: Sequence[int] | None = None, *, reveal: bool = False) -> None:
        """Ask the store for the rows of the view. What is selected stays so, unless `keep` names other rows."""
        if keep is None:
            chosen = self._table.selected()
            keep = chosen.ids() if chosen.count <= MOST_KEPT else ()
        extra = self._model.extra(self.view.sort)
        kind = self._side.kind if self._side.view == ISSUES else ""
        together = self._watch.report.together.get(kind)
        self.query.ask(
            Question(self.view, self._among(), frozenset(keep), by=extra, together=together, reveal=reveal)
        )

    def _among(self) -> Collection[int] | None:
        """The only rows that may be shown, in the view of the issues and those of others."""
        if self._side.view in self.special:
            return self.special[self._side.view]()
        if self._side.view != ISSUES:
            return None
        report = self._watch.report
        return report.members.get(self._side.kind, frozenset()) if self._side.kind else report.rows

    def _search(self, text: str) -> None:
        self.view = View(text, self.view.filter, self.view.sort, self.view.descending)
        self.ask()

    def _sort(self, section: int) -> None:
        self.view = next_sort(self.view, self._model.columns[section])
        place = self._model.column(self.view.sort) if self.view.sort else -1
        self._table.head.show_sort(place, self.view.descending)
        self.ask()

    def sort_by(self, key: str, descending: bool = False) -> None:
        """Order the rows by a column, "" for their natural order, as clicks on its head do."""
        self.view = View(self.view.search, self.view.filter, key, descending)
        self._table.head.show_sort(self._model.column(key) if key else -1, descending)
        self.ask()

    def _choose(self, view: str, _kind: str) -> None:
        filter = "all" if view == ISSUES or view in self.special else view
        self.view = View(self.view.search, filter, self.view.sort, self.view.descending)
        self._table.commit()
        self.ask(keep=())

    def show_view(self, shown: str, kind: str, view: View) -> None:
        """A view with its search and order; `shown` and `kind` as in the side panel, all rows where that is not known."""
        if shown not in self._side.views:
            shown, kind = "all", ""
        self._table.commit()
        self._side.show_choice(shown, kind)
        self._toolbar.search.show_text(view.search)
        filter = "all" if shown == ISSUES or shown in self.special else shown
        self.view = View(view.search, filter, view.sort, view.descending)
        self._table.head.show_sort(self._model.column(view.sort) if view.sort else -1, view.descending)
        self.ask(keep=())

    def show_all(self, reveal: Sequence[int]) -> None:
        """Leave every filter and the search, and show these rows."""
        self._side.show_choice("all")
        self._toolbar.search.forget()
        self.view = View(sort=self.view.sort, descending=self.view.descending)
        self.ask(keep=reveal, reveal=True)
        self._table.setFocus()

    # -- answers ------------------------------------------------------------------------------------------------

    def _show_answer(self, answer: Answer) -> None:
        question = answer.question
        if answer.ids == self._model.ids and not question.reveal:
            self._model.refresh(())
        else:
            self._show_ids(answer.ids, answer.kept, question.reveal)
        info = self._model.info
        rows = info.rows if info is not None else 0
        self._toolbar.show_hits(f"{len(answer.ids):,} of {rows:,}" if self.view.search else "")
        if question.reveal and question.keep and not answer.kept:
            self._offer(tuple(question.keep), "The rows that came back are not in this view.")
        self.changed.emit()

    def _show_ids(self, ids: array[int], kept: list[int], reveal: bool) -> None:
        table = self._table
        table.commit()  # new rows would close an open editor without asking it
        here = table.currentIndex()
        row, column = (here.row(), here.column()) if here.isValid() else (0, -1)
        place = table.verticalScrollBar().value()
        whole = table.selected().whole
        self._model.show(ids)
        table.widths_changed()
        if not ids:
            return
        typed = self._model.typed_columns()
        column = column if column >= 0 else (typed[0] if typed else 0)
        table.verticalScrollBar().setValue(place)
        if not kept:
            table.go_to(min(row, len(ids) - 1) if reveal else 0, column)
        elif len(kept) == 1 and not whole:
            table.go_to(kept[0], column)
        else:
            table.select_rows(kept)

    # -- news ---------------------------------------------------------------------------------------------------

    def rows_changed(self, change: Change) -> None:
        """Rows came or went by an undo, an import, another page."""
        news = change.ids[:MOST_KEPT] if change.origin == "" else ()
        self.ask(keep=news or None, reveal=bool(news))

    def reveal(self, change: Change) -> None:
        """Select the rows in which an undo or redo changed cells, and bring them into sight."""
        some = frozenset(change.ids[:MOST_KEPT])
        if not some:
            return
        if len(some) <= 8:
            rows = sorted(row for row in map(self._model.row_of, some) if row >= 0)
        else:
            rows = [row for row, id in enumerate(self._model.ids) if id in some]
        here = self._table.currentIndex()
        if not rows:
            self._offer(tuple(some), f"“{change.label}” concerns rows that this view does not show.")
        elif len(rows) > 1 or not here.isValid():
            self._table.select_rows(rows)
        elif here.row() != rows[0]:
            self._table.go_to(rows[0], here.column())

    def issues_changed(self, kind_before: str) -> None:
        """A newer list of issues. Rows that were just put right stay: nothing vanishes under one's hands."""
        if self._side.view != ISSUES or self._context.dataset is None:
            return
        if kind_before and kind_before not in self._watch.report.members:
            self._side.show_choice(ISSUES)
            self.ask()
            return
        among = self._among() or frozenset()
        complete = bool(among) and frozenset(among) <= frozenset(self._model.ids)
        if not complete and not self._table.editing:
            self.ask()

    def _offer(self, ids: tuple[int, ...], words: str) -> None:
        """Offer to show rows that are there, but out of this view."""
        project = self._context.project
        try:
            there = project is not None and bool(project.examples(ids))
        except AnchorLabError as error:
            self._context.messages.error(error)
            return
        if there and self._table.isVisible():
            self._context.messages.note(words, action="Show them", do=lambda: self.show_all(ids))
