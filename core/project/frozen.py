"""A frozen test set: the rows marked test of a dataset, which no edit may change, add to or take from until it is unfrozen.

Results are compared over months; that means nothing when the rows they were measured on have changed. Notes and flags are free.
Undo and redo meet the same state as the step did when it was new, so they are never in the way.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from core.errors import DataProblem
from core.project.queries import Queries

PREFIX = "frozen_test:"
_FREE = frozenset({"flag", "note"})


def is_frozen(project: Queries, dataset_id: int) -> bool:
    return bool(project.meta(f"{PREFIX}{dataset_id}"))


def key(dataset_id: int) -> str:
    """The name of the project's value that says so: set it to "1" or None with `SetMeta`."""
    return f"{PREFIX}{dataset_id}"


def frozen_datasets(connection: sqlite3.Connection) -> frozenset[int]:
    rows = connection.execute(
        "SELECT substr(key, ?) FROM meta WHERE key GLOB ?", (len(PREFIX) + 1, PREFIX + "*")
    )
    return frozenset(int(id) for (id,) in rows if str(id).isdigit())


def protect_cells(
    connection: sqlite3.Connection, updates: Sequence[tuple[str, Sequence[tuple[Any, int]]]]
) -> None:
    """Before cells change; `updates` are (column, [(new value, id), …]).

    Raises:
        DataProblem: a frozen test set would be another one.
    """
    datasets = frozen_datasets(connection)
    if not datasets:
        return
    touched = [id for column, cells in updates if column not in _FREE for _, id in cells]
    joined = [id for column, cells in updates if column == "split" for value, id in cells if value == "test"]
    rows = "json_each(?) AS j CROSS JOIN examples AS e ON e.id = j.value WHERE 1"
    _refuse(connection, datasets, f"{rows} AND e.split = 'test'", (json.dumps(touched),))
    _refuse(connection, datasets, rows, (json.dumps(joined),), "would join")


def protect_ranges(connection: sqlite3.Connection, ranges: Sequence[tuple[int, int]]) -> None:
    """Before the rows with ids in these ranges are deleted. Raises: as `protect_cells`."""
    datasets = frozen_datasets(connection)
    for first, last in ranges if datasets else ():
        _refuse(
            connection,
            datasets,
            "examples AS e WHERE e.id BETWEEN ? AND ? AND e.split = 'test'",
            (first, last),
        )


def protect_new(connection: sqlite3.Connection, dataset_id: int, first_id: int) -> None:
    """After rows from `first_id` on were added, before they are kept. Raises: as `protect_cells`."""
    datasets = frozen_datasets(connection)
    if dataset_id in datasets:
        _refuse(
            connection,
            datasets,
            "examples AS e WHERE e.id >= ? AND e.split = 'test'",
            (first_id,),
            "would join",
        )


def protect_dataset(connection: sqlite3.Connection, dataset_id: int) -> None:
    """Before all rows of a dataset change. Raises: as `protect_cells`."""
    if dataset_id in frozen_datasets(connection):
        _refuse(connection, frozenset({dataset_id}), "examples AS e WHERE e.split = 'test'", ())


def _refuse(
    connection: sqlite3.Connection,
    datasets: frozenset[int],
    source: str,
    parameters: Sequence[Any],
    verb: str = "belong to",
) -> None:
    marks = ", ".join(str(id) for id in sorted(datasets))
    rows, number, dataset_id = connection.execute(
        f"SELECT count(*), min(e.number), min(e.dataset_id) FROM {source} AND +e.dataset_id IN ({marks})",
        parameters,
    ).fetchone()
    if rows:
        name = connection.execute("SELECT name FROM datasets WHERE id = ?", (dataset_id,)).fetchone()[0]
        one = "belongs to" if verb == "belong to" else verb
        which = f"Row {number:,} {one}" if rows == 1 else f"{rows:,} of these rows {verb}"
        raise DataProblem(
            f"{which} the frozen test set of “{name}”, so nothing was changed.",
            "Leave them out, or unfreeze the test set in the dialog for splits.",
        )
