"""Reading the files of the wizard to their ends, and finding the rows that are there already; in a worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.dataset.importing import ImportResult, Reading, TextsResult, read, read_texts
from core.dataset.importing.known import Known, compare
from core.errors import AnchorLabError, Cancelled
from core.project import Reader
from core.project.taking import WithSplit
from gui.dialogs.importing.entry import Entry
from gui.workers.job import Job

_PARTS = 1000  # of the progress of one file


@dataclass
class Read:
    """What came of one file. The entry itself belongs to the window's thread, which calls `store`."""

    entry: Entry
    result: ImportResult | TextsResult | None = None
    problem: str = ""
    known: Known | None = None
    texts_known: int = 0

    def store(self) -> None:
        entry = self.entry
        entry.result, entry.unread = self.result, self.problem
        entry.known, entry.texts_known = self.known, self.texts_known

    @property
    def asks(self) -> bool:
        """Whether a person should look at it before it is saved."""
        if self.result is None or self.result.rejected:
            return True
        return self.known is not None and self.known.any


@dataclass(frozen=True)
class _Wanted:
    """What the worker needs of an entry, as it is when the work begins."""

    entry: Entry
    reading: Reading
    corpus: bool
    dataset_id: int
    split: str


class ReadAll:
    """The work of a job: `__call__` returns a `Read` for every entry.

    Raises:
        Cancelled
    """

    def __init__(self, entries: Sequence[Entry], reader_of: Callable[[], Reader] | None) -> None:
        self._reader_of = reader_of
        self._wanted = [
            _Wanted(entry, entry.inspection.reading, entry.corpus, entry.dataset_id, entry.split)
            for entry in entries
            if entry.inspection is not None
        ]

    def __call__(self, job: Job) -> list[Read]:
        return [self._one(job, number, wanted) for number, wanted in enumerate(self._wanted)]

    def _one(self, job: Job, number: int, wanted: _Wanted) -> Read:
        steps = 2 if wanted.dataset_id else 1

        def report(done: int, whole: int, step: int = 0) -> None:
            share = min(1.0, done / whole) if whole else 0.0
            job.report(round(_PARTS * (number + (step + share) / steps)), _PARTS * len(self._wanted))

        def tick(done: int, whole: int) -> None:
            report(done, whole, 1)
            if job.stopped():
                raise Cancelled

        reader = read_texts if wanted.corpus else read
        try:
            result = reader(
                wanted.entry.path, reading=wanted.reading, on_progress=report, should_stop=job.stopped
            )
            known, texts_known = self._known(wanted, result, tick)
        except Cancelled:
            raise
        except AnchorLabError as error:
            return Read(wanted.entry, problem=str(error))
        return Read(wanted.entry, result, known=known, texts_known=texts_known)

    def _known(
        self, wanted: _Wanted, result: ImportResult | TextsResult, tick: Callable[[int, int], None]
    ) -> tuple[Known | None, int]:
        """(rows, texts) that the project has already."""
        if self._reader_of is None:
            return None, 0
        with self._reader_of() as reader:
            if isinstance(result, TextsResult):
                there = {item.text for item in reader.corpus_texts()}
                fresh = set(result.texts) - there
                return None, len(result.texts) - len(fresh)
            if not wanted.dataset_id:
                return None, 0
            rows = result.examples
            if wanted.split and "split" not in result.mapping.columns:
                rows = WithSplit(rows, wanted.split)
            count = reader.dataset(wanted.dataset_id).rows
            return compare(rows, reader.rows(wanted.dataset_id), count, tick), 0
