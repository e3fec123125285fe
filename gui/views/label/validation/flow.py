"""What the person does about issues: look, fix, call meant, look for near-duplicates, make splits."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.dataset.accepted import Accepted
from core.dataset.fixes import fixes_of
from core.dataset.issues import Issue, describe_issue
from core.errors import AnchorLabError
from core.project import Change
from core.project.edits import Edit
from core.project.fixing import edit_of
from core.project.frozen import is_frozen
from core.project.meant import accept
from gui.context import AT_ONCE, Context
from gui.models.fixing import make_plan
from gui.models.issue_watch import IssueWatch
from gui.views.label.side import ISSUES, SidePanel
from gui.views.label.table import ExampleView
from gui.views.label.validation.bar import IssueBar
from gui.widgets.basic import button
from gui.workers.job import Job

ORIGIN = "validation"


class Validation(QObject):
    """Listens to the side panel and the watch, and owns the bar above the table."""

    def __init__(
        self, context: Context, side: SidePanel, watch: IssueWatch, table: ExampleView, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._side = side
        self._watch = watch
        self._table = table
        self._page = parent
        self._near: Job | None = None
        self.bar = IssueBar()
        self.bar.fix_requested.connect(self.fix)
        self.bar.kind_meant.connect(self.accept_kind)
        self.bar.rows_meant.connect(self.accept_rows)
        self.bar.listed_again.connect(self.list_again)
        self.bar.near_requested.connect(self.find_near)
        self.bar.near_cancelled.connect(self.stop_near)
        self.splits = button("Splits…", kind="link", name="label.splits", clicked=self.open_splits)
        self.splits.setToolTip("Divide the rows into training, hold-out and test rows; freeze the test set")
        self.splits.setAccessibleName("Divide into splits")
        holder = QWidget()
        beside = QHBoxLayout(holder)
        beside.setContentsMargins(5, 2, 4, 4)  # the words of a link start inside its frame
        beside.addWidget(self.splits)
        beside.addStretch(1)
        side.add_below("test", holder)
        side.chosen.connect(lambda _view, _kind: self.show())
        watch.reported.connect(self.show)
        context.background.changed.connect(self.show)
        context.data_changed.connect(lambda change: self.show() if "meta" in change.kinds else None)
        context.dataset_changed.connect(self.stop_near)

    # -- what is chosen ---------------------------------------------------------------------------------------------

    @property
    def issue(self) -> Issue | None:
        """The issue whose rows are on show."""
        return self._watch.report.of_kind(self._side.kind) if self._side.view == ISSUES else None

    @property
    def can_fix(self) -> bool:
        issue, info = self.issue, self._context.dataset
        if issue is None or info is None or not self._context.editable:
            return False
        return bool(issue.ids and fixes_of(issue.kind, info.format))

    def show(self) -> None:
        context, info, issue = self._context, self._context.dataset, self.issue
        self._show_splits()
        self.bar.setVisible(self._side.view == ISSUES and info is not None and info.rows > 0)
        if info is None or not self.bar.isVisibleTo(self._page):
            return
        if issue is not None:
            self.bar.show_issue(issue, info, context.editable)
        else:
            self.bar.show_all(
                self._watch.report, self._watch.accepted, context.editable, self._watch.busy, info.rows
            )

    def _show_splits(self) -> None:
        project, info = self._context.project, self._context.dataset
        self.splits.setVisible(info is not None and info.rows > 0 and self._context.editable)
        frozen = project is not None and info is not None and is_frozen(project, info.id)
        self._side.views["test"].show_mark("lock" if frozen else "", "frozen" if frozen else "")

    # -- fixing -----------------------------------------------------------------------------------------------------

    def fix(self) -> None:
        """Show what the fixes of the chosen issue would do, and do the one that is chosen."""
        from gui.dialogs.fix import FixDialog

        issue, info, project = self.issue, self._context.dataset, self._context.project
        if not self.can_fix or issue is None or info is None or project is None:
            return
        self._table.commit()
        dialog = FixDialog(
            self._context,
            issue,
            fixes_of(issue.kind, info.format),
            lambda key, job: make_plan(project, info, issue, key, job),
            self._page.window(),
        )

        def done() -> None:
            plan = dialog.plan
            if plan:
                self.carry_out(edit_of(plan), plan.name, len(plan.delete) + len(plan.cells))

        dialog.accepted.connect(done)
        dialog.open()

    def carry_out(self, edit: Edit, words: str, size: int, told: str = "") -> None:
        """One step; a large one on a worker while the window goes on. `told` is said afterwards."""

        def after(change: Change | None) -> None:
            if change is None or not change.kinds:
                return
            said = told or f"Done: {words[:1].lower()}{words[1:]}."
            self._context.messages.note(said, action="Undo", do=self._context.undo)

        if size > AT_ONCE:
            self._context.background.start(words, lambda project: project.apply(edit, words, ORIGIN), after)
        else:
            after(self._context.edit(lambda project: project.apply(edit, words, ORIGIN)))

    # -- meant ------------------------------------------------------------------------------------------------------

    def accept_kind(self) -> None:
        """The chosen kind is no longer listed."""
        issue = self.issue
        if issue is not None and not issue.blocking:
            self._accept(self._watch.accepted.with_kind(issue.kind), f"Mark as meant: {issue.title.lower()}")

    def accept_rows(self) -> None:
        """The selected rows are no longer listed under the chosen kind."""
        issue = self.issue
        if issue is None or issue.blocking:
            return
        members = self._watch.report.members.get(issue.kind, frozenset())
        ids = [id for id in self._table.selected().ids() if id in members]
        if ids:
            words = "1 row" if len(ids) == 1 else f"{len(ids):,} rows"
            self._accept(self._watch.accepted.with_rows(issue.kind, ids), f"Mark {words} as meant")

    def list_again(self, kind: str) -> None:
        self._accept(self._watch.accepted.without(kind), "List issues again")

    def _accept(self, what: Accepted, words: str) -> None:
        info = self._context.dataset
        if info is None:
            return
        edit = accept(info.id, what)
        change = self._context.edit(lambda project: project.apply(edit, words, ORIGIN))
        if change is not None and change.kinds:
            self._context.messages.note(f"{words}.", action="Undo", do=self._context.undo)

    # -- near-duplicates --------------------------------------------------------------------------------------------

    def find_near(self) -> None:
        """Rows that say nearly the same as an earlier one, by the project's base model; the engine looks for them."""
        project, info = self._context.project, self._context.dataset
        if project is None or info is None or self._near is not None or not info.rows:
            return
        params = {"project": str(project.folder), "dataset_id": info.id, "model": "base"}
        words = "Looking for near-duplicates"
        self._side.choose(ISSUES)
        self.bar.show_search(words, 0, 0)
        self._near = self._context.engine.ask_in_slices(
            "near_duplicates",
            params,
            title=words,
            on_done=self._found_near,
            on_error=self._near_failed,
            on_progress=lambda done, total: self.bar.show_search(words, done, total),
        )

    def stop_near(self) -> None:
        job, self._near = self._near, None
        if job is not None:
            job.cancel()
        self.bar.show_search("", 0, 0)

    def _found_near(self, answer: dict[str, Any]) -> None:
        self._near = None
        self.bar.show_search("", 0, 0)
        info = self._context.dataset
        if info is None:
            return
        ids = tuple(answer["ids"])
        if not ids:
            self._context.messages.note("No row nearly repeats another one.")
            return
        if answer["cut"]:
            self._context.messages.note(
                "There are more near-duplicates than can be listed.", "Delete these and look again."
            )
        self._watch.take(describe_issue("near_duplicate", ids, info, of=tuple(answer["of"])))
        if self._watch.report.of_kind("near_duplicate") is not None:
            self._side.choose(ISSUES, "near_duplicate")

    def _near_failed(self, error: BaseException) -> None:
        self._near = None
        self.bar.show_search("", 0, 0)
        self._context.messages.error(error)

    # -- splits -----------------------------------------------------------------------------------------------------

    def open_splits(self) -> None:
        from gui.dialogs.splits import SplitsDialog

        project, info = self._context.project, self._context.dataset
        if project is None or info is None or not info.rows or not self._context.editable:
            return
        self._table.commit()
        try:
            dialog = SplitsDialog(self._context, project, info, self._page.window())
        except AnchorLabError as error:
            self._context.messages.error(error)
            return
        dialog.chosen.connect(self.carry_out)
        dialog.open()
