"""What is selected, in ranges: a million selected rows are one range, never a list of a million."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel

from gui.models.example_table import ExampleTable
from gui.models.table_columns import TableColumn

Range = tuple[int, int]  # first, last


@dataclass(frozen=True)
class Selected:
    """`blocks` are (top, left, bottom, right); `rows` the rows they touch as ascending ranges that do not touch."""

    model: ExampleTable
    blocks: tuple[tuple[int, int, int, int], ...]
    rows: tuple[Range, ...]
    whole: bool  # whole rows only

    @property
    def count(self) -> int:
        """How many rows."""
        return sum(last - first + 1 for first, last in self.rows)

    @property
    def first(self) -> int:
        return self.rows[0][0] if self.rows else -1

    @property
    def cells(self) -> int:
        """How many cells (counted twice where blocks overlap)."""
        return sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in self.blocks)

    def ids(self) -> array[int]:
        found: array[int] = array("q")
        for first, last in self.rows:
            found.extend(self.model.ids[first : last + 1])
        return found

    def parts(self) -> list[tuple[array[int], list[TableColumn]]]:
        """The ids of each block and those of its columns that can be written: a copy, for use in a worker."""
        return [
            (
                self.model.ids[top : bottom + 1],
                [column for column in self.model.columns[left : right + 1] if column.writable],
            )
            for top, left, bottom, right in self.blocks
        ]

    def some_rows(self, most: int) -> list[int]:
        found: list[int] = []
        for first, last in self.rows:
            found.extend(range(first, min(last, first + most - len(found) - 1) + 1))
            if len(found) >= most:
                break
        return found


def selected(selection_model: QItemSelectionModel, model: ExampleTable) -> Selected:
    """The current selection; the current cell alone where nothing is selected."""
    selection = selection_model.selection()
    blocks = []
    for number in range(selection.count()):
        part = selection.at(number)
        if part.isValid():
            blocks.append((part.top(), part.left(), part.bottom(), part.right()))
    here = selection_model.currentIndex()
    if not blocks and here.isValid():
        blocks.append((here.row(), here.column(), here.row(), here.column()))
    last_column = model.columnCount() - 1
    whole = bool(blocks) and all(left == 0 and right == last_column for _, left, _, right in blocks)
    return Selected(
        model, tuple(blocks), _merged(sorted((top, bottom) for top, _, bottom, _ in blocks)), whole
    )


def _merged(ranges: list[Range]) -> tuple[Range, ...]:
    found: list[Range] = []
    for first, last in ranges:
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)
