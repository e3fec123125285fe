"""Datasets made of others: divided, put together, converted. Each is one step of the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.dataset.formats import DatasetInfo, Example, Format, Scale
from core.errors import Cancelled, DataProblem
from core.project.edits import Compound, CreateDataset, DeleteDataset, Edit
from core.project.names import free_name
from core.project.project import Project
from core.project.queries import Queries
from core.project.slices import examples_of
from core.project.step import Change

MOST_PARTS = 64
_BREATH = 1000

# How a dataset can be divided: key → title
WAYS = {
    "split": "By split (training, hold-out, test)",
    "status": "By status (accepted, rejected, …)",
    "flag": "Flagged rows and the others",
    "category": "By category",
    "source": "By source (the file a row came from)",
    "view": "The rows shown now, and the others",
}
_SPLITS = {"": "automatic", "train": "training", "eval": "hold-out", "test": "test"}


@dataclass(frozen=True)
class Part:
    """The rows of one new dataset."""

    name: str
    ids: tuple[int, ...]


def parts(source: Queries, info: DatasetInfo, way: str, shown: Sequence[int] = ()) -> list[Part]:
    """The parts that a division makes; those without rows are left out. `shown` are the rows of the view.

    Raises:
        DataProblem: there would be only one part, or more than anyone wants.
    """
    groups: dict[str, list[int]] = {}
    chosen = frozenset(shown)
    for example in source.rows(info.id):
        groups.setdefault(_group(example, way, chosen), []).append(example.id)
        if len(groups) > MOST_PARTS:
            raise DataProblem(
                f"This would make more than {MOST_PARTS} datasets.", "Divide by something with fewer values."
            )
    if len(groups) < 2:
        raise DataProblem("All rows would be in one part.", "Divide by something that tells them apart.")
    return [Part(f"{info.name} – {name}"[:120], tuple(ids)) for name, ids in groups.items()]


def _group(example: Example, way: str, shown: frozenset[int]) -> str:
    match way:
        case "split":
            return _SPLITS.get(example.split, example.split)
        case "status":
            return example.status or "undecided"
        case "flag":
            return "flagged" if example.flag else "not flagged"
        case "category":
            return " ".join(example.texts[1].split())[:60] or "no category"
        case "source":
            return " ".join(example.source.split())[:60] or "no source"
        case "view":
            return "shown" if example.id in shown else "others"
    raise DataProblem(f"A dataset cannot be divided by “{way}”.", f"Use one of {', '.join(WAYS)}.")


def divide(project: Project, info: DatasetInfo, made: Sequence[Part], *, keep: bool) -> Change:
    """A new dataset for each part; the divided one goes unless `keep`."""
    names = free_names(project, [part.name for part in made])
    edits: list[Edit] = [
        CreateDataset(
            name, info.format, info.negatives, info.scale, _stoppable(project, examples_of(project, part.ids))
        )
        for name, part in zip(names, made, strict=True)
    ]
    if not keep:
        edits.append(DeleteDataset(info.id))
    return project.apply(Compound(tuple(edits)), f"Divide {info.name}")


def can_merge(infos: Sequence[DatasetInfo]) -> str:
    """Why these cannot become one dataset; "" when they can."""
    if len(infos) < 2:
        return "Choose at least two datasets."
    if len({(info.format, info.negatives if info.format is Format.TRIPLETS else 1) for info in infos}) > 1:
        return "Only datasets of the same format can be put together. Convert the others first."
    return ""


def merge(project: Project, infos: Sequence[DatasetInfo], name: str, *, keep: bool) -> Change:
    """One dataset with the rows of all, in their order; scores keep their meaning when the scales differ.

    Raises:
        DataProblem: they are of different formats.
    """
    if wrong := can_merge(infos):
        raise DataProblem(wrong)
    first = infos[0]
    rows = (row for info in infos for row in _merged(project.rows(info.id), info, first.scale))
    created = CreateDataset(
        free_names(project, [name])[0], first.format, first.negatives, first.scale, _stoppable(project, rows)
    )
    gone = () if keep else tuple(DeleteDataset(info.id) for info in infos)
    return project.apply(Compound((created, *gone)), f"Merge {len(infos)} datasets")


def _merged(rows: Iterable[Example], info: DatasetInfo, scale: Scale) -> Iterator[Example]:
    same = info.scale == scale
    for row in rows:
        raw = row.raw_score
        if not same and row.score is not None:
            raw = f"{scale.from_unit(row.score):.6g}"
        yield replace(row, raw_score=raw, source=row.source or f"merged from {info.name}")


def create(
    project: Project, name: str, format: Format, negatives: int, rows: Iterable[Example], label: str
) -> Change:
    """A new dataset of converted rows."""
    free = free_names(project, [name])[0]
    scale = Scale()
    return project.apply(CreateDataset(free, format, negatives, scale, _stoppable(project, rows)), label)


def free_names(project: Queries, wanted: Sequence[str]) -> list[str]:
    """The names, with numbers where one is taken."""
    taken = [info.name for info in project.datasets()]
    found: list[str] = []
    for name in wanted:
        found.append(free_name(name.strip() or "Dataset", [*taken, *found]))
    return found


def _stoppable(project: Project, rows: Iterable[Example]) -> Iterator[Example]:
    asked: Callable[[], bool] = project.stopped
    for number, row in enumerate(rows):
        if number % _BREATH == 0 and asked():
            raise Cancelled
        yield row
