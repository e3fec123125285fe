"""Beside the map: what its colours mean, and the texts that are selected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.views.explore.map.colours import Colouring
from gui.widgets.basic import brief, button, label, plain_tip, separator

Index = QModelIndex | QPersistentModelIndex
_DOT, _LINE = 10, 24
WIDTH = 248


class SelectedModel(QAbstractListModel):
    """The selected texts, by their places on the map."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: Sequence[str] = ()
        self.places: NDArray[np.int64] = np.zeros(0, np.int64)

    def show(self, texts: Sequence[str], places: NDArray[np.int64]) -> None:
        self.beginResetModel()
        self.texts, self.places = texts, places
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.places)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.places):
            return None
        text = self.texts[self.places[index.row()]]
        if role == Qt.ItemDataRole.DisplayRole:
            return brief(text, 160)
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(10, _LINE)  # as wide as the list, so that longer texts end in an ellipsis
        return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else None


class MapSide(QFrame):
    class_chosen = Signal(int)  # its points are to be selected
    pointed = Signal(int)  # a place on the map; -1: none
    why = Signal()
    heat = Signal()
    copied = Signal()
    saved = Signal()
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("details")
        self.setFixedWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(6)
        self.title = label("Colours", "section")
        column.addWidget(self.title)
        self.legend = QListWidget()
        self.legend.setObjectName("map.legend")
        self.legend.setAccessibleName("What the colours mean; Enter selects the points of one")
        self.legend.setFrameShape(QFrame.Shape.NoFrame)
        self.legend.setIconSize(QSize(_DOT, _DOT))
        self.legend.setUniformItemSizes(True)
        self.legend.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.legend.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(self.legend, 2)
        column.addWidget(separator())
        head = QHBoxLayout()
        self.count = label("Selected", "section", name="map.count")
        head.addWidget(self.count, 1)
        self.clear = button("Clear", kind="link", name="map.clear", clicked=self.cleared.emit)
        head.addWidget(self.clear)
        column.addLayout(head)
        self.hint = label(
            "Draw around points with the lasso, or hold Shift and drag. Ctrl adds to what is selected. A click takes one point, "
            "a click on a colour all of its points.",
            "secondary",
            wrap=True,
        )
        column.addWidget(self.hint)
        self.added: list[QWidget] = []
        self.model = SelectedModel()
        self.list = QListView()
        self.list.setObjectName("map.selected")
        self.list.setAccessibleName("Selected texts")
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setModel(self.model)
        for part in (self.legend, self.list):
            part.setMinimumHeight(2 * _LINE)  # a small window with a message over it
        column.addWidget(self.list, 3)
        self.buttons = self._buttons()
        column.addLayout(self.buttons)
        column.addStretch(0)
        self.legend.itemActivated.connect(lambda item: self.class_chosen.emit(self.legend.row(item)))
        self.legend.itemClicked.connect(lambda item: self.class_chosen.emit(self.legend.row(item)))
        self.list.selectionModel().currentChanged.connect(self._pointed)
        self.show_selected((), np.zeros(0, np.int64))

    def text_in_hand(self) -> str:
        """The current one of the selected texts, else the first of them."""
        row = max(0, self.list.currentIndex().row())
        return self.model.texts[self.model.places[row]] if row < len(self.model.places) else ""

    def _buttons(self) -> QVBoxLayout:
        lines = QVBoxLayout()
        lines.setSpacing(6)
        self.why_button = button("Why similar?", name="map.why", clicked=self.why.emit)
        self.why_button.setToolTip("Why are the two selected texts similar?")
        self.heat_button = button("Heat map", name="map.heat", clicked=self.heat.emit)
        self.heat_button.setToolTip("Compare the selected texts with each other")
        self.copy_button = button("Copy", name="map.copy", clicked=self.copied.emit)
        self.copy_button.setToolTip("Copy the selected texts, one a line")
        self.save_button = button("Save CSV…", name="map.save", clicked=self.saved.emit)
        for pair in ((self.why_button, self.heat_button), (self.copy_button, self.save_button)):
            line = QHBoxLayout()
            line.setSpacing(6)
            for one in pair:
                line.addWidget(one, 1)
            lines.addLayout(line)
        return lines

    def add(self, widget: QWidget) -> None:
        """One thing more that can be done with what is selected."""
        self.added.append(widget)
        self.buttons.addWidget(widget)
        widget.setVisible(len(self.model.places) > 0)

    def _pointed(self, now: QModelIndex, _before: QModelIndex) -> None:
        self.pointed.emit(int(self.model.places[now.row()]) if now.isValid() else -1)

    def show_colours(self, title: str, colouring: Colouring) -> None:
        self.title.setText(title)
        self.legend.clear()
        for name, colour, count in zip(colouring.names, colouring.colours, colouring.counts, strict=True):
            item = QListWidgetItem(QIcon(_dot(colour)), f"{brief(name, 24)}  ·  {count:,}")
            item.setSizeHint(QSize(10, _LINE))
            item.setToolTip(plain_tip(f"{name}: {count:,} texts"))
            self.legend.addItem(item)

    def show_selected(self, texts: Sequence[str], places: NDArray[np.int64]) -> None:
        self.model.show(texts, places)
        count = len(places)
        self.count.setText(f"{count:,} selected" if count else "Selected")
        self.hint.setVisible(not count)
        for part in (
            self.list,
            self.clear,
            self.why_button,
            self.heat_button,
            self.copy_button,
            self.save_button,
            *self.added,
        ):
            part.setVisible(bool(count))
        self.why_button.setEnabled(count == 2)
        self.heat_button.setEnabled(count > 1)


def _dot(colour: str) -> QPixmap:
    picture = QPixmap(2 * _DOT, 2 * _DOT)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(QRect(1, 1, 2 * _DOT - 2, 2 * _DOT - 2))
    painter.end()
    picture.setDevicePixelRatio(2.0)
    return picture
