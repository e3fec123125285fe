"""What pairs, scores, heat maps and why say where there is nothing to show: each time what it is for, or what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from core.dataset.formats import Example, Format
from core.engine.scoring import ROW
from core.errors import ModelProblem
from gui import app
from gui.views.explore.page import ExplorePage
from tests.gui.run_support import fake_model, fake_run
from tests.gui.test_explore_pairs import Engine
from tests.gui.window_support import child, click, dialog, make_project, open_window, quiet

SIMILAR = [Example((f"a {n}", f"b {n}"), 1.0, "1") for n in range(4)]
GONE = ModelProblem("The base model x is not installed.", "Choose another one.")


class Page:
    def __init__(self, bot: Any, folder: Path) -> None:
        self.bot, self.folder = bot, folder
        self.window = open_window(bot, folder)
        self.window.show_page("explore")
        page = self.window.page("explore")
        assert isinstance(page, ExplorePage)
        self.page = page
        self.engine: Any = self.window.context.engine
        quiet(bot, self.window)

    def show(self, key: str) -> Any:
        self.page.show_view(key)
        quiet(self.bot, self.window)
        return self.page.view(key)

    def waiting(self, op: str) -> list[Any]:
        return [one for one in self.engine.asked if one.op == op and not one.cancelled]

    def score(self, values: list[float]) -> None:
        """Both models say the same about the rows 1, 2, …"""
        for model in range(2):
            table = np.zeros(len(values), ROW)
            table["id"], table["similarity"] = np.arange(1, len(values) + 1), values
            table["margin"] = np.nan
            path = self.folder / f"{model}.npy"
            np.save(path, table)
            self.waiting("score_rows")[-1].on_done({"file": str(path), "large": 0.5, "calibration": {}})
            QApplication.processEvents()
        quiet(self.bot, self.window)


@pytest.fixture
def opened(qtbot, tmp_path: Path, monkeypatch) -> Callable[..., Page]:
    monkeypatch.setattr(app, "EngineService", Engine)

    def make(rows: list[Example], runs: int = 1) -> Page:
        folder = make_project(tmp_path / "p", Format.SCORED, rows)
        for _ in range(runs):
            run = fake_run(folder)
            fake_model(run)
            (run / "model" / "modules.json").write_text("[]")
        return Page(qtbot, folder)

    return make


@pytest.mark.parametrize("key", ["pairs", "scores"])
def test_no_run_yet(opened: Callable[..., Page], key: str) -> None:
    view = opened(SIMILAR, runs=0).show(key)
    assert "Train a model first" in view.waiting.state.sentence.text()
    assert child(view, f"{key}.act").isVisible() and child(view, f"{key}.act").text() == "Train"


@pytest.mark.parametrize("key", ["pairs", "scores"])
def test_no_labelled_rows_lead_to_label(opened: Callable[..., Page], key: str) -> None:
    shown = opened([Example(("a", "b")), Example(("c", "d"))])
    view = shown.show(key)
    assert "No row of this dataset has a label" in view.waiting.state.sentence.text()
    click(child(view, f"{key}.act"))
    assert shown.window.current_page == "label"
    quiet(shown.bot, shown.window)


def test_no_rows_at_all(opened: Callable[..., Page]) -> None:
    shown = opened([])
    for key in ("pairs", "scores"):
        view = shown.show(key)
        assert "There are no rows yet" in view.waiting.state.sentence.text()
        assert child(view, f"{key}.act").isVisible() and child(view, f"{key}.act").text() == "Add examples"
    map = shown.show("map")
    assert child(map, "map.add").isVisible() and not map.bar.colour_box.isVisible()
    query = shown.show("query")
    assert "no texts to compare with yet" in query.base.words.text()
    click(query.base.act)
    assert shown.window.current_page == "label"
    quiet(shown.bot, shown.window)


def test_the_first_question_is_a_click_away(opened: Callable[..., Page]) -> None:
    shown = opened(SIMILAR)
    query = shown.show("query")
    assert query.base.act.text() == "Pick a row…"
    click(query.base.act)
    quiet(shown.bot, shown.window)
    picker = dialog(shown.bot, "explore.picker")
    assert picker.isVisible()
    picker.reject()


def test_without_examples_nobody_is_sent_to_train(opened: Callable[..., Page]) -> None:
    shown = opened([], runs=0)
    assert not shown.show("query").tuned.act.isVisible()
    assert child(shown.show("scores"), "scores.act").text() == "Add examples"
    heat = shown.show("heat")
    assert not heat.bar.order_box.isVisible(), "there is nothing to order"
    assert not any(child(heat, f"heat.view.{key}").isVisible() for key in ("0", "1", "change"))


def test_similar_pairs_alone_have_no_threshold_and_nothing_held_out_is_said(
    opened: Callable[..., Page],
) -> None:
    shown = opened(SIMILAR)
    pairs = shown.show("pairs")
    shown.score([0.4, 0.5, 0.6, 0.7])
    assert (
        pairs.basis.text().startswith("There is nothing to tell apart")
        and "Nothing was held out" in pairs.basis.text()
    )
    assert child(pairs, "pairs.accuracy.training").text() == "Not decided"
    scores = shown.show("scores")
    assert scores.hint.text().startswith("Only one kind of pairs") and not scores.use.isEnabled()
    assert child(scores, "scores.precision.1").text() == "—"


def test_a_base_model_that_is_gone_is_named_where_the_rows_would_be(
    opened: Callable[..., Page], messages
) -> None:
    shown = opened([*SIMILAR, Example(("x", "y"), 0.0, "0")])
    pairs = shown.show("pairs")
    shown.waiting("score_rows")[-1].on_error(GONE)
    assert str(GONE) in pairs.waiting.state.sentence.text()
    click(child(pairs, "pairs.act"))
    quiet(shown.bot, shown.window)
    assert pairs.scored.state == "reading"
    heat = shown.show("heat")
    shown.waiting("alike")[-1].on_error(GONE)
    assert heat.empty.isVisible() and str(GONE) in heat.empty.sentence.text()
    shown.page.show_why("one", "other")
    quiet(shown.bot, shown.window)
    shown.waiting("explain")[-1].on_error(GONE)
    assert str(GONE) in shown.page.why.words.text()


def test_no_model_stands_beside_itself(opened: Callable[..., Page]) -> None:
    shown = opened(SIMILAR, runs=2)
    lens, page = shown.page.lens, shown.page
    names = [run.folder.name for run in lens.runs]
    lens.choose_second(names[0])
    lens.choose_first(names[1])
    assert (lens.first.ref, lens.second.ref) == (names[1], names[0])
    offered = [page.first.itemData(place) for place in range(page.first.count())]
    assert offered == ["base", names[1]]
    lens.choose_second(names[1])
    assert (lens.first.ref, lens.second.ref) == ("base", names[1])


def test_a_run_that_is_deleted_while_it_is_shown(opened: Callable[..., Page]) -> None:
    shown = opened([*SIMILAR, Example(("x", "y"), 0.0, "0")])
    pairs = shown.show("pairs")
    shown.score([0.4, 0.5, 0.6, 0.7, 0.1])
    assert pairs.model.rowCount() == 5
    shutil.rmtree(shown.folder / "runs" / shown.page.lens.runs[0].folder.name)
    shown.window.context.runs_changed.emit()
    quiet(shown.bot, shown.window)
    shown.bot.waitUntil(lambda: shown.page.lens.second is None)
    quiet(shown.bot, shown.window)
    assert (
        child(pairs, "pairs.act").isVisible() and "Train a model first" in pairs.waiting.state.sentence.text()
    )
