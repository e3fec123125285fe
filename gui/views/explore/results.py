"""One model's result list: rank, text, movement, bar, score."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.models.hits_model import HIT_ROLE, HitsModel
from gui.theme.manager import current, tokens
from gui.widgets.basic import Card, ElidedLabel, label, separator
from gui.widgets.score import number, paint_bar

_ROW = 42


class HitDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours, hit = tokens(), index.data(HIT_ROLE)
        model = index.model()
        assert isinstance(model, HitsModel)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        painter.save()
        painter.fillRect(rect, QColor(colours.tint if selected else colours.surface))
        painter.setPen(QColor(colours.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(14, 0, -14, -1)
        middle = Qt.AlignmentFlag.AlignVCenter
        right = int(Qt.AlignmentFlag.AlignRight | middle)
        wide = inner.width() > 330
        painter.setPen(QColor(colours.secondary))
        painter.drawText(QRect(inner.left(), inner.top(), 22, inner.height()), right, str(hit.rank))
        edge = inner.right()
        font = painter.font()
        strong = painter.font()
        strong.setBold(True)
        painter.setFont(strong)
        painter.setPen(QColor(colours.text))
        painter.drawText(QRect(edge - 44, inner.top(), 44, inner.height()), right, number(hit.score))
        painter.setFont(font)
        edge -= 56
        if wide:
            paint_bar(painter, QRectF(edge - 64, inner.top(), 64, inner.height()), hit.score, colours.accent)
            edge -= 76
        words, tone = model.change(hit)
        painter.setPen(QColor(getattr(colours, tone) if tone else colours.secondary))
        painter.drawText(QRect(edge - 60, inner.top(), 60, inner.height()), right, words)
        edge -= 68 if words else 8
        left = inner.left() + 34
        painter.setPen(QColor(colours.text))
        text = painter.fontMetrics().elidedText(
            " ".join(hit.text.split()), Qt.TextElideMode.ElideRight, edge - left
        )
        painter.drawText(QRect(left, inner.top(), edge - left, inner.height()), int(middle), text)
        if option.state & QStyle.StateFlag.State_HasFocus and selected:  # type: ignore[attr-defined]
            painter.setPen(QColor(colours.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()


class ResultsView(QListView):
    """Ctrl+C copies the selected texts."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setItemDelegate(HitDelegate(self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            rows = sorted(index.row() for index in self.selectedIndexes())
            model = self.model()
            QGuiApplication.clipboard().setText("\n".join(str(model.index(row, 0).data()) for row in rows))
            return
        super().keyPressEvent(event)


class ResultsCard(Card):
    """A titled list; `show_words` puts a sentence where there are no results."""

    chosen = Signal(str)  # the text

    def __init__(self, name: str, title: str, *, tuned: bool, parent: QWidget | None = None) -> None:
        super().__init__("", margins=0, spacing=0, parent=parent)
        self.body.setContentsMargins(1, 0, 1, 1)
        head = QHBoxLayout()
        head.setContentsMargins(14, 12, 14, 11)
        head.setSpacing(8)
        self.heading = label(title, "section")
        self.about = ElidedLabel("", "caption")
        head.addWidget(self.heading)
        head.addWidget(self.about, 1)
        self.body.addLayout(head)
        self.body.addWidget(separator())
        self.model = HitsModel(tuned=tuned)
        self.list = ResultsView(name, title)
        self.list.setModel(self.model)
        self.list.selectionModel().currentChanged.connect(self._current)
        self.words = label("", "secondary", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.place = QWidget()
        inside = QVBoxLayout(self.place)
        inside.setContentsMargins(24, 24, 24, 24)
        inside.addStretch(1)
        inside.addWidget(self.words)
        self.extra = inside
        inside.addStretch(1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.place)
        self.body.addWidget(self.stack, 1)
        current().changed.connect(self._recolour)

    def _recolour(self, _tokens: object) -> None:
        self.list.viewport().update()

    def show_words(self, words: str) -> None:
        self.words.setText(words)
        self.stack.setCurrentWidget(self.place)

    def show_hits(self, hits: list, length: int) -> None:  # type: ignore[type-arg]
        self.model.show(hits, length)
        self.stack.setCurrentWidget(self.list)

    def select_text(self, text: str) -> None:
        """Highlight the same text here, without telling anybody."""
        row = self.model.row_of(text)
        self.list.selectionModel().blockSignals(True)
        if row is None:
            self.list.clearSelection()
            self.list.setCurrentIndex(QModelIndex())
        else:
            self.list.setCurrentIndex(self.model.index(row, 0))
        self.list.selectionModel().blockSignals(False)
        self.list.viewport().update()

    def _current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.data(HIT_ROLE).text)
