"""Cells of a list in which parts of the text stand out: what a search found, what takes its place."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.theme.manager import current

MARKS = Qt.ItemDataRole.UserRole + 40  # (where to begin, ((start, end), …))
_SHOWN = 240
_PADDING = 8


class MarkedText(QStyledItemDelegate):
    """Paints one line of plain text from a little before the first mark; `tone` is the theme's colour of the marks."""

    def __init__(self, parent: QWidget, tone: str) -> None:
        super().__init__(parent)
        self._tone = tone

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        start, marks = index.data(MARKS) or (0, ())
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        shown = text[start : start + _SHOWN].replace("\n", "⏎").replace("\r", " ").replace("\t", " ")
        lead = "…" if start else ""
        tokens = current().tokens
        layout = QTextLayout(lead + shown, option.font)  # type: ignore[attr-defined]
        layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
        layout.setFormats([self._mark(first - start + len(lead), last - first) for first, last in marks])
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(100_000)
        layout.endLayout()
        rect = option.rect.adjusted(_PADDING, 0, -_PADDING, 0)  # type: ignore[attr-defined]
        whole = option.rect  # type: ignore[attr-defined]
        painter.save()
        painter.fillRect(whole.left(), whole.bottom(), whole.width(), 1, QColor(tokens.line))
        painter.setClipRect(rect)
        painter.setPen(QColor(tokens.text))
        layout.draw(painter, QPointF(rect.left(), rect.top() + (rect.height() - line.height()) / 2))
        painter.restore()

    def _mark(self, start: int, length: int) -> QTextLayout.FormatRange:
        look = QTextCharFormat()
        look.setForeground(QColor(getattr(current().tokens, self._tone)))
        look.setFontWeight(QFont.Weight.DemiBold)
        look.setFontUnderline(True)
        found = QTextLayout.FormatRange()
        found.start, found.length, found.format = start, length, look  # type: ignore[misc]
        return found
