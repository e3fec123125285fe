"""Rows and texts of files, taken into a project as one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from core.dataset.formats import DatasetInfo, Example, Format, Scale
from core.errors import DataProblem
from core.project.corpus import AddTexts
from core.project.edits import Compound, CreateDataset, Edit, InsertExamples

T = TypeVar("T")
OnRow = Callable[[], None]  # called for every row; may raise Cancelled


@dataclass(frozen=True)
class TakenRows:
    """The rows of one file. They go into the dataset `dataset_id`, or into a new one called `name` where that is 0; files
    with the same name and format share it. `split` is for rows without one."""

    rows: Sequence[Example]
    format: Format
    negatives: int
    scale: Scale
    name: str = ""
    dataset_id: int = 0
    split: str = ""


@dataclass(frozen=True)
class TakenTexts:
    texts: Sequence[str]
    source: str


def edit_of(
    taken: Sequence[TakenRows | TakenTexts], datasets: Sequence[DatasetInfo], on_row: OnRow | None = None
) -> Compound:
    """One edit for all of them.

    Raises:
        DataProblem: a dataset is gone, or the rows do not fit it.
    """
    known = {info.id: info for info in datasets}
    tick = on_row or (lambda: None)
    edits: list[Edit] = []
    fresh: dict[tuple[str, Format, int], list[TakenRows]] = {}
    for item in taken:
        if isinstance(item, TakenTexts):
            edits.append(AddTexts(_ticking(item.texts, tick), item.source))
        elif item.dataset_id:
            info = known.get(item.dataset_id)
            if info is None:
                raise DataProblem("The dataset to add to is no longer in the project.", "Choose another one.")
            edits.append(InsertExamples(info.id, _ticking(rescaled(item, info.scale), tick)))
        else:
            fresh.setdefault((item.name.strip(), item.format, item.negatives), []).append(item)
    taken_names = {info.name.casefold() for info in datasets}
    for (name, format, negatives), items in fresh.items():
        free = _free(name, taken_names)
        scale = items[0].scale
        rows = _chained(items, scale, tick)
        edits.append(CreateDataset(free, format, negatives, scale, rows))
    return Compound(tuple(edits))


def rescaled(item: TakenRows, scale: Scale) -> Iterable[Example]:
    """The rows with their raw scores on `scale`, and with the split of the file where they have none."""
    same = item.format is not Format.SCORED or item.scale == scale
    if same and not item.split:
        return item.rows
    return (_adapted(row, item.split, None if same else scale) for row in item.rows)


def _adapted(row: Example, split: str, scale: Scale | None) -> Example:
    raw = row.raw_score
    if scale is not None and row.score is not None:
        raw = f"{scale.from_unit(row.score):.6g}"
    return replace(row, split=row.split or split, raw_score=raw)


def _chained(items: Sequence[TakenRows], scale: Scale, tick: OnRow) -> Iterator[Example]:
    for item in items:
        yield from _ticking(rescaled(item, scale), tick)


def _ticking(rows: Iterable[T], tick: OnRow) -> Iterator[T]:
    for row in rows:
        tick()
        yield row


def _free(name: str, taken: set[str]) -> str:
    candidate, number = name, 2
    while candidate.casefold() in taken:
        candidate, number = f"{name} {number}", number + 1
    taken.add(candidate.casefold())
    return candidate
