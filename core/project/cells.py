"""Changing cells: what a person typed becomes stored values, and the values that were there become the way back."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.dataset.formats import DatasetInfo, Role, Scale
from core.errors import DataProblem
from core.project import tallies
from core.project.schema import TEXT_COLUMNS
from core.project.step import Step

SPLITS = ("", "train", "eval", "test")
COLUMNS = frozenset({*TEXT_COLUMNS, "score", "raw_score", "split", "flag", "note"})
_UNCOUNTED = frozenset({"note", "raw_score", "t0"})  # no filter looks at these

Cell = tuple[int, str, Any]  # example id; a column key, "split", "flag" or "note"; the value


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
        found = step.connection.execute(
            "SELECT e.id, e.dataset_id, e.number FROM json_each(?) AS j CROSS JOIN examples AS e ON e.id = j.value",
            (json.dumps(list(wanted)),),
        ).fetchall()
        if len(found) < len(wanted):
            raise DataProblem(
                "A row to change is no longer in the project.", "Refresh the view and try again."
            )
        infos: dict[int, DatasetInfo] = {}
        groups: dict[str, tuple[list[int], list[Any]]] = {}
        for id, dataset_id, number in found:
            if dataset_id not in infos:
                infos[dataset_id] = step.dataset(dataset_id)
            for key, value in wanted[id].items():
                for column, stored in _stored(infos[dataset_id], number, key, value):
                    ids, values = groups.setdefault(column, ([], []))
                    ids.append(id)
                    values.append(stored)
        return PutCells(tuple((column, ids, values) for column, (ids, values) in groups.items())).apply(step)


@dataclass(frozen=True)
class PutCells:
    """Set stored columns to exactly these values: (column, ids, values) with one value per id. The inverse of itself."""

    groups: Sequence[tuple[str, Sequence[int], Sequence[Any]]]

    def apply(self, step: Step) -> PutCells | None:
        if not COLUMNS.issuperset(column for column, _, _ in self.groups):  # the names become SQL
            raise ValueError("unknown column in an edit")
        columns = [column for column, _, _ in self.groups]
        ids = list(dict.fromkeys(id for _, group, _ in self.groups for id in group))
        as_json = json.dumps(ids)
        source = "json_each(?) AS j CROSS JOIN examples AS e ON e.id = j.value"
        names = "".join(f", e.{column}" for column in columns)
        before = {
            row[0]: row
            for row in step.connection.execute(f"SELECT e.id, e.dataset_id{names} FROM {source}", (as_json,))
        }
        undo: list[tuple[str, list[int], list[Any]]] = []
        updates: list[tuple[str, list[tuple[Any, int]]]] = []
        for place, (column, group, values) in enumerate(self.groups, 2):
            different = [
                (value, id) for id, value in zip(group, values, strict=True) if before[id][place] != value
            ]
            if different:
                updates.append((column, different))
                undo.append((column, [id for _, id in different], [before[id][place] for _, id in different]))
        if not updates:
            return None
        dataset_ids = {row[1] for row in before.values()}
        infos = []
        if not _UNCOUNTED.issuperset(column for column, _ in updates):
            infos = [step.dataset(dataset_id) for dataset_id in dataset_ids]
        where = f"{source} WHERE 1"
        counts = [tallies.count(step.connection, info, where, (as_json,)) for info in infos]
        for column, different in updates:
            step.connection.executemany(f"UPDATE examples SET {column} = ? WHERE id = ?", different)
        for info, old in zip(infos, counts, strict=True):
            new = tallies.count(step.connection, info, where, (as_json,))
            tallies.adjust(step.connection, info.id, [b - a for a, b in zip(old, new, strict=True)])
        step.touch("cells", dataset_ids, ids)
        return PutCells(tuple(undo))


def _stored(info: DatasetInfo, number: int, key: str, value: Any) -> Iterable[tuple[str, Any]]:
    """The stored columns and values for one cell of row `number`."""
    if key == "split":
        if value not in SPLITS:
            raise DataProblem(
                f"Row {number}: “{value}” is no split.", "Use train, eval, test, or leave it empty."
            )
        return ((key, value),)
    if key == "flag":
        if not isinstance(value, (bool, int)):
            raise DataProblem(f"Row {number}: a flag is on or off, not “{value}”.", "Set or clear the flag.")
        return ((key, int(bool(value))),)
    if key == "note":
        return ((key, _text(number, key, value)),)
    for column in info.columns:
        if column.key == key:
            if column.role is Role.SCORE:
                score, raw = parse_score(value, info.scale, f"Row {number}")
                return (("score", score), ("raw_score", raw))
            return ((f"t{column.slot}", _text(number, key, value)),)
    known = ", ".join([*(column.key for column in info.columns), "split", "flag", "note"])
    raise DataProblem(f"Dataset “{info.name}” has no column “{key}”.", f"Its columns are {known}.")


def _text(number: int, key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise DataProblem(f"Row {number}: the cell {key} takes text, not {value!r}.", "Give the text itself.")
    return value


def parse_score(value: str | float | None, scale: Scale, where: str) -> tuple[float | None, str]:
    """(score in 0–1 or None for unlabelled, the raw text to keep). A comma may separate the decimals.

    Raises:
        DataProblem: not a number, or outside the scale; `where` ("Row 214") starts the sentence.
    """
    raw = (
        value.strip()
        if isinstance(value, str)
        else ""
        if value is None
        else repr(float(value)).removesuffix(".0")
    )
    if not raw:
        return None, ""
    low, high = sorted((scale.low, scale.high))
    hint = f"Use a number from {low:g} to {high:g}, or leave the cell empty."
    text = raw.replace(",", ".") if raw.count(",") == 1 and "." not in raw else raw
    try:
        number = math.nan if "_" in text else float(text)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise DataProblem(f"{where}: the score “{raw[:40]}” is not a number.", hint)
    if not low <= number <= high:
        raise DataProblem(f"{where}: the score {raw[:40]} is outside the scale of {low:g} to {high:g}.", hint)
    return scale.to_unit(number), raw
