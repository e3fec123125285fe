"""Plans of fixes, made on a worker; those that look at very many rows in a process of their own."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from core.dataset.fix_plan import Plan
from core.dataset.formats import DatasetInfo, Example
from core.dataset.issues import Issue
from core.engine.check_client import CheckClient
from core.engine.project_check import plan_for
from core.errors import Cancelled
from core.project import Project
from gui.workers.job import Job

_IN_THE_WINDOW = 20_000  # rows


def make_plan(project: Project, info: DatasetInfo, issue: Issue, key: str, job: Job) -> Plan:
    """What the fix would do now."""
    rows = info.rows if issue.kind == "shared_texts" else len(issue.ids)
    if rows > _IN_THE_WINDOW and key != "delete":
        client = CheckClient(project.folder, info.id)
        try:
            return client.plan(issue, key, job.stopped)
        finally:
            client.close()
    with project.reader() as reader:
        return plan_for(reader, info, issue, key, lambda rows: breathing(job, rows))


def breathing(job: Job, rows: Iterable[Example]) -> Iterator[Example]:
    """The rows; a cancelled job ends between two of them, and the window's thread gets the interpreter now and then."""
    for number, example in enumerate(rows):
        if number % 256 == 0:
            if job.stopped():
                raise Cancelled
            if number:
                time.sleep(0.0002)
        yield example
