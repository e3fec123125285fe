"""The table of the pairs tab. Where it is narrow, numbers give way to the texts, the least telling ones first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView

LEAST_TEXT = 110  # pixels of a column of texts
# In this order; the verdict, the texts and the later margin stay. What went is in the row's tooltip and in every copy.
GIVES_WAY = ("part", "number", "first", "margin_first", "label", "second", "change")
_WIDTHS = {"verdict": 108, "part": 112, "label": 92}
_CELL, _HEAD = 24, 34  # pixels around what is written in a cell and in a head


def without_room(keys: Sequence[str], widths: Mapping[str, int], room: int, kept: str) -> set[str]:
    """The columns to hide so that each text gets its least width; never `kept`, by which the rows are sorted."""
    gone: set[str] = set()
    needed = sum(LEAST_TEXT if is_text(key) else widths[key] for key in keys)
    for key in GIVES_WAY:
        if needed <= room:
            break
        if key in keys and key != kept:
            gone.add(key)
            needed -= widths[key]
    return gone


def is_text(key: str) -> bool:
    return key.startswith("text")


class PairsTable(QTableView):
    """`fit` is told the columns; from then on they follow the table's width."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[str, ...] = ()
        self._sizes: dict[str, int] = {}
        self.horizontalHeader().sortIndicatorChanged.connect(lambda _column, _order: self._arrange())

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """The head has a selection of its own, an empty one: else it asks every row whether all of its column is selected."""
        super().setModel(model)
        if model is not None:
            self.horizontalHeader().setSelectionModel(QItemSelectionModel(model, self))

    def fit(self, keys: Sequence[str], titles: Sequence[str], largest: int) -> None:
        """`largest` is the highest number of a row."""
        self._keys = tuple(keys)
        head, measure = self.horizontalHeader(), self.fontMetrics()
        for place, (key, title) in enumerate(zip(keys, titles, strict=True)):
            if is_text(key):
                head.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
                continue
            head.setSectionResizeMode(place, QHeaderView.ResizeMode.Interactive)
            widest = measure.horizontalAdvance(f"{largest:,}" if key == "number" else "+0.000") + _CELL
            width = _WIDTHS.get(key, max(measure.horizontalAdvance(title) + _HEAD, widest))
            self._sizes[key] = width
            self.setColumnWidth(place, width)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        if not self._keys or len(self._keys) != self.model().columnCount():
            return
        sorted_by = self.horizontalHeader().sortIndicatorSection()
        kept = self._keys[sorted_by] if 0 <= sorted_by < len(self._keys) else ""
        gone = without_room(self._keys, self._sizes, self.viewport().width(), kept)
        for place, key in enumerate(self._keys):
            if self.isColumnHidden(place) != (key in gone):
                self.setColumnHidden(place, key in gone)
