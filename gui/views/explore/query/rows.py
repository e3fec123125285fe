"""A row as the question: one of its texts is asked, the rest says what should be found."""

from __future__ import annotations

from dataclasses import dataclass

from core.dataset.formats import DatasetInfo, Example, Role
from core.dataset.normalise import normalise
from core.errors import AnchorLabError
from core.project import Project

_TRIES = 500  # rows looked at for the next one that has another text to ask
_TOGETHER = 50
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
        found, datasets = project.examples([id]), project.dataset_ids([id])
        return _asked(project.dataset(next(iter(datasets))), found[0], slot) if found and datasets else None
    except AnchorLabError:
        return None


def _asked(info: DatasetInfo, row: Example, slot: int) -> RowText | None:
    slots = [place for place, _, _ in RowText(info, row).others()]
    return RowText(info, row, slot if slot in slots else slots[0]) if slots else None


def beside(project: Project, dataset_id: int, now: RowText | None, by: int) -> RowText | None:
    """The next row (by 1) or the one before (by −1) whose text to ask is another one; from an end of the dataset without `now`.

    Raises:
        DataProblem: no such dataset.
    """
    info = project.dataset(dataset_id)
    inside = now if now is not None and now.info.id == dataset_id else None
    number, known = (inside.row.number, normalise(inside.text)) if inside is not None else (0, "")
    if inside is None and by < 0:
        number = _LAST
    slot = inside.slot if inside is not None else 0
    ids = project.ids_after(dataset_id, number, _TRIES, backwards=by < 0)
    for start in range(0, len(ids), _TOGETHER):
        for row in project.examples(ids[start : start + _TOGETHER]):
            found = _asked(info, row, slot)
            if found is not None and normalise(found.text) != known:
                return found
    return None
