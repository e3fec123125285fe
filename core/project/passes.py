"""Passes: rows of a dataset that were judged twice, by one person at two times or by two people.

The first judgement is kept as it was when the pass was made, so that settling a row later does not change how far the two agreed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.errors import DataProblem

if TYPE_CHECKING:
    import sqlite3

    from core.project.step import Step

KINDS = ("blind", "merge")

TABLES = (
    # kind: blind (the same person again, without seeing the first judgement) or merge (another person's copy)
    """CREATE TABLE passes (id INTEGER PRIMARY KEY, dataset_id INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
        seed INTEGER NOT NULL, made TEXT NOT NULL)""",
    """CREATE TABLE judgements (pass_id INTEGER NOT NULL, place INTEGER NOT NULL, example_id INTEGER NOT NULL, first TEXT NOT NULL,
        second TEXT NOT NULL, settled TEXT NOT NULL, PRIMARY KEY (pass_id, place)) WITHOUT ROWID""",
)


@dataclass(frozen=True)
class Judged:
    """One row of a pass. `second` is "" until it was judged again, `settled` "" until a person decided between the two."""

    example_id: int
    first: str
    second: str = ""
    settled: str = ""

    @property
    def differs(self) -> bool:
        return bool(self.second) and self.first != self.second


@dataclass(frozen=True)
class Pass:
    """`name` is the other person's for a merge; `made` the time in ISO form."""

    id: int
    dataset_id: int
    kind: str
    name: str
    seed: int
    made: str
    rows: tuple[Judged, ...] = ()

    @property
    def judged(self) -> int:
        return sum(bool(row.second) for row in self.rows)

    @property
    def open(self) -> tuple[Judged, ...]:
        """The disagreements that nobody settled yet."""
        return tuple(row for row in self.rows if row.differs and not row.settled)


@dataclass(frozen=True)
class PutPass:
    """Keep this pass, in the place of the one with its id. `id` 0: a new one."""

    value: Pass

    def apply(self, step: Step) -> PutPass | DropPass | None:
        found = self.value
        if found.kind not in KINDS:
            raise DataProblem(f"There is no kind of pass “{found.kind}”.", f"Use one of {', '.join(KINDS)}.")
        before = load(step.connection, found.id) if found.id else None
        if before == found:
            return None
        id = found.id or step.connection.execute("SELECT coalesce(max(id), 0) + 1 FROM passes").fetchone()[0]
        step.connection.execute(
            "INSERT OR REPLACE INTO passes VALUES (?, ?, ?, ?, ?, ?)",
            (id, found.dataset_id, found.kind, found.name, found.seed, found.made),
        )
        step.connection.execute("DELETE FROM judgements WHERE pass_id = ?", (id,))
        step.connection.executemany(
            "INSERT INTO judgements VALUES (?, ?, ?, ?, ?, ?)",
            (
                (id, place, row.example_id, row.first, row.second, row.settled)
                for place, row in enumerate(found.rows)
            ),
        )
        step.touch("passes", (found.dataset_id,))
        return DropPass(id) if before is None else PutPass(before)


@dataclass(frozen=True)
class DropPass:
    """Forget a pass."""

    id: int

    def apply(self, step: Step) -> PutPass | None:
        before = load(step.connection, self.id)
        if before is None:
            return None
        step.connection.execute("DELETE FROM passes WHERE id = ?", (self.id,))
        step.connection.execute("DELETE FROM judgements WHERE pass_id = ?", (self.id,))
        step.touch("passes", (before.dataset_id,))
        return PutPass(before)


@dataclass(frozen=True)
class Judge:
    """Set the second judgement of a row of a pass, and how a disagreement about it was settled."""

    pass_id: int
    example_id: int
    second: str
    settled: str = ""

    def apply(self, step: Step) -> Judge | None:
        where = "FROM judgements AS j JOIN passes AS p ON p.id = j.pass_id WHERE j.pass_id = ? AND j.example_id = ?"
        found = step.connection.execute(
            f"SELECT j.second, j.settled, p.dataset_id {where}", (self.pass_id, self.example_id)
        ).fetchone()
        if found is None:
            raise DataProblem("This row is not part of the pass any more.", "Start a new second pass.")
        second, settled, dataset_id = found
        if (second, settled) == (self.second, self.settled):
            return None
        step.connection.execute(
            "UPDATE judgements SET second = ?, settled = ? WHERE pass_id = ? AND example_id = ?",
            (self.second, self.settled, self.pass_id, self.example_id),
        )
        step.touch("passes", (dataset_id,), (self.example_id,))
        return Judge(self.pass_id, self.example_id, second, settled)


def load(connection: sqlite3.Connection, id: int) -> Pass | None:
    """A pass with its rows; None when there is none of that id."""
    row = connection.execute(
        "SELECT id, dataset_id, kind, name, seed, made FROM passes WHERE id = ?", (id,)
    ).fetchone()
    if row is None:
        return None
    rows = connection.execute(
        "SELECT example_id, first, second, settled FROM judgements WHERE pass_id = ? ORDER BY place", (id,)
    )
    return replace(Pass(*row), rows=tuple(_sound(*values) for values in rows))


def _sound(example_id: int, *values: object) -> Judged:
    """A project from a stranger may hold other things than texts."""
    return Judged(example_id, *(value if isinstance(value, str) else "" for value in values))


def load_all(connection: sqlite3.Connection, dataset_id: int) -> list[Pass]:
    """The passes of a dataset, newest first."""
    ids = connection.execute(
        "SELECT id FROM passes WHERE dataset_id = ? ORDER BY id DESC", (dataset_id,)
    ).fetchall()
    return [found for (id,) in ids if (found := load(connection, id)) is not None]


# -- in the history -----------------------------------------------------------------------------------------------------


def record(edit: PutPass | DropPass | Judge) -> list[Any]:
    """As JSON for the history."""
    match edit:
        case PutPass(value=one):
            rows = [[row.example_id, row.first, row.second, row.settled] for row in one.rows]
            return ["pass", one.id, one.dataset_id, one.kind, one.name, one.seed, one.made, rows]
        case DropPass():
            return ["drop pass", edit.id]
        case Judge():
            return ["judge", edit.pass_id, edit.example_id, edit.second, edit.settled]


def from_record(found: list[Any]) -> PutPass | DropPass | Judge | None:
    """The edit in a record of the history; None when it is not one of these, ValueError when its fields are wrong."""
    match found:
        case ["pass", int(id), int(dataset_id), str(kind), str(name), int(seed), str(made), [*rows]]:
            judged = tuple(_judged(row) for row in rows)
            return PutPass(Pass(id, dataset_id, kind, name, seed, made, judged))
        case ["drop pass", int(id)]:
            return DropPass(id)
        case ["judge", int(pass_id), int(example_id), str(second), str(settled)]:
            return Judge(pass_id, example_id, second, settled)
    return None


def _judged(row: Any) -> Judged:
    match row:
        case [int(id), str(first), str(second), str(settled)]:
            return Judged(id, first, second, settled)
    raise ValueError("not a judgement")
