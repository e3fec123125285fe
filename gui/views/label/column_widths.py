"""Column widths: the texts share what the narrow columns leave, in shares that a person can drag and that are remembered."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHeaderView

from core.settings import Settings
from gui.models.example_table import ExampleTable
from gui.models.table_columns import TableColumn

FIXED = {"number": 64, "score": 124, "split": 84, "flag": 60}
NARROW_SCORE = 72
NARROWEST_TEXT = 96


class ColumnWidths(QObject):
    """Keeps the columns as wide as the view, whatever is dragged."""

    def __init__(self, header: QHeaderView, model: ExampleTable, settings: Settings) -> None:
        super().__init__(header)
        self._header = header
        self._model = model
        self._settings = settings
        self._busy = False
        header.sectionResized.connect(self._dragged)
        header.sectionCountChanged.connect(self._columns_changed)

    def lay_out(self, width: int) -> None:
        """Fit the columns into `width` pixels; with many texts the view scrolls sideways instead."""
        columns = self._model.columns
        if not columns or self._busy:
            return
        texts = [n for n, column in enumerate(columns) if column.kind == "text"]
        shares = self._shares(len(texts))
        rest = sum(self._fixed(column, width) for column in columns if column.kind != "text")
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
                self._header.resizeSection(section, self._fixed(column, width))
        self._busy = False

    def _columns_changed(self, _old: int, new: int) -> None:
        if new == len(self._model.columns):
            self.lay_out(self._header.viewport().width())

    @staticmethod
    def _fixed(column: TableColumn, width: int) -> int:
        if column.kind == "score" and width < 520:
            return NARROW_SCORE
        return column.extra.width if column.extra is not None else FIXED[column.kind]

    def _key(self) -> str:
        info = self._model.info
        return f"label.{info.format.value}" if info is not None else ""

    def _shares(self, count: int) -> list[int]:
        saved = self._settings.column_widths.get(self._key(), [])
        usable = len(saved) == count and all(isinstance(share, int) and share > 0 for share in saved)
        return list(saved) if usable else [100] * count

    def _dragged(self, section: int, old: int, new: int) -> None:
        """A text column was dragged: its right neighbours make room. Other columns keep their width."""
        if self._busy or section >= len(self._model.columns):
            return
        columns = self._model.columns
        texts = [n for n, column in enumerate(columns) if column.kind == "text"]
        if section in texts:
            sizes = [self._header.sectionSize(n) for n in texts]
            place = texts.index(section)
            followers = sizes[place + 1 :] or None
            if followers is not None:
                grown = new - old
                total = sum(followers)
                sizes[place + 1 :] = [max(NARROWEST_TEXT, round(f - grown * f / total)) for f in followers]
            self._settings.column_widths[self._key()] = sizes
        self.lay_out(self._header.viewport().width())
