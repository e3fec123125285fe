"""Edits of a project. Each is a frozen value; `apply` carries it out and returns the edit that takes it back.

`apply` returns None when nothing was different. All of them raise DataProblem, before anything is kept, when they do not fit the
data. Rows are deleted and brought back inside SQLite, whatever their number: no row passes through Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.dataset.formats import MAX_NEGATIVES, STATUSES, DatasetInfo, Example, Format, Scale, slots
from core.errors import DataProblem
from core.project import frozen, tallies
from core.project.cells import Cell, PutCells, SetCells
from core.project.queries import dataset_infos
from core.project.ranges import Ranges, to_ranges
from core.project.schema import FIXED_COLUMNS, ROW_COLUMNS
from core.project.step import MAX_IDS, Step
from core.project.values import SPLITS
from core.project.views import text_columns

__all__ = [
    "Cell",
    "Compound",
    "CreateDataset",
    "DeleteDataset",
    "DeleteExamples",
    "Edit",
    "InsertExamples",
    "PutCells",
    "RenameDataset",
    "RestoreDataset",
    "RestoreExamples",
    "SetCells",
    "SetMeta",
    "TrashRows",
]

_ROW = ", ".join(ROW_COLUMNS)


class Edit(Protocol):
    def apply(self, step: Step) -> Edit | None: ...


# -- rows ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InsertExamples:
    """Add rows at the end of a dataset. Their ids and numbers are given here; those in the examples are ignored."""

    dataset_id: int
    examples: Iterable[Example]

    def apply(self, step: Step) -> TrashRows | None:
        info = step.dataset(self.dataset_id)
        last_number = step.connection.execute(
            "SELECT last_number FROM datasets WHERE id = ?", (info.id,)
        ).fetchone()[0]
        first_id = step.next("example", 0)
        columns = (*FIXED_COLUMNS, *text_columns(info))
        marks = ", ".join("?" * len(columns))
        step.connection.executemany(
            f"INSERT INTO examples ({', '.join(columns)}) VALUES ({marks})",
            _insertable(info, self.examples, first_id, last_number + 1),
        )
        found = tallies.count(step.connection, info, "examples WHERE id >= ?", (first_id,))
        added = found[0]
        if not added:
            return None
        frozen.protect_new(step.connection, info.id, first_id)
        step.next("example", added)
        step.connection.execute(
            "UPDATE datasets SET last_number = last_number + ? WHERE id = ?", (added, info.id)
        )
        tallies.adjust(step.connection, info.id, found)
        step.touch("rows", (info.id,), range(first_id, first_id + added))
        return TrashRows(((first_id, first_id + added - 1),))


def _insertable(
    info: DatasetInfo, examples: Iterable[Example], id: int, number: int
) -> Iterator[tuple[Any, ...]]:
    width = slots(info.format, info.negatives)
    for offset, example in enumerate(examples):
        score = example.score
        if len(example.texts) != width:
            raise DataProblem(
                f"A new row has {len(example.texts)} texts, but rows of “{info.name}” have {width}.",
                "Give one text for each column.",
            )
        if example.split not in SPLITS:
            raise DataProblem(
                f"A new row has the split “{example.split}”.", "Use train, eval, test, or leave it empty."
            )
        if example.status not in STATUSES:
            raise DataProblem(
                f"A new row has the status “{example.status}”.",
                "Use accepted, rejected, skipped, or leave it empty.",
            )
        if score is not None and not math.isfinite(score):
            raise DataProblem(f"A new row has the score {score}.", "Give a number, or none.")
        yield (
            *(
                id + offset,
                info.id,
                number + offset,
                score,
                example.raw_score,
                example.split,
                int(example.flag),
            ),
            *(example.note, example.source, example.status),
            *example.texts,
        )


@dataclass(frozen=True)
class DeleteExamples:
    """Delete rows by id, in any order; ids that are gone are ignored."""

    ids: Sequence[int]

    def apply(self, step: Step) -> RestoreExamples | None:
        return TrashRows(to_ranges(self.ids)).apply(step)


@dataclass(frozen=True)
class TrashRows:
    """Delete the rows with ids in these ranges: what `DeleteExamples` keeps of a million ids."""

    ranges: Ranges

    def apply(self, step: Step) -> RestoreExamples | None:
        frozen.protect_ranges(step.connection, self.ranges)
        batch = step.next("batch")
        step.connection.executemany(
            f"INSERT INTO trash ({_ROW}, batch) SELECT {_ROW}, {batch} FROM examples WHERE id BETWEEN ? AND ?",
            self.ranges,
        )
        if not _recount(step, batch, -1):
            return None
        step.connection.executemany("DELETE FROM examples WHERE id BETWEEN ? AND ?", self.ranges)
        return RestoreExamples(batch, self.ranges)


@dataclass(frozen=True)
class RestoreExamples:
    """Bring back a batch of deleted rows with their ids and numbers; `ranges` are the ids of its rows."""

    batch: int
    ranges: Ranges

    def apply(self, step: Step) -> TrashRows:
        _recount(step, self.batch, 1)
        _empty_trash(step, self.batch)
        return TrashRows(self.ranges)


def _recount(step: Step, batch: int, sign: int) -> int:
    """Add (1) or take (-1) the batch in the trash to or from its datasets' counts. Returns the number of rows."""
    rows = 0
    for (dataset_id,) in step.connection.execute(
        "SELECT DISTINCT dataset_id FROM trash WHERE batch = ?", (batch,)
    ).fetchall():
        found = tallies.count(step.connection, step.dataset(dataset_id), "trash WHERE batch = ?", (batch,))
        tallies.adjust(step.connection, dataset_id, [sign * number for number in found])
        step.touch("rows", (dataset_id,))
        rows += found[0]
    ids = step.connection.execute(
        "SELECT id FROM trash WHERE batch = ? ORDER BY id LIMIT ?", (batch, MAX_IDS + 1)
    )
    if rows:
        step.touch("rows", ids=[id for (id,) in ids])
    return rows


