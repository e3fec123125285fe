"""Bringing rows into a dataset that has some of them: as one step, which undo takes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.dataset.formats import DatasetInfo, Example, Scale
from core.dataset.importing.known import EVERY, Known
from core.errors import DataProblem
from core.project.cells import Cell, SetCells
from core.project.edits import Compound, Edit, InsertExamples
from core.project.step import Step

_CHUNK = 20_000  # rows that are changed at once

Tick = Callable[[int, int], None]  # (done, total); may raise Cancelled, which leaves the project as it was


class Policy(StrEnum):
    SKIP = "skip"  # rows that are there stay as they are; only new ones come in
    UPDATE = "update"  # changed rows take the texts, scores and splits of the import; new ones come in
    ADD = "add"  # every row of the import comes in, whatever is there


@dataclass(frozen=True)
class ImportRows:
    """Bring imported rows into a dataset. Their scores were read on `scale`; they are put on the dataset's own.

    `apply` raises DataProblem when the rows do not fit the dataset.
    """

    dataset_id: int
    rows: Sequence[Example]
    scale: Scale
    known: Known
    policy: Policy
    tick: Tick | None = None

    def apply(self, step: Step) -> Edit | None:
        info = step.dataset(self.dataset_id)
        inverses: list[Edit | None] = []
        if self.policy is Policy.UPDATE:
            for first in range(0, len(self.known.changed), _CHUNK):
                self._tell(first)
                chunk = self.known.changed[first : first + _CHUNK]
                inverses.append(
                    SetCells([cell for pair in chunk for cell in self._cells(info, *pair)]).apply(step)
                )
        inverses.append(InsertExamples(info.id, self._new(info)).apply(step))
        found = [inverse for inverse in inverses if inverse is not None]
        return Compound(tuple(reversed(found))) if found else None

    def _new(self, info: DatasetInfo) -> Iterator[Example]:
        everything = self.policy is Policy.ADD
        places = range(len(self.rows)) if everything else self.known.new
        for done, place in enumerate(places):
            if done % EVERY == 0:
                self._tell(done)
            yield self._on_scale(info, self.rows[place])

    def _cells(self, info: DatasetInfo, place: int, id: int) -> list[Cell]:
        row = self.rows[place]
        if len(row.texts) > len(info.columns):
            raise DataProblem(
                f"The rows of the import have {len(row.texts)} texts, those of “{info.name}” fewer.",
                "Choose another dataset.",
            )
        cells: list[Cell] = [
            (id, column.key, row.texts[column.slot]) for column in info.columns if column.slot >= 0
        ]
        if row.score is not None:
            cells.append((id, "score", self._on_scale(info, row).raw_score))
        if row.split:
            cells.append((id, "split", row.split))
        return cells

    def _on_scale(self, info: DatasetInfo, row: Example) -> Example:
        if row.score is None or info.scale == self.scale:
            return row
        return replace(row, raw_score=f"{info.scale.from_unit(row.score):.10g}")

    def _tell(self, done: int) -> None:
        if self.tick is not None:
            self.tick(done, len(self.rows))
