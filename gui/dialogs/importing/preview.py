"""The first rows of a file by column, each column under the part it plays."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from core.dataset.formats import Column, Role
from core.dataset.importing import Inspection
from gui.dialogs.importing.roles import role_columns
from gui.theme.manager import tokens
from gui.widgets.roles import SIGNED, paint_sign
from gui.widgets.score import number
from gui.widgets.table_look import to_read

_LONGEST = 240
_HEAD = 44
_ROW = 28
_NARROW = 96  # pixels, at most
_TEXT = 140  # at least
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class PreviewModel(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.rows: list[list[str]] = []
        self.roles: dict[int, tuple[str, Role]] = {}  # column -> (title, role)

    def show_inspection(self, found: Inspection, as_rows: bool) -> None:
        self.beginResetModel()
        if as_rows:
            self.names, self.rows, self.roles = rows_of(found)
        else:
            self.names, self.rows, self.roles = list(found.columns), found.preview, roles_of(found)
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.names)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        text = row[index.column()] if index.column() < len(row) else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(text[:_LONGEST].split())
        if role == Qt.ItemDataRole.ForegroundRole and self.roles and index.column() not in self.roles:
            return QColor(tokens().secondary)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            title = self.roles.get(section, ("", Role.TEXT))[0]
            return f"{title} ← {self.names[section]}" if title else self.names[section]
        return None


def roles_of(found: Inspection) -> dict[int, tuple[str, Role]]:
    """The parts that the columns play, by place."""
    place = {name: number for number, name in enumerate(found.columns)}
    if found.reading.corpus is not None:
        return {place[found.reading.corpus]: ("Text", Role.TEXT)} if found.reading.corpus in place else {}
    mapping = found.mapping
    if mapping is None:
        return {}
    known: dict[str, Column] = {item.key: item for item in role_columns(mapping.format, mapping.negatives)}
    result = {}
    for key, name in mapping.columns.items():
        if name in place:
            item = known.get(key)
            result[place[name]] = (item.title, item.role) if item else (key.capitalize(), Role.CATEGORY)
    return result


def rows_of(found: Inspection) -> tuple[list[str], list[list[str]], dict[int, tuple[str, Role]]]:
    """(names, rows, roles) of what the first records become: lists taken apart, scores from 0 to 1, words as scores."""
    if found.reading.corpus is not None:
        return [found.reading.corpus], [[text] for text in found.texts], {0: ("Text", Role.TEXT)}
    mapping = found.mapping
    if mapping is None:
        return [], [], {}
    parts = [
        (item.title, item.role, mapping.columns.get(item.key, ""))
        for item in role_columns(mapping.format, mapping.negatives)
    ]
    if "split" in mapping.columns:
        parts.append(("Split", Role.CATEGORY, mapping.columns["split"]))
    rows = []
    for example in found.examples:
        texts = iter(example.texts)
        values = {Role.SCORE: number(example.score)}
        rows.append(
            [
                values[role] if role in values else example.split if title == "Split" else next(texts, "")
                for title, role, _ in parts
            ]
        )
    return (
        [name for _, _, name in parts],
        rows,
        {n: (title, role) for n, (title, role, _) in enumerate(parts)},
    )


class _Head(QHeaderView):
    """Two lines: the role with its sign, and the name of the column in the file."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFixedHeight(_HEAD)
        self.setSectionsClickable(False)
        self.setHighlightSections(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        model = self.model()
        if not isinstance(model, PreviewModel) or section >= len(model.names):
            return
        colours = tokens()
        title, role = model.roles.get(section, ("", Role.TEXT))
        painter.save()
        painter.fillRect(rect, QColor(colours.raised))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(colours.line))
        inner = rect.adjusted(8, 5, -8, -5)
        font = QFont(self.font())
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        left = inner.left()
        if role in SIGNED and title:
            paint_sign(painter, QPointF(left + 5, inner.top() + 8), role, colours.role(role))
            left += 16
        painter.setPen(
            QColor(
                colours.role(role)
                if role in SIGNED and title
                else colours.text
                if title
                else colours.secondary
            )
        )
        self._line(painter, QRectF(left, inner.top(), inner.right() - left, 16), title or "not used")
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(colours.secondary))
        self._line(painter, QRectF(inner.left(), inner.top() + 17, inner.width(), 16), model.names[section])
        painter.restore()

    @staticmethod
    def _line(painter: QPainter, rect: QRectF, text: str) -> None:
        shown = painter.fontMetrics().elidedText(
            " ".join(text[:_LONGEST].split()), Qt.TextElideMode.ElideRight, int(rect.width())
        )
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter), shown)


class PreviewTable(QTableView):
    def __init__(self) -> None:
        super().__init__()
        to_read(self, "import.preview", "First rows of the file", _ROW)
        self.preview = PreviewModel()
        self.preview.setParent(self)
        self.setHorizontalHeader(_Head(self))
        self.setModel(self.preview)
        self.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)

    def show_inspection(self, found: Inspection, as_rows: bool = False) -> None:
        before = (self.preview.names, self.preview.roles)
        self.preview.show_inspection(found, as_rows)
        if before != (self.preview.names, self.preview.roles):
            self._share_width()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """Scores, splits and unused columns are narrow; the texts share what is left."""
        names = self.preview.names
        if not names:
            return
        texts = [place for place in range(len(names)) if self._is_text(place)] or list(range(len(names)))
        narrow = {place: self._wanted(place) for place in range(len(names)) if place not in set(texts)}
        room = (self.viewport().width() - sum(narrow.values())) // len(texts)
        for place in range(len(names)):
            self.setColumnWidth(place, narrow.get(place, max(_TEXT, room)))

    def _wanted(self, place: int) -> int:
        """Enough for short cells, and for the title of a column that is used."""
        metrics = self.fontMetrics()
        cells = [row[place][:12] for row in self.preview.rows[:20] if place < len(row)]
        title = self.preview.roles.get(place, ("not used", Role.TEXT))[0]
        return min(_NARROW, max(map(metrics.horizontalAdvance, [title, *cells])) + 24)

    def _is_text(self, place: int) -> bool:
        """Scores, splits and what is not used do not need the room."""
        title, role = self.preview.roles.get(place, ("", Role.SCORE))
        return bool(title) and role is not Role.SCORE and title != "Split"
