"""The table's model: an array of ids for the rows of the view, and the few examples one can see of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.dataset.formats import DatasetInfo, Example
from core.errors import AnchorLabError
from gui.models import score_text
from gui.models.example_pages import ExamplePages
from gui.models.extra_columns import ExtraColumn
from gui.models.table_columns import SPLITS, STATUS_SIGNS, STATUS_TITLES, TableColumn, table_columns, value
from gui.widgets.basic import plain_tip

Index = QModelIndex | QPersistentModelIndex
Cell = tuple[int, str, Any]  # example id, column key, new value

SHOWN = 400  # characters of a cell that can ever be seen on one line
# Removing many scattered rows one range at a time costs more than showing the view anew.
MOST_RANGES = 64


def one_line(text: str, limit: int = SHOWN) -> str:
    """The start of a text on one line; its line breaks stay visible as ⏎."""
    cut = text[:limit]
    if "\n" in cut or "\r" in cut:
        cut = cut.replace("\r\n", "\n").replace("\r", "\n").replace("\n", " ⏎ ")
    return cut if len(text) <= limit else cut + "…"


class ExampleTable(QAbstractTableModel):
    """Rows are ids in view order; columns are `table_columns(info)`.

    `edit` takes cells to change and answers whether they were; `failed` gets errors of reading. The model never sorts or
    filters by itself: whoever runs the query hands it the ids.
    """

    def __init__(
        self,
        edit: Callable[[Sequence[Cell]], bool],
        failed: Callable[[AnchorLabError], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.ids: array[int] = array("q")
        self.info: DatasetInfo | None = None
        self.columns: tuple[TableColumn, ...] = ()
        self.extras: list[ExtraColumn] = []
        self.editable = False
        self.shown: Callable[[TableColumn], bool] = lambda _column: True
        self._edit = edit
        self._failed = failed
        self._pages = ExamplePages(lambda _ids: [])

    # -- what is shown ------------------------------------------------------------------------------------------

    def open(
        self, info: DatasetInfo | None, fetch: Callable[[Sequence[int]], list[Example]], editable: bool
    ) -> None:
        """Another dataset; empty until `show` hands over its ids."""
        self.beginResetModel()
        self.info = info
        self.columns = self._columns_of(info)
        self.editable = editable and info is not None
        self.ids = array("q")
        self._pages = ExamplePages(fetch)
        self.endResetModel()

    def describe(self, info: DatasetInfo) -> None:
        """News about the same dataset (its name, its number of rows)."""
        if self.info is not None and self._columns_of(info) == self.columns:
            self.info = info

    def _columns_of(self, info: DatasetInfo | None) -> tuple[TableColumn, ...]:
        return tuple(filter(self.shown, table_columns(info, self.extras))) if info is not None else ()

    @property
    def all_columns(self) -> tuple[TableColumn, ...]:
        """The columns there are, shown or not."""
        return table_columns(self.info, self.extras) if self.info is not None else ()

    # -- columns of others --------------------------------------------------------------------------------------

    def add_extra(self, extra: ExtraColumn) -> None:
        """Show a column that somebody else computes, beside the dataset's own. It must outlive its removal."""
        self.extras.append(extra)
        extra.changed.connect(self._extra_changed)
        self.change_columns()

    def remove_extra(self, key: str) -> None:
        """Take such a column away again."""
        for extra in [extra for extra in self.extras if extra.key == key]:
            extra.changed.disconnect(self._extra_changed)
            self.extras.remove(extra)
        self.change_columns()

    def extra(self, key: str) -> ExtraColumn | None:
        return next((extra for extra in self.extras if extra.key == key), None)

    def change_columns(self) -> None:
        """One column after the other, so that selection, current cell and place stay where they are."""
        wanted = self._columns_of(self.info)
        for place in reversed(range(len(self.columns))):
            if self.columns[place] not in wanted:
                self.beginRemoveColumns(QModelIndex(), place, place)
                self.columns = (*self.columns[:place], *self.columns[place + 1 :])
                self.endRemoveColumns()
        for place, column in enumerate(wanted):
            if column not in self.columns:
                self.beginInsertColumns(QModelIndex(), place, place)
                self.columns = (*self.columns[:place], column, *self.columns[place:])
                self.endInsertColumns()

    def _extra_changed(self, _ids: object = ()) -> None:
        """Repainting what is in sight costs less than finding out which of its rows are meant."""
        if not self.ids:
            return
        for place, column in enumerate(self.columns):
            if column.extra is not None and column.extra is self.sender():
                self.dataChanged.emit(self.index(0, place), self.index(len(self.ids) - 1, place))

    def show(self, ids: array[int]) -> None:
        """Show other rows. A reset: selection and current cell go."""
        self.beginResetModel()
        self.ids = ids
        self._pages.clear()
        self.endResetModel()

    def append(self, ids: Sequence[int]) -> None:
        """New rows at the end, whether they match the view's filter or not: nobody wants a new row to vanish."""
        if not ids:
            return
        first = len(self.ids)
        self.beginInsertRows(QModelIndex(), first, first + len(ids) - 1)
        self.ids.extend(ids)
        self._pages.forget_from(first)
        self.endInsertRows()

    def remove(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Take rows (first, last) out of the view; ranges ascend and do not touch."""
        if len(ranges) > MOST_RANGES:
            rest: array[int] = array("q")
            start = 0
            for first, last in ranges:
                rest.extend(self.ids[start:first])
                start = last + 1
            rest.extend(self.ids[start:])
            self.show(rest)
            return
        for first, last in reversed(ranges):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self.ids[first : last + 1]
            self._pages.forget_from(first)
            self.endRemoveRows()

    def refresh(self, ids: Sequence[int]) -> None:
        """The values of these examples (none: of any) changed; rows stay where they are."""
        changed = frozenset(ids)
        for first, last in self._pages.forget(changed):
            last = min(last, len(self.ids) - 1)
            if first <= last:
                self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    # -- asked by views, delegates and commands -----------------------------------------------------------------

    def example(self, row: int) -> Example | None:
        if not 0 <= row < len(self.ids):
            return None
        try:
            return self._pages.at(self.ids, row)
        except AnchorLabError as error:
            self._failed(error)
            return None

    def column(self, key: str) -> int:
        """The position of a column; -1 when the dataset has none of that name."""
        return next((n for n, column in enumerate(self.columns) if column.key == key), -1)

    def typed_columns(self) -> list[int]:
        return [n for n, column in enumerate(self.columns) if column.typed]

    def row_of(self, id: int) -> int:
        """The row of an example; -1 when the view does not show it. A scan at the speed of C: 10 ms in a million."""
        try:
            return self.ids.index(id)
        except ValueError:
            return -1

    # -- QAbstractTableModel ------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Asked several times for each cell that is painted."""
        if index.isValid() and self.editable and self.columns[index.column()].typed:
            return _EDITABLE
        return _SHOWN

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in _TEXT_ROLES or not index.isValid() or self.info is None:
            return None
        example = self.example(index.row())
        if example is None:
            return ""
        column = self.columns[index.column()]
        raw = value(example, column, self.info)
        if role == Qt.ItemDataRole.EditRole:
            return raw
        text = self._shown(example, column, raw)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}: {text}" if text else f"{column.title}: empty"
        return text

    def _shown(self, example: Example, column: TableColumn, raw: str) -> str:
        assert self.info is not None
        match column.kind:
            case "text" | "note" | "source":
                return one_line(raw)
            case "status":
                return f"{STATUS_SIGNS[raw]} {STATUS_TITLES[raw]}" if raw in STATUS_SIGNS else ""
            case "score":
                return score_text.shown(example.score, self.info.scale)
            case "split":
                return SPLITS.get(example.split, example.split)
            case "flag":
                return "⚑" if example.flag else ""
            case _:
                return raw

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid() or not self.editable:
            return False
        return self._edit([(self.ids[index.row()], self.columns[index.column()].key, value)])

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.columns[section].heading
        if role == Qt.ItemDataRole.ToolTipRole:
            column = self.columns[section]
            return plain_tip(column.extra.tip or column.title if column.extra is not None else column.title)
        return None


_SHOWN = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_EDITABLE = _SHOWN | Qt.ItemFlag.ItemIsEditable
_TEXT_ROLES = frozenset(
    int(role)
    for role in (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.EditRole,
        Qt.ItemDataRole.AccessibleTextRole,
    )
)
