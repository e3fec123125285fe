"""The map of a project's texts under two models: who is near whom, what moved, what lies apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.engine.map_store import MapStore, MapTexts
from core.errors import Cancelled
from core.project import Change
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.theme.manager import tokens
from gui.theme.tokens import Tokens
from gui.views.explore.lens import Lens, Model
from gui.views.explore.map import colours, points
from gui.views.explore.map.bar import MapBar
from gui.views.explore.map.busy import MapBusy
from gui.views.explore.map.maker import MapMaker
from gui.views.explore.map.pair import MapPair
from gui.views.explore.map.points import Found, Mapped, Named
from gui.views.explore.map.side import MapSide
from gui.views.explore.send import Chosen, offer_send, send_button
from gui.views.explore.view import ExploreView
from gui.views.explore.why.offer import offer_query
from gui.widgets.basic import ElidedLabel, EmptyState, label
from gui.widgets.chart_menu import ChartMenu, Table
from gui.workers.job import Job

DEBOUNCE_MS = 1500
LEAST = 3
_TEACH = (
    "A map shows every text of the project as a point, similar ones near each other, under both models side by side: what training pulled "
    "together, what it moved, and what lies alone. It needs at least three different texts: add or import some on Label."
)
_HINT = "Point at a text to read it."
_CAUTION = (
    "Distances on the map are not scores: it shows about who is near whom. Trustworthiness: how far its neighbours are real ones, "
    "1 all, 0.5 as by chance."
)


class MapView(ExploreView):
    def __init__(self, context: Context, lens: Lens, parent: QWidget | None = None) -> None:
        super().__init__(context, lens, parent)
        self.texts = MapTexts([], "")
        self.mapped: Mapped | None = None
        self.named: dict[str, Named] = {}
        self.selected: NDArray[np.bool_] | None = None
        self._active = False
        self.colouring = colours.NOTHING
        self._asked: tuple[Any, ...] = ()
        self._reading: Job | None = None
        self._describing: Job | None = None
        self.maker = MapMaker(context, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        self.bar = MapBar()
        column.addWidget(self.bar)
        self.busy = MapBusy()
        column.addWidget(self.busy)
        column.addWidget(self._body(), 1)
        self.menu = ChartMenu(
            context.messages, self.pair, self._table, name="map.more", title="Map", run=context.run
        )
        self.bar.add(self.menu.button)
        self.send = offer_send(context, lens, self.chosen, self.side.list, *self.pair.maps)
        self.side.add(send_button(self.send, "map.send"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self.refresh)
        self._connect()
        self._say(_TEACH)

    def _connect(self) -> None:
        self.bar.source_changed.connect(self.refresh)
        self.bar.method_changed.connect(self.refresh)
        self.bar.colour_changed.connect(self._colour)
        self.bar.tools_changed.connect(self._tools)
        self.pair.hovered.connect(self._point)
        self.pair.clicked.connect(self._clicked)
        self.pair.activated.connect(lambda _point: self._why())
        self.pair.lassoed.connect(self._lassoed)
        self.side.class_chosen.connect(self._class_chosen)
        self.side.pointed.connect(self._point)
        self.side.why.connect(self._why)
        self.side.heat.connect(self._heat)
        self.side.copied.connect(self.copy_texts)
        offer_query(self, self.side.list, lambda: (self.side.text_in_hand(), 0))
        self.side.saved.connect(self.menu.ask_numbers)
        self.side.cleared.connect(lambda: self._select(None))
        self.maker.progressed.connect(self.busy.tell)
        self.busy.stopped.connect(self.stop)
        self.maker.pictured.connect(self._pictured)
        self.maker.made.connect(self._made)
        self.maker.failed.connect(self._failed)
        self.lens.models_changed.connect(self.refresh)
        self.context.data_changed.connect(self._data_changed)
        self.context.dataset_changed.connect(self._dataset_changed)
        self.context.project_changed.connect(self._forget)
        self.context.theme.changed.connect(self._retheme)

    def _body(self) -> QStackedWidget:
        self.empty = EmptyState("similar", _TEACH)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        left = QVBoxLayout()
        left.setSpacing(6)
        self.pair = MapPair()
        left.addWidget(self.pair, 1)
        self.text = ElidedLabel(_HINT)
        self.text.setObjectName("map.text")
        self.about = ElidedLabel("", "secondary")
        self.about.setObjectName("map.about")
        left.addWidget(self.text)
        left.addWidget(self.about)
        self.caution = label(_CAUTION, "caption", wrap=True, name="map.caution")
        left.addWidget(self.caution)
        row.addLayout(left, 1)
        self.side = MapSide()
        row.addWidget(self.side)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(page)
        return self.stack

    # -- the tab --------------------------------------------------------------------------------------------------------

    def actions_of_view(self) -> list[ActionSpec]:
        def action(key: str, title: str, do: Any) -> ActionSpec:
            return ActionSpec(
                f"explore.map.{key}", f"Map: {title}", do, group="Explore", enabled=self.isVisible
            )

        return [
            action("fit", "show all of it", self.pair.fit),
            action("lasso", "lasso on or off", self.bar.lasso.toggle),
            action("vectors", "movement on or off", self.bar.vectors.toggle),
            action("copy", "copy the selected texts", self.copy_texts),
        ]

    def activate(self) -> None:
        self._active = True
        self.refresh()
        self.pair.maps[0].setFocus()

    def deactivate(self) -> None:
        self._active = False
        self.stop()

    def give_room(self, narrow: bool) -> None:
        self.side.setVisible(not narrow)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.selected is not None:
            self._select(None)
        else:
            super().keyPressEvent(event)

    def _forget(self) -> None:
        self.stop()
        self._asked, self.mapped, self.named, self.texts = (), None, {}, MapTexts([], "")
        self._say(_TEACH)
        if self._active:
            self.refresh()

    def _data_changed(self, change: Change) -> None:
        if change.kinds & {"cells", "rows", "datasets", "texts"}:
            self._asked = ()
            if self._active:
                self._timer.start()

    def _dataset_changed(self) -> None:
        if self._active and not self.bar.whole:
            self.refresh()

    # -- from the texts to a map ------------------------------------------------------------------------------------------

    @property
    def _models(self) -> list[Model]:
        return [model for model in (self.lens.first, self.lens.second) if model is not None]

    def refresh(self) -> None:
        """Show the map that the choices above mean: from the cache at once, else made by the engine."""
        self._timer.stop()
        context, folder = self.context, self.context.folder
        if not self._active or folder is None:
            return
        dataset_id = None if self.bar.whole else context.dataset_id
        models, method = self._models, self.bar.method
        asked = (folder, dataset_id, tuple(models), method)
        if asked == self._asked:
            return
        self.stop()
        self._asked = asked
        refs = [model.ref for model in models]

        def done(found: Found) -> None:
            self._reading = None
            self._found(found, dataset_id, refs, method)

        self.busy.tell("Reading the texts")
        self._reading = context.run(
            "",
            lambda job: points.find(folder, dataset_id, refs, method, job.stopped),
            on_done=done,
            on_error=self._failed,
        )

    def _found(self, found: Found, dataset_id: int | None, refs: list[str], method: str) -> None:
        fresh = found.texts.key != self.texts.key
        self.texts = found.texts
        if fresh:
            self.mapped, self.named = None, {}
            self._select(None)
        if len(found.texts.texts) < LEAST:
            self.busy.hide()
            self._say(_TEACH)
            return
        if fresh or not self.named:
            self._describe()
        if found.mapped is not None:
            self.busy.hide()
            self._show(found.mapped)
            return
        if self.mapped is None:
            self._say("The map appears here in a moment.")
        warm = self.context.engine.state == "warm"
        self.busy.tell("Placing the texts" if warm else "The model is still loading…")
        self.maker.start(dataset_id, refs, method)

    def _describe(self) -> None:
        folder, texts = self.context.folder, self.texts
        if folder is None:
            return
        if self._describing is not None:
            self._describing.cancel()

        def done(named: dict[str, Named]) -> None:
            self._describing = None
            if texts.key == self.texts.key:
                self.named = named
                self._colour()

        self._describing = self.context.run(
            "", lambda job: points.described(folder, texts.texts, job.stopped), on_done=done
        )

    def stop(self) -> None:
        """End what is on its way; a map that is on the screen stays."""
        for job in (self._reading, self._describing):
            if job is not None:
                job.cancel()
        if self._reading is not None or self.maker.busy:
            self._asked = ()
        self._reading = self._describing = None
        self.maker.stop()
        self.busy.hide()
        if self.mapped is not None and self.mapped.method != self.bar.method and self._active:
            self.caution.setText("Stopped here. " + _CAUTION)
        elif self.mapped is None and self._active:
            self._say("Stopped before there was a map. Choose PCA or t-SNE above to make it.")

    def _pictured(self, found: NDArray[np.float32]) -> None:
        if found.ndim != 3 or found.shape[1] != len(self.texts.texts):
            return
        before = self.mapped
        same = before is not None and before.points.shape[1:] == found.shape[1:]
        kept = (before.arrays, before.facts) if before is not None and same else ({}, {})
        facts = {key: value for key, value in kept[1].items() if not key.startswith("trust")}
        self._show(Mapped("", found, kept[0], facts), keep_view=same)

    def _made(self, key: str, folder: str) -> None:
        self.busy.hide()
        if key != self.texts.key:  # an edit came between the two
            self._asked = ()
            self.refresh()
            return
        store = MapStore(Path(folder))
        found = points.load(store, self.bar.method, len(self.texts.texts), len(self._models))
        if found is not None:
            self._show(found, keep_view=True)

    def _failed(self, error: BaseException) -> None:
        self.busy.hide()
        self._asked = ()
        if self.mapped is None:
            self._say(_TEACH)
        if not isinstance(error, Cancelled):
            self.context.messages.error(error, action="Try again", do=self.refresh)

    # -- showing --------------------------------------------------------------------------------------------------------

    def _say(self, words: str) -> None:
        self.empty.sentence.setText(words)
        self.stack.setCurrentWidget(self.empty)
        self.menu.button.setEnabled(False)

    def _show(self, mapped: Mapped, *, keep_view: bool = False) -> None:
        before = self.mapped
        self.mapped = mapped
        self.pair.show_points(mapped.points, keep_view=keep_view and before is not None)
        titles = [f"{one.title} · {one.about}" if one.about else one.title for one in self._models]
        self.pair.name(titles, [mapped.trust(place) for place in range(len(mapped.points))])
        self.bar.vectors.setEnabled(len(mapped.points) == 2)
        self.stack.setCurrentIndex(1)
        self.menu.button.setEnabled(True)
        self.caution.setText(self._summary(mapped))
        self._colour()
        self.pair.select(self.selected)
        self._tools()

    def _summary(self, mapped: Mapped) -> str:
        overlap, k = mapped.facts.get("overlap"), mapped.facts.get("k", 10)
        kept = (
            ""
            if overlap is None
            else f"{overlap:.0%} of the {k} nearest texts are the same under both models. "
        )
        return kept + _CAUTION

    def _colour(self) -> None:
        if self.mapped is None:
            return
        modes = colours.modes(self.mapped, self.named)
        self.bar.offer_colours(modes)
        self.colouring = colours.colouring(self.bar.colour, self.mapped, self.named, tokens())
        self.pair.colour(self.colouring.classes, self.colouring.colours)
        self.side.show_colours(dict(modes).get(self.bar.colour, "Colours"), self.colouring)

    def _retheme(self, _tokens: Tokens) -> None:
        self._colour()

    def _tools(self) -> None:
        self.pair.use_lasso(self.bar.lasso.isChecked())
        self.pair.show_vectors(self.bar.vectors.isChecked(), self.selected)

    def _point(self, point: int) -> None:
        self.pair.mark(point)
        known = self.mapped is not None and 0 <= point < len(self.texts.texts)
        self.text.setText(self.texts.texts[point] if known else _HINT)
        self.about.setText(points.told(point, self.mapped, self.named) if known and self.mapped else "")

    # -- selecting ------------------------------------------------------------------------------------------------------

    def _select(self, selected: NDArray[np.bool_] | None) -> None:
        self.selected = selected if selected is not None and selected.any() else None
        self.pair.select(self.selected)
        places = np.flatnonzero(self.selected) if self.selected is not None else np.zeros(0, np.int64)
        self.side.show_selected(self.texts.texts, places)
        self.pair.show_vectors(self.bar.vectors.isChecked(), self.selected)
        if len(places) == 2:
            self.pair_chosen.emit(*self.chosen_texts())

    def _lassoed(self, inside: NDArray[np.bool_], adds: bool) -> None:
        self._select(inside | self.selected if adds and self.selected is not None else inside)

    def _clicked(self, point: int, adds: bool) -> None:
        chosen = self.selected
        if point < 0:
            if not adds:
                self._select(None)
            return
        if not adds and chosen is not None and chosen[point] and chosen.sum() == 2:
            return  # the first half of a double click on one of two
        made = chosen.copy() if adds and chosen is not None else np.zeros(len(self.texts.texts), bool)
        made[point] = not made[point]
        self._select(made)

    def _class_chosen(self, number: int) -> None:
        self._select(self.colouring.classes == number)

    def chosen_texts(self) -> list[str]:
        return [self.texts.texts[place] for place in self.side.model.places.tolist()]

    def chosen(self) -> Chosen:
        """For labelling; the text in focus is the anchor of the others."""
        focus, texts = self.side.list.currentIndex().row(), self.chosen_texts()
        anchor = texts[focus] if 0 <= focus < len(texts) else ""
        return Chosen("explorer: map", texts=tuple(texts), anchor=anchor)

    def _why(self) -> None:
        if len(self.side.model.places) == 2:
            self.why_requested.emit(*self.chosen_texts())

    def _heat(self) -> None:
        self.heat_requested.emit(self.chosen_texts(), "texts on the map")

    # -- taking it along ------------------------------------------------------------------------------------------------

    def copy_texts(self) -> None:
        if self.selected is not None:
            QGuiApplication.clipboard().setText("\n".join(self.chosen_texts()))

    def _table(self) -> Table:
        """One line a text: of the selected ones, or of all."""
        if self.mapped is None:
            return (), ()
        every = np.arange(len(self.texts.texts))
        chosen = self.side.model.places if self.selected is not None else every
        return points.table(self.texts.texts, self.mapped, self.named, chosen)
