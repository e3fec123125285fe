"""Two maps of the same texts side by side: one view, one mark, one selection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.words import fraction
from gui.views.explore.map.movement import Arrows
from gui.widgets import point_raster
from gui.widgets.basic import ElidedLabel, label
from gui.widgets.point_map import PointMap
from gui.widgets.point_raster import Bytes, Floats, View

_THICKEST = 3.5  # pixels


class MapPair(QWidget):
    hovered = Signal(int, int)  # a point, -1: none; on which map
    clicked = Signal(int, bool)  # a point or -1; whether to add to what is selected
    activated = Signal(int)
    lassoed = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self.maps = (PointMap(), PointMap())
        self.titles = (ElidedLabel("", "strong"), ElidedLabel("", "strong"))
        self.trusts = (label("", "caption"), label("", "caption"))
        self._cards = []
        self._points: list[Floats] = []
        self._fitted = True  # nobody has moved it since everything was shown
        self._setting = False
        for place, name in enumerate(("map.first", "map.second")):
            self._cards.append(self._card(place, name))
            row.addWidget(self._cards[-1], 1)
        self.maps[0].installEventFilter(self)
        self._refit = QTimer(self)
        self._refit.setSingleShot(True)
        self._refit.setInterval(0)
        self._refit.timeout.connect(self._fit_again)

    def _card(self, place: int, name: str) -> QFrame:
        card = QFrame()
        card.setObjectName("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(1, 8, 1, 1)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.setSpacing(8)
        head.addWidget(self.titles[place], 1)
        head.addWidget(self.trusts[place])
        column.addLayout(head)
        shown = self.maps[place]
        shown.setObjectName(name)
        shown.setMinimumSize(120, 80)
        column.addWidget(shown, 1)
        shown.view_changed.connect(self._seen)
        shown.hovered.connect(lambda point, place=place: self.hovered.emit(point, place))
        shown.clicked.connect(self._clicked)
        shown.activated.connect(self.activated)
        shown.lassoed.connect(self.lassoed)
        return card

    # -- what is on show ------------------------------------------------------------------------------------------------

    def show_points(self, points: Floats, *, keep_view: bool) -> None:
        """`points` has shape (models, n, 2)."""
        self._points = list(points)
        self._cards[1].setVisible(len(points) == 2)
        self._setting = True
        for shown, places in zip(self.maps, points, strict=False):
            shown.set_points(places, keep_view=True)
        self._setting = False
        if self._fitted or not keep_view:
            self.fit()

    def name(self, titles: Sequence[str], trusts: Sequence[float | None]) -> None:
        for shown, line, trust, title, value in zip(
            self.maps, self.titles, self.trusts, titles, trusts, strict=False
        ):
            line.setText(title)
            shown.setAccessibleName(f"Map of the texts under {title}")
            trust.setText("" if value is None else f"trustworthiness {fraction(value, 2)}")

    def colour(self, classes: Bytes, colours: tuple[str, ...]) -> None:
        for shown in self.maps:
            if shown.count == len(classes):
                shown.set_classes(classes, colours)

    def select(self, selected: NDArray[np.bool_] | None) -> None:
        for shown in self.maps:
            shown.select(selected)

    def mark(self, point: int) -> None:
        for shown in self.maps:
            shown.mark(point)

    def use_lasso(self, on: bool) -> None:
        for shown in self.maps:
            shown.lasso_tool = on

    def show_arrows(self, shown: Arrows) -> None:
        """On the second map, as that is where texts went to."""
        share = shown.counts / shown.counts.max(initial=1)
        widths = 1.2 if shown.single else 1.0 + (_THICKEST - 1.0) * share
        wide = np.broadcast_to(np.asarray(widths, np.float32), (len(shown.counts),))
        self.maps[1].set_arrows(shown.starts, shown.ends, wide)

    @property
    def both(self) -> tuple[Floats, Floats] | None:
        """The places of all texts under both models, where there are two."""
        return (self._points[0], self._points[1]) if len(self._points) == 2 else None

    # -- one view -------------------------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Show all points of both maps."""
        if not self._points:
            return
        first = self.maps[0]
        every = np.concatenate(self._points)
        self._show(point_raster.fitting(every, max(first.width(), 1), max(first.height(), 1)))
        self._fitted = True

    def _fit_again(self) -> None:
        if self._fitted:
            self.fit()

    def _seen(self, view: View) -> None:
        if not self._setting:
            self._fitted = False
            self._show(view)

    def _show(self, view: View) -> None:
        self._setting = True
        for shown in self.maps:
            shown.show_view(view)
        self._setting = False

    def _clicked(self, point: int) -> None:
        adds = QApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier
        self.clicked.emit(point, bool(adds))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._refit.start()
        return super().eventFilter(watched, event)
