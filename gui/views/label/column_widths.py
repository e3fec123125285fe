"""Column widths: the texts share what the other columns leave. Both can be dragged, and are remembered for each dataset."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHeaderView

from gui.context import Context
from gui.models.column_choice import dataset_key, remember
from gui.models.example_table import ExampleTable
from gui.models.table_columns import TableColumn

FIXED = {"number": 64, "score": 124, "status": 104, "split": 84, "flag": 60, "note": 160, "source": 130}
# Where the texts would have less than this, the others get out of their way: the bar of a score, the word of a status.
ROOMY_TEXT = 220
COMPACT = {"number": 52, "score": 72, "status": 40, "split": 72, "note": 120, "source": 96}
NARROWEST = 40
NARROWEST_TEXT = 96
WIDEST = 900


class ColumnWidths(QObject):
    """Keeps the columns as wide as the view, whatever is dragged."""

    def __init__(self, header: QHeaderView, model: ExampleTable, context: Context) -> None:
        super().__init__(header)
        self._header = header
        self._model = model
        self._context = context
        self._busy = False
        self._compact = False
        header.sectionResized.connect(self._dragged)
        header.sectionCountChanged.connect(self._columns_changed)

    def lay_out(self, width: int) -> None:
        """Fit the columns into `width` pixels; with many texts the view scrolls sideways instead."""
        columns = self._model.columns
        if not columns or self._busy:
            return
        texts = [n for n, column in enumerate(columns) if column.kind == "text"]
        shares = [max(1, self._kept(columns[n], 100)) for n in texts]
        others = [column for column in columns if column.kind != "text"]
        self._compact = width - sum(map(self._roomy, others)) < ROOMY_TEXT * len(texts)
        rest = sum(map(self._fixed, others))
        room = max(width - rest, NARROWEST_TEXT * len(texts))
        self._busy = True
        left = room
        for place, section in enumerate(texts):
            last = place == len(texts) - 1
            size = left if last else max(NARROWEST_TEXT, round(room * shares[place] / sum(shares)))
            size = max(NARROWEST_TEXT, min(size, left - NARROWEST_TEXT * (len(texts) - place - 1)))
            self._header.resizeSection(section, size)
            left -= size
        for section, column in enumerate(columns):
            if column.kind != "text":
                self._header.resizeSection(section, self._fixed(column))
        self._busy = False

    def _columns_changed(self, _old: int, new: int) -> None:
        if new == len(self._model.columns):
            self.lay_out(self._header.viewport().width())

    def _roomy(self, column: TableColumn) -> int:
        usual = column.extra.width if column.extra is not None else FIXED[column.kind]
        return min(max(NARROWEST, self._kept(column, usual)), WIDEST)

    def _fixed(self, column: TableColumn) -> int:
        roomy = self._roomy(column)
        if not self._compact or self._kept(column, 0):
            return roomy
        return min(roomy, COMPACT.get(column.kind, roomy))

    # -- what is remembered -------------------------------------------------------------------------------------

    def _name(self, column: TableColumn) -> str:
        return f"{dataset_key(self._context)}|{column.key}"

    def _kept(self, column: TableColumn, usual: int) -> int:
        kept = self._context.settings.column_widths.get(self._name(column), [])
        return kept[0] if kept else usual

    def _keep(self, column: TableColumn, size: int) -> None:
        kept = self._context.settings.column_widths
        kept[self._name(column)] = [size]
        remember(kept, self._name(column))

    def _dragged(self, section: int, old: int, new: int) -> None:
        """A column was dragged: the texts on its right make room; where there are none, all texts do."""
        if self._busy or section >= len(self._model.columns):
            return
        columns = self._model.columns
        texts = [n for n, column in enumerate(columns) if column.kind == "text"]
        if section not in texts:
            self._keep(columns[section], new)
        else:
            sizes = {n: self._header.sectionSize(n) for n in texts}
            followers = [n for n in texts if n > section]
            total = sum(sizes[n] for n in followers)
            for n in followers:
                sizes[n] = max(NARROWEST_TEXT, round(sizes[n] - (new - old) * sizes[n] / total))
            for n, size in sizes.items():
                self._keep(columns[n], size)
        self.lay_out(self._header.viewport().width())
