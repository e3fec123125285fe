"""Which rows an export can be of: the dataset, the rows that the table shows, the selected ones."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.dataset.formats import DatasetInfo, Example
from core.project.queries import Queries
from core.project.slices import examples_of
from gui.widgets.basic import brief

if TYPE_CHECKING:
    from gui.views.label.page import LabelPage


@dataclass(frozen=True)
class Scope:
    """Rows to export; `ids` None means the whole dataset."""

    key: str
    title: str
    count: int
    ids: Sequence[int] | None = field(default=None, repr=False)

    def rows(self, reader: Queries, info: DatasetInfo) -> Iterator[Example]:
        return reader.rows(info.id) if self.ids is None else examples_of(reader, self.ids)


def whole(info: DatasetInfo) -> Scope:
    return Scope("whole", f"The whole dataset · {info.rows:,} row{'' if info.rows == 1 else 's'}", info.rows)


def scopes(info: DatasetInfo, page: LabelPage | None) -> list[Scope]:
    """The whole dataset first; then what `page`, where it shows this dataset, has on show and selected."""
    found = [whole(info)]
    if page is None or page.model.info is None or page.model.info.id != info.id:
        return found
    shown = page.model.ids
    view = page.rows.view
    if len(shown) != info.rows or not view.natural or view.descending:
        words = f" with “{brief(view.search, 24)}”" if view.search else ""
        found.append(
            Scope(
                "shown",
                f"The rows on show{words}, in their order · {len(shown):,}",
                len(shown),
                array("q", shown),
            )
        )
    selected = page.table.selected()
    if 1 < selected.count < len(shown):
        found.append(
            Scope("selected", f"The selected rows · {selected.count:,}", selected.count, selected.ids())
        )
    return found
