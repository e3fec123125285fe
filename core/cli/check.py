"""`anchorlab check DIR`: what would spoil the training, with the rows it is about. Exit 1 where something blocks it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from core.cli.output import Output, plain
from core.cli.reading import chosen, reading
from core.dataset.formats import DatasetInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.dataset.issues import Issue
    from core.project import Reader

_SHOWN = 20  # row numbers of one issue in the human form


def run(args: argparse.Namespace, out: Output) -> int:
    with reading(args.dir) as reader:
        datasets = chosen(reader, args.dataset)
        with reader.snapshot():  # a window may be editing meanwhile
            found = {dataset: issues(reader, dataset) for dataset in datasets}
    blocking = any(issue["blocking"] for group in found.values() for issue in group)
    if out.json:
        rows = sum(dataset.rows for dataset in datasets)
        out.result(
            {
                "rows": rows,
                "blocking": blocking,
                "issues": [issue for group in found.values() for issue in group],
            }
        )
    else:
        for dataset, group in found.items():
            show(out, dataset, group)
    return 1 if blocking else 0


def issues(reader: Reader, dataset: DatasetInfo) -> list[dict[str, Any]]:
    """The dataset's issues as JSON objects; `rows` are row numbers as the window shows them."""
    from core.engine.project_check import check_project

    return records(reader, dataset, check_project(reader, dataset))


def records(reader: Reader, dataset: DatasetInfo, found: Sequence[Issue]) -> list[dict[str, Any]]:
    """Issues as JSON objects; `rows` are row numbers as the window shows them."""
    wanted = sorted({example_id for issue in found for example_id in issue.ids})
    numbers = {example.id: example.number for example in reader.examples(wanted)} if wanted else {}
    return [
        {
            "dataset": dataset.name,
            "kind": issue.kind,
            "title": issue.title,
            "explanation": issue.explanation,
            "blocking": issue.blocking,
            "groups": issue.groups,
            "rows": [numbers[example_id] for example_id in issue.ids if example_id in numbers],
        }
        for issue in found
    ]


def show(out: Output, dataset: DatasetInfo, group: list[dict[str, Any]]) -> None:
    count = f"{len(group)} issue{'' if len(group) == 1 else 's'}" if group else "no issues"
    out.line(f"{plain(dataset.name)}: {dataset.format.title.lower()}, {dataset.rows:,} rows, {count}")
    for issue in group:
        out.line()
        out.line(f"  {'must be fixed' if issue['blocking'] else 'warning'}: {plain(issue['title'])}")
        out.line(f"    {plain(issue['explanation'])}")
        if issue["rows"]:
            shown = ", ".join(str(number) for number in issue["rows"][:_SHOWN])
            more = len(issue["rows"]) - _SHOWN
            out.line(
                f"    Row{'' if len(issue['rows']) == 1 else 's'} {shown}{f' and {more:,} more' if more > 0 else ''}"
            )
