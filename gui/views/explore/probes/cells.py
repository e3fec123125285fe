"""How a probe is written in its table: both texts of a pair get half of the room; where the column *Expected* has none, it stands below."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from core.project.probes import Probe
from core.training.probe_table import Line, wish
from gui.theme.manager import tokens
from gui.views.explore.probes.table import LINE_ROLE

Index = QModelIndex | QPersistentModelIndex

ROW, TALL = 30, 46  # the height of a row, and of one that says what is expected as well
_EDGE, _BETWEEN = 8, "  ↔  "
_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class ProbeDelegate(QStyledItemDelegate):
    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        self.tall = False

    def stand(self, *, tall: bool) -> None:
        """With what is expected below the probe (True), or the probe alone."""
        if tall != self.tall:
            self.tall = tall
            self._table.verticalHeader().setDefaultSectionSize(TALL if tall else ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line = index.data(LINE_ROLE)
        if not isinstance(line, Line):
            super().paint(painter, option, index)
            return
        self.initStyleOption(option, index)
        option.text = ""  # type: ignore[attr-defined]
        view = option.widget  # type: ignore[attr-defined]
        view.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, view)
        rect: QRect = option.rect.adjusted(_EDGE, 0, -_EDGE, -1)  # type: ignore[attr-defined]
        painter.save()
        painter.setPen(QColor(tokens().text))
        upper = rect.adjusted(0, 5, 0, -rect.height() // 2) if self.tall else rect
        painter.drawText(upper, _MIDDLE, name(line.probe, painter.fontMetrics(), rect.width()))
        if self.tall:
            font = QFont(painter.font())
            font.setPixelSize(12)
            painter.setFont(font)
            painter.setPen(QColor(tokens().secondary))
            lower = rect.adjusted(0, rect.height() // 2, 0, -5)
            words = " ".join(wish(line.probe)[:500].split())
            words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(lower, _MIDDLE, words)
        painter.restore()


def name(probe: Probe, metrics: QFontMetrics, room: int) -> str:
    """The text, or both texts of a pair: neither takes the other's room."""
    one, other = (" ".join(text[:500].split()) for text in (probe.text, probe.other))
    right = Qt.TextElideMode.ElideRight
    if not other:
        return metrics.elidedText(one, right, room)
    rest = room - metrics.horizontalAdvance(_BETWEEN) - 2  # the widths are rounded
    half = rest // 2
    wide, other_wide = metrics.horizontalAdvance(one), metrics.horizontalAdvance(other)
    first = wide + 1 if wide < half else max(half, rest - other_wide - 1)
    return metrics.elidedText(one, right, first) + _BETWEEN + metrics.elidedText(other, right, rest - first)
