"""Probes: pairs of texts that somebody keeps an eye on, and saved queries (with no other text), with what is expected of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.dataset.formats import Example, Format
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


def pairs_of(format: Format, rows: Sequence[Example]) -> list[tuple[str, str, str]]:
    """The pairs in examples that are worth an eye: text, other text, what the label says they should be. No pair twice.

    A scored pair should be similar from a score of 0.75 on and different up to 0.25. Two texts with categories are a pair.
    """
    found: list[tuple[str, str, str]] = []
    if format is Format.CATEGORIES:
        if len(rows) == 2:
            (text, kind), (other, other_kind) = rows[0].texts, rows[1].texts
            found.append((text, other, "similar" if kind == other_kind else "different"))
    elif format is Format.TRIPLETS:
        for row in rows:
            found.append((row.texts[0], row.texts[1], "similar"))
            found += [(row.texts[0], negative, "different") for negative in row.texts[2:]]
    else:
        for row in rows:
            score = 1.0 if format is Format.PAIRS else row.score
            wish = (
                "" if score is None else "similar" if score >= 0.75 else "different" if score <= 0.25 else ""
            )
            found.append((row.texts[0], row.texts[1], wish))
    pairs = {(text, other): wish for text, other, wish in found if text.strip() and other.strip()}
    return [(text, other, wish) for (text, other), wish in pairs.items()]
