"""The heat map of a selection: each text with each other one, under either model or as the change from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from core.errors import Cancelled, EngineProblem
from core.project import Change
from core.words import signed
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.views.explore.heat.bar import MOST, HeatBar
from gui.views.explore.heat.block import Block
from gui.views.explore.heat.grid import Grid, keep, known, read
from gui.views.explore.heat.texts import CHOSEN, TYPED, Source, first_texts, sources, typed_texts
from gui.views.explore.lens import Lens, Model
from gui.views.explore.send import Chosen, offer_send, send_tool
from gui.views.explore.view import ExploreView
from gui.widgets.basic import Card, ElidedLabel, EmptyState, button, label, plain_tip
from gui.widgets.copy_menu import CopyMenu
from gui.widgets.diverging import ScaleBar
from gui.widgets.heat_map import HeatMap
from gui.widgets.score import number
from gui.workers.job import Job

DEBOUNCE_MS = 600
_TEACH = (
    "A heat map compares every text with every other one: groups of similar texts appear as squares, and the change shows what training "
    "moved together or apart. Choose rows above, select results in another tab, or type your own texts."
)
_TOO_FEW = "A heat map needs at least two different texts."
_TYPE = "Type or paste the texts to compare on the left, one a line: at least two different ones."
_HINT = "Point at a cell; click it for why. Shift and a drag select cells for labelling."


class HeatView(ExploreView):
    def __init__(self, context: Context, lens: Lens, parent: QWidget | None = None) -> None:
        super().__init__(context, lens, parent)
        self.grid: Grid | None = None
        self._active = False
        self._reading: Job | None = None  # the texts
        self._looking: Job | None = None  # whether the cache has their scores
        self._job: Job | None = None
        self._chosen: tuple[list[str], str] = ([], "")
        self._asked: tuple[Any, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(10)
        self.bar = HeatBar()
        column.addWidget(self.bar)
        column.addLayout(self._busy_row())
        body = QHBoxLayout()
        body.setSpacing(12)
        self.typed = QPlainTextEdit()
        self.typed.setObjectName("heat.typed")
        self.typed.setAccessibleName("Texts to compare, one a line")
        self.typed.setPlaceholderText("One text a line")
        self.typed.setFixedWidth(200)
        body.addWidget(self.typed)
        body.addWidget(self._map_card(), 1)
        column.addLayout(body, 1)
        self.menu = CopyMenu(
            context.messages,
            (self.card,),
            self._table,
            text=self._text,
            name="heat",
            title="Heat map",
            run=context.run,
            about=self._about,
        )
        self.menu.attach(self.map)
        self.bar.add(self.menu.button)
        self.block = Block(self.map)
        self.send = offer_send(context, lens, self.chosen, self.map)
        self.bar.add(send_tool(self.send, "heat.send"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self.refresh)
        self.typed.textChanged.connect(self._timer.start)
        self.bar.source_changed.connect(self.refresh)
        self.bar.shown_changed.connect(self._show)
        self.bar.zoomed.connect(self.map.zoom_by)
        lens.models_changed.connect(self.refresh)
        context.data_changed.connect(self._data_changed)
        context.dataset_changed.connect(self._forget)
        context.project_changed.connect(self._forget)
        self._say(_TEACH)

    def _busy_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        self.state = label("", "caption", name="heat.state")
        self.progress = QProgressBar()
        self.progress.setObjectName("heat.progress")
        self.progress.setAccessibleName("Comparing the texts")
        self.progress.setTextVisible(False)
        self.cancel = button("Cancel", kind="link", name="heat.cancel", clicked=self._cancelled)
        row.addWidget(self.state)
        row.addWidget(self.progress, 1)
        row.addWidget(self.cancel)
        for part in (self.state, self.progress, self.cancel):
            part.hide()
        return row

    def _map_card(self) -> QStackedWidget:
        self.empty = EmptyState("why", _TEACH)
        self.card = Card("", margins=12, spacing=8)
        self.map = HeatMap(
            aspect=2.4, largest=(72.0, 44.0), longest_label=190, longest_column=110, zoomable=True
        )
        self.map.setObjectName("heat.map")
        self.map.setAccessibleName("Every text with every other one")
        self.map.tip = self._tip
        self.card.body.addWidget(self.map, 1)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(1)
        self.first, self.second = ElidedLabel(_HINT, "secondary"), ElidedLabel("", "secondary")
        self.values = label("", "strong", name="heat.values")
        words.addWidget(self.first)
        words.addWidget(self.second)
        words.addWidget(self.values)
        self.scale = ScaleBar()
        foot.addLayout(words, 1)
        foot.addWidget(self.scale, 0, Qt.AlignmentFlag.AlignTop)
        self.card.body.addLayout(foot)
        self.map.hovered.connect(self._point)
        self.map.clicked.connect(self._clicked)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.card)
        return self.stack

    # -- the tab --------------------------------------------------------------------------------------------------------

    def actions_of_view(self) -> list[ActionSpec]:
        return [
            ActionSpec(
                "explore.heat.fit",
                "Heat map: show all of it",
                self.map.fit,
                group="Explore",
                enabled=self.isVisible,
            ),
            *self.menu.specs(lambda: self.isVisible() and self.grid is not None),
        ]

    def activate(self) -> None:
        self._active = True
        self._offer()
        self.refresh()
        self.map.setFocus()

    def deactivate(self) -> None:
        self._active = False
        self._stop()

    def show_texts(self, texts: Sequence[str], source: str) -> None:
        """Compare texts that another tab chose; `source` says in a few words where they are from."""
        self._chosen = list(dict.fromkeys(text for text in texts if text.strip()))[:MOST], source
        self._offer(CHOSEN)
        self.refresh()

    def _offer(self, chosen: str = "") -> None:
        project = self.context.project
        found = sources(project, self.context.dataset_id) if project is not None else []
        if self._chosen[0]:
            found.append(Source(CHOSEN, f"Chosen: {self._chosen[1]}"))
        self.bar.offer_sources(found, chosen)

    def _forget(self) -> None:
        self._stop()
        self._asked, self._chosen, self.grid = (), ([], ""), None
        self.bar.offer_models(())
        self._say(_TEACH)
        if self._active:
            self._offer("all")
            self.refresh()

    def _data_changed(self, change: Change) -> None:
        if change.kinds & {"cells", "rows", "datasets", "texts"}:
            self._asked = ()
            if self._active:
                self._timer.start()

    # -- texts, then scores ---------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the texts in the background, and compare them; nothing where that is on the screen or on its way."""
        self._timer.stop()
        source = self.bar.source
        self.typed.setVisible(source is not None and source.key == TYPED)
        context, folder = self.context, self.context.folder
        if not self._active or folder is None or source is None:
            return
        if source.key in (TYPED, CHOSEN):
            typed = source.key == TYPED
            self._compare(typed_texts(self.typed.toPlainText(), MOST) if typed else self._chosen[0])
            return
        dataset_id, count = context.dataset_id, self.bar.count.value()
        if self._reading is not None:
            self._reading.cancel()

        def done(texts: list[str]) -> None:
            self._reading = None
            self._compare(texts)

        self._reading = context.run(
            "", lambda job: first_texts(folder, dataset_id, source, count, job.stopped), on_done=done
        )

    def _compare(self, texts: list[str]) -> None:
        models = [model for model in (self.lens.first, self.lens.second) if model is not None]
        asked = (tuple(texts), tuple(models))
        if asked == self._asked:
            return
        self._stop()
        if len(texts) < 2:
            source = self.bar.source
            self.grid = None
            typed = source is not None and source.key == TYPED
            self._say(_TYPE if typed else _TOO_FEW if texts else _TEACH)
            return
        self._asked = asked
        folder = self.context.folder
        if folder is None:
            return

        def looked(found: tuple[str, Grid | None]) -> None:
            self._looking = None
            key, grid = found
            if grid is not None:
                self.show_grid(grid)
            else:
                self._ask(texts, models, key)

        self._looking = self.context.run("", lambda _job: known(folder, texts, models), on_done=looked)

    def _ask(self, texts: list[str], models: list[Model], key: str) -> None:
        warm = self.context.engine.state == "warm"
        self.state.setText("Comparing…" if warm else "The model is still loading…")
        self.state.show()
        self.cancel.show()
        titles = [model.title for model in models]
        self._job = self.context.engine.ask(
            "alike",
            {"project": str(self.context.folder), "texts": texts, "models": [one.ref for one in models]},
            group="heat",
            on_done=lambda answer: self._answered(answer, texts, titles, key),
            on_error=self._failed,
            on_progress=self._progressed,
        )

    def _progressed(self, done: int, total: int) -> None:
        self.progress.setVisible(total > 0)
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(done)
        self.state.setText(f"Embedding {done:,} of {total:,} texts")

    def _rest(self) -> None:
        self._job = None
        for part in (self.state, self.progress, self.cancel):
            part.hide()

    def _stop(self) -> None:
        for job in (self._reading, self._looking, self._job):
            if job is not None:
                job.cancel()
        if self._job is not None or self._looking is not None:
            self._asked = ()
        self._reading = self._looking = None
        self._rest()

    def _cancelled(self) -> None:
        self._stop()
        if self.grid is None:
            self._say(_TEACH)

    def _answered(self, answer: dict[str, Any], texts: list[str], titles: list[str], key: str) -> None:
        self._rest()
        try:
            grid = read(answer, texts, titles)
        except (OSError, ValueError) as error:
            self._failed(EngineProblem("The scores could not be read.", "Try again.", details=str(error)))
            return
        self.show_grid(grid)
        folder = self.context.folder
        if folder is not None:  # the next time nobody has to be asked
            self.context.run("", lambda _job: keep(folder, key, grid), on_error=lambda _error: None)

    def show_grid(self, grid: Grid) -> None:
        self.grid = grid
        self.block.clear()
        self.bar.offer_models(grid.titles)
        self._show()

    def _failed(self, error: BaseException) -> None:
        self._rest()
        self._asked = ()
        if not isinstance(error, Cancelled):
            self.grid = None
            self._say(f"There are no scores. {error}")
            self.context.messages.error(error, action="Try again", do=self.refresh)

    # -- showing --------------------------------------------------------------------------------------------------------

    def _say(self, words: str) -> None:
        self.empty.sentence.setText(words)
        self.stack.setCurrentWidget(self.empty)
        self.menu.button.setEnabled(False)

    def _show(self) -> None:
        """The scores as the bar says; zoom and place stay from one model to the other."""
        grid = self.grid
        if grid is None:
            return
        view = self.bar.view
        cells = grid.cells(view, self.bar.order)
        marked = self.map.mark_row, self.map.mark_column
        self.map.show_cells(cells, keep_view=True)
        below = view == "change" or float(grid.scores.min()) < 0
        beyond = float(np.abs(np.tril(cells.values, -1)).max(initial=0.0)) > cells.limit
        self.scale.show_scale(cells.limit, below=below, beyond=beyond)
        self.stack.setCurrentWidget(self.card)
        self.menu.button.setEnabled(True)
        self._point(*(marked if cells.rows == self.map.cells.rows else (-1, -1)))

    def _pair(self, row: int, column: int) -> tuple[int, int]:
        assert self.grid is not None
        order = self.grid.order(self.bar.order)
        return int(order[row]), int(order[column])

    def _point(self, row: int, column: int) -> None:
        grid = self.grid
        if grid is None or min(row, column) < 0:
            name = max(row, column)
            texts = self.map.cells.rows
            self.first.setText(texts[name] if 0 <= name < len(texts) else _HINT)
            self.second.setText("")
            self.values.setText("")
            return
        one, other = self._pair(row, column)
        self.first.setText(grid.texts[one])
        self.second.setText(grid.texts[other] if one != other else "")
        self.values.setText(self._told(one, other) if one != other else "the same text")
        self.map.setAccessibleDescription(f"{grid.texts[one]} and {grid.texts[other]}: {self.values.text()}")

    def _told(self, one: int, other: int) -> str:
        assert self.grid is not None
        return "  ·  ".join(
            f"{title} {signed(value) if title == 'Δ' else number(value, 3)}"
            for title, value in self.grid.told(one, other)
        )

    def _tip(self, row: int, column: int) -> str:
        """Full texts: of the cell, or of the name."""
        texts = self.map.cells.rows
        if self.grid is None or max(row, column) < 0:
            return ""
        if min(row, column) < 0:
            return plain_tip(texts[max(row, column)])
        told = self._told(*self._pair(row, column)) if row != column else ""
        return plain_tip(f"{texts[row][:600]}\n\n{texts[column][:600]}\n\n{told}")

    def _clicked(self, row: int, column: int) -> None:
        if self.grid is not None and row != column:
            one, other = self._pair(row, column)
            self.why_requested.emit(self.grid.texts[one], self.grid.texts[other])

    def chosen(self) -> Chosen:
        """For labelling: the pairs of the selected cells; of a name its text with all others; else all texts."""
        grid, source = self.grid, "explorer: heat map"
        if grid is None:
            return Chosen(source)
        texts = [grid.texts[place] for place in grid.order(self.bar.order).tolist()]
        cells = dict.fromkeys(tuple(sorted(cell)) for cell in self.block.cells() if cell[0] != cell[1])
        if cells:
            return Chosen(source, pairs=tuple((texts[row], texts[column]) for row, column in cells))
        name = max(self.block.last)
        anchor = texts[name] if 0 <= name < len(texts) and min(self.block.last) < 0 else ""
        return Chosen(source, texts=tuple(texts), anchor=anchor)

    # -- taking it along ------------------------------------------------------------------------------------------------

    def _table(self) -> Any:
        return self.grid.table() if self.grid is not None else ((), ())

    def _text(self) -> Callable[[], str] | None:
        """As a table for a spreadsheet, in the order on the screen."""
        grid, view, order = self.grid, self.bar.view, self.bar.order
        return (lambda: grid.as_text(view, order)) if grid is not None else None

    def _about(self) -> str:
        grid, view = self.grid, self.bar.view
        if grid is None:
            return ""
        if view == "change":
            return f"change from {grid.titles[0]} to {grid.titles[1]}"
        return grid.titles[min(int(view), len(grid.titles) - 1)]
