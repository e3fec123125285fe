"""A short table of what will change: row, what stands there now, what will."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from core.dataset.fix_plan import Line
from gui.theme.manager import current
from gui.widgets.table_look import to_read

_LONGEST = 400  # characters of a cell; more cannot be seen on one line


class PreviewTable(QTableView):
    """Read-only; texts are shown as they are, on one line."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        to_read(self, name, "What will change", 28)
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Changes of cells with before and after; rows that go with what stands in them."""
        going = bool(lines) and lines[0].after is None
        about = any(line.about for line in lines)
        copies = going and about
        heads = (
            ["Row", "Goes", *(["Repeats"] if copies else [])]
            if going
            else ["Row", "Texts" if about else "Column", "Now", "Then"]
        )
        model = self._model
        model.clear()
        model.setHorizontalHeaderLabels(heads)
        for line in lines:
            texts = [f"{line.number:,}", line.before, *([line.about] if copies else [])]
            if not going:
                texts = [texts[0], line.about or line.column, line.before, line.after or "(empty)"]
            model.appendRow(self._items(texts, loud=1 if going else 3))
        wide = {1} if going or about else {2, 3}
        head = self.horizontalHeader()
        for place in range(model.columnCount()):
            stretch = place in wide
            head.setSectionResizeMode(
                place, QHeaderView.ResizeMode.Stretch if stretch else QHeaderView.ResizeMode.Fixed
            )
            if not stretch:
                self.setColumnWidth(place, 72 if place == 0 else 96)

    def _items(self, texts: Sequence[str], *, loud: int) -> list[QStandardItem]:
        tokens = current().tokens
        items = []
        for place, text in enumerate(texts):
            item = QStandardItem(" ".join(text[:_LONGEST].split()))
            item.setForeground(QColor(tokens.text if place == loud else tokens.secondary))
            if place == 0:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            items.append(item)
        return items

    @property
    def shown(self) -> list[list[str]]:
        """The words of every line."""
        model = self._model
        return [
            [model.item(row, column).text() for column in range(model.columnCount())]
            for row in range(model.rowCount())
        ]
