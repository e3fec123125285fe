"""Unpaired texts: the corpus that proposals are taken from. They belong to no dataset.

Deleted ones wait in `trash` under negative ids, so that the history brings them back, and lets go of them, as it does with rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.errors import DataProblem
from core.project.ranges import Ranges, to_ranges
from core.project.step import Step

_TO_TRASH = """INSERT INTO trash (id, dataset_id, number, raw_score, split, flag, note, source, t0, batch)
    SELECT -id, 0, 0, '', '', 0, '', source, text, {batch} FROM texts WHERE id BETWEEN ? AND ?"""
_FROM_TRASH = "INSERT INTO texts SELECT -id, t0, source FROM trash WHERE batch = ? ORDER BY id DESC"


@dataclass(frozen=True)
class AddTexts:
    """Add unpaired texts. Blank ones and those that are there already, letter for letter, are left out."""

    texts: Iterable[str]
    source: str = ""

    def apply(self, step: Step) -> TrashTexts | None:
        newest, deleted, before = step.connection.execute(
            """SELECT (SELECT coalesce(max(id), 0) FROM texts), (SELECT coalesce(-min(id), 0) FROM trash WHERE id < 0),
               (SELECT count(*) FROM texts)"""
        ).fetchone()
        first = max(newest, deleted) + 1
        step.connection.executemany(
            "INSERT OR IGNORE INTO texts (id, text, source) VALUES (?, ?, ?)", self._rows(first)
        )
        last, after = step.connection.execute("SELECT max(id), count(*) FROM texts").fetchone()
        if after == before:
            return None
        step.touch("texts")
        return TrashTexts(((first, last),))

    def _rows(self, id: int) -> Iterator[tuple[int, str, str]]:
        for text in self.texts:
            if "\0" in text:
                raise DataProblem("A text of the corpus holds a NUL character.", "Remove it and try again.")
            if text and not text.isspace():
                yield id, text, self.source
                id += 1


@dataclass(frozen=True)
class RemoveTexts:
    """Remove unpaired texts by id, in any order; ids that are gone are ignored."""

    ids: Sequence[int]

    def apply(self, step: Step) -> RestoreTexts | None:
        return TrashTexts(to_ranges(self.ids)).apply(step)


@dataclass(frozen=True)
class TrashTexts:
    """Remove the unpaired texts with ids in these ranges."""

    ranges: Ranges

    def apply(self, step: Step) -> RestoreTexts | None:
        batch = step.next("batch")
        before = step.connection.total_changes
        step.connection.executemany(_TO_TRASH.format(batch=int(batch)), self.ranges)
        if step.connection.total_changes == before:
            return None
        step.connection.executemany("DELETE FROM texts WHERE id BETWEEN ? AND ?", self.ranges)
        step.touch("texts")
        return RestoreTexts(batch, self.ranges)


@dataclass(frozen=True)
class RestoreTexts:
    """Bring back a batch of removed texts with their ids; `ranges` hold the ids."""

    batch: int
    ranges: Ranges

    def apply(self, step: Step) -> TrashTexts:
        step.connection.execute(_FROM_TRASH, (self.batch,))
        step.connection.execute("DELETE FROM trash WHERE batch = ?", (self.batch,))
        step.touch("texts")
        return TrashTexts(self.ranges)
