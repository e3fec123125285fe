"""The maps, what is known about a point under the mouse, what is selected, and the lists beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from core import rounding
from gui.theme.manager import tokens
from gui.views.explore.map import colours, movement, points
from gui.views.explore.map.bar import MapBar
from gui.views.explore.map.findings import findings
from gui.views.explore.map.hover import HoverCard
from gui.views.explore.map.pair import MapPair
from gui.views.explore.map.points import Mapped, Named
from gui.views.explore.map.side import MapSide
from gui.widgets.basic import label
from gui.widgets.chart_menu import Table

_CAUTION = (
    "Distances on the map are not scores: it shows about who is near whom. Trustworthiness: how far its neighbours are real ones, "
    "1 all, 0.5 as by chance."
)
Marks = NDArray[np.bool_]


class MapFront(QWidget):
    selected_changed = Signal()

    def __init__(self, bar: MapBar) -> None:
        super().__init__()
        self.texts: Sequence[str] = ()
        self.mapped: Mapped | None = None
        self.named: dict[str, Named] = {}
        self.selected: Marks | None = None
        self.colouring = colours.NOTHING
        self._bar, self._stopped = bar, False
        self._moved = movement.NOTHING
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(0)
        left = QVBoxLayout()
        left.setContentsMargins(16, 0, 16, 10)
        left.setSpacing(6)
        self.pair = MapPair()
        self.card = HoverCard(self.pair)
        left.addWidget(self.pair, 1)
        self.caution = label(_CAUTION, "caption", wrap=True, name="map.caution")
        left.addWidget(self.caution)
        self._line.addLayout(left, 1)
        self.side = MapSide()
        self._line.addWidget(self.side)
        self.pair.hovered.connect(self.point)
        self.pair.clicked.connect(self.clicked)
        self.pair.lassoed.connect(self._lassoed)
        self.side.lists.class_chosen.connect(lambda number: self.select(self.colouring.classes == number))
        self.side.lists.places_chosen.connect(self._places_chosen)
        self.side.pointed.connect(lambda point: self.point(point, len(self.pair.both or (0,)) - 1))
        self.side.cleared.connect(lambda: self.select(None))
        bar.colour_changed.connect(self.colour)
        bar.tools_changed.connect(self._tools)

    def lie(self, down: bool) -> None:
        """The lists below the maps (True), where these have too little room beside each other, or beside them."""
        self._line.setDirection(
            QBoxLayout.Direction.TopToBottom if down else QBoxLayout.Direction.LeftToRight
        )
        self.side.lie(down)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.point(-1)

    # -- what is on show ------------------------------------------------------------------------------------------------

    def forget(self, texts: Sequence[str]) -> None:
        """Other texts: nothing is known about them yet."""
        self.texts, self.mapped, self.named = texts, None, {}
        self.select(None)
        if not texts:
            self._bar.offer_colours(())

    def show_named(self, named: dict[str, Named]) -> None:
        self.named = named
        self.colour()

    def show_map(self, mapped: Mapped, titles: Sequence[str], *, keep_view: bool = False) -> None:
        before, self.mapped, self._stopped = self.mapped, mapped, False
        self.pair.show_points(mapped.points, keep_view=keep_view and before is not None)
        self.pair.name(titles, [mapped.trust(place) for place in range(len(mapped.points))])
        self._bar.offer_movement(len(mapped.points) == 2)
        self.side.lists.show_findings(findings(self.texts, mapped))
        self.colour()
        self.pair.select(self.selected)
        self._tools()
        self.point(-1)

    def show_picture(self, places: NDArray[np.float32]) -> None:
        """A map on its way."""
        before = self.mapped
        same = before is not None and before.points.shape == places.shape
        if same and before is not None:
            facts = {key: value for key, value in before.facts.items() if not key.startswith("trust")}
            self.mapped = Mapped("", places, before.arrays, facts)
            self.pair.show_points(places, keep_view=True)
            self.pair.name([line.text() for line in self.pair.titles], [None, None])
            self._tools()
        else:
            self.show_map(Mapped("", places), [line.text() for line in self.pair.titles])

    def show_known(self, arrays: dict[str, NDArray[Any]], facts: dict[str, Any]) -> None:
        """What is known of the points of a map on its way: groups, outliers."""
        if self.mapped is None or self.mapped.method:
            return
        self.mapped = replace(self.mapped, arrays=arrays, facts=facts)
        self.side.lists.show_findings(findings(self.texts, self.mapped))
        self.colour()

    def tell_stopped(self) -> None:
        self._stopped = True
        self._caution()

    def _caution(self) -> None:
        parts = ["Stopped here. "] if self._stopped else []
        facts = self.mapped.facts if self.mapped is not None else {}
        if facts.get("overlap") is not None:
            k, asked = facts.get("k", 10), int(facts.get("asked", 0))
            some = "" if asked >= len(self.texts) else f" (of {asked:,} that were asked)"
            parts.append(
                f"{rounding.share(facts['overlap'], 0)} of the {k} nearest texts{some} are the same under both models. "
            )
        laid = int(facts.get("laid_out", 0))
        if self.mapped is not None and self.mapped.method == "tsne" and 0 < laid < len(self.texts):
            parts.append(
                f"{laid:,} texts of all groups were arranged, the other {len(self.texts) - laid:,} placed beside their nearest ones. "
            )
        if self._bar.vectors.isChecked() and self.pair.both is not None:
            parts.append(movement.told(self._moved))
        self.caution.setText("".join(parts) + _CAUTION)

    def colour(self) -> None:
        if self.mapped is None:
            return
        modes = colours.modes(self.mapped, self.named)
        self._bar.offer_colours(modes)
        self.colouring = colours.colouring(self._bar.colour, self.mapped, self.named, tokens())
        self.pair.colour(self.colouring.classes, self.colouring.colours)
        self.side.lists.show_colours(dict(modes).get(self._bar.colour, "Colours"), self.colouring)

    def _tools(self) -> None:
        self.pair.use_lasso(self._bar.lasso.isChecked())
        both, wanted = self.pair.both, self._bar.vectors.isChecked()
        self._moved = (
            movement.arrows(*both, self.selected) if wanted and both is not None else movement.NOTHING
        )
        self.pair.show_arrows(self._moved)
        self._caution()

    def point(self, point: int, place: int = 0) -> None:
        """Mark a text in both maps, its card beside it on the map `place`."""
        self.pair.mark(point)
        if self.mapped is None or not 0 <= point < len(self.texts):
            self.card.hide()
            return
        shown = self.pair.maps[place]
        at = QPointF(shown.mapTo(self.pair, shown.place_of(point).toPoint()))
        self.card.show_text(self.texts[point], points.told(point, self.mapped, self.named), at)

    # -- selecting ------------------------------------------------------------------------------------------------------

    def select(self, selected: Marks | None) -> None:
        self.selected = selected if selected is not None and selected.any() else None
        self.pair.select(self.selected)
        places = np.flatnonzero(self.selected) if self.selected is not None else np.zeros(0, np.int64)
        self.side.show_selected(self.texts, places)
        if self._bar.vectors.isChecked() and self.mapped is not None:
            self._tools()
        self.selected_changed.emit()

    def clicked(self, point: int, adds: bool) -> None:
        chosen = self.selected
        if point < 0:
            if not adds:
                self.select(None)
            return
        if not adds and chosen is not None and chosen[point] and chosen.sum() == 2:
            return  # the first half of a double click on one of two
        made = chosen.copy() if adds and chosen is not None else np.zeros(len(self.texts), bool)
        made[point] = not made[point]
        self.select(made)

    def _lassoed(self, inside: Marks, adds: bool) -> None:
        self.select(inside | self.selected if adds and self.selected is not None else inside)

    def _places_chosen(self, places: NDArray[np.int64]) -> None:
        marks = np.zeros(len(self.texts), bool)
        marks[places] = True
        self.select(marks)
        if len(places) == 1:
            self.point(int(places[0]), len(self.pair.both or (0,)) - 1)

    @property
    def places(self) -> NDArray[np.int64]:
        return self.side.model.places

    def chosen_texts(self) -> list[str]:
        return [self.texts[place] for place in self.places.tolist()]

    def table(self) -> Table:
        """One line a text: of the selected ones, or of all."""
        if self.mapped is None:
            return (), ()
        chosen = self.places if self.selected is not None else np.arange(len(self.texts))
        return points.table(self.texts, self.mapped, self.named, chosen)
