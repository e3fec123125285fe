"""The heat map of a selection with an engine made of code: which texts, which models, order, zoom, click, copying."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPlainTextEdit, QSpinBox

from core.dataset.formats import Example
from core.errors import EngineProblem
from core.project import Project
from gui import app
from gui.views.explore.heat.view import HeatView
from tests.gui.fake_engine import FakeEngine, Question
from tests.gui.run_support import fake_model, fake_run
from tests.gui.test_explore_page import Explorer
from tests.gui.window_support import child, click, fits, in_bar, make_project, open_window, quiet

TEXTS = ["soft girl", "pastel cardigan", "pastoral vibe", "linen dress", "futuristic", "tracksuit"]


class Heat:
    def __init__(self, explorer: Explorer, folder: Path) -> None:
        self.explorer, self.folder = explorer, folder
        explorer.explore.show_view("heat")
        view = explorer.explore.view("heat")
        assert isinstance(view, HeatView)
        self.view = view
        quiet(explorer.bot, explorer.window)

    def asked(self) -> list[Question]:
        quiet(self.explorer.bot, self.explorer.window)
        return [question for question in self.explorer.engine.asked if question.op == "alike"]

    def answer(self) -> np.ndarray[Any, Any]:
        """Scores that tell the place of the text: (model + 1)·(row + column) / 100; each order the wrong way round."""
        params = self.asked()[-1].params
        count = len(params["texts"])
        places = np.add.outer(np.arange(count), np.arange(count)) / 100
        scores = np.stack([(model + 1) * places for model in range(len(params["models"]))]).astype(np.float32)
        path = self.folder / "scores.npy"
        np.save(path, scores)
        order = list(range(count))[::-1]
        self.asked()[-1].on_done({"file": str(path), "orders": [order] * len(scores), "results": []})
        QApplication.processEvents()
        assert not path.exists(), "a file that was read is deleted"
        return scores


@pytest.fixture
def heat(qtbot, tmp_path: Path, monkeypatch) -> Heat:
    folder = make_project(tmp_path / "p")
    fake_run(folder)
    monkeypatch.setattr(app, "EngineService", FakeEngine)
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    return Heat(Explorer(qtbot, window), tmp_path)


def test_the_first_texts_of_the_dataset_are_compared(heat: Heat) -> None:
    question = heat.asked()[-1]
    assert question.params["texts"][:6] == TEXTS and len(question.params["texts"]) == 8
    assert question.params["models"] == ["base", "0001-main"] and question.group == "heat"
    scores = heat.answer()
    shown = heat.view.map.cells
    assert shown.rows == shown.columns == tuple(reversed(question.params["texts"]))
    assert shown.values == pytest.approx(scores[1][::-1, ::-1]), (
        "the second model first, alike texts together"
    )
    child(heat.view, "heat.count", QSpinBox).setValue(3)
    quiet(heat.explorer.bot, heat.explorer.window)
    assert heat.asked()[-1].params["texts"] == TEXTS[:3]
    heat.view.grab()


def test_models_change_and_order(heat: Heat) -> None:
    scores = heat.answer()
    click(child(heat.view, "heat.view.0"))
    assert heat.view.map.cells.values == pytest.approx(scores[0][::-1, ::-1])
    limit = heat.view.map.cells.limit
    click(child(heat.view, "heat.view.1"))
    assert heat.view.map.cells.limit == limit, "colours mean the same under both models"
    heat.view.map.zoom_by(3, QPointF(300, 300))
    zoom, origin = heat.view.map.zoom, heat.view.map.origin
    click(child(heat.view, "heat.view.change"))
    assert heat.view.map.cells.values == pytest.approx((scores[1] - scores[0])[::-1, ::-1])
    assert (heat.view.map.zoom, heat.view.map.origin) == (zoom, origin) and zoom > 1
    order = child(heat.view, "heat.order", QComboBox)
    assert [order.itemText(n) for n in range(order.count())] == [
        "Groups of Run 1",
        "Groups of Base",
        "As listed",
    ]
    order.setCurrentIndex(2)
    order.activated.emit(2)
    assert heat.view.map.cells.rows[:6] == tuple(TEXTS)


def test_a_cell_is_told_and_a_click_asks_why(heat: Heat) -> None:
    heat.answer()
    texts = heat.view.map.cells.rows
    place = heat.view.map.place_of(1, 3).center().toPoint()
    QTest.mouseMove(heat.view.map, place)
    assert (heat.view.first.text(), heat.view.second.text()) == (texts[1], texts[3])
    assert child(heat.view, "heat.values", QLabel).text() == "Base 0.100  ·  Run 1 0.200  ·  Δ +0.100"
    assert texts[3] in heat.view.map.tip(1, 3) and heat.view.map.tip(-1, 2)  # type: ignore[misc]
    QTest.mouseClick(heat.view.map, Qt.MouseButton.LeftButton, pos=place)
    explain = heat.explorer.engine.asked[-1]
    assert explain.op == "explain" and (explain.params["one"], explain.params["other"]) == (
        texts[1],
        texts[3],
    )
    same = heat.view.map.place_of(2, 2).center().toPoint()
    QTest.mouseClick(heat.view.map, Qt.MouseButton.LeftButton, pos=same)
    assert heat.explorer.engine.asked[-1] is explain
    heat.view.map.setFocus()
    QTest.keyClick(heat.view.map, Qt.Key.Key_Down)
    QTest.keyClick(heat.view.map, Qt.Key.Key_Return)
    assert heat.explorer.engine.asked[-1].params["one"] == texts[3]


def test_zoom_and_drag_stay_inside(heat: Heat) -> None:
    heat.answer()
    map = heat.view.map
    place = map.place_of(4, 4).center()
    map.zoom_by(1.5, place)
    assert map.cell_at(place) == (4, 4)
    QTest.mousePress(map, Qt.MouseButton.LeftButton, pos=place.toPoint())
    QTest.mouseMove(map, (place + QPointF(5000, 5000)).toPoint())
    QTest.mouseRelease(map, Qt.MouseButton.LeftButton, pos=(place + QPointF(5000, 5000)).toPoint())
    assert map.origin == QPointF(0, 0)
    map.grab()
    QTest.keyClick(map, Qt.Key.Key_0)
    assert map.zoom == 1.0


def test_typed_texts_and_an_empty_state_that_teaches(heat: Heat) -> None:
    heat.answer()
    source = child(heat.view, "heat.source", QComboBox)
    source.setCurrentIndex(source.findText("Typed texts"))
    source.activated.emit(source.currentIndex())
    assert "at least two" in heat.view.empty.sentence.text() and heat.view.empty.isVisible()
    child(heat.view, "heat.typed", QPlainTextEdit).setPlainText("red\nblue\n\nred\n <b>green</b>")
    heat.explorer.bot.waitUntil(lambda: len(heat.asked()) == 2)
    assert heat.asked()[-1].params["texts"] == ["red", "blue", "<b>green</b>"]
    heat.answer()
    assert heat.view.map.isVisible()
    heat.view.grab()


def test_texts_that_another_tab_chose(heat: Heat) -> None:
    page = heat.explorer.explore
    page.show_view("query")
    page.view("query").heat_requested.emit(["one", "two", "two", " "], "results for coat")
    assert page.shown == "heat" and heat.asked()[-1].params["texts"] == ["one", "two"]
    assert child(heat.view, "heat.source", QComboBox).currentText() == "Chosen: results for coat"


def test_results_of_a_query_are_compared(heat: Heat) -> None:
    explorer = heat.explorer
    explorer.explore.show_view("query")
    explorer.answer(explorer.type("winter"))
    explorer.tuned.setCurrentIndex(explorer.tuned.model().index(0, 0))
    (action,) = [one for one in explorer.tuned.actions() if "heat map" in one.text()]
    action.trigger()
    assert heat.asked()[-1].params["texts"] == ["winter", "green hat", "red coat", "wool sock", "blue coat"]


def test_copying(heat: Heat) -> None:
    heat.answer()
    QTest.keyClick(heat.view.map, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    quiet(heat.explorer.bot, heat.explorer.window)
    lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == 9 and lines[0].split("\t")[1:] == list(heat.view.map.cells.columns)
    heat.view.menu.copy_csv()
    quiet(heat.explorer.bot, heat.explorer.window)
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0] == "first,second,Base,Run 1,change" and len(lines) == 1 + 8 * 7 // 2


def test_errors_progress_and_cancelling(heat: Heat, messages) -> None:
    question = heat.asked()[-1]
    question.on_progress(3, 16)
    assert heat.view.progress.isVisible() and "3 of 16" in heat.view.state.text()
    click(heat.view.cancel)
    assert question.cancelled and heat.view.empty.isVisible() and not heat.view.progress.isVisible()
    heat.view.refresh()
    quiet(heat.explorer.bot, heat.explorer.window)
    heat.asked()[-1].on_error(EngineProblem("The engine ended.", "Try again."))
    assert in_bar(heat.explorer.window) == "The engine ended."
    click(heat.explorer.window.message_bar.action)
    quiet(heat.explorer.bot, heat.explorer.window)
    heat.answer()
    assert heat.view.map.isVisible()


def test_only_the_tab_in_front_asks(heat: Heat) -> None:
    heat.answer()
    heat.explorer.explore.show_view("query")
    heat.explorer.window.context.set_cells([(1, "text_a", "changed")])
    heat.explorer.window.context.choose_run("")
    quiet(heat.explorer.bot, heat.explorer.window)
    assert len(heat.asked()) == 1
    heat.explorer.explore.show_view("heat")
    quiet(heat.explorer.bot, heat.explorer.window)
    assert heat.asked()[-1].params["texts"][0] == "changed" and heat.asked()[-1].params["models"] == ["base"]
    heat.answer()
    assert not child(heat.view, "heat.view.change").isVisible()


def test_views_and_unpaired_texts_are_offered(qtbot, tmp_path: Path, monkeypatch) -> None:
    folder = make_project(
        tmp_path / "p", rows=[Example(("a", "b"), score=1.0), Example(("c", "d"), score=0.0)]
    )
    with Project.open(folder) as project:
        project.set_cells([(2, "flag", True)])
        project.add_texts(["free one", "free two"], "typed")
    monkeypatch.setattr(app, "EngineService", FakeEngine)
    window = open_window(qtbot, folder)
    heat = Heat(Explorer(qtbot, window), tmp_path)
    source = child(heat.view, "heat.source", QComboBox)
    titles = [source.itemText(n) for n in range(source.count())]
    assert titles == ["Rows of the dataset", "Flagged rows", "Unpaired texts", "Typed texts"]
    for title, texts in (("Flagged rows", ["c", "d"]), ("Unpaired texts", ["free one", "free two"])):
        source.setCurrentIndex(source.findText(title))
        source.activated.emit(source.currentIndex())
        quiet(qtbot, window)
        assert heat.asked()[-1].params["texts"] == texts


def test_it_fits_the_smallest_window(heat: Heat) -> None:
    heat.answer()
    heat.explorer.explore.toggle_why()
    assert fits(heat.explorer.window, 1024, 640)


def test_the_same_texts_again_are_known_without_the_engine(heat: Heat) -> None:
    view, explorer = heat.view, heat.explorer
    fake_model(explorer.window.context.folder / "runs" / "0001-main")
    view._asked = ()
    view.refresh()
    heat.asked()
    scores = heat.answer()
    known, count = view.grid, len(heat.asked())
    view.deactivate()
    view._forget()
    assert view.grid is None
    view.activate()
    quiet(explorer.bot, explorer.window)
    assert len(heat.asked()) == count and view.grid is not known
    assert (view.grid.scores == scores).all() and view.grid.titles == known.titles
    assert view.map.isVisible() and not view.progress.isVisible()
    for path in (explorer.window.context.folder / "cache" / "heat").iterdir():
        path.write_bytes(path.read_bytes()[:-40])
    view._asked, view.grid = (), None
    view.refresh()
    assert len(heat.asked()) == count + 1, "a damaged file counts as none"


def test_the_tools_share_a_line_as_long_as_they_fit(heat: Heat) -> None:
    """What they do not take is for the map."""
    heat.answer()
    window, bar = heat.explorer.window, heat.view.bar
    for width in (1280, 900):
        window.resize(width, 560)
        quiet(heat.explorer.bot, window)
        needed = bar._texts.minimumSize().width() + bar._looks.minimumSize().width() + 8
        same = abs(bar.source_box.geometry().center().y() - bar.order_box.geometry().center().y()) < 4
        assert same == (needed <= bar.width())
    heat.explorer.explore.toggle_why()
    quiet(heat.explorer.bot, window)
    assert fits(window, 900, 560)
