"""Probes: pairs of texts that somebody keeps an eye on, and saved queries (with no other text), with what is expected of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import DataProblem

if TYPE_CHECKING:
    from core.project.step import Step

EXPECTATIONS = ("", "similar", "different")
COLUMNS = "text, other, expectation, note"


@dataclass(frozen=True)
class Probe:
    """`id` is unique in the project; `other` is "" for a query."""

    id: int
    text: str
    other: str
    expectation: str = ""
    note: str = ""


@dataclass(frozen=True)
class SetProbe:
    """Give the probe `id` these values (text, other, expectation, note), or take it away with None. `id` 0: a new one."""

    id: int
    values: tuple[str, str, str, str] | None

    def apply(self, step: Step) -> SetProbe | None:
        before = step.connection.execute(f"SELECT {COLUMNS} FROM probes WHERE id = ?", (self.id,)).fetchone()
        before = None if before is None else tuple(before)
        if before == self.values:
            return None
        id = self.id
        if self.values is None:
            step.connection.execute("DELETE FROM probes WHERE id = ?", (id,))
        else:
            _check(self.values)
            id = id or step.connection.execute("SELECT coalesce(max(id), 0) + 1 FROM probes").fetchone()[0]
            step.connection.execute(
                f"INSERT OR REPLACE INTO probes (id, {COLUMNS}) VALUES (?, ?, ?, ?, ?)", (id, *self.values)
            )
        step.touch("probes")
        return SetProbe(id, before)


def _check(values: tuple[str, str, str, str]) -> None:
    if not values[0].strip():
        raise DataProblem("A probe needs a text.", "Type one.")
    if values[2] not in EXPECTATIONS:
        raise DataProblem(
            f"A probe cannot be expected to be “{values[2]}”.", "Use similar, different, or nothing."
        )
