"""Keeps the list of issues current in the background, a moment after each change."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from PySide6.QtCore import QObject, QTimer, Signal

from core.dataset.accepted import Accepted
from core.dataset.checker import Checker
from core.dataset.formats import DatasetInfo, Example
from core.dataset.issues import Issue
from core.engine.check_client import CheckClient
from core.engine.project_check import base_model, limit_for
from core.errors import Cancelled
from core.project import Change, Project
from core.project.meant import accepted
from core.project.slices import examples_of
from gui.context import Context
from gui.models.issue_report import IssueReport, report
from gui.workers.job import Job

# More rows than this are checked in a process of their own.
SMALL = 20_000
_LARGE = 200_000
_MOST_IDS = 10_000  # more changed rows than this, and all are looked at anew
_KEPT = "near_duplicate"  # found on demand, at some cost: lives on while its rows do

Found = tuple[IssueReport, Checker | None]


class IssueWatch(QObject):
    """`report` is the newest finished check; `reported` tells of a newer one."""

    reported = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None
        self._checker: Checker | None = None  # of a small dataset
        self._client: CheckClient | None = None  # of a big one
        self._pending: set[int] = set()
        self._all = True
        self._due = False  # something came while a look was on
        self._extra: dict[str, Issue] = {}  # what others found
        self._state = ("", "")
        self.report = IssueReport()
        self._found: tuple[Issue, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._start)
        context.data_changed.connect(self._data_changed)

    @property
    def busy(self) -> bool:
        return self._job is not None or self._timer.isActive()

    @property
    def accepted(self) -> Accepted:
        """What is meant, and not listed."""
        project, dataset_id = self._context.project, self._context.dataset_id
        return accepted(project, dataset_id) if project is not None and dataset_id is not None else Accepted()

    def restart(self) -> None:
        """Another dataset: what was known does not hold for it."""
        self.stop()
        self._extra, self._found = {}, ()
        self.report = IssueReport()
        self.reported.emit()
        if self._context.dataset_id is not None:
            self._state = self._now()
            self._timer.start(0)

    def changed(self, change: Change) -> None:
        """Rows of the dataset changed."""
        info = self._context.dataset
        if info is None:
            self.stop()
            return
        self._forget_extra(change)
        self._all = self._all or not change.ids or "datasets" in change.kinds
        self._pending.update(change.ids)
        self._wait(info)

    def take(self, issue: Issue) -> None:
        """An issue that somebody else found in this dataset: listed with the others while it can still be true."""
        info = self._context.dataset
        if info is not None:
            if issue.kind not in {known.kind for known in self._found}:
                self._extra[issue.kind] = issue
            self.report = report(self._with_extra(self._found), info.rows, self.report)
            self.reported.emit()

    def stop(self) -> None:
        """Let go of everything; the next look is at all rows."""
        self._timer.stop()
        job, self._job = self._job, None
        client, self._client = self._client, None
        self._checker, self._all, self._due = None, True, False
        self._pending.clear()
        if job is not None:
            job.cancel()
        if client is not None:
            client.close()

    # -- news -------------------------------------------------------------------------------------------------------

    def _data_changed(self, change: Change) -> None:
        """What is meant, and the base model with its limit, are values of the project."""
        info = self._context.dataset
        if "meta" not in change.kinds or info is None:
            return
        before, self._state = self._state, self._now()
        if before == self._state:
            return
        self._all = self._all or before[1] != self._state[1]
        self._timer.start(0)

    def _now(self) -> tuple[str, str]:
        project = self._context.project
        if project is None:
            return "", ""
        return self.accepted.to_text(), base_model(project)

    def _wait(self, info: DatasetInfo) -> None:
        """A burst of edits is checked once; so long that a large dataset does not keep a core busy while somebody types."""
        self._timer.start(150 if info.rows <= SMALL else 300 if info.rows <= _LARGE else 700)

    def _forget_extra(self, change: Change) -> None:
        kept = self._extra.get(_KEPT)
        self._extra = {}
        if kept is not None and change.ids:
            gone = set(change.ids)
            left = _without(kept, gone, of_too=True)
            if left.ids:
                self._extra[_KEPT] = left

    # -- looking ------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._job is not None:
            self._due = True  # when it is done it looks at what has come since
            return
        project, info = self._context.project, self._context.dataset
        if project is None or info is None:
            return
        if not info.rows:  # nothing is wrong with nothing
            self.stop()
            self._found = ()
            self._show(IssueReport())
            return
        everything = self._all or len(self._pending) > _MOST_IDS
        ids, self._pending, self._all = sorted(self._pending), set(), False
        big = info.rows > SMALL
        if big:
            self._checker = None
            client = self._client = self._client or CheckClient(project.folder, info.id)

            def work(job: Job) -> Found:
                found = (
                    client.check(job.report, job.stopped) if everything else client.update(ids, job.stopped)
                )
                return report(found, info.rows, before), None
        else:
            if self._client is not None:
                self._client.close()
                self._client = None
            checker = None if everything else self._checker

            def work(job: Job) -> Found:
                issues, kept = _check_small(project, info, checker, ids, job)
                return report(issues, info.rows, before), kept

        before = self.report
        # Short checks are over before anyone could read their name in the status bar.
        title = "Looking for issues" if big and everything else ""
        self._job = self._context.run(title, work, on_done=self._done, on_error=self._failed)

    def _done(self, found: Found) -> None:
        self._job = None
        made, self._checker = found
        self._found = made.issues
        info = self._context.dataset
        if self._extra and info is not None:
            made = report(self._with_extra(made.issues), info.rows, made)
        self._show(made)
        if self._due or self._pending or self._all:
            self._due = False
            info = self._context.dataset
            if info is not None:
                self._wait(info)

    def _show(self, made: IssueReport) -> None:
        self.report = made
        self.reported.emit()

    def _with_extra(self, found: Iterable[Issue]) -> list[Issue]:
        issues = list(found)
        known = {issue.kind for issue in issues}
        meant = self.accepted
        for issue in self._extra.values():
            rows = meant.rows.get(issue.kind, frozenset())
            left = _without(issue, rows)
            if issue.kind not in known and issue.kind not in meant.kinds and (left.ids or not issue.ids):
                issues.append(left)
        return issues

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._all = True
        self._context.messages.error(error)


def _without(issue: Issue, rows: Collection[int], *, of_too: bool = False) -> Issue:
    """The issue without these rows, and (`of_too`) without those that repeat one of them."""
    pairs = [
        (id, of)
        for id, of in zip_longest(issue.ids, issue.of, fillvalue=0)
        if id not in rows and not (of_too and of in rows)
    ]
    ids = tuple(id for id, _ in pairs)
    return replace(issue, ids=ids, of=tuple(of for _, of in pairs) if issue.of else ())


def _check_small(
    project: Project, info: DatasetInfo, checker: Checker | None, ids: Sequence[int], job: Job
) -> tuple[list[Issue], Checker]:
    with project.reader() as reader:
        if checker is None:
            checker = Checker(info, limit_for(reader))
            checker.add(_watched(job, reader.rows(info.id)))
        elif ids:
            checker.update(ids, _watched(job, examples_of(reader, ids)))
        return checker.issues(accepted(reader, info.id)), checker


def _watched(job: Job, rows: Iterable[Example]) -> Iterator[Example]:
    """The rows, with a breath now and then: the window's thread gets the interpreter, and a cancelled check ends."""
    for number, example in enumerate(rows):
        if number % 256 == 0:
            if job.stopped():
                raise Cancelled
            if number:
                time.sleep(0.0002)
        yield example
