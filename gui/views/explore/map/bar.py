"""Above the maps: which texts, which kind of map, what the colours mean, movement, and the lasso."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QHBoxLayout, QPushButton, QWidget

from gui.widgets.basic import button, label
from gui.widgets.choice_box import ChoiceBox

METHODS = (
    (
        "pca",
        "PCA",
        "The two directions in which the texts differ most: made at once, the same place where nothing moved",
    ),
    ("tsne", "t-SNE", "Near texts near each other: takes a while, can be watched and stopped"),
)


class MapBar(QWidget):
    source_changed = Signal()
    method_changed = Signal()
    colour_changed = Signal()
    tools_changed = Signal()  # lasso, movement

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(8)
        first, self._row = QHBoxLayout(), QHBoxLayout()
        for row, share in ((first, 1), (self._row, 0)):
            row.setSpacing(8)
            self._line.addLayout(row, share)
        self.source_box = ChoiceBox("map.source", "Which texts", 10)
        self.source_box.addItem("Whole project", "all")
        self.source_box.addItem("This dataset", "dataset")
        first.addWidget(self.source_box)
        self._methods = QButtonGroup(self)
        tabs = QHBoxLayout()
        tabs.setSpacing(2)
        for key, title, tip in METHODS:
            made = button(title, kind="tab", name=f"map.method.{key}", tip=tip)
            made.setAccessibleName(title)
            made.setCheckable(True)
            made.setChecked(key == "pca")
            self._methods.addButton(made)
            tabs.addWidget(made)
        first.addLayout(tabs)
        first.addStretch(1)
        self._colour_by = label("Colour by", "caption")
        self._row.addWidget(self._colour_by)
        self.colour_box = ChoiceBox("map.colour", "Colour by", 12)
        self._row.addWidget(self.colour_box)
        self._row.addStretch(1)
        self.vectors = _toggle(
            "Movement",
            "map.vectors",
            "Draw how the texts moved from the first model to the second: the selected ones, or all that moved far",
        )
        self.lasso = _toggle(
            "Lasso", "map.lasso", "Drag to draw around texts instead of moving the map (or hold Shift)"
        )
        self._row.addWidget(self.vectors)
        self._row.addWidget(self.lasso)
        self.source_box.activated.connect(lambda _place: self.source_changed.emit())
        self.colour_box.activated.connect(lambda _place: self.colour_changed.emit())
        self._methods.buttonClicked.connect(lambda _button: self.method_changed.emit())
        for one in (self.vectors, self.lasso):
            one.toggled.connect(lambda _on: self.tools_changed.emit())
        self._show_tools(False)

    def lie(self, narrow: bool) -> None:
        """Two lines, where there is little room."""
        self._line.setDirection(
            QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        )

    def add(self, widget: QWidget) -> None:
        self._row.addWidget(widget)
        QWidget.setTabOrder(self.lasso, widget)

    @property
    def whole(self) -> bool:
        return self.source_box.currentData() == "all"

    @property
    def method(self) -> str:
        place = [one.isChecked() for one in self._methods.buttons()].index(True)
        return METHODS[place][0]

    def choose_method(self, key: str) -> None:
        for made, (name, _, _) in zip(self._methods.buttons(), METHODS, strict=True):
            made.setChecked(name == key)

    @property
    def colour(self) -> str:
        return str(self.colour_box.currentData() or "")

    def offer_colours(self, modes: Sequence[tuple[str, str]]) -> None:
        """The one before stays where it is still offered."""
        if [self.colour_box.itemData(n) for n in range(self.colour_box.count())] == [key for key, _ in modes]:
            return
        before = self.colour
        self.colour_box.clear()
        for key, title in modes:
            self.colour_box.addItem(title, key)
        self.colour_box.setCurrentIndex(max(0, self.colour_box.findData(before)))
        self._show_tools(bool(modes))

    def offer_movement(self, two: bool) -> None:
        """From one model nothing moves anywhere."""
        self.vectors.setEnabled(two)
        self.vectors.setVisible(two)

    def _show_tools(self, some: bool) -> None:
        """Without a map there is nothing to colour and nothing to select."""
        for part in (self._colour_by, self.colour_box, self.lasso):
            part.setVisible(some)
        self.vectors.setVisible(some and self.vectors.isEnabled())


def _toggle(title: str, name: str, tip: str) -> QPushButton:
    made = button(title, kind="tab", name=name, tip=tip)
    made.setAccessibleName(title)
    made.setCheckable(True)
    return made
