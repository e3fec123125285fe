"""Plans of fixes, made on a worker: the rows are read there, and the window's thread gets a breath now and then."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

from core.dataset.fix_plan import Plan
from core.dataset.fix_splits import plan_splits
from core.dataset.fixes import plan_fix
from core.dataset.formats import DatasetInfo, Example
from core.dataset.issues import Issue
from core.engine.project_check import limit_for
from core.errors import Cancelled
from core.models.text_limit import TokenLimit
from core.project import Project
from core.project.frozen import is_frozen
from core.project.slices import examples_of
from gui.workers.job import Job


def make_plan(project: Project, info: DatasetInfo, issue: Issue, key: str, job: Job) -> Plan:
    """What the fix would do now."""
    with project.reader() as reader:
        frozen = is_frozen(reader, info.id)
        if issue.kind == "shared_texts":
            return plan_splits(key, breathing(job, reader.rows(info.id)), info.format, frozen=frozen)
        limit = limit_for(reader) if issue.kind == "truncated" else None

        def rows(ids: Sequence[int]) -> Iterable[Example]:
            return breathing(job, examples_of(reader, ids))

        return plan_fix(
            key, issue, info, rows, frozen=frozen, limit=limit if isinstance(limit, TokenLimit) else None
        )


def breathing(job: Job, rows: Iterable[Example]) -> Iterator[Example]:
    """The rows; a cancelled job ends between two of them."""
    for number, example in enumerate(rows):
        if number % 256 == 0:
            if job.stopped():
                raise Cancelled
            if number:
                time.sleep(0.0002)
        yield example
