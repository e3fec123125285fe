"""`anchorlab runs DIR`: the history of a project, newest first."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from core.cli.output import Output, plain
from core.cli.reading import project_folder

if TYPE_CHECKING:
    from core.training.runs import Run


def run(args: argparse.Namespace, out: Output) -> int:
    from core.training.runs import list_runs

    found = list_runs(project_folder(args.dir))
    if out.json:
        out.result([record(item) for item in found])
    elif not found:
        out.line("No runs yet. Make one with anchorlab train.")
    else:
        head = ["", "RUN", "STATUS", "STARTED", "ROWS", "STEPS", "LOSS", "BASE", "BEST", "METRIC"]
        out.table([head, *(_row(item) for item in found)], right=frozenset({0, 4, 5, 6, 7, 8}))
    return 0


def record(item: Run) -> dict[str, Any]:
    """A run as a JSON object."""
    return {
        "number": item.number,
        "run": item.folder.name,
        "status": item.status,
        "resumable": item.resumable,
        "created": item.created,
        "rows": item.rows,
        "steps": item.steps,
        "seconds": item.seconds,
        "loss": item.last_loss,
        "metric": item.metric_title,
        "base": item.base,
        "best": item.best,
        "note": item.note,
        "model": str(item.model) if item.model else None,
    }


def _row(item: Run) -> list[str]:
    return [
        str(item.number),
        plain(item.name),
        item.status,
        item.created.replace("T", " ")[:16],
        f"{item.rows:,}",
        f"{item.steps:,}",
        figure(item.last_loss),
        figure(item.base),
        figure(item.best),
        item.metric_title,
    ]


def figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
