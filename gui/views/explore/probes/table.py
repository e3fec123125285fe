"""The probes as a table: what got worse first, then what fails; the runs as a row of small marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from core.training.probe_table import STATES, Line, change, title, told, wish
from gui.theme.manager import current, tokens
from gui.views.explore.probes.hits import behind, unjudged
from gui.widgets.basic import plain_tip

Index = QModelIndex | QPersistentModelIndex

LINE_ROLE = Qt.ItemDataRole.UserRole
KEYS = ("state", "probe", "wish", "first", "now", "change", "past")
_TONES = {"regressed": "negative", "fails": "warning", "fixed": "positive"}
_FIGURE = "Under {title}: the rank of the hit that decides, or the score of the pair"
_HEADS = {
    "state": "Whether it is as expected, and whether it was before",
    "wish": "What the model should find, or how two pairs should stand to each other",
    "first": _FIGURE,
    "now": _FIGURE,
    "change": "How many places the hit rose (▲) or fell (▼), or by how much the score changed",
    "past": "What the models of the last runs said: a full dot passed, a ring failed",
}
_MARKS, _MARK = 8, 11  # runs that are shown, pixels for each


class ProbesModel(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self._all: list[Line] = []
        self.lines: list[Line] = []
        self._titles: list[str] = []
        self._filter: tuple[str, str] = ("", "")
        self._sort: tuple[str, bool] = ("state", False)

    def show(self, lines: Sequence[Line], titles: Sequence[str]) -> None:
        """What is selected stays selected where its probe is still there."""
        self._titles = list(titles)
        self._all = list(lines)
        self._change()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(KEYS) - 1)

    def filter(self, state: str, text: str) -> None:
        """ "": every one. Words are looked for in all texts of a probe."""
        if (wanted := (state, text.strip().casefold())) != self._filter:
            self._filter = wanted
            self._change()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if 0 <= column < len(KEYS):
            self._sort = KEYS[column], order == Qt.SortOrder.DescendingOrder
            self._change()

    def _change(self) -> None:
        arranged = self._arranged()
        if [line.probe.id for line in arranged] == [line.probe.id for line in self.lines]:
            self.lines = arranged
            if arranged:
                self.dataChanged.emit(self.index(0, 0), self.index(len(arranged) - 1, len(KEYS) - 1))
            return
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        ids = [self.lines[index.row()].probe.id for index in kept]
        self.lines = arranged
        places = {line.probe.id: place for place, line in enumerate(arranged)}
        moved = [
            self.index(places[id], index.column()) if id in places else QModelIndex()
            for index, id in zip(kept, ids, strict=True)
        ]
        self.changePersistentIndexList(kept, moved)
        self.layoutChanged.emit()

    def _arranged(self) -> list[Line]:
        state, text = self._filter
        shown = [
            line
            for line in self._all
            if (not state or line.state == state)
            and (not text or any(text in one.casefold() for one in (*line.probe.texts, line.probe.note)))
        ]
        key, backwards = self._sort
        order = list(STATES)
        if key == "state":
            return sorted(shown, key=lambda line: order.index(line.state), reverse=backwards)
        if key in ("probe", "wish"):
            words = title if key == "probe" else wish
            return sorted(shown, key=lambda line: words(line.probe).casefold(), reverse=backwards)
        known = [line for line in shown if _value(line, key) is not None]
        blank = [line for line in shown if _value(line, key) is None]
        return [*sorted(known, key=lambda line: _value(line, key) or 0.0, reverse=backwards), *blank]

    # -- Qt -------------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(KEYS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(KEYS):
            return None
        first, now = (
            (self._titles[0], self._titles[1]) if len(self._titles) > 1 else ("", "".join(self._titles))
        )
        if role == Qt.ItemDataRole.DisplayRole:
            return ("Verdict", "Probe", "Expected", first, now, "Δ", "Runs")[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole and (tip := _HEADS.get(KEYS[section])):
            return plain_tip(tip.format(title=(first, now)[KEYS[section] == "now"]))
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.lines):
            return None
        line, key = self.lines[index.row()], KEYS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(self._words(line, key)[:500].split())
        if role == LINE_ROLE:
            return line
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(line, key)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._tip(line, key))
        if role == Qt.ItemDataRole.AccessibleTextRole and key == "past":
            return self._tip(line, key)
        return None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        numeric = KEYS[column] in ("first", "now", "change")
        side = Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _words(self, line: Line, key: str) -> str:
        if key == "state":
            sign, words = STATES[line.state]
            return f"{sign}  {words}" if line.now is not None else ""
        if key == "probe":
            return title(line.probe)
        if key == "wish":
            return wish(line.probe)
        if key == "first":
            return told(line.probe, line.first)
        if key == "now":
            return told(line.probe, line.now)
        return change(line) if key == "change" else ""

    def _tip(self, line: Line, key: str) -> str:
        if key == "state" and (words := behind(line, self._others()) or unjudged(line)):
            return words
        if key == "past":
            said = [f"{run}: {_verdict(found.passed)}  {told(line.probe, found)}" for run, found in line.past]
            return "\n".join(said) or "No run has looked at this probe yet."
        return self._words(line, key)

    def _others(self) -> list[str]:
        return [name for place, name in enumerate(self._titles) if place != 1]

    def _colour(self, line: Line, key: str) -> QColor | None:
        colours = current().tokens
        if key == "state":
            return QColor(getattr(colours, _TONES.get(line.state, "secondary")))
        if key == "wish":
            return QColor(colours.secondary)
        if key == "change":
            moved = line.change
            if not moved:
                return QColor(colours.secondary)
            wanted = moved > 0
            if line.probe.expectation == "different" or (
                line.probe.kind == "query" and not line.probe.expected
            ):
                wanted = not wanted
            if line.probe.kind == "pair" and not line.probe.expectation:
                return QColor(colours.secondary)
            return QColor(colours.positive if wanted else colours.negative)
        return None


class PastDelegate(QStyledItemDelegate):
    """One mark for each of the last runs: a full dot passed, a ring failed, a line was not judged."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        line = index.data(LINE_ROLE)
        if not isinstance(line, Line):
            return
        colours = tokens()
        rect: QRectF = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, (_, found) in enumerate(line.past[-_MARKS:]):
            middle = QPointF(rect.left() + 10 + _MARK * place, rect.center().y())
            if found.passed is None:
                painter.setPen(QPen(QColor(colours.secondary), 1.5))
                painter.drawLine(middle - QPointF(3, 0), middle + QPointF(3, 0))
                continue
            colour = QColor(colours.positive if found.passed else colours.negative)
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(colour if found.passed else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, 3.2, 3.2)
        painter.restore()


def _value(line: Line, key: str) -> float | None:
    if key == "change":
        return line.change
    if key == "past":
        return float(len(line.past))
    found = line.now if key == "now" else line.first
    if found is None:
        return None
    rank = found.worst(line.probe)
    return float(rank) if rank is not None else found.figure(line.probe)


def _verdict(passed: bool | None) -> str:
    return "not judged" if passed is None else "pass" if passed else "fail"
