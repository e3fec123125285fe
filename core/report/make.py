"""Make the report of a run and write it as a page."""

from __future__ import annotations

from pathlib import Path

from core import atomic
from core.report import compose, gather, html
from core.report.asking import Asking
from core.report.blocks import Report
from core.training.runs import Run


def make(project: Path, run: Run, asking: Asking) -> Report:
    """Gather what there is to say and put it in order.

    Raises:
        Cancelled, EngineProblem, ProjectProblem
    """
    found = gather.facts(project, run, asking)
    asking.tell("Writing the report")
    return compose.report(found)


def write(report: Report, target: Path) -> None:
    """Raises: DiskFull, FileProblem: an older file is left as it was."""
    atomic.write_text(target, html.page(report))
