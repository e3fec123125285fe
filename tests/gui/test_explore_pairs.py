"""The pairs tab with an engine made of code: verdicts, filters, sorting, why, opening in Label, cancelling."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from core.dataset.formats import Example, Format
from core.engine.scoring import ROW
from core.similarity.labelled import PARTS, Comparison, Rows, Scored
from gui import app
from gui.main_window import MainWindow
from gui.views.explore.lens import Model
from gui.views.explore.pairs import reading
from gui.views.explore.pairs import table as pairs_table
from gui.views.explore.pairs.columns import GIVES_WAY, LEAST_TEXT, PairsTable, without_room
from gui.views.explore.pairs.table import PairsModel
from gui.views.explore.pairs.view import PairsView
from tests.gui.fake_engine import FakeEngine, Question
from tests.gui.run_support import fake_model, fake_run
from tests.gui.window_support import child, click, fits, make_project, open_window, quiet

ROWS = [
    Example(("apple", "fruit", "car")),
    Example(("bus", "vehicle", "pear")),
    Example(("plum", "fruit <b>", "train")),
    Example(("van", "vehicle", "fig")),
]
KEYS = (
    "number",
    "verdict",
    "text0",
    "text1",
    "text2",
    "first",
    "second",
    "change",
    "margin_first",
    "margin_second",
    "part",
)
WIDTHS = dict.fromkeys(KEYS, 90)
SIZES = ((1280, 800, False), (1280, 800, True), (1024, 640, False), (1024, 640, True), (900, 560, False))
BEFORE, AFTER = [0.1, -0.2, -0.1, 0.2], [0.3, 0.2, -0.2, -0.1]


class Engine(FakeEngine):
    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def start(self) -> None:
        pass


class Pairs:
    def __init__(self, bot: Any, window: MainWindow, folder: Path, key: str = "pairs") -> None:
        self.bot, self.window, self.folder = bot, window, folder
        window.show_page("explore")
        self.page: Any = window.page("explore")
        quiet(bot, window)
        self.page.show_view(key)
        self.view: Any = self.page.view(key)
        bot.waitUntil(lambda: bool(self.asked()))

    def asked(self) -> list[Question]:
        engine: Any = self.window.context.engine
        return [one for one in engine.asked if one.op == "score_rows" and not one.cancelled]

    def answer(self, margins: list[float]) -> None:
        table = np.zeros(len(margins), ROW)
        table["id"], table["margin"] = np.arange(1, len(margins) + 1), margins
        table["similarity"] = np.array(margins) + 0.5
        path = self.folder / f"{len(self.asked())}.npy"
        np.save(path, table)
        self.asked()[-1].on_done({"file": str(path), "large": 0.5, "calibration": {}})
        QApplication.processEvents()

    def answer_both(self, first: list[float], second: list[float]) -> None:
        self.answer(first)
        self.answer(second)
        self.bot.waitUntil(lambda: self.view.scored.state == "ready")
        quiet(self.bot, self.window)


@pytest.fixture
def pairs(qtbot, tmp_path: Path, monkeypatch) -> Pairs:
    folder = make_project(tmp_path / "p", Format.TRIPLETS, ROWS)
    run = fake_run(folder)
    (run / "data").mkdir(exist_ok=True)
    (run / "data" / "ids.json").write_text(json.dumps({"dataset": 1, "train": [1, 2, 3], "holdout": [4]}))
    monkeypatch.setattr(app, "EngineService", Engine)
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    return Pairs(qtbot, window, tmp_path)


def _verdicts(view: PairsView) -> list[str]:
    return [view.model.index(row, 1).data().split("  ")[1] for row in range(view.model.rowCount())]


def test_verdicts_by_part(pairs: Pairs) -> None:
    first = pairs.asked()[0]
    assert first.params["model"] == "base"
    pairs.answer(BEFORE)
    assert pairs.asked()[-1].params["model"] == "0001-main"
    pairs.answer(AFTER)
    pairs.bot.waitUntil(lambda: pairs.view.scored.state == "ready")
    assert _verdicts(pairs.view) == ["Broken", "Fixed", "Still wrong", "Still right"]
    view = pairs.view
    assert child(view, "pairs.accuracy.training", QLabel).text() == "33.3% → 66.7% right"
    assert child(view, "pairs.moved.holdout", QLabel).text() == "0 fixed − 1 broken = −1  ·  may be chance"
    assert not view.cards[2].isVisible()
    assert "kept out of its training" in view.basis.text()
    fits(pairs.window, 1024, 640)


def test_filter_sort_and_the_row_stays_chosen(pairs: Pairs) -> None:
    pairs.answer_both(BEFORE, AFTER)
    view = pairs.view
    view.table.selectRow(1)
    assert view.model.texts_of(1)[0] == "bus"
    view.table.sortByColumn(view.model.keys.index("text0"), Qt.SortOrder.DescendingOrder)
    assert [view.model.texts_of(row)[0] for row in range(4)] == ["van", "plum", "bus", "apple"]
    assert view.table.currentIndex().row() == 2
    child(view, "pairs.search", QLineEdit).setText("FRUIT")
    pairs.bot.waitUntil(lambda: view.model.rowCount() == 2)
    child(view, "pairs.search", QLineEdit).clear()
    view.part.setCurrentIndex(2)
    view.part.activated.emit(2)
    assert _verdicts(view) == ["Broken"] and view.hits.text() == "1 of 4"


def test_why_label_and_copy(pairs: Pairs) -> None:
    pairs.answer_both(BEFORE, AFTER)
    view = pairs.view
    asked: list[tuple[str, str]] = []
    view.why_requested.connect(lambda one, other: asked.append((one, other)))
    view.table.setCurrentIndex(view.model.index(0, view.model.keys.index("text2")))
    view.why()
    assert asked == [("van", "fig")]
    view.menu.copy_csv()
    pairs.bot.waitUntil(lambda: QApplication.clipboard().text().startswith("Row,Verdict,Anchor"))
    assert len(QApplication.clipboard().text().splitlines()) == 5
    view.table.selectRow(1)
    QTest.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    pairs.bot.waitUntil(lambda: QApplication.clipboard().text().startswith("Row\tVerdict\tAnchor"))
    assert QApplication.clipboard().text().splitlines()[1].startswith("2\tFixed\tbus\tvehicle\tpear\t")
    view.table.setCurrentIndex(view.model.index(0, view.model.keys.index("text2")))
    view.open_in_label()
    assert pairs.window.current_page == "label"
    label: Any = pairs.window.page("label")
    pairs.bot.waitUntil(lambda: label.table.currentIndex().row() == 3)


def test_every_row_is_selected_at_once(qtbot) -> None:
    """The head once asked each row of each column whether it is selected: a second for a hundred thousand."""

    class Counted(QStandardItemModel):
        asked = 0

        def index(self, *place: Any) -> Any:
            self.asked += 1
            return super().index(*place)

    model = Counted(3000, 4)
    table = PairsTable()
    qtbot.addWidget(table)
    table.setSelectionBehavior(table.SelectionBehavior.SelectRows)
    table.setModel(model)
    table.show()
    table.grab()
    model.asked = 0
    table.selectAll()
    table.grab()
    assert model.asked < 3000 and len(table.selectionModel().selectedRows()) == 3000


def test_what_is_sent_of_all_rows_or_of_some(pairs: Pairs) -> None:
    pairs.answer_both(BEFORE, AFTER)
    model, table = pairs.view.model, pairs.view.table
    table.clearSelection()
    table.setCurrentIndex(model.index(0, 0))
    table.selectAll()
    every = pairs.view.chosen()
    assert every.ids == tuple(model.id_of(row) for row in range(4)) and len(every.pairs) == 4
    assert every.pairs == tuple(model.texts_of(row)[:2] for row in range(4))
    assert len(list(pairs.view._selected()[1])) == 4
    flags = QItemSelectionModel.SelectionFlag
    table.selectionModel().select(model.index(2, 0), flags.ClearAndSelect | flags.Rows)
    assert pairs.view.chosen().ids == (model.id_of(2),)
    assert len(list(pairs.view._selected()[1])) == 1


def test_cancelled_and_again(pairs: Pairs) -> None:
    question = pairs.asked()[-1]
    click(child(pairs.view, "pairs.cancel"))
    assert question.cancelled and pairs.view.scored.state == "cancelled"
    click(child(pairs.view, "pairs.act"))
    pairs.bot.waitUntil(lambda: bool(pairs.asked()))
    pairs.answer_both(BEFORE, AFTER)
    assert pairs.view.model.rowCount() == 4


def test_without_a_run_the_tab_teaches(qtbot, tmp_path: Path, monkeypatch) -> None:
    folder = make_project(tmp_path / "p", Format.TRIPLETS, ROWS)
    monkeypatch.setattr(app, "EngineService", Engine)
    window = open_window(qtbot, folder)
    window.show_page("explore")
    page: Any = window.page("explore")
    page.show_view("pairs")
    quiet(qtbot, window)
    assert child(page.view("pairs"), "pairs.act").isVisible()


@given(st.integers(0, 1500), st.sampled_from(["", *KEYS]))
def test_numbers_give_way_in_order_and_never_more_than_needed(room: int, kept: str) -> None:
    gone = without_room(KEYS, WIDTHS, room, kept)
    may = [key for key in GIVES_WAY if key in KEYS and key != kept]
    assert gone == set(may[: len(gone)]) and kept not in gone

    def needed(hidden: set[str]) -> int:
        left = [key for key in KEYS if key not in hidden]
        return sum(LEAST_TEXT if key.startswith("text") else WIDTHS[key] for key in left)

    assert needed(gone) <= room or len(gone) == len(may)
    if gone:
        assert needed(gone - {may[len(gone) - 1]}) > room


def test_texts_stay_readable_beside_the_panel(pairs: Pairs) -> None:
    pairs.answer_both(BEFORE, AFTER)
    view, window, page = pairs.view, pairs.window, pairs.page
    seen = []
    for width, height, why in SIZES:
        window.resize(width, height)
        if page.split.is_open != why:
            page.toggle_why()
        pairs.bot.waitUntil(lambda width=width: window.width() == width)
        pairs.bot.wait(30)
        assert page.split.is_open == why and view.table.isVisible(), (width, why)
        shown = [key for place, key in enumerate(view.model.keys) if not view.table.isColumnHidden(place)]
        widths = {key: view.table.columnWidth(view.model.keys.index(key)) for key in shown}
        assert min(widths[key] for key in ("text0", "text1", "text2")) >= LEAST_TEXT - 25, (
            width,
            why,
            widths,
        )
        assert view.table.horizontalScrollBar().maximum() == 0
        assert {"verdict", "margin_second"} <= set(shown)
        seen.append(len(shown))
    assert seen[0] == len(view.model.keys) and all(a > b for a, b in pairwise((seen[0], seen[2], seen[3])))
    assert "Margin Base" in view.model.index(0, 1).data(3), "what has no room is in the tooltip"
    least = page.minimumSizeHint()
    assert least.width() <= page.width() and least.height() <= page.height(), "the smallest window"


def test_opened_again_nobody_is_asked_until_a_text_changes(pairs: Pairs) -> None:
    run = pairs.window.context.folder / "runs" / "0001-main"
    fake_model(run)
    pairs.view.scored.again()
    quiet(pairs.bot, pairs.window)
    pairs.answer_both(BEFORE, AFTER)
    scored, count = pairs.view.scored, len(pairs.asked())
    before = scored.comparison

    def again() -> None:
        scored.again()
        quiet(pairs.bot, pairs.window)

    again()
    assert len(pairs.asked()) == count and scored.state == "ready" and scored.comparison is not before
    assert scored.comparison.outcomes.tolist() == before.outcomes.tolist()
    context = pairs.window.context
    context.project.set_cells([(1, "flag", True)])
    again()
    assert len(pairs.asked()) == count, "what is no text changes no score"
    context.project.set_cells([(1, "anchor", "apples")])
    again()
    assert len(pairs.asked()) == count + 1 and pairs.asked()[-1].params["model"] == "base"
    context.project.undo()
    fake_model(run, "other weights")
    again()
    assert len(pairs.asked()) == count + 1 and pairs.asked()[-1].params["model"] == "0001-main"


def test_scores_beside_a_verdict_are_not_rounded_over_the_threshold() -> None:
    ids = np.arange(1, 5)
    similarity = np.array([0.9, 0.49962, 0.50035, 0.1])
    rows = Rows(Format.SCORED, ids, ids, (("a", "b"),) * 4, np.array([1.0, 0, 1, 0]), np.zeros(4, np.int8))
    nothing = np.full(4, np.nan)
    one, other = (Scored(title, similarity, nothing, np.empty(0)) for title in ("Base", "Run 1"))
    found = Comparison(rows, one, other)
    assert found.cuts == (0.5, 0.5)
    model = PairsModel()
    model.show(found)
    shown = {model.id_of(row): model.index(row, model.keys.index("second")).data() for row in range(4)}
    assert shown == {1: "0.900", 2: "0.4996", 3: "0.500", 4: "0.100"}
    rows = Rows(Format.TRIPLETS, ids, ids, (("a", "b", "c"),) * 4, np.ones(4), np.zeros(4, np.int8))
    margin = np.array([0.0003, -0.0003, 0.0, 0.25])
    one, other = (Scored(title, similarity, margin, np.empty(0)) for title in ("Base", "Run 1"))
    model.show(Comparison(rows, one, other))
    column = model.keys.index("margin_second")
    shown = {model.id_of(row): model.index(row, column).data() for row in range(4)}
    assert shown == {1: "+0.0003", 2: "0.000", 3: "0.000", 4: "+0.250"}
    tip = model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "less that to the nearest negative, under Run 1" in tip


def test_a_first_model_that_knows_the_hold_out_is_told(pairs: Pairs) -> None:
    """Another run may have learned from what this one kept out."""
    context = pairs.window.context
    other = fake_run(context.folder)
    (other / "data").mkdir(exist_ok=True)
    (other / "data" / "ids.json").write_text(json.dumps({"dataset": 1, "train": [4, 1], "holdout": [2, 3]}))
    info = context.dataset
    models = (Model(other.name, "Run 2", ""), Model("0001-main", "Run 1", ""))
    assert reading.read(context.folder, info, models).learned == 1
    assert reading.read(context.folder, info, (Model("base", "Base", ""), models[1])).learned == 0
    pairs.answer_both(BEFORE, AFTER)
    view = pairs.view
    assert "was trained on" not in view.basis.text()
    view.scored.learned = 1
    view._shown = None
    view._show()
    assert view.basis.text().startswith(
        "Base was trained on one of these held-out rows, so it looks better there than it is. Right:"
    )


@given(st.lists(st.text("abc", max_size=3), max_size=60))
def test_texts_are_brought_into_order_piece_by_piece(words: list[str]) -> None:
    """Sorting all at once keeps the window's thread waiting: a piece, or two that are in order already."""

    def watched(given: Any) -> list[str]:
        given = list(given)
        turns = sum(one > other for one, other in pairwise(given))
        assert len(given) <= 4 or turns <= 1
        return sorted(given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs_table, "_PIECE", 4)
        patch.setattr(pairs_table, "sorted", watched, raising=False)
        assert pairs_table._in_order(words) == sorted(set(words))


def test_rows_of_a_dataset_that_the_run_never_saw_are_no_training_rows(pairs: Pairs) -> None:
    context = pairs.window.context
    ids = context.folder / "runs" / "0001-main" / "data" / "ids.json"
    ids.write_text(json.dumps({"dataset": 7, "train": [1, 2], "holdout": [3]}))
    pairs.view.scored.again()
    quiet(pairs.bot, pairs.window)
    pairs.answer_both(BEFORE, AFTER)
    view = pairs.view
    assert [PARTS[part] for part in view.scored.comparison.tallies()] == ["Not in the run"]
    assert view.basis.text().endswith("Run 1 was trained on another dataset: none of these rows was in it.")
