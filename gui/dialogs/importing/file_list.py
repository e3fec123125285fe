"""The files of the wizard, each with its state."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gui.dialogs.importing.entry import Entry
from gui.theme import icons
from gui.theme.manager import tokens
from gui.widgets.basic import plain_tip

_HEIGHT = 50
_TONE = Qt.ItemDataRole.UserRole
_WORDS = Qt.ItemDataRole.UserRole + 1
_ICONS = {"positive": "check", "warning": "warning", "error": "warning", "": "file"}


class FileList(QListWidget):
    chosen = Signal(int)  # row
    remove_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import.files")
        self.setAccessibleName("Files to import")
        self.setItemDelegate(_Delegate(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentRowChanged.connect(lambda row: self.chosen.emit(row) if row >= 0 else None)

    def show_entries(self, entries: Sequence[Entry], current: Entry | None) -> None:
        self.blockSignals(True)
        while self.count() > len(entries):
            self.takeItem(self.count() - 1)
        while self.count() < len(entries):
            self.addItem(QListWidgetItem())
        for row, entry in enumerate(entries):
            self._fill(self.item(row), entry)
            if entry is current:
                self.setCurrentRow(row)
        self.blockSignals(False)

    def update_entry(self, row: int, entry: Entry) -> None:
        """Something about one of them is different."""
        item = self.item(row)
        if item is not None:
            self._fill(item, entry)

    @staticmethod
    def _fill(item: QListWidgetItem, entry: Entry) -> None:
        tone, words = entry.state()
        item.setText(entry.title)
        item.setData(_TONE, tone)
        item.setData(_WORDS, words)
        item.setToolTip(plain_tip(f"{entry.path}\n{words}"))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.title}: {words}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.remove_requested.emit()
        else:
            super().keyPressEvent(event)


class _Delegate(QStyledItemDelegate):
    """A sign for the state, the name, and the state in words."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, _HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = tokens()
        rect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        tone, words = str(index.data(_TONE) or ""), str(index.data(_WORDS) or "")
        painter.save()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, QColor(colours.tint if selected else colours.surface))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(colours.line))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -2))
        ink = {"positive": colours.positive, "warning": colours.warning, "error": colours.error}.get(
            tone, colours.secondary
        )
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect.left() + 10, rect.top() + 9, icons.pixmap(_ICONS[tone], ink, 16, ratio))
        inner = rect.adjusted(34, 6, -8, -7)
        font = QFont(option.font)  # type: ignore[attr-defined]
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.DemiBold if selected else QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(QColor(colours.text))
        name = painter.fontMetrics().elidedText(
            " ".join(index.data().split()), Qt.TextElideMode.ElideMiddle, inner.width()
        )
        painter.drawText(
            QRectF(inner.left(), inner.top(), inner.width(), 18), int(Qt.AlignmentFlag.AlignVCenter), name
        )
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(ink if tone in ("warning", "error") else colours.secondary))
        line = painter.fontMetrics().elidedText(
            " ".join(words.split()), Qt.TextElideMode.ElideRight, inner.width()
        )
        painter.drawText(
            QRectF(inner.left(), inner.top() + 19, inner.width(), 18),
            int(Qt.AlignmentFlag.AlignVCenter),
            line,
        )
        painter.restore()
