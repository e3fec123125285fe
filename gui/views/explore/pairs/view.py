"""Every labelled row before and after training: fixed, broken, still wrong, still right; training rows and held-out ones apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.dataset.formats import Format
from core.similarity.before_after import Outcome
from core.similarity.labelled import HELD_OUT, PARTS, Comparison
from core.words import exactly
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.views.explore.lens import Lens
from gui.views.explore.pairs.columns import PairsTable
from gui.views.explore.pairs.scored import shared
from gui.views.explore.pairs.summary import SummaryCard
from gui.views.explore.pairs.table import FEW, SIGNS, PairsModel, prepare
from gui.views.explore.pairs.waiting import Waiting
from gui.views.explore.send import Chosen, offer_send, send_tool
from gui.views.explore.view import ExploreView
from gui.views.explore.why.offer import offer_query, offer_why
from gui.widgets.basic import label, tool_button
from gui.widgets.chart_menu import Table
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.copy_menu import CopyMenu
from gui.widgets.table_look import to_read

_TYPING_MS = 120
_KEYS = ("training", "holdout", "test", "outside")


class PairsView(ExploreView):
    def __init__(self, context: Context, lens: Lens, parent: QWidget | None = None) -> None:
        super().__init__(context, lens, parent)
        self.scored = shared(context, lens)
        self.model = PairsModel()
        self._shown: Comparison | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        self.waiting = Waiting(
            self.scored,
            "pairs",
            "See row by row what training did: which labelled rows it fixed, which it broke. Train a model first.",
            self.train_requested.emit,
            self.label_requested.emit,
        )
        whole = QWidget()
        body = QVBoxLayout(whole)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(10)
        body.addWidget(self._cards())
        table = self._table()
        bar = self._bar()
        body.addLayout(bar)
        body.addWidget(table, 1)
        self.send = offer_send(context, lens, self.chosen, self.table)
        bar.addWidget(send_tool(self.send, "pairs.send"))
        self.basis = label("", "caption", wrap=True, name="pairs.basis")
        body.addWidget(self.basis)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.waiting)
        self.stack.addWidget(whole)
        column.addWidget(self.stack)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TYPING_MS)
        self._timer.timeout.connect(self._filter)
        self.search.textChanged.connect(lambda _text: self._timer.start())
        for box in (self.verdict, self.part):
            box.activated.connect(self._filter)
        self.scored.changed.connect(self._show)
        self._show()

    def _cards(self) -> QWidget:
        self.summary = QWidget()
        row = QHBoxLayout(self.summary)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        self.cards = [SummaryCard(title, key) for title, key in zip(PARTS, _KEYS, strict=True)]
        for card in self.cards:
            row.addWidget(card, 1)
        return self.summary

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.verdict = ChoiceBox("pairs.verdict", "Which verdict", 11)
        self.part = ChoiceBox("pairs.part", "Which part of the rows", 9)
        self.search = QLineEdit()
        self.search.setObjectName("pairs.search")
        self.search.setAccessibleName("Search these rows")
        self.search.setPlaceholderText("Search these rows")
        self.search.setClearButtonEnabled(True)
        self.hits: QLabel = label("", "caption", name="pairs.hits")
        self.menu = CopyMenu(
            self.context.messages,
            (self.summary, self.table),
            self.model.table,
            name="pairs",
            title="Pairs",
            run=self.context.run,
            about=lambda: self.lens.told,
        )
        self.menu.attach(self.table, self._selected)
        for widget in (self.verdict, self.part):
            row.addWidget(widget)
        row.addWidget(self.search, 1)
        row.addWidget(self.hits)
        self.copy_button = tool_button(
            "copy", "Copy the shown rows", name="pairs.copy", clicked=self.menu.copy_csv
        )
        row.addWidget(self.copy_button)
        row.addWidget(self.menu.button)
        return row

    def _table(self) -> PairsTable:
        table = self.table = PairsTable()
        to_read(table, "pairs.table", "Labelled rows before and after training")
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        offer_why(self, table, self._pair)
        offer_query(self, table, lambda: ("", self.model.id_of(self._row()) if self._row() >= 0 else 0))
        opened = QAction("Open in Label", table)
        opened.setObjectName("pairs.table.label")
        opened.setShortcut(QKeySequence("Ctrl+Return"))
        opened.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        opened.triggered.connect(lambda _checked=False: self.open_in_label())
        table.addAction(opened)
        table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        table.doubleClicked.connect(lambda _index: self.why())
        table.selectionModel().currentRowChanged.connect(self._chosen)
        enter = QShortcut(QKeySequence("Return"), table)
        enter.setContext(Qt.ShortcutContext.WidgetShortcut)
        enter.activated.connect(self.why)
        return table

    # -- the tab --------------------------------------------------------------------------------------------------------

    def actions_of_view(self) -> list[ActionSpec]:
        def here() -> bool:
            return self.isVisible() and self._row() >= 0

        acts: tuple[tuple[str, str, Callable[[], None]], ...] = (
            ("why", "Pairs: why does this row score so?", self.why),
            ("label", "Pairs: open this row in Label", self.open_in_label),
        )
        found = [
            ActionSpec(f"explore.pairs.{key}", title, act, group="Explore", enabled=here)
            for key, title, act in acts
        ]
        return [*found, *self.menu.specs(lambda: self.isVisible() and self._shown is not None)]

    def give_room(self, narrow: bool) -> None:
        for part in (self.hits, self.copy_button):  # the menu copies, too
            part.setVisible(not narrow)

    def activate(self) -> None:
        self.scored.want(self)
        self.table.setFocus()
        self._start()

    def _start(self) -> None:
        """The keyboard begins at the first row, which nobody has chosen yet."""
        if not self.table.currentIndex().isValid() and self.model.rowCount():
            first, keep = self.model.index(0, 0), QItemSelectionModel.SelectionFlag.NoUpdate
            self.table.selectionModel().setCurrentIndex(first, keep)

    def deactivate(self) -> None:
        self.scored.leave(self)

    # -- showing --------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        found = self.scored.comparison
        empty = found is None or not len(found.rows)
        self.stack.setCurrentIndex(0 if empty else 1)
        if found is self._shown:
            return
        self._shown = found
        self.model.show(None if empty else found)
        if found is None or empty:
            return
        if len(found.rows) > FEW:
            self.context.run(
                "", lambda _job: prepare(found), on_done=lambda made: self.model.take(found, made)
            )
        tallies = found.tallies()
        for part, card in enumerate(self.cards):
            card.setVisible(part in tallies)
            if part in tallies:
                card.show_tally(tallies[part])
        counts = [int((found.outcomes == outcome).sum()) for outcome in Outcome]
        _fill(
            self.verdict,
            "Every verdict",
            [(f"{SIGNS[one]}  {one.title} ({counts[one]:,})", int(one)) for one in Outcome if counts[one]],
        )
        _fill(self.part, "Every part", [(PARTS[part], part) for part in tallies])
        self.basis.setText(f"{self.scored.unfair()} {self._basis(found)}".strip())
        self.table.fit(self.model.keys, self.model.titles, int(found.rows.numbers.max()))
        self._filter()

    def _basis(self, found: Comparison) -> str:
        held = (
            f"{found.second.title} was trained on another dataset: none of these rows was in it."
            if self.scored.elsewhere
            else "Nothing was held out: rows that a model was trained on say little about new texts."
            if HELD_OUT not in found.tallies()
            else f"The hold-out is what {found.second.title} kept out of its training."
            if self.scored.by_run
            else "The run's own data is not there: the hold-out is what is marked eval."
        )
        if found.by_margin:
            return f"Right: the similar text scores higher than the other one (margin above 0). {held}"
        one, other = found.cuts
        if one != one or other != other:
            return f"There is nothing to tell apart: similar and dissimilar rows are needed. {held}"
        labels = " Labels from 0.5 on say similar." if found.rows.format is Format.SCORED else ""
        against = " against random pairs" if len(found.second.background) else ""
        return (
            f"Similar: from {exactly(one)} under {found.first.title}, from {exactly(other)} under {found.second.title}, each model's most accurate "
            f"cut over all of these rows{against}.{labels} {held}"
        )

    def _filter(self) -> None:
        self._timer.stop()
        self.model.filter(
            int(self.verdict.currentData() or 0) - 1,
            int(self.part.currentData() or 0) - 1,
            self.search.text(),
        )
        total = len(self._shown.rows) if self._shown is not None else 0
        shown = self.model.rowCount()
        self._start()
        self.hits.setText(f"{shown:,} of {total:,}" if shown != total else f"{total:,} rows")

    # -- one row --------------------------------------------------------------------------------------------------------

    def _row(self) -> int:
        row = self.table.currentIndex().row()
        return row if row < self.model.rowCount() else -1

    def _pair(self) -> tuple[str, str] | None:
        row = self._row()
        return self._texts(row) if row >= 0 and self._shown is not None else None

    def _texts(self, row: int) -> tuple[str, str]:
        """The two texts of a row that are looked at; see `_others`."""
        texts = self.model.texts_of(row)
        return texts[0], texts[self._others(np.array([row]))[0]]

    def _others(self, rows: NDArray[np.int64]) -> list[int]:
        """Which text of each row is looked at beside the first one: with the cursor in the column of negatives the one that is nearest under
        the later model, as the margin is of that one."""
        key = self.model.keys[max(self.table.currentIndex().column(), 0)]
        if key != "text2" or self._shown is None or not self._shown.by_margin:
            return [1] * len(rows)
        return self._shown.second.negatives_of(self.model.order[rows])

    @property
    def _categories(self) -> bool:
        """The second text is the name of a category: nothing to be similar to."""
        return self._shown is not None and self._shown.rows.format is Format.CATEGORIES

    def chosen(self) -> Chosen:
        """For labelling: the selected rows, all where none is, and the texts of each that are looked at."""
        rows = self._selected_rows()
        ids, texts = self.model.rows_at(rows if len(rows) else None)
        pairs: tuple[tuple[str, str], ...] = ()
        if texts and not self._categories:
            others = self._others(rows if len(rows) else np.arange(len(texts)))
            pairs = tuple([(row[0], row[other]) for row, other in zip(texts, others, strict=True)])
        return Chosen("explorer: pairs", ids=tuple(ids), pairs=pairs)

    def _selected_rows(self) -> NDArray[np.int64]:
        """Block by block: there may be a hundred thousand of them."""
        selection = self.table.selectionModel().selection()
        blocks = [selection.at(place) for place in range(selection.size())]
        return np.unique(
            np.concatenate([[], *(np.arange(one.top(), one.bottom() + 1) for one in blocks)])
        ).astype(np.int64)

    def _chosen(self, _now: QModelIndex, _before: QModelIndex) -> None:
        if self.table.selectionModel().hasSelection() and (pair := self._pair()) is not None:
            self.pair_chosen.emit(*pair)

    def why(self) -> None:
        if (pair := self._pair()) is not None:
            self.why_requested.emit(*pair)

    def open_in_label(self) -> None:
        if (row := self._row()) >= 0:
            self.label_requested.emit(self.model.id_of(row))

    # -- taking it along ------------------------------------------------------------------------------------------------

    def _selected(self) -> Table:
        """The selected rows; all where none is."""
        rows = self._selected_rows()
        return self.model.table(rows if len(rows) else None)


def _fill(box: QComboBox, everything: str, choices: list[tuple[str, int]]) -> None:
    """The choice stays where it is still there. The data of an entry is one more than its code, 0 is every one."""
    before = box.currentData()
    box.clear()
    box.addItem(everything, 0)
    for words, code in choices:
        box.addItem(words, code + 1)
    box.setCurrentIndex(max(0, box.findData(before)))
