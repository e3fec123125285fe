"""Undo and redo, kept in the project: unlimited, and still there after a restart.

Entries are numbered 1, 2, 3 …; the counter `history` points at the last one that is done. Every entry holds one payload: the edit
that takes it back while it is done, the edit that does it again while it is undone. Applying the one returns the other.
"""

from __future__ import annotations

import json
import sqlite3

from core.project import codec
from core.project.edits import (
    Compound,
    DeleteDataset,
    Edit,
    PutCells,
    RestoreDataset,
    RestoreExamples,
    TrashRows,
)
from core.project.step import Step
from core.project.swap import SwapColumns

_READ_WHOLE = 300_000  # characters of a payload; a longer one speaks for itself
_BYTES_A_ROW = 30
_SMALL = 500  # rows of trash that are deleted at once; more wait for `tidy`, so that no edit is ever slow


def push(connection: sqlite3.Connection, label: str, inverse: Edit) -> None:
    """Record a new step; steps that were undone can no longer be done again."""
    position = _position(connection)
    undone = connection.execute("SELECT batches FROM history WHERE id > ?", (position,)).fetchall()
    if undone:
        connection.execute("DELETE FROM history WHERE id > ?", (position,))
        for (batches,) in undone:
            for batch in json.loads(batches):
                _discard(connection, batch)
    connection.execute("INSERT INTO history VALUES (?, ?, ?, ?)", (position + 1, label, *_stored(inverse)))
    _move(connection, position + 1)


def undo(step: Step) -> str | None:
    """Take the last step back. Returns its label, None when there is none."""
    position = _position(step.connection)
    return _turn(step, position, position - 1)


def redo(step: Step) -> str | None:
    """Do the step again that was undone last. Returns its label, None when there is none."""
    position = _position(step.connection)
    return _turn(step, position + 1, position + 1)


def labels(connection: sqlite3.Connection) -> tuple[str, str]:
    """What undo and redo would do; "" when nothing."""
    position = _position(connection)
    found = dict(
        connection.execute(
            "SELECT id, label FROM history WHERE id IN (?, ?)", (position, position + 1)
        ).fetchall()
    )
    return found.get(position, ""), found.get(position + 1, "")


def weights(connection: sqlite3.Connection) -> tuple[int, int]:
    """About how many rows undo and redo would touch."""
    position = _position(connection)
    found = {0: 0, 1: 0}
    for id, length in connection.execute(
        "SELECT id, length(payload) FROM history WHERE id IN (?, ?)", (position, position + 1)
    ).fetchall():
        found[id - position] = length // _BYTES_A_ROW if length > _READ_WHOLE else _weight(connection, id)
    return found[0], found[1]


def _weight(connection: sqlite3.Connection, entry: int) -> int:
    payload = connection.execute("SELECT payload FROM history WHERE id = ?", (entry,)).fetchone()[0]
    try:
        return _rows_of(connection, codec.loads(payload))
    except ValueError:
        return 0  # whoever takes the step will be told that it is damaged


def _rows_of(connection: sqlite3.Connection, edit: Edit) -> int:
    match edit:
        case PutCells():
            return sum(len(ids) for _, ids, _ in edit.groups)
        case TrashRows() | RestoreExamples():
            return sum(last - first + 1 for first, last in edit.ranges)
        case DeleteDataset() | RestoreDataset() | SwapColumns():
            row = connection.execute("SELECT rows FROM datasets WHERE id = ?", (edit.dataset_id,)).fetchone()
            return int(row[0]) if row else 0
        case Compound():
            return sum(_rows_of(connection, part) for part in edit.edits)
    return 1


def _turn(step: Step, entry: int, position: int) -> str | None:
    row = step.connection.execute("SELECT label, payload FROM history WHERE id = ?", (entry,)).fetchone()
    if row is None:
        return None
    opposite = codec.loads(row[1]).apply(step)
    if opposite is None:
        raise ValueError("a step of the history changes nothing")
    batches, payload = _stored(opposite)
    step.connection.execute(
        "UPDATE history SET batches = ?, payload = ? WHERE id = ?", (batches, payload, entry)
    )
    _move(step.connection, position)
    return str(row[0])


def _stored(edit: Edit) -> tuple[str, str]:
    return json.dumps(codec.batches(edit)), codec.dumps(edit)


def _position(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM counters WHERE name = 'history'").fetchone()[0])


def _move(connection: sqlite3.Connection, position: int) -> None:
    connection.execute("UPDATE counters SET value = ? WHERE name = 'history'", (position,))
    connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'revision'")


def _discard(connection: sqlite3.Connection, batch: int) -> None:
    """Give up a batch of deleted rows: a small one now, a large one when `tidy` comes by."""
    rows = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM trash WHERE batch = ? LIMIT ?)", (batch, _SMALL + 1)
    ).fetchone()[0]
    if rows > _SMALL:
        connection.execute("INSERT OR IGNORE INTO discarded VALUES (?)", (batch,))
        return
    connection.execute("DELETE FROM trash WHERE batch = ?", (batch,))
    connection.execute("DELETE FROM datasets WHERE trashed = ? AND trashed > 0", (batch,))


def tidy_slice(connection: sqlite3.Connection, rows: int = 5000) -> bool:
    """Delete up to `rows` rows that nothing can bring back any more. True while there may be more."""
    found = connection.execute("SELECT batch FROM discarded LIMIT 1").fetchone()
    if found is None:
        return False
    deleted = connection.execute(
        "DELETE FROM trash WHERE id IN (SELECT id FROM trash WHERE batch = ? LIMIT ?)", (found[0], rows)
    )
    if deleted.rowcount < rows:
        connection.execute("DELETE FROM discarded WHERE batch = ?", found)
        connection.execute("DELETE FROM datasets WHERE trashed = ? AND trashed > 0", found)
    return True
