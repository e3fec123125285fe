"""The list of near texts: a sign, the text on two lines or all of it where one stands, similarity with a bar."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.dataset.formats import Role
from gui.models.near_texts import NEAR_ROLE, NearText, NearTexts
from gui.theme.manager import current, tokens
from gui.theme.tokens import Tokens
from gui.widgets.roles import paint_sign
from gui.widgets.score import number, paint_bar

Index = QModelIndex | QPersistentModelIndex

_LEFT, _RIGHT, _PAD = 34, 64, 8
_LINES, _MOST_LINES = 2, 12
_BAR = 40
_LONGEST = 4000  # characters that are ever laid out


class NearDelegate(QStyledItemDelegate):
    """Paints `NearText`s. `top` is the similarity that fills the bar."""

    top = 1.0

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines, without a look at the text: a list of a thousand is laid out within a frame. Only where one stands it is all."""
        view = self.parent()
        assert isinstance(view, NearList)
        item = view.texts.items[index.row()]
        line = view.fontMetrics().lineSpacing()
        lines = _LINES
        if index.row() == view.currentIndex().row():
            width = view.viewport().width() - _LEFT - _RIGHT
            lines = max(lines, len(_broken(item.text, view, _MOST_LINES, width)))
        return QSize(0, lines * line + (line + 2 if item.anchor else 0) + 2 * _PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view, item, colours = self.parent(), index.data(NEAR_ROLE), tokens()
        assert isinstance(view, NearList)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(rect, QColor(colours.tint if chosen else colours.surface))
        painter.setPen(QColor(colours.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        metrics = painter.fontMetrics()
        line, y = metrics.lineSpacing(), rect.top() + _PAD
        width = rect.width() - _LEFT - _RIGHT
        if item.anchor:
            self._heading(painter, item, rect, y, colours)
            y += line + 2
        self._sign(painter, item, QPointF(rect.left() + 19, y + line / 2), colours)
        painter.setPen(QColor(colours.secondary if item.role == "skip" else colours.text))
        most = _MOST_LINES if view.currentIndex() == index else _LINES
        broken = _broken(item.text, view, most, width)
        for place, part in enumerate(broken):
            last = place == len(broken) - 1
            shown = metrics.elidedText(part, Qt.TextElideMode.ElideRight, width) if last else part
            painter.drawText(
                QRect(rect.left() + _LEFT, y + place * line, width, line),
                int(Qt.AlignmentFlag.AlignVCenter),
                shown,
            )
        self._figures(painter, item, rect, y, colours)
        if state & QStyle.StateFlag.State_HasFocus and chosen:
            painter.setPen(QColor(colours.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()

    def _heading(self, painter: QPainter, item: NearText, rect: QRect, y: int, colours: Tokens) -> None:
        metrics = painter.fontMetrics()
        line = metrics.lineSpacing()
        paint_sign(painter, QPointF(rect.left() + 19, y + line / 2), Role.ANCHOR, colours.anchor)
        painter.setPen(QColor(colours.secondary))
        room = rect.width() - _LEFT - 12
        words = metrics.elidedText(" ".join(item.anchor[:400].split()), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(rect.left() + _LEFT, y, room, line), int(Qt.AlignmentFlag.AlignVCenter), words)

    def _sign(self, painter: QPainter, item: NearText, centre: QPointF, colours: Tokens) -> None:
        if item.role in ("positive", "negative"):
            paint_sign(painter, centre, Role(item.role), colours.role(item.role))
        elif item.role == "skip":
            painter.setPen(QColor(colours.secondary))
            painter.drawText(
                QRectF(centre.x() - 8, centre.y() - 8, 16, 16), int(Qt.AlignmentFlag.AlignCenter), "–"
            )

    def _figures(self, painter: QPainter, item: NearText, rect: QRect, y: int, colours: Tokens) -> None:
        line, edge = painter.fontMetrics().lineSpacing(), rect.right() - 12
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        font, strong = painter.font(), painter.font()
        strong.setBold(True)
        painter.setFont(strong)
        painter.setPen(QColor(colours.text))
        painter.drawText(QRect(edge - 50, y, 50, line), right, number(item.score))
        painter.setFont(font)
        below = QRect(edge - 50, y + line, 50, line)
        if item.label:
            painter.setPen(QColor(colours.role(item.role) if item.role else colours.secondary))
            painter.drawText(below, right, item.label)
        elif rect.bottom() >= below.bottom():
            share = item.score / self.top if self.top > 0 else 0.0
            paint_bar(painter, QRectF(edge - _BAR, below.top(), _BAR, line), share, colours.accent)
            if item.own is not None:  # where the positive stands
                place = edge - _BAR + min(max(item.own / self.top, 0.0), 1.0) * _BAR
                middle = QRectF(below).center().y()
                painter.fillRect(QRectF(place - 1, middle - 5, 2, 10), QColor(colours.positive))


class NearList(QListView):
    """Letters and digits are labels: `key_pressed` hands them on. Enter is `opened`, Escape `left`."""

    key_pressed = Signal(str)
    opened = Signal(int)
    left = Signal()
    moved = Signal()

    def __init__(self, name: str, title: str, keys: str) -> None:
        super().__init__()
        self.keys = keys
        self.texts = NearTexts(self)
        self.setModel(self.texts)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.near = NearDelegate(self)
        self.setItemDelegate(self.near)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))
        self.selectionModel().selectionChanged.connect(lambda *_: self.moved.emit())
        current().changed.connect(self._recolour)

    def _recolour(self, _tokens: object) -> None:
        self.viewport().update()

    def chosen(self) -> list[int]:
        return sorted(index.row() for index in self.selectedIndexes())

    def go_to(self, row: int) -> None:
        index = self.texts.index(row)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def currentChanged(self, now: Index, before: Index) -> None:
        super().currentChanged(now, before)
        for index in (before, now):  # the one where one stands shows all of its text
            if index.isValid():
                self.near.sizeHintChanged.emit(self.texts.index(index.row()))
        self.moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        letter = event.text().upper()
        if event.matches(QKeySequence.StandardKey.Copy):
            texts = [self.texts.items[row].text for row in self.chosen()]
            QGuiApplication.clipboard().setText("\n".join(texts))
        elif plain and letter and letter in self.keys:
            self.key_pressed.emit(letter)
        elif plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.opened.emit(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, text: str) -> None:
        """Not in here: letters are labels."""


def _broken(text: str, view: NearList, most: int, width: int) -> list[str]:
    """The text on at most `most` lines; the last one holds all the rest."""
    flat = " ".join(text[:_LONGEST].split())
    layout = QTextLayout(flat, view.font())
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    starts: list[int] = []
    while len(starts) <= most:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(width, 20))
        starts.append(line.textStart())
    layout.endLayout()
    starts = starts[:most]
    return [
        flat[start:stop].strip() for start, stop in zip(starts, [*starts[1:], len(flat)], strict=True)
    ] or [""]
