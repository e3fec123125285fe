"""Asks the store which rows a view has: at once for small datasets, on a thread for big ones."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from core.errors import AnchorLabError
from core.project import View
from gui.context import Context
from gui.models.extra_columns import ExtraColumn, sorted_by
from gui.models.table_columns import TableColumn
from gui.workers.job import Job

# Up to here a query takes a few milliseconds: less than the thread and the flicker of an answer that comes later.
DIRECT_ROWS = 20_000


@dataclass(frozen=True)
class Question:
    """`among`: only these ids (the rows of an issue). `keep`: ids whose rows in the answer the asker wants to know.
    `by`: the column that the view's `sort` names, where the store does not know it. `together`: a number by id; in their natural order
    rows with equal numbers stand together."""

    view: View
    among: Collection[int] | None = None
    keep: frozenset[int] = frozenset()
    by: ExtraColumn | None = None
    together: Mapping[int, int] | None = None
    reveal: bool = False  # the kept rows are news: select them and bring them into sight


@dataclass(frozen=True)
class Answer:
    question: Question
    ids: array[int]
    kept: list[int] = field(default_factory=list)  # rows of `question.keep`, ascending


def answer(question: Question, ids: array[int]) -> Answer:
    """Narrow the ids of the view down and find the kept ones among them."""
    if question.among is not None:
        among = question.among if isinstance(question.among, frozenset) else frozenset(question.among)
        ids = array("q", (id for id in ids if id in among))
    together = question.together
    if together is not None and not question.view.sort:
        ids = array("q", sorted(ids, key=lambda id: together.get(id, -1)))
    if question.by is not None:
        ids = sorted_by(ids, question.by.sort_keys(ids), descending=question.view.descending)
    keep = question.keep
    if not keep:
        return Answer(question, ids)
    if len(keep) <= 4:
        rows = sorted(ids.index(id) for id in keep if id in ids)
    else:
        rows = [row for row, id in enumerate(ids) if id in keep]
    return Answer(question, ids, rows)


class ExampleQuery(QObject):
    """The newest question counts: asking again cancels the one before."""

    answered = Signal(object)  # Answer
    busy_changed = Signal(bool)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        return self._job is not None

    def ask(self, question: Question) -> None:
        """The answer comes as `answered`, before this returns where the dataset is small."""
        self.cancel()
        project, dataset_id = self._context.project, self._context.dataset_id
        if project is None or dataset_id is None:
            return
        try:
            if project.dataset(dataset_id).rows <= DIRECT_ROWS:
                self.answered.emit(answer(question, project.ids(dataset_id, stored_view(question))))
                return
            reader = project.reader()
        except AnchorLabError as error:
            self._context.messages.error(error)
            return

        def work(job: Job) -> Answer:
            try:
                return answer(question, reader.ids(dataset_id, stored_view(question)))
            finally:
                reader.close()

        job = self._context.run("", work, on_done=self._done, on_error=self._failed)
        job.on_cancel(reader.interrupt)
        self._job = job
        self.busy_changed.emit(True)

    def cancel(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self.busy_changed.emit(False)

    def _done(self, result: Answer) -> None:
        self._job = None
        self.busy_changed.emit(False)
        self.answered.emit(result)

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self.busy_changed.emit(False)
        self._context.messages.error(error)


def stored_view(question: Question) -> View:
    """What of the question's view the store answers."""
    view = question.view
    return view if question.by is None else replace(view, sort="", descending=False)


def next_sort(view: View, column: TableColumn) -> View:
    """A click on a header: ascending, descending, natural order again; the other way round where the large matter most."""
    first = column.kind == "flag" or (column.extra is not None and column.extra.largest_first)
    if view.sort != column.key:
        return View(view.search, view.filter, column.key, first)
    if view.descending == first:
        return View(view.search, view.filter, column.key, not view.descending)
    return View(view.search, view.filter)
