"""What a fix will do, before it is done: shown to the person, then carried out as one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PREVIEW = 200  # lines


@dataclass(frozen=True)
class Fix:
    """A way out of one kind of issue. `name` is what a button says, `effect` one sentence about what it does."""

    key: str
    name: str
    effect: str


@dataclass(frozen=True)
class Line:
    """One row of a preview: what stands in a column now, and what will (None: the row goes)."""

    number: int
    column: str
    before: str
    after: str | None
    about: str = (
        ""  # the row's texts, where the change is not one of theirs; of a row that goes, which it repeats
    )


@dataclass(frozen=True)
class Plan:
    """`cells` are (example id, column key or "split", value); `delete` the ids of rows that go."""

    name: str  # of the step: "Delete 61 rows"
    cells: tuple[tuple[int, str, Any], ...] = ()
    delete: tuple[int, ...] = ()
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows are concerned."""
        return len({id for id, _, _ in self.cells} | set(self.delete))

    def __bool__(self) -> bool:
        return bool(self.cells or self.delete)


def joined(texts: Sequence[str]) -> str:
    """The texts of a row on one line."""
    return "  ·  ".join(texts)


def rows_of(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def first(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(lines[:PREVIEW])
