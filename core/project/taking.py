"""Rows and texts of files, taken into a project as one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, overload

from core.dataset.formats import DatasetInfo, Example, Format, Scale
from core.dataset.importing.known import Known
from core.dataset.importing.rows import Rows
from core.errors import DataProblem
from core.project.corpus import AddTexts
from core.project.edits import Compound, CreateDataset, Edit
from core.project.names import free_name
from core.project.reimport import ImportRows, Policy

T = TypeVar("T")
OnRow = Callable[[], None]  # called for every row; may raise Cancelled


@dataclass(frozen=True)
class TakenRows:
    """The rows of one file. They go into the dataset `dataset_id`, where `known` and `policy` decide about rows that are there
    already, or into a new one called `name` where the id is 0; files with the same name and format share it."""

    rows: Sequence[Example]
    format: Format
    negatives: int
    scale: Scale
    name: str = ""
    dataset_id: int = 0
    known: Known | None = None
    policy: Policy = Policy.ADD


@dataclass(frozen=True)
class TakenTexts:
    texts: Sequence[str]
    source: str


class WithSplit(Sequence[Example]):
    """Rows of which those without a split have this one; made when somebody asks, as a file may hold millions."""

    def __init__(self, rows: Sequence[Example], split: str) -> None:
        self.inner, self._split = rows, split

    def __len__(self) -> int:
        return len(self.inner)

    @overload
    def __getitem__(self, place: int) -> Example: ...
    @overload
    def __getitem__(self, place: slice) -> list[Example]: ...
    def __getitem__(self, place: int | slice) -> Example | list[Example]:
        if isinstance(place, slice):
            return [self._with(row) for row in self.inner[place]]
        return self._with(self.inner[place])

    def __iter__(self) -> Iterator[Example]:
        return map(self._with, self.inner)

    def _with(self, row: Example) -> Example:
        return row if row.split else replace(row, split=self._split)


def release(taken: Sequence[TakenRows | TakenTexts]) -> None:
    """Let go of rows that are saved, or not wanted any more. For a worker; see `Rows.release`."""
    for item in taken:
        rows = item.rows if isinstance(item, TakenRows) else None
        rows = rows.inner if isinstance(rows, WithSplit) else rows
        if isinstance(rows, Rows):
            rows.release()


def edit_of(
    taken: Sequence[TakenRows | TakenTexts], datasets: Sequence[DatasetInfo], on_row: OnRow | None = None
) -> Compound:
    """One edit for all of them.

    Raises:
        DataProblem: a dataset is gone.
    """
    there = {info.id for info in datasets}
    tick = on_row or (lambda: None)
    edits: list[Edit] = []
    fresh: dict[tuple[str, Format, int], list[TakenRows]] = {}
    for item in taken:
        if isinstance(item, TakenTexts):
            edits.append(AddTexts(_ticking(item.texts, tick), item.source))
        elif item.dataset_id:
            if item.dataset_id not in there:
                raise DataProblem("The dataset to add to is no longer in the project.", "Choose another one.")
            edits.append(_added(item, tick))
        else:
            fresh.setdefault((item.name.strip(), item.format, item.negatives), []).append(item)
    names = [info.name for info in datasets]
    for (name, format, negatives), items in fresh.items():
        scale = items[0].scale
        names.append(free_name(name, names))
        edits.append(CreateDataset(names[-1], format, negatives, scale, _chained(items, scale, tick)))
    return Compound(tuple(edits))


def _added(item: TakenRows, tick: OnRow) -> Edit:
    known = item.known or Known(list(range(len(item.rows))))
    before = 0

    def tell(done: int, _total: int) -> None:
        nonlocal before
        for _ in range(max(0, done - before)):
            tick()
        before = done

    return ImportRows(item.dataset_id, item.rows, item.scale, known, item.policy, tell)


def _chained(items: Sequence[TakenRows], scale: Scale, tick: OnRow) -> Iterator[Example]:
    """The rows of several files, their raw scores on the scale of the first."""
    for item in items:
        rows: Iterable[Example] = item.rows
        if item.format is Format.SCORED and item.scale != scale:
            rows = (_on_scale(row, scale) for row in item.rows)
        yield from _ticking(rows, tick)


def _on_scale(row: Example, scale: Scale) -> Example:
    return row if row.score is None else replace(row, raw_score=f"{scale.from_unit(row.score):.10g}")


def _ticking(rows: Iterable[T], tick: OnRow) -> Iterator[T]:
    for row in rows:
        tick()
        yield row
