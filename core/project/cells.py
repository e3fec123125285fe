"""Changing cells: what a person typed becomes stored values, and the values that were there become the way back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.dataset.formats import Column, DatasetInfo
from core.errors import DataProblem
from core.project import frozen, tallies
from core.project.schema import TEXT_COLUMNS
from core.project.step import Step
from core.project.values import columns_by_key, stored

COLUMNS = frozenset({*TEXT_COLUMNS, "score", "raw_score", "split", "flag", "note", "status"})
_ROWS = (
    "json_each(?) AS j CROSS JOIN examples AS e ON e.id = j.value"  # the examples with the ids in a JSON list
)

_AT_ONCE = 5000

Cell = tuple[int, str, Any]  # example id; a column key, "split", "flag", "note" or "status"; the value


@dataclass(frozen=True)
class SetCells:
    """Set cells to what the person typed. A score is text or a number on the dataset's scale, "" takes it away.

    `apply` raises DataProblem, naming the row, when a row is gone or a value does not fit; then no cell is changed.
    """

    cells: Sequence[Cell]

    def apply(self, step: Step) -> PutCells | None:
        wanted: dict[int, dict[str, Any]] = {}
        for id, key, value in self.cells:
            wanted.setdefault(id, {})[key] = value  # of a cell named twice the last value holds
        found = _rows(step, "e.id, e.dataset_id, e.number", _lists(sorted(wanted)))
        if len(found) < len(wanted):
            raise DataProblem(
                "A row to change is no longer in the project.", "Refresh the view and try again."
            )
        datasets: dict[int, tuple[DatasetInfo, dict[str, Column]]] = {}
        groups: dict[str, tuple[list[int], list[Any]]] = {}
        for id, dataset_id, number in found:
            if dataset_id not in datasets:
                info = step.dataset(dataset_id)
                datasets[dataset_id] = (info, columns_by_key(info))
            for key, value in wanted[id].items():
                for column, content in stored(*datasets[dataset_id], number, key, value):
                    ids, values = groups.setdefault(column, ([], []))
                    ids.append(id)
                    values.append(content)
        return PutCells(tuple((column, ids, values) for column, (ids, values) in groups.items())).apply(step)


@dataclass(frozen=True)
class PutCells:
    """Set stored columns to exactly these values: (column, ids, values) with one value per id. The inverse of itself."""

    groups: Sequence[tuple[str, Sequence[int], Sequence[Any]]]

    def apply(self, step: Step) -> PutCells | None:
        if not COLUMNS.issuperset(column for column, _, _ in self.groups):  # the names become SQL
            raise ValueError("unknown column in an edit")
        ids = sorted({id for _, group, _ in self.groups for id in group})
        lists = _lists(ids)
        names = "".join(f", e.{column}" for column, _, _ in self.groups)
        rows = _rows(step, f"e.id, e.dataset_id{names}", lists)
        undo: list[tuple[str, list[int], list[Any]]] = []
        updates: list[tuple[str, list[tuple[Any, int]]]] = []
        counted = False
        for place, (column, group, values) in enumerate(self.groups, 2):
            before = {row[0]: row[place] for row in rows}
            different = [(value, id) for id, value in zip(group, values, strict=True) if before[id] != value]
            if different:
                old = [before[id] for _, id in different]
                undo.append((column, [id for _, id in different], old))
                updates.append((column, different))
                counted = (
                    counted or _counts(column, old) or _counts(column, (value for value, _ in different))
                )
        if not updates:
            return None
        frozen.protect_cells(step.connection, updates)
        dataset_ids = {row[1] for row in rows}
        infos = [step.dataset(dataset_id) for dataset_id in dataset_ids] if counted else []
        counts = [_count(step, info, lists) for info in infos]
        for column, different in updates:
            step.connection.executemany(f"UPDATE examples SET {column} = ? WHERE id = ?", different)
        for info, first in zip(infos, counts, strict=True):
            then = _count(step, info, lists)
            tallies.adjust(step.connection, info.id, [b - a for a, b in zip(first, then, strict=True)])
        step.touch("cells", dataset_ids, ids)
        return PutCells(tuple(undo))


def _lists(ids: Sequence[int]) -> list[str]:
    """The ids as JSON, some thousand at a time: no single call may keep Python's other threads waiting."""
    return [json.dumps(ids[start : start + _AT_ONCE]) for start in range(0, len(ids), _AT_ONCE)]


def _rows(step: Step, columns: str, lists: Sequence[str]) -> list[Any]:
    found: list[Any] = []
    for ids in lists:
        found += step.connection.execute(f"SELECT {columns} FROM {_ROWS}", (ids,)).fetchall()
    return found


def _count(step: Step, info: DatasetInfo, lists: Sequence[str]) -> list[int]:
    parts = [tallies.count(step.connection, info, f"{_ROWS} WHERE 1", (ids,)) for ids in lists]
    return [sum(numbers) for numbers in zip(*parts, strict=True)]


def _counts(column: str, values: Iterable[Any]) -> bool:
    """Whether these values, come or gone, can change how many rows a filter shows."""
    if column in ("split", "flag", "status"):
        return True
    if column == "score":
        return None in values
    return column in TEXT_COLUMNS and "" in values
