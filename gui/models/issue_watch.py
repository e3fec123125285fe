"""Keeps the list of issues up to date in the background, a little after the last change."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from core.dataset.formats import DatasetInfo, Example
from core.dataset.issues import Issue
from core.dataset.validation import check
from core.engine.check_client import check_in_child
from core.errors import Cancelled
from core.project import Project, Reader
from gui.context import Context
from gui.workers.job import Job

# Rows without a score have a view of their own; they are work to do, not something wrong.
NOT_AN_ISSUE = "unlabelled"
# More rows than this are checked in a process of their own.
SMALL = 20_000
_FEW = 20  # in a small dataset every row is worth a mark

NAMES = {
    "empty_cell": "Empty cells",
    "score_out_of_range": "Out of range",
    "negative_equals_positive": "Positive = negative",
    "too_few": "Too few rows",
    "conflict": "Contradictions",
    "duplicate": "Duplicates",
    "negative_equals_anchor": "Anchor = negative",
    "anchor_contains_positive": "Positive in anchor",
    "one_class": "One score only",
    "lone_text": "Alone in category",
    "few_categories": "Too few categories",
    "shared_texts": "Shared with training",
    "repeated_anchor": "Repeated anchors",
    "truncated": "Too long to read",
}


@dataclass(frozen=True)
class IssueReport:
    """The issues of a dataset, with the rows of each as a set; `rows` are those with an issue that sets them apart.

    What most rows share (quotes that all contain their sentence) is a trait of the dataset: listed, counted once, but marked
    on no row, where it would only hide the rest.
    """

    issues: tuple[Issue, ...] = ()
    members: dict[str, frozenset[int]] = field(default_factory=dict)
    rows: frozenset[int] = frozenset()
    traits: frozenset[str] = frozenset()  # kinds

    @property
    def count(self) -> int:
        """Rows with an issue, and one for each finding about the dataset as a whole."""
        return len(self.rows) + sum(not issue.ids or issue.kind in self.traits for issue in self.issues)

    @property
    def blocking(self) -> bool:
        return any(issue.blocking for issue in self.issues)

    def of_row(self, id: int) -> list[Issue]:
        return [issue for issue in self.issues if id in self.members[issue.kind]]


def name(issue: Issue) -> str:
    """A few words for a narrow list."""
    return NAMES.get(issue.kind, issue.title)


def report(found: Iterable[Issue], rows: int) -> IssueReport:
    """The findings about a dataset of so many rows."""
    issues = tuple(issue for issue in found if issue.kind != NOT_AN_ISSUE)
    members = {issue.kind: frozenset(issue.ids) for issue in issues}
    traits = frozenset(
        issue.kind for issue in issues if not issue.blocking and len(issue.ids) > max(rows / 2, _FEW)
    )
    marked = frozenset().union(*(ids for kind, ids in members.items() if kind not in traits))
    return IssueReport(issues, members, marked, traits)


class IssueWatch(QObject):
    """`report` is the newest finished check; `reported` tells of a newer one."""

    reported = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None
        self.report = IssueReport()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._start)

    @property
    def busy(self) -> bool:
        return self._job is not None or self._timer.isActive()

    def restart(self) -> None:
        """Another dataset: what was known does not hold for it."""
        self.stop()
        self.report = IssueReport()
        self.reported.emit()
        if self._context.dataset_id is not None:
            self._timer.start(0)

    def changed(self) -> None:
        """Rows changed. A burst of edits is checked once, and a big dataset only when it has been quiet for a while."""
        info = self._context.dataset
        if info is None:
            self.stop()
            return
        self._timer.start(400 if info.rows <= SMALL else 2500)

    def take(self, issue: Issue) -> None:
        """An issue that somebody else found in this dataset: listed with the others until the next check."""
        info = self._context.dataset
        if info is not None:
            others = [known for known in self.report.issues if known.kind != issue.kind]
            self.report = report([*others, issue], info.rows)
            self.reported.emit()

    def stop(self) -> None:
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _start(self) -> None:
        self.stop()
        project, info = self._context.project, self._context.dataset
        if project is None or info is None:
            return
        if not info.rows:  # nothing is wrong with nothing
            self._done(IssueReport())
            return
        big = info.rows > SMALL
        work = partial(_check_big, project.folder, info) if big else partial(_check_small, project, info)
        # Small checks are over before anyone could read their name in the status bar.
        title = "Looking for issues" if big else ""
        self._job = self._context.run(title, work, on_done=self._done, on_error=self._failed)

    def _done(self, found: IssueReport) -> None:
        self._job = None
        self.report = found
        self.reported.emit()

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._context.messages.error(error)


def _check_small(project: Project, info: DatasetInfo, job: Job) -> IssueReport:
    with project.reader() as reader:
        return report(check(info, _watched(job, reader, info)), info.rows)


def _check_big(folder: Path, info: DatasetInfo, job: Job) -> IssueReport:
    found = check_in_child(folder, info.id, on_progress=job.report, should_stop=job.stopped)
    return report(found, info.rows)


def _watched(job: Job, reader: Reader, info: DatasetInfo) -> Iterator[Example]:
    """The rows, with a breath now and then: the window's thread gets the interpreter, and a cancelled check ends."""
    for number, example in enumerate(reader.rows(info.id)):
        if number % 256 == 0:
            if job.stopped():
                raise Cancelled
            if number:
                time.sleep(0.0002)
        yield example
