"""Beside the probes: what one of them finds, hit by hit, under both models, and a place to say what it should find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import Cancelled
from core.project.probes import MOST_TEXTS, Probe
from core.training.probe_table import Line
from core.words import number
from gui.context import Context
from gui.theme.manager import current
from gui.widgets.basic import ElidedLabel, brief, button, label, plain_tip
from gui.widgets.table_look import to_read
from gui.workers.job import Job

_PATIENCE_MS = 150
_MOST = 50  # hits that are listed
WIDTH, LEAST = 380, 310
_MARK, _CELL, _HEAD = 26, 20, 24  # the column of signs; pixels around a number and around a head


@dataclass(frozen=True)
class Shown:
    """A line of the table. `mark`: "+" expected, "−" unwanted, "". Ranks are None where they are not known."""

    text: str
    mark: str
    first: str
    now: str


class ProbeHits(QFrame):
    changed = Signal(object)  # Probe: the same, with other expectations
    pair_chosen = Signal(str, str)
    why_requested = Signal(str, str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("details")
        self.setMaximumWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Expanding)
        self._context = context
        self._job: Job | None = None
        self._line: Line | None = None
        self._refs: list[str] = []
        self._titles: list[str] = []
        self._others: list[str] = []  # that the model should not fall behind
        self._asked: tuple[Any, ...] = ()
        self._of: tuple[Any, ...] = ()  # the question that was answered last
        self._found: list[dict[str, Any]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        self.heading = ElidedLabel("Probe", "section")
        self.heading.setObjectName("probes.heading")
        self.about = label("", "caption", wrap=True, name="probes.about")
        self.hint = label(
            "Select a probe to see what it finds, and to say what it should find.", "secondary", wrap=True
        )
        self.table = QTableWidget(0, 4)
        self._lay_out_table()
        column.addWidget(self.heading)
        column.addWidget(self.about)
        column.addWidget(self.hint)
        column.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.expect = button(
            "Expect",
            "plus",
            name="probes.expect",
            tip="This hit is expected (P)",
            clicked=lambda: self.mark("expected"),
        )
        self.refuse = button(
            "Not this",
            "minus",
            name="probes.refuse",
            tip="This hit should not be found (N)",
            clicked=lambda: self.mark("unwanted"),
        )
        row.addWidget(self.expect)
        row.addWidget(self.refuse)
        row.addStretch(1)
        column.addLayout(row)
        self.foot = QHBoxLayout()
        column.addLayout(self.foot)
        column.addStretch(0)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PATIENCE_MS)
        self._timer.timeout.connect(self._ask)
        context.project_closing.connect(self.stop)
        current().changed.connect(self._recolour)
        self._fill()

    def _recolour(self, _tokens: object) -> None:
        self._fill()

    def _lay_out_table(self) -> None:
        table = self.table
        to_read(table, "probes.hits", "What the probe finds", 28)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        head = table.horizontalHeader()
        head.setMinimumSectionSize(_MARK)
        for place in (2, 3):
            item = QTableWidgetItem()
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setHorizontalHeaderItem(place, item)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for place in (0, 2, 3):
            head.setSectionResizeMode(place, QHeaderView.ResizeMode.Fixed)
            table.setColumnWidth(place, _MARK)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.itemSelectionChanged.connect(self._selected)
        table.doubleClicked.connect(lambda _index: self.why())
        for keys, act in (
            ("P", lambda: self.mark("expected")),
            ("N", lambda: self.mark("unwanted")),
            ("W", self.why),
            (QKeySequence(QKeySequence.StandardKey.Copy), self.copy),
        ):
            shortcut = QShortcut(QKeySequence(keys), table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)

    def sizeHint(self) -> QSize:
        return QSize(self.maximumWidth(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """The tab hides it where there is no room, so it claims none."""
        return QSize(0, super().minimumSizeHint().height())

    # -- showing --------------------------------------------------------------------------------------------------------

    def show_line(self, line: Line | None, refs: Sequence[str], titles: Sequence[str]) -> None:
        """`refs` are the models, the one looked at first; `titles` their columns, the one compared with first."""
        self._line, self._refs, self._titles = line, list(refs[:2]), list(titles[:2])
        self._others = [name for place, name in enumerate(titles) if place != 1]
        asked = self._question()
        if asked != self._asked:
            if asked[:3] != self._of:  # what was found stays while only the project has changed
                self._found = []
            self._of = asked[:3]
            self.stop()
            if asked:
                self._timer.start()
        self._fill()

    def _question(self) -> tuple[Any, ...]:
        if self._line is None or self._line.probe.kind != "query" or not self._refs or not self.isVisible():
            return ()
        project = self._context.project
        revision = project.revision if project is not None else 0
        return (self._line.probe.text, min(self._line.probe.k, _MOST), tuple(self._refs), revision)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self.show_line(self._line, self._refs, self._titles)

    def stop(self) -> None:
        self._timer.stop()
        self._asked = ()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _ask(self) -> None:
        context, asked = self._context, self._question()
        if context.project is None or not asked:
            return
        self._asked = asked
        params = {
            "project": str(context.project.folder),
            "models": self._refs,
            "text": asked[0],
            "k": asked[1],
        }
        self._job = context.engine.ask(
            "search", params, group="explore-probe", on_done=self._answered, on_error=self._failed
        )

    def _answered(self, answer: dict[str, Any]) -> None:
        self._job = None
        self._found = list(answer["results"][0]["hits"])
        self._fill()

    def _failed(self, error: BaseException) -> None:
        self._job, self._asked = None, ()
        if not isinstance(error, Cancelled):
            self._context.messages.error(error)

    def _fill(self) -> None:
        line = self._line
        self.heading.setText(line.probe.text if line is not None else "Probe")
        self.hint.setVisible(line is None)
        query = line is not None and line.probe.kind == "query"
        self.about.setVisible(line is not None)
        self.about.setText(
            " ".join(filter(None, (self._about(line.probe), behind(line, self._others), unjudged(line))))
            if line is not None
            else ""
        )
        for widget in (self.expect, self.refuse):
            widget.setVisible(query)
        self.table.setVisible(line is not None)
        heads = [
            "",
            "Text" if query else "Pair",
            *(self._titles if len(self._titles) > 1 else ["", *self._titles]),
        ]
        for place, words in enumerate([*heads, "", ""][:4]):
            item = self.table.horizontalHeaderItem(place) or QTableWidgetItem()
            item.setText(words)
            self.table.setHorizontalHeaderItem(place, item)
        self.table.setColumnHidden(2, len(self._titles) < 2)
        self._fill_rows(self._shown())
        self._widen(heads)
        self._selected()

    def _widen(self, heads: Sequence[str]) -> None:
        """No number and no name of a model is cut: what is longer goes at the cost of the texts."""
        measure = self.table.fontMetrics()
        for place in (2, 3):
            cells = [self._cell(row, place) for row in range(self.table.rowCount())]
            widest = max(measure.horizontalAdvance(words) for words in ("0.000", *cells))
            head = measure.horizontalAdvance(brief(heads[place], 12)) if place < len(heads) else 0
            self.table.setColumnWidth(place, max(widest + _CELL, head + _HEAD))

    def _fill_rows(self, shown: Sequence[Shown]) -> None:
        before = [item.text() for item in self.table.selectedItems() if item.column() == 1]
        self.table.blockSignals(True)
        self.table.setRowCount(len(shown))
        colours = current().tokens
        tones = {"+": colours.positive, "−": colours.negative}
        for row, one in enumerate(shown):
            for place, words in enumerate((one.mark, " ".join(one.text[:500].split()), one.first, one.now)):
                item = QTableWidgetItem(words)
                if place != 1:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if place == 0:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                if one.mark and place < 2:
                    item.setForeground(QColor(tones[one.mark]))
                item.setToolTip(plain_tip(one.text))
                item.setData(Qt.ItemDataRole.UserRole, one.text)
                self.table.setItem(row, place, item)
            if " ".join(one.text[:500].split()) in before:
                self.table.selectRow(row)
        self.table.blockSignals(False)

    def _about(self, probe: Probe) -> str:
        if probe.kind == "query":
            asking = not self._found and (self._job is not None or self._timer.isActive())
            words = f"Looks at the first {probe.k:,}; the numbers are ranks." + (
                " Asking the model…" if asking else ""
            )
            return f"{words} {probe.note}" if probe.note else words
        wishes = {"similar": "They should be similar.", "different": "They should not be similar."}
        words = "The first pair should score higher." if probe.lower else wishes.get(probe.expectation, "")
        return f"{words} {probe.note}".strip()

    def _shown(self) -> list[Shown]:
        if self._line is None:
            return []
        probe, now, first = self._line.probe, self._line.now, self._line.first
        if probe.kind != "query":
            return [
                Shown(
                    f"↔  {other}" if one == probe.text else f"{one}  ↔  {other}",
                    ("+", "−")[place] if probe.lower else "",
                    number(first.scores[place]) if first is not None else "",
                    number(now.scores[place]) if now is not None else "",
                )
                for place, (one, other) in enumerate(probe.pairs)
            ]
        marks = {**dict.fromkeys(probe.expected, "+"), **dict.fromkeys(probe.unwanted, "−")}
        found = [
            Shown(hit["text"], marks.pop(hit["text"], ""), _rank(hit.get("other_rank")), _rank(hit["rank"]))
            for hit in self._found
        ]
        named = (*probe.expected, *probe.unwanted)
        for text, mark in marks.items():
            place = named.index(text)
            ranks = [_rank(one.ranks[place]) if one is not None and one.ranks else "" for one in (first, now)]
            found.append(Shown(text, mark, ranks[0], ranks[1]))
        return found

    # -- doing ----------------------------------------------------------------------------------------------------------

    def texts(self) -> list[str]:
        """The selected hits."""
        rows = sorted({item.row() for item in self.table.selectedItems()})
        return [self._cell(row, 1) for row in rows]

    def pairs(self) -> list[tuple[str, str]]:
        """The selected hits with the query, or the selected pairs."""
        if self._line is None:
            return []
        probe = self._line.probe
        if probe.kind == "query":
            return [(probe.text, text) for text in self.texts()]
        rows = sorted({item.row() for item in self.table.selectedItems()})
        return [probe.pairs[row] for row in rows if row < len(probe.pairs)]

    def mark(self, role: str) -> None:
        """The selected hits are expected or unwanted; those that are already are nothing any more."""
        texts = self.texts()
        if self._line is None or self._line.probe.kind != "query" or not texts or not self._context.editable:
            return
        probe = self._line.probe
        lists = {"expected": list(probe.expected), "unwanted": list(probe.unwanted)}
        away = all(text in lists[role] for text in texts)
        for key in lists:
            lists[key] = [text for text in lists[key] if text not in texts]
        if not away:
            lists[role] += texts
        if sum(map(len, lists.values())) > MOST_TEXTS:
            self._context.messages.note(
                f"A query can name {MOST_TEXTS} hits at most.", "Make several probes."
            )
            return
        self.changed.emit(
            replace(probe, expected=tuple(lists["expected"]), unwanted=tuple(lists["unwanted"]))
        )

    def why(self) -> None:
        if pairs := self.pairs():
            self.why_requested.emit(*pairs[0])

    def copy(self) -> None:
        rows = sorted({item.row() for item in self.table.selectedItems()}) or range(self.table.rowCount())
        lines = ["\t".join(" ".join(self._cell(row, place).split()) for place in range(4)) for row in rows]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _cell(self, row: int, place: int) -> str:
        item = self.table.item(row, place)
        if item is None:
            return ""
        return str(item.data(Qt.ItemDataRole.UserRole)) if place == 1 else item.text()

    def _selected(self) -> None:
        some = bool(self.table.selectedItems())
        for widget in (self.expect, self.refuse):
            widget.setEnabled(some and self._context.editable)
        if some and (pairs := self.pairs()):
            self.pair_chosen.emit(*pairs[0])


def behind(line: Line, others: Sequence[str]) -> str:
    """Under which models a probe passed that fails now."""
    than = [name for name, worse in zip(others, line.worse_than, strict=False) if worse]
    return f"Passed under {' and '.join(than)}, fails now." if than else ""


def unjudged(line: Line) -> str:
    """Why there is no verdict, and what makes one."""
    if line.now is None or line.now.passed is not None:
        return ""
    if line.probe.kind == "query":
        return "Not judged: say below what it should find, and what not."
    if not line.probe.expectation:
        return "Not judged: nothing is expected of it (Edit…)."
    return "Not judged: choose above from which score pairs count as similar, or a threshold for the run (Scores)."


def _rank(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
