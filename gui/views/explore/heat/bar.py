"""Above the heat map: which texts, which model, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QHBoxLayout, QSpinBox, QWidget

from gui.views.explore.heat.grid import LISTED
from gui.views.explore.heat.texts import CHOSEN, TYPED, Source
from gui.widgets.basic import button, tool_button
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.spin import inset

FIRST, LEAST, MOST = 100, 2, 400


class HeatBar(QWidget):
    source_changed = Signal()  # other texts
    shown_changed = Signal()  # the same texts, seen otherwise
    zoomed = Signal(float)  # a factor; 0: all of it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        texts, looks = QHBoxLayout(), QHBoxLayout()
        for row in (texts, looks):
            row.setSpacing(8)
            self._rows.addLayout(row)
        self._texts, self._looks = texts, looks
        self._sources: list[Source] = []
        self.source_box = ChoiceBox("heat.source", "Which texts are compared with each other", 13)
        self.count = inset(QSpinBox())
        self.count.setObjectName("heat.count")
        self.count.setAccessibleName("How many texts at most")
        self.count.setToolTip("How many texts at most")
        self.count.setRange(LEAST, MOST)
        self.count.setValue(FIRST)
        self.count.setKeyboardTracking(False)
        self.count.setPrefix("first ")
        self.count.setMaximumWidth(90)
        texts.addWidget(self.source_box)
        texts.addWidget(self.count)
        texts.addStretch(1)
        self._views = QButtonGroup(self)
        self._keys = ("0", "1", "change")
        tabs = QHBoxLayout()
        tabs.setSpacing(2)
        for key, words in zip(self._keys, ("Base", "Tuned", "Δ Change"), strict=True):
            made = button(words, kind="tab", name=f"heat.view.{key}")
            made.setCheckable(True)
            made.setChecked(key == "0")
            self._views.addButton(made)
            tabs.addWidget(made)
        looks.addLayout(tabs)
        looks.addStretch(1)
        self.order_box = ChoiceBox("heat.order", "In which order the texts stand", 11)
        looks.addWidget(self.order_box)
        for icon, tip, factor in (("minus", "Zoom out (−)", 1 / 1.5), ("plus", "Zoom in (+)", 1.5)):
            self._last: QWidget = tool_button(
                icon, tip, name=f"heat.{icon}", clicked=partial(self.zoomed.emit, factor)
            )
            looks.addWidget(self._last)
        self._known: tuple[str, ...] = ("",)
        self.source_box.activated.connect(lambda _place: self._source_chosen())
        self.count.valueChanged.connect(lambda _value: self.source_changed.emit())
        self._views.buttonClicked.connect(lambda _button: self.shown_changed.emit())
        self.order_box.activated.connect(lambda _place: self.shown_changed.emit())
        self.offer_models(())

    def add(self, widget: QWidget) -> None:
        """One thing more, at the end."""
        self._looks.addWidget(widget)
        QWidget.setTabOrder(self._last, widget)
        self._last = widget

    def minimumSizeHint(self) -> QSize:
        rows = [row.minimumSize() for row in (self._texts, self._looks)]
        return QSize(max(row.width() for row in rows), max(row.height() for row in rows))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Two lines where one has no room."""
        needed = sum(row.minimumSize().width() for row in (self._texts, self._looks)) + self._rows.spacing()
        below = self.width() < needed
        way = QBoxLayout.Direction.TopToBottom if below else QBoxLayout.Direction.LeftToRight
        if self._rows.direction() != way:
            self._rows.setDirection(way)
            self.updateGeometry()

    # -- texts ----------------------------------------------------------------------------------------------------------

    @property
    def source(self) -> Source | None:
        place = self.source_box.currentIndex()
        return self._sources[place] if 0 <= place < len(self._sources) else None

    def offer_sources(self, sources: Sequence[Source], chosen: str = "") -> None:
        """`chosen` is the key of the one to choose; without it the one before stays where it is still there."""
        before = chosen or (self.source.key if self.source is not None else "")
        self._sources = list(sources)
        self.source_box.clear()
        self.source_box.addItems([source.title for source in sources])
        keys = [source.key for source in sources]
        self.source_box.setCurrentIndex(keys.index(before) if before in keys else 0)
        self._fit()

    def _source_chosen(self) -> None:
        self._fit()
        self.source_changed.emit()

    def _fit(self) -> None:
        source = self.source
        self.count.setVisible(source is not None and source.key not in (TYPED, CHOSEN))
        self._arrange()

    # -- models ---------------------------------------------------------------------------------------------------------

    @property
    def view(self) -> str:
        chosen = [one.isChecked() for one in self._views.buttons()]
        return self._keys[chosen.index(True)]

    @property
    def order(self) -> str:
        return str(self.order_box.currentData() or LISTED)

    def offer_models(self, titles: Sequence[str]) -> None:
        """Without any there is nothing to order. The second one is looked at first, and orders the texts, so that they stay where they are from one model to the other."""
        if tuple(titles) == self._known:
            return
        fresh = len(titles) != len(self._known)
        self._known = tuple(titles)
        order = self.order
        self.order_box.setVisible(bool(titles))
        self.order_box.clear()
        for place in reversed(range(len(titles))):
            self.order_box.addItem(f"Groups of {titles[place]}", str(place))
        self.order_box.addItem("As listed", LISTED)
        self.order_box.setCurrentIndex(0 if fresh else max(0, self.order_box.findData(order)))
        buttons = self._views.buttons()
        for place, made in enumerate(buttons):
            made.setVisible(len(titles) == 2)
            if place < len(titles):
                made.setText(titles[place])
                made.setAccessibleName(titles[place])
            made.setMinimumWidth(made.sizeHint().width())
        self._arrange()
        if fresh:
            buttons[min(1, max(0, len(titles) - 1))].setChecked(True)
