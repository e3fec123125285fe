"""A visit to the explore page of a large project, step by step, as a person makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView, QWidget

from core.project.chosen import Kind, Sending
from gui.app import create, spare_the_collector
from gui.main_window import PAGES
from gui.views.explore.heat.view import HeatView
from gui.views.explore.map.view import MapView
from gui.views.explore.page import ExplorePage
from gui.views.explore.pairs.view import PairsView
from gui.views.explore.probes.view import ProbesView
from gui.views.explore.query.view import QueryView
from gui.views.explore.scores.view import ScoresView

_BETWEEN_MS = 15  # two movements of a hand
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class Visit:
    def __init__(self, folder: Path, watch: Any) -> None:
        self._watch, self._folder = watch, folder
        self.window = create(folder)
        spare_the_collector(self.window)
        self.window.resize(1280, 800)
        self.window.show()
        self.context = self.window.context

    def all(self) -> None:
        step = self._watch.step
        step("the window, with all its pages", lambda: None, self._built, 1.0)
        self.page = self.window.page("explore")
        assert isinstance(self.page, ExplorePage)
        step("Explore", partial(self.window.show_page, "explore"), self._quiet)
        for part in (self._query, self._pairs, self._scores, self._heat, self._map, self._probes, self._why):
            part()
        self._around()
        step("closing", self.window.close)

    def _built(self) -> bool:
        return len(self.window.pages) == len(PAGES) and self.context.engine.state == "warm" and self._quiet()

    def _quiet(self) -> bool:
        return not self.context.jobs.running and not self.context.background.title

    def _tab(self, key: str, kind: type) -> Any:
        view = self.page.view(key)
        assert isinstance(view, kind)
        return view

    def _show(self, key: str, words: str, there: Callable[[], bool]) -> None:
        self._watch.step(words, partial(self.page.show_view, key), lambda: there() and self._quiet())

    def _one_by_one(self, title: str, acts: Sequence[Callable[[], object]]) -> None:
        """Each in a turn of its own."""
        left = list(acts)

        def go_on() -> None:
            left.pop(0)()
            if left:
                QTimer.singleShot(_BETWEEN_MS, go_on)

        self._watch.step(title, go_on, lambda: not left and self._quiet())

    def _copied(self, title: str, menu: Any) -> None:
        for words, act in (
            ("text", menu.copy_text),
            ("CSV", menu.copy_csv),
            ("a picture", menu.copy_picture),
        ):
            self._watch.step(f"{title} copied as {words}", act, self._quiet)

    # -- the tabs -------------------------------------------------------------------------------------------------------

    def _query(self) -> None:
        view = self._tab("query", QueryView)
        self._show("query", "Query, the first time", lambda: True)
        self._watch.step(
            "Query: the first question",
            partial(self.page.show_query, "coat and river, text number 10"),
            lambda: view.answer is not None and self._quiet(),
        )
        edit = view.query
        self._one_by_one(
            "Query: a question typed",
            [partial(QTest.keyClick, edit, letter) for letter in "garden and harbour"],
        )
        self._one_by_one(
            "Query: results walked through",
            [partial(view.base.list.setCurrentIndex, view.base.model.index(row, 0)) for row in range(10)],
        )
        self._copied("Query", view.menu)

    def _pairs(self) -> None:
        view = self._tab("pairs", PairsView)
        there = lambda: view.scored.state == "ready" and view.model.rowCount() > 0  # noqa: E731
        self._show("pairs", "Pairs, the first time, 10,000 rows", there)
        self._sorted(view, "10,000 rows")
        self._watch.step(
            "Pairs: another dataset, 100,000 rows",
            partial(self.context.choose_dataset, self.context.project.datasets()[1].id),
            lambda: there() and view.model.rowCount() == self.context.dataset.rows and self._quiet(),
        )
        self._sorted(view, "100,000 rows")
        self._one_by_one(
            "Pairs: 100,000 rows, all selected, and none", [view.table.selectAll, view.table.clearSelection]
        )
        self._copied("Pairs, 100,000 rows", view.menu)
        self._watch.step("Pairs: what can be sent, 100,000 rows", view.send.fill, self._quiet)

        first = self.page.lens.first.ref
        for words, ref in (("another", self.page.lens.runs[-1].folder.name), ("the former", first)):
            self._watch.step(
                f"Pairs: {words} model to compare with",
                partial(self.page.lens.choose_first, ref),
                lambda: there() and self._quiet(),
            )

    def _sorted(self, view: PairsView, words: str) -> None:
        columns = range(view.model.columnCount())
        order = Qt.SortOrder.DescendingOrder
        self._one_by_one(
            f"Pairs: {words} sorted by every column",
            [partial(view.table.sortByColumn, column, order) for column in columns],
        )
        self._one_by_one(
            f"Pairs: {words} searched and filtered",
            [
                *(partial(QTest.keyClick, view.search, letter) for letter in "river"),
                *(partial(_choose, view.verdict, place) for place in range(view.verdict.count())),
                lambda: None,
                view.search.clear,
                partial(_choose, view.verdict, 0),
            ],
        )

    def _scores(self) -> None:
        view = self._tab("scores", ScoresView)
        self._show("scores", "Scores, the first time, 100,000 pairs", lambda: view.sides is not None)
        chart = view.histograms
        pane = chart.pane(1)
        middle = round(pane.center().y())
        along = [
            QPoint(round(pane.left() + share * pane.width()), middle) for share in np.linspace(0.2, 0.8, 25)
        ]
        self._drag("Scores: the threshold dragged", chart, along)
        self._drag("Scores: a range brushed", chart, along, _SHIFT)
        self._one_by_one(
            "Scores: other rules and parts",
            [partial(view.rules.choose, "f1"), partial(view.rules.choose, "accuracy")]
            + [partial(_choose, view.part, place) for place in range(view.part.count())],
        )
        self._watch.step("Scores: what can be sent", view.send.fill, self._quiet)
        self._copied("Scores", view.menu)

    def _heat(self) -> None:
        view = self._tab("heat", HeatView)
        view.bar.count.setValue(200)
        self._show("heat", "Heat map of 200 texts", lambda: view.grid is not None)
        box = view.bar.order_box
        self._one_by_one(
            "Heat map: other orders and models",
            [partial(_choose, box, place) for place in range(box.count())]
            + [one.click for one in view.bar._views.buttons()]
            + [view._show],
        )
        centre = QPointF(view.map.width() / 2, view.map.height() / 2)
        self._one_by_one(
            "Heat map: hovered",
            [partial(_hover, view.map, centre + QPointF(5 * n, 3 * n)) for n in range(20)],
        )
        self._copied("Heat map", view.menu)

    def _map(self) -> None:
        view = self._tab("map", MapView)
        self._watch.step(
            "Map, until its groups are known",
            partial(self.page.show_view, "map"),
            lambda: view.mapped is not None and "group" in view.mapped.arrays,
        )
        self._on_the_map(view)
        self._watch.step(
            "Map, until all of it is made", lambda: None, lambda: not view.maker.busy and self._quiet()
        )
        self._copied("Map, 100,000 texts", view.menu)
        edited = partial(self.context.set_cells, [(1, "anchor", "an anchor that was edited")])
        self.window.show_page("label")
        self._watch.step("an edit in Label", edited, self._quiet, 2.0)
        self._watch.step("and back to the map", partial(self.window.show_page, "explore"), self._quiet, 3.0)
        self._watch.step("the edit undone", self.context.undo, self._quiet, 3.0)

    def _on_the_map(self, view: MapView) -> None:
        shown = view.pair.maps[0]
        box = view.bar.colour_box
        self._one_by_one("Map: every colour", [partial(_choose, box, place) for place in range(box.count())])
        centre = QPointF(shown.width() / 2, shown.height() / 2)
        self._one_by_one(
            "Map: hovered", [partial(_hover, shown, centre + QPointF(3 * n, 2 * n)) for n in range(25)]
        )
        self._one_by_one(
            "Map: zoomed", [partial(_wheel, shown, centre, 120 if n < 8 else -120) for n in range(16)]
        )
        self._watch.step("Map: all of it", view.pair.fit, self._quiet)
        half = shown.width() // 2
        around = [QPoint(2, 2), QPoint(half, 2), QPoint(half, shown.height() // 2)]
        around += [QPoint(half, shown.height() - 3), QPoint(2, shown.height() - 3), QPoint(2, 40)]
        self._drag("Map: half of the texts by a lasso", shown, around, _SHIFT)
        self._watch.step("Map: movement", view.bar.vectors.toggle, self._quiet)
        self._watch.step("Map: what can be sent", view.send.fill, self._quiet)
        self._watch.step("Map: the selected texts copied", view.copy_texts, self._quiet)
        for key in ("outliers", "bare", "colours"):
            self._watch.step(f"Map: the list of {key}", partial(view.side.lists.choose, key), self._quiet)
        self._watch.step("Map: nothing selected", partial(view.front.select, None), self._quiet)

    def _probes(self) -> None:
        view = self._tab("probes", ProbesView)
        table = "kind,text,expected\n" + "".join(
            f'query,"question {n}","coat and river, text number {10 + 100 * n}"\n' for n in range(200)
        )
        self._show("probes", "Probes, the first time", lambda: True)
        QApplication.clipboard().setText(table)
        self._watch.step("Probes: 200 pasted", view.paste, lambda: self._quiet(), 1.0)
        for top in QApplication.topLevelWidgets():
            if top.isModal() and top.isVisible():
                self._watch.step("Probes: accepted", top.accept, self._quiet, 1.0)  # type: ignore[attr-defined]
        self._watch.step(
            "Probes: run", lambda: None, lambda: view.results.state == "ready" and self._quiet(), 1.0
        )
        self._copied("Probes", view.menu)
        self._watch.step(
            "Probes: saved as a table",
            partial(view.menu.save_numbers, self._folder.parent / "probes.csv"),
            self._quiet,
        )

    def _why(self) -> None:
        panel = self.page.why
        texts = " ".join(["coat river violin harbour"] * 15), " ".join(["garden winter letter copper"] * 15)
        self._watch.step("Why of two texts", partial(self.page.show_why, *texts), lambda: bool(panel.shown))
        self._copied("Why", panel.menu)
        for words in ("closed", "opened"):
            self._watch.step(f"Why {words}", self.page.toggle_why, self._quiet)

    # -- from tab to tab --------------------------------------------------------------------------------------------------

    def _around(self) -> None:
        step = self._watch.step
        for key in ("query", "pairs", "scores", "heat", "map", "probes", "pairs"):
            step(f"back to {key}", partial(self.page.show_view, key), self._quiet)
        self._send()
        for mode in ("dark", "light"):
            for key in ("pairs", "map"):
                step(f"to {key}", partial(self.page.show_view, key), self._quiet)
                step(f"{mode} theme before {key}", partial(self.context.theme.set_mode, mode), self._quiet)
        self._label()
        for page in ("train", "runs", "explore"):
            step(f"page {page}", partial(self.window.show_page, page), self._quiet)

    def _label(self) -> None:
        step, table = self._watch.step, self.window.findChild(QTableView, "label.table")
        step("page label", partial(self.window.show_page, "label"), self._quiet)
        step("Label: every row selected", table.selectAll, self._quiet)
        step(
            "Label: one row edited",
            partial(self.context.set_cells, [(1, "anchor", "another anchor")]),
            self._quiet,
            2.0,
        )
        step("Label: undone", self.context.undo, self._quiet, 2.0)

    def _send(self) -> None:
        step, view = self._watch.step, self._tab("map", MapView)
        step("to map", partial(self.page.show_view, "map"), self._quiet)
        marks = np.zeros(len(view.texts.texts), bool)
        marks[:1000] = True
        step("Map: 1,000 selected", partial(view.front.select, marks), self._quiet)
        info = self.context.project.datasets()[0]
        sending = Sending(Kind.POSITIVES, info.id, info.format)
        step("1,000 rows sent", lambda: self.page.sending.send(view.chosen(), sending), self._quiet, 2.5)
        step("and undone", self.context.undo, self._quiet, 2.5)
        step("flagged", lambda: self.page.sending.send(view.chosen(), Sending(Kind.FLAG)), self._quiet, 2.5)
        step("and undone again", self.context.undo, self._quiet, 2.5)

    def _drag(
        self,
        title: str,
        where: QWidget,
        along: Sequence[QPoint],
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        left = Qt.MouseButton.LeftButton
        self._one_by_one(
            title,
            [
                partial(QTest.mousePress, where, left, modifier, along[0]),
                *(partial(QTest.mouseMove, where, place) for place in along[1:]),
                partial(QTest.mouseRelease, where, left, modifier, along[-1]),
            ],
        )


def _choose(box: Any, place: int) -> None:
    box.setCurrentIndex(place)
    box.activated.emit(place)


def _hover(where: QWidget, at: QPointF) -> None:
    QTest.mouseMove(where, at.toPoint())


def _wheel(where: QWidget, at: QPointF, steps: int) -> None:
    event = QWheelEvent(
        at,
        QPointF(where.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(where, event)