def _empty_trash(step: Step, batch: int) -> None:
    step.connection.execute(
        f"INSERT INTO examples ({_ROW}) SELECT {_ROW} FROM trash WHERE batch = ? ORDER BY id", (batch,)
    )
    step.connection.execute("DELETE FROM trash WHERE batch = ?", (batch,))


# -- datasets -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CreateDataset:
    """A new dataset with its first rows. `negatives` counts the negative columns of triplets (1 to 16)."""

    name: str
    format: Format
    negatives: int = 1
    scale: Scale = field(default_factory=Scale)
    examples: Iterable[Example] = ()

    def apply(self, step: Step) -> DeleteDataset:
        name = _free_dataset_name(step, self.name, 0)
        if not 1 <= self.negatives <= MAX_NEGATIVES:
            raise DataProblem(
                f"A triplet cannot have {self.negatives} negatives.", f"Use 1 to {MAX_NEGATIVES}."
            )
        if (
            not (math.isfinite(self.scale.low) and math.isfinite(self.scale.high))
            or self.scale.low == self.scale.high
        ):
            raise DataProblem(
                f"A scale cannot go from {self.scale.low:g} to {self.scale.high:g}.",
                "Give two different numbers.",
            )
        id = step.next("dataset")
        step.connection.execute(
            """INSERT INTO datasets (id, name, format, negatives, low, high, last_number, trashed, rows, unlabelled, flagged, train, eval, test)
               VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0)""",
            (id, name, Format(self.format).value, self.negatives, self.scale.low, self.scale.high),
        )
        step.touch("datasets", (id,))
        InsertExamples(id, self.examples).apply(step)
        return DeleteDataset(id)


@dataclass(frozen=True)
class DeleteDataset:
    """Delete a dataset with its rows."""

    dataset_id: int

    def apply(self, step: Step) -> RestoreDataset:
        info = step.dataset(self.dataset_id)
        batch = step.next("batch")
        step.connection.execute(
            f"INSERT INTO trash ({_ROW}, batch) SELECT {_ROW}, {batch} FROM examples WHERE dataset_id = ? ORDER BY number",
            (info.id,),
        )
        step.connection.execute("DELETE FROM examples WHERE dataset_id = ?", (info.id,))
        step.connection.execute("UPDATE datasets SET trashed = ? WHERE id = ?", (batch, info.id))
        _touch_dataset(step, info)
        return RestoreDataset(info.id, batch)


@dataclass(frozen=True)
class RestoreDataset:
    """Bring back a deleted dataset with its rows, ids and numbers."""

    dataset_id: int
    batch: int

    def apply(self, step: Step) -> DeleteDataset:
        sql = "UPDATE datasets SET trashed = 0 WHERE id = ? AND trashed = ?"
        step.connection.execute(sql, (self.dataset_id, self.batch))
        _empty_trash(step, self.batch)
        _touch_dataset(step, step.dataset(self.dataset_id))
        return DeleteDataset(self.dataset_id)


def _touch_dataset(step: Step, info: DatasetInfo) -> None:
    step.touch("datasets", (info.id,))
    if info.rows:
        step.touch("rows", (info.id,), range(MAX_IDS + 1))  # all of them


@dataclass(frozen=True)
class RenameDataset:
    dataset_id: int
    name: str

    def apply(self, step: Step) -> RenameDataset | None:
        info = step.dataset(self.dataset_id)
        name = _free_dataset_name(step, self.name, info.id)
        if name == info.name:
            return None
        step.connection.execute("UPDATE datasets SET name = ? WHERE id = ?", (name, info.id))
        step.touch("datasets", (info.id,))
        return RenameDataset(info.id, info.name)


def _free_dataset_name(step: Step, name: str, own_id: int) -> str:
    name = name.strip()
    if not name:
        raise DataProblem("A dataset needs a name.", "Type one.")
    for info in dataset_infos(step.connection):
        if info.id != own_id and info.name.casefold() == name.casefold():
            raise DataProblem(
                f"There is already a dataset “{info.name}” in the project.", "Choose another name."
            )
    return name


# -- the rest -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SetMeta:
    """Set a project-wide text value; None takes it away."""

    key: str
    value: str | None

    def apply(self, step: Step) -> SetMeta | None:
        row = step.connection.execute("SELECT value FROM meta WHERE key = ?", (self.key,)).fetchone()
        before = row[0] if row else None
        if before == self.value:
            return None
        if self.value is None:
            step.connection.execute("DELETE FROM meta WHERE key = ?", (self.key,))
        else:
            step.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (self.key, self.value))
        step.touch("meta")
        return SetMeta(self.key, before)


@dataclass(frozen=True)
class Compound:
    """Several edits as one step, in order; undone in the opposite order."""

    edits: Sequence[Edit]

    def apply(self, step: Step) -> Compound | None:
        inverses = [inverse for edit in self.edits if (inverse := edit.apply(step)) is not None]
        return Compound(tuple(reversed(inverses))) if inverses else None
