"""What the colours mean, or one of the lists of what the map found: chosen above, a click on a line selects its points."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.views.explore.map.colours import Colouring
from gui.views.explore.map.findings import Finding
from gui.widgets.basic import brief, button, label, plain_tip
from gui.widgets.choice_box import ChoiceBox

DOT, LINE = 10, 24
_COLOURS = "What the colours mean"


class MapLists(QWidget):
    class_chosen = Signal(int)  # its points are to be selected
    places_chosen = Signal(object)  # the same of these

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(6)
        self.box = ChoiceBox("map.lists", "Colours, or what the map found", 4)
        self.box.setToolTip("What the colours mean, or what the map found: click a line to select its points")
        self.box.addItem(_COLOURS, "colours")
        head.addWidget(self.box, 1)
        self.all = button(
            "Select all", kind="link", name="map.find_all", tip="Select the points of all lines"
        )
        head.addWidget(self.all)
        column.addLayout(head)
        self.legend = _list("map.legend", "What the colours mean; Enter selects the points of one")
        self.found = _list("map.found", "What the map found; Enter selects the points of a line")
        self.empty = label("", "secondary", wrap=True, name="map.found_none")
        for part in (self.legend, self.found):
            column.addWidget(part, 1)
        column.addWidget(self.empty)
        column.addStretch(0)
        self._findings: list[Finding] = []
        self.box.activated.connect(lambda _place: self._show())
        self.all.clicked.connect(lambda _checked=False: self._chosen(None))
        for signal in (self.legend.itemActivated, self.legend.itemClicked):
            signal.connect(lambda item: self.class_chosen.emit(self.legend.row(item)))
        for signal in (self.found.itemActivated, self.found.itemClicked):
            signal.connect(lambda item: self._chosen(self.found.row(item)))
        self._show()

    def lie(self, down: bool) -> None:
        """Where there is little room, the box gets it."""
        self.all.setText("All" if down else "Select all")

    @property
    def finding(self) -> Finding | None:
        key = self.box.currentData()
        return next((one for one in self._findings if one.key == key), None)

    def choose(self, key: str) -> None:
        self.box.setCurrentIndex(max(0, self.box.findData(key)))
        self._show()

    def show_colours(self, title: str, colouring: Colouring) -> None:
        self.legend.setAccessibleDescription(title)
        self.legend.clear()
        for name, colour, count in zip(colouring.names, colouring.colours, colouring.counts, strict=True):
            item = _line(f"{brief(name, 20)}  ·  {count:,}", f"{name}: {count:,} texts")
            item.setIcon(QIcon(_dot(colour)))
            self.legend.addItem(item)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        self._findings, before = list(findings), self.box.currentData()
        self.box.clear()
        self.box.addItem(_COLOURS, "colours")
        for one in self._findings:
            self.box.addItem(f"{one.title} ({one.count:,})", one.key)
        self.box.setCurrentIndex(max(0, self.box.findData(before)))
        self._show()

    def _show(self) -> None:
        finding = self.finding
        self.legend.setVisible(finding is None)
        self.found.setVisible(finding is not None and bool(finding.lines))
        self.all.setVisible(finding is not None and bool(finding.lines))
        self.empty.setVisible(finding is not None and not finding.lines)
        self.found.clear()
        if finding is None:
            return
        self.empty.setText(finding.empty)
        for line in finding.lines:
            self.found.addItem(_line(f"{brief(line.title, 80)}", f"{line.title}\n{line.detail}"))
        more = finding.count - len(finding.lines)
        if more > 0:
            item = _line(f"… and {more:,} more: Select all takes them too", "")
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.found.addItem(item)

    def _chosen(self, row: int | None) -> None:
        finding = self.finding
        if finding is None:
            return
        if row is None:
            self.places_chosen.emit(finding.every)
        elif 0 <= row < len(finding.lines):
            self.places_chosen.emit(finding.lines[row].places)


def _list(name: str, title: str) -> QListWidget:
    made = QListWidget()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setIconSize(QSize(DOT, DOT))
    made.setUniformItemSizes(True)
    made.setTextElideMode(Qt.TextElideMode.ElideRight)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setMinimumHeight(3 * LINE // 2)  # a small window with a message over it
    return made


def _line(words: str, tip: str) -> QListWidgetItem:
    item = QListWidgetItem(words)
    item.setSizeHint(QSize(10, LINE))
    if tip:
        item.setToolTip(plain_tip(tip))
    return item


def _dot(colour: str) -> QPixmap:
    picture = QPixmap(2 * DOT, 2 * DOT)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(QRect(1, 1, 2 * DOT - 2, 2 * DOT - 2))
    painter.end()
    picture.setDevicePixelRatio(2.0)
    return picture
