"""Beside or below the maps: what the colours mean, what the map found, and the texts that are selected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QListView, QSizePolicy, QVBoxLayout, QWidget

from gui.views.explore.map.lists import LINE, MapLists
from gui.widgets.basic import brief, button, label, plain_tip, separator

Index = QModelIndex | QPersistentModelIndex
WIDTH = 248  # beside the maps
LEAST, MOST = 122, 168  # high, below them
_LISTS = 150  # wide at least, there
_BATCH = 5_000  # lines of the list that are laid out at once
_UNBOUND = 16_777_215  # what Qt means by no limit


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
            return QSize(10, LINE)  # as wide as the list, so that longer texts end in an ellipsis
        return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else None


class MapSide(QFrame):
    pointed = Signal(int)  # a place on the map; -1: none
    why = Signal()
    heat = Signal()
    copied = Signal()
    saved = Signal()
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("details")
        self._line = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._line.setSpacing(8)
        self.lists = MapLists()
        self.legend = self.lists.legend
        self._line.addWidget(self.lists, 2)
        self._rule = separator()
        self._line.addWidget(self._rule)
        self.model = SelectedModel()
        self._line.addWidget(self._selected(), 3)
        self.added: list[QWidget] = []
        self.acts = QWidget()
        self.buttons = self._buttons()
        self.acts.setLayout(self.buttons)
        self._line.addWidget(self.acts)
        self.list.selectionModel().currentChanged.connect(self._pointed)
        self.lie(False)
        self.show_selected((), np.zeros(0, np.int64))

    def lie(self, down: bool) -> None:
        """Below the maps, everything beside each other (True), or beside them."""
        self._line.setDirection(
            QBoxLayout.Direction.LeftToRight if down else QBoxLayout.Direction.TopToBottom
        )
        edge, end = (16, 6) if down else (12, 10)
        self._line.setContentsMargins(edge, end, edge, end)
        self._rule.setVisible(not down)
        if self.property("lying") != down:
            self.setProperty("lying", down)
            self.style().unpolish(self)
            self.style().polish(self)
        self.lists.setMinimumWidth(_LISTS if down else 0)
        self.lists.lie(down)
        if down:
            self.setMinimumSize(0, LEAST)
            self.setMaximumSize(_UNBOUND, MOST)
        else:
            self.setMinimumSize(WIDTH, 0)
            self.setMaximumSize(WIDTH, _UNBOUND)
        self.acts.setSizePolicy(
            QSizePolicy.Policy.Minimum if down else QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed
        )

    def _selected(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        self.count = label("Selected", "section", name="map.count")
        head.addWidget(self.count, 1)
        self.clear = button("Clear", kind="link", name="map.clear", clicked=self.cleared.emit)
        head.addWidget(self.clear)
        column.addLayout(head)
        self.hint = label(
            "Lasso texts (or hold Shift and drag), click one, or click a line of the list. Ctrl adds.",
            "secondary",
            wrap=True,
        )
        column.addWidget(self.hint)
        self.list = QListView()
        self.list.setObjectName("map.selected")
        self.list.setAccessibleName("Selected texts")
        self.list.setUniformItemSizes(True)
        self.list.setLayoutMode(QListView.LayoutMode.Batched)  # a lasso takes a hundred thousand texts
        self.list.setBatchSize(_BATCH)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setMinimumWidth(60)
        self.list.setMinimumHeight(3 * LINE // 2)  # a small window with a message over it
        self.list.setModel(self.model)
        column.addWidget(self.list, 1)
        column.addStretch(0)
        return made

    def text_in_hand(self) -> str:
        """The current one of the selected texts, else the first of them."""
        row = max(0, self.list.currentIndex().row())
        return self.model.texts[self.model.places[row]] if row < len(self.model.places) else ""

    def _buttons(self) -> QVBoxLayout:
        lines = QVBoxLayout()
        lines.setContentsMargins(0, 0, 0, 0)
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

    def show_selected(self, texts: Sequence[str], places: NDArray[np.int64]) -> None:
        self.model.show(texts, places)
        count = len(places)
        self.count.setText(f"{count:,} selected" if count else "Selected")
        self.hint.setVisible(not count)
        parts = (self.why_button, self.heat_button, self.copy_button, self.save_button)
        for part in (self.list, self.clear, self.acts, *parts, *self.added):
            part.setVisible(bool(count))
        self.why_button.setEnabled(count == 2)
        self.heat_button.setEnabled(count > 1)
