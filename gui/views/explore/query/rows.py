"""A row as the question: one of its texts is asked, the rest says what should be found."""

from __future__ import annotations

from dataclasses import dataclass

from core.dataset.formats import DatasetInfo, Example, Role
from core.dataset.normalise import normalise
from core.errors import AnchorLabError
from core.project import Project

_TRIES = 500  # rows looked at for the next one that has another text to ask
_LAST = 2**62


@dataclass(frozen=True)
class RowText:
    """Text `slot` of a row."""

    info: DatasetInfo
    row: Example
    slot: int = 0

    @property
    def text(self) -> str:
        return self.row.texts[self.slot]

    @property
    def title(self) -> str:
        return next((column.title for column in self.info.columns if column.slot == self.slot), "Text")

    def others(self) -> list[tuple[int, str, str]]:
        """Every text of the row that can be asked: slot, title, text."""
        return [
            (column.slot, column.title, self.row.texts[column.slot])
            for column in self.info.columns
            if column.slot >= 0
            and column.role is not Role.CATEGORY
            and column.slot < len(self.row.texts)
            and self.row.texts[column.slot].strip()
        ]


def row_text(project: Project, id: int, slot: int = 0) -> RowText | None:
    """The row, asked by its text `slot` or the first one that is not blank; None where there is no such row or text."""
    try:
        found = project.examples([id])
        datasets = project.dataset_ids([id])
        if not found or not datasets:
            return None
        made = RowText(project.dataset(next(iter(datasets))), found[0])
    except AnchorLabError:
        return None
    slots = [place for place, _, _ in made.others()]
    if not slots:
        return None
    return RowText(made.info, made.row, slot if slot in slots else slots[0])


def beside(project: Project, dataset_id: int, now: RowText | None, by: int) -> RowText | None:
    """The next row (by 1) or the one before (by −1) whose text to ask is another one; from an end of the dataset without `now`."""
    inside = now if now is not None and now.info.id == dataset_id else None
    number, known = (inside.row.number, normalise(inside.text)) if inside is not None else (0, "")
    if inside is None and by < 0:
        number = _LAST
    slot = inside.slot if inside is not None else 0
    for id in project.ids_after(dataset_id, number, _TRIES, backwards=by < 0):
        found = row_text(project, id, slot)
        if found is not None and normalise(found.text) != known:
            return found
    return None
