"""A list of two-line entries with a figure on the right: a text above, a quieter one below, both elided."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QHelpEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from gui.models.next_examples import Item
from gui.theme.manager import current
from gui.widgets.basic import plain_tip

Index = QModelIndex | QPersistentModelIndex
ITEM = int(Qt.ItemDataRole.UserRole)
_ONE, _TWO = 34, 50


class ItemModel(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.items: tuple[Item, ...] = ()

    def show(self, items: Sequence[Item]) -> None:
        self.beginResetModel()
        self.items = tuple(items)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.items):
            return None
        item = self.items[index.row()]
        if role == ITEM:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (item.title, item.below, item.figure) if part)
        return None


class TwoLines(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        item = index.data(ITEM)
        return QSize(0, _TWO if isinstance(item, Item) and item.below else _ONE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, item = current().tokens, index.data(ITEM)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.fillRect(
            rect, QColor(tokens.tint if selected else tokens.hover if hovered else tokens.surface)
        )
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(tokens.line))
        inner = rect.adjusted(16, 7, -14, -8)
        upper = QRect(inner.left(), inner.top(), inner.width(), inner.height() // (2 if item.below else 1))
        font = QFont(painter.font())
        if item.figure:
            painter.setPen(QColor(tokens.secondary))
            painter.drawText(
                upper, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), item.figure
            )
            upper.setRight(upper.right() - painter.fontMetrics().horizontalAdvance(item.figure) - 12)
        painter.setPen(QColor(tokens.text))
        self._line(painter, upper, item.title)
        if item.below:
            font.setPixelSize(12)
            painter.setFont(font)
            painter.setPen(QColor(tokens.secondary))
            lower = QRect(
                inner.left(), inner.top() + inner.height() // 2 + 1, inner.width(), inner.height() // 2
            )
            self._line(painter, lower, item.below)
        if selected and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(tokens.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -2))
        painter.restore()

    @staticmethod
    def _line(painter: QPainter, rect: QRect, text: str) -> None:
        line = " ".join(text[:400].split())
        shown = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, rect.width())
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(rect, flags | int(Qt.TextFlag.TextSingleLine), shown)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        item = index.data(ITEM) if index.isValid() else None
        if event.type() != QEvent.Type.ToolTip or not isinstance(item, Item):
            return False
        words = "\n".join(part for part in (item.title, item.below) if part)
        QToolTip.showText(event.globalPos(), plain_tip(words), view.viewport())
        return True


class ItemList(QListView):
    """`opened` is a double click or Enter."""

    opened = Signal(object)  # Item
    chosen = Signal(object)  # Item, or None

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.shown = ItemModel(self)
        self.setModel(self.shown)
        self.setItemDelegate(TwoLines(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.data(ITEM)))
        self.selectionModel().currentChanged.connect(lambda _index: self.chosen.emit(self.item))
        self.shown.modelReset.connect(lambda: self.chosen.emit(self.item))
        current().changed.connect(self._recolour)

    def _recolour(self, _tokens: object) -> None:
        self.viewport().update()

    @property
    def item(self) -> Item | None:
        found = self.currentIndex().data(ITEM) if self.currentIndex().isValid() else None
        return found if isinstance(found, Item) else None

    def show_items(self, items: Sequence[Item]) -> None:
        """Show other entries; the one in hand, or what took its place, stays the current one."""
        row = self.currentIndex().row()
        self.shown.show(items)
        if items:
            self.setCurrentIndex(self.shown.index(min(max(row, 0), len(items) - 1), 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.item is not None:
            self.opened.emit(self.item)
            return
        super().keyPressEvent(event)
