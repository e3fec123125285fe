"""Two text columns of a dataset change places, inside SQLite."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import DataProblem
from core.project import frozen, tallies
from core.project.schema import TEXT_COLUMNS
from core.project.step import MAX_IDS, Step


@dataclass(frozen=True)
class SwapColumns:
    """The inverse of itself. `first` and `second` are slots of texts."""

    dataset_id: int
    first: int
    second: int

    def apply(self, step: Step) -> SwapColumns | None:
        info = step.dataset(self.dataset_id)
        slots = {column.slot for column in info.columns if column.slot >= 0}
        if self.first == self.second or not {self.first, self.second} <= slots:
            raise DataProblem(f"“{info.name}” has no such two columns to swap.", "Choose two texts.")
        one, two = TEXT_COLUMNS[self.first], TEXT_COLUMNS[self.second]
        rows = f"examples WHERE {one} IS NOT {two}"
        before = tallies.count(step.connection, info, rows, ())
        if not before[0]:
            return None
        frozen.protect_dataset(step.connection, info.id)
        counted = "examples WHERE 1"
        before = tallies.count(step.connection, info, counted, ())
        step.connection.execute(
            f"UPDATE examples SET {one} = {two}, {two} = {one} WHERE dataset_id = ?", (info.id,)
        )
        then = tallies.count(step.connection, info, counted, ())
        tallies.adjust(step.connection, info.id, [b - a for a, b in zip(before, then, strict=True)])
        step.touch("cells", (info.id,), range(MAX_IDS + 1))  # all of them
        return self
