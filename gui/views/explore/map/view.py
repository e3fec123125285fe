"""The map of a project's texts under two models: who is near whom, what moved, what lies apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from core.engine.map_store import MapStore, MapTexts
from core.errors import Cancelled, EngineProblem
from core.project import Change
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.views.explore.lens import Lens, Model
from gui.views.explore.map import points
from gui.views.explore.map.bar import MapBar
from gui.views.explore.map.busy import MapBusy
from gui.views.explore.map.front import MapFront
from gui.views.explore.map.maker import MapMaker
from gui.views.explore.map.points import Found, Mapped, Named
from gui.views.explore.send import Chosen, offer_send, send_button
from gui.views.explore.view import ExploreView
from gui.views.explore.why.offer import offer_query
from gui.widgets.basic import EmptyState
from gui.widgets.copy_menu import CopyMenu
from gui.workers.job import Job

DEBOUNCE_MS = 1500
LEAST = 3
LONG = 45.0  # seconds from which a person is asked before a map is made
_TEACH = (
    "A map shows every text of the project as a point, similar ones near each other, under both models side by side: what training pulled "
    "together, what it moved, and what lies alone. It needs at least three different texts: add or import some on Label."
)


class MapView(ExploreView):
    def __init__(self, context: Context, lens: Lens, parent: QWidget | None = None) -> None:
        super().__init__(context, lens, parent)
        self.texts = MapTexts([], "")
        self._active = False
        self._asked: tuple[Any, ...] = ()
        self._agreed: tuple[Any, ...] = ()  # to a long wait for this
        self._reading: Job | None = None
        self._describing: Job | None = None
        self.maker = MapMaker(context, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(10)
        self.bar = MapBar()
        self.busy = MapBusy()
        for part in (self.bar, self.busy):
            part.setContentsMargins(16, 0, 16, 0)
            column.addWidget(part)
        self.front = MapFront(self.bar)
        self.pair, self.side, self.caution = self.front.pair, self.front.side, self.front.caution
        self.empty = EmptyState("similar", _TEACH, "Add examples", lambda: self.label_requested.emit(0))
        self.empty.button.setObjectName("map.add")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.front)
        column.addWidget(self.stack, 1)
        self.menu = CopyMenu(
            context.messages,
            (self.pair,),
            self._table,
            text=lambda: self._lines,
            name="map",
            title="Map",
            run=context.run,
            about=lambda: lens.told,
        )
        self.bar.add(self.menu.button)
        self.send = offer_send(context, lens, self.chosen, self.side.list, *self.pair.maps)
        self.side.add(send_button(self.send, "map.send"))
        for where in (self.side.list, *self.pair.maps):
            self.menu.attach(where)
            offer_query(self, where, lambda: (self.side.text_in_hand(), 0))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self.refresh)
        self._connect()
        self._say(_TEACH)

    def _connect(self) -> None:
        self.bar.source_changed.connect(self.refresh)
        self.bar.method_changed.connect(self.refresh)
        self.pair.activated.connect(lambda _point: self._why())
        self.side.why.connect(self._why)
        self.side.heat.connect(self._heat)
        self.side.copied.connect(self.copy_texts)
        offer_query(self, self.side.list, lambda: (self.side.text_in_hand(), 0))
        self.side.saved.connect(self.menu.ask_numbers)
        self.front.selected_changed.connect(self._selected)
        self.maker.progressed.connect(self.busy.tell)
        self.busy.stopped.connect(self.stop)
        self.busy.agreed.connect(self._agree)
        self.busy.declined.connect(self._decline)
        self.maker.pictured.connect(self._pictured)
        self.maker.described.connect(self._known)
        self.maker.made.connect(self._made)
        self.maker.failed.connect(self._failed)
        self.lens.models_changed.connect(self.refresh)
        self.context.data_changed.connect(self._data_changed)
        self.context.dataset_changed.connect(self._dataset_changed)
        self.context.project_changed.connect(self._forget)
        self.context.theme.changed.connect(lambda _tokens: self.front.colour())

    @property
    def mapped(self) -> Mapped | None:
        return self.front.mapped

    @property
    def selected(self) -> NDArray[np.bool_] | None:
        """Which points are, (n,)."""
        return self.front.selected

    # -- the tab --------------------------------------------------------------------------------------------------------

    def actions_of_view(self) -> list[ActionSpec]:
        def action(key: str, title: str, do: Any) -> ActionSpec:
            return ActionSpec(
                f"explore.map.{key}", f"Map: {title}", do, group="Explore", enabled=self.isVisible
            )

        lists = self.side.lists
        return [
            action("fit", "show all of it", self.pair.fit),
            action("lasso", "lasso on or off", self.bar.lasso.toggle),
            action("vectors", "movement on or off", self.bar.vectors.toggle),
            action("outliers", "list the outliers", lambda: lists.choose("outliers")),
            action("bare", "list the groups without labels", lambda: lists.choose("bare")),
            action("changed", "list the texts with new neighbours", lambda: lists.choose("changed")),
            action("copy", "copy the selected texts", self.copy_texts),
            *self.menu.specs(lambda: self.isVisible() and self.mapped is not None),
        ]

    def activate(self) -> None:
        self._active = True
        self.refresh()
        self.pair.maps[0].setFocus()

    def deactivate(self) -> None:
        self._active = False
        self.stop()

    def give_room(self, narrow: bool) -> None:
        self.bar.lie(narrow)
        self.front.lie(narrow)
        for part in (self.side, self.bar, self.front, self.stack, self):
            part.updateGeometry()  # now: whoever divides the room asks at once

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.selected is not None:
            self.front.select(None)
        else:
            super().keyPressEvent(event)

    def _forget(self) -> None:
        self.stop()
        self._asked, self.texts = (), MapTexts([], "")
        self.front.forget([])
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

    @property
    def _titles(self) -> list[str]:
        return [f"{one.title} · {one.about}" if one.about else one.title for one in self._models]

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
        self._end()
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
            self.front.forget(found.texts.texts)
        self.busy.hide()
        if len(found.texts.texts) < LEAST:
            self._say(_TEACH, few=True)
            return
        if fresh or not self.front.named:
            self._describe()
        if found.mapped is not None:
            self._show(found.mapped)
        elif found.seconds > LONG and self._agreed != self._asked:
            self._offer(found)
        else:
            self._make(dataset_id, refs, method)

    def _make(self, dataset_id: int | None, refs: list[str], method: str) -> None:
        if self.mapped is None:
            self._say("The map appears here in a moment.")
        warm = self.context.engine.state == "warm"
        self.busy.tell("Placing the texts" if warm else "The model is still loading…")
        self.maker.start(dataset_id, refs, method)

    # -- a long wait ------------------------------------------------------------------------------------------------------

    def _offer(self, found: Found) -> None:
        """Nothing that takes minutes starts by itself."""
        if self.mapped is None:
            self._say("PCA makes a map at once; t-SNE can be arranged as said above.")
        self.busy.offer(points.offer(found))

    def _agree(self) -> None:
        self._agreed, self._asked = self._asked, ()
        self.refresh()

    def _decline(self) -> None:
        self.busy.hide()
        self.bar.choose_method("pca")
        self.refresh()

    def _describe(self) -> None:
        folder, texts = self.context.folder, self.texts
        if folder is None:
            return
        if self._describing is not None:
            self._describing.cancel()

        def done(named: dict[str, Named]) -> None:
            self._describing = None
            if texts.key == self.texts.key:
                self.front.show_named(named)

        self._describing = self.context.run(
            "", lambda job: points.described(folder, texts.texts, job.stopped), on_done=done
        )

    def stop(self) -> None:
        """End what is on its way, and say so; a map that is on the screen stays."""
        self._end()
        if self.mapped is not None and self.mapped.method != self.bar.method and self._active:
            self.front.tell_stopped()
        elif self.mapped is None and self._active:
            self._say("Stopped before there was a map. Choose PCA or t-SNE above to make it.")

    def _end(self) -> None:
        for job in (self._reading, self._describing):
            if job is not None:
                job.cancel()
        if self._reading is not None or self.maker.busy or self.busy.asks:
            self._asked = ()
        self._reading = self._describing = None
        self.maker.stop()
        self.busy.hide()

    def _pictured(self, found: NDArray[np.float32]) -> None:
        if found.ndim != 3 or found.shape[1] != len(self.texts.texts):
            return
        if self.mapped is None or self.mapped.points.shape != found.shape:
            self._show(Mapped("", found))
        else:
            self.front.show_picture(found)

    def _known(self, folder: str) -> None:
        """Groups and outliers, while the rest is still made."""
        texts, store = self.texts, MapStore(Path(folder))

        def done(found: tuple[dict[str, Any], dict[str, Any]]) -> None:
            if texts.key == self.texts.key and "group" in found[0]:
                self.front.show_known(*found)

        self.context.run(
            "",
            lambda _job: points.grouped(store, len(texts.texts)),
            on_done=done,
        )

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
        else:
            self._failed(EngineProblem("The map could not be read after it was made.", "Make it again."))

    def _failed(self, error: BaseException) -> None:
        self.busy.hide()
        self._asked = ()
        if self.mapped is None:
            self._say(_TEACH)
        if not isinstance(error, Cancelled):
            self.context.messages.error(error, action="Try again", do=self.refresh)

    # -- showing --------------------------------------------------------------------------------------------------------

    def _say(self, words: str, *, few: bool = False) -> None:
        self.empty.sentence.setText(words)
        self.empty.button.setVisible(few)
        self.stack.setCurrentWidget(self.empty)
        self.menu.button.setEnabled(False)

    def _show(self, mapped: Mapped, *, keep_view: bool = False) -> None:
        self.front.show_map(mapped, self._titles, keep_view=keep_view)
        self.stack.setCurrentWidget(self.front)
        self.menu.button.setEnabled(True)

    # -- what is selected -------------------------------------------------------------------------------------------------

    def _selected(self) -> None:
        if len(self.front.places) == 2:
            self.pair_chosen.emit(*self.chosen_texts())

    def chosen_texts(self) -> list[str]:
        return self.front.chosen_texts()

    def chosen(self) -> Chosen:
        """For labelling; the text in focus is the anchor of the others."""
        focus, texts = self.side.list.currentIndex().row(), self.chosen_texts()
        anchor = texts[focus] if 0 <= focus < len(texts) else ""
        return Chosen("explorer: map", texts=tuple(texts), anchor=anchor)

    def _why(self) -> None:
        if len(self.front.places) == 2:
            self.why_requested.emit(*self.chosen_texts())

    def _heat(self) -> None:
        self.heat_requested.emit(self.chosen_texts(), "texts on the map")

    # -- taking it along ------------------------------------------------------------------------------------------------

    def copy_texts(self) -> None:
        if self.selected is not None:
            QGuiApplication.clipboard().setText("\n".join(self.chosen_texts()))

    def _lines(self) -> str:
        """The selected texts, or all, one a line."""
        return "\n".join(self.chosen_texts() if self.selected is not None else self.texts.texts)

    def _table(self) -> Any:
        return self.front.table()
