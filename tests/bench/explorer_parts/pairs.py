"""Pairs and Scores: 10,000 labelled rows sorted and filtered, 100,000 pairs redrawn while a threshold is dragged, and a project of 100,000
texts opened again, whose scores the cache knows."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTableView

from core.dataset.formats import Example, Format
from core.engine import kept_scores
from core.project import Project
from core.project.views import View
from core.similarity import cuts
from core.similarity.before_after import Outcome
from core.similarity.cuts import EVERY_PART
from core.similarity.labelled import RANDOM_PAIR, Comparison, Rows, Scored
from gui.app import create
from gui.theme.manager import ThemeManager
from gui.views.explore.heat import grid
from gui.views.explore.heat.bar import FIRST
from gui.views.explore.heat.texts import Source, first_texts
from gui.views.explore.heat.view import HeatView
from gui.views.explore.lens import Model
from gui.views.explore.page import ExplorePage
from gui.views.explore.pairs import reading
from gui.views.explore.pairs.table import PairsModel, prepare
from gui.views.explore.pairs.view import PairsView
from gui.views.explore.scores.figures import Figures
from gui.views.explore.scores.histogram import Histograms
from gui.views.explore.scores.view import ScoresView
from tests.bench.report import Figure, at_most
from tests.gui.run_support import fake_model, fake_run

ROWS, PAIRS, FRAMES = 10_000, 100_000, 60
REOPENED = 50_000  # pairs of two texts each


def figures(options: argparse.Namespace) -> list[Figure]:
    made = QApplication.instance()
    app = made if isinstance(made, QApplication) else QApplication([])
    theme = ThemeManager(app, "light")
    found = [*_table(app, ROWS, 100), *_table(app, PAIRS, None), *_drag(app), *_reopened()]
    theme.deleteLater()
    return found


def _compared(format: Format, count: int) -> Comparison:
    chance = np.random.default_rng(0)
    ids = np.arange(1, count + 1)
    words = [f"text {n % 977} of group {n % 31}" for n in range(count)]
    texts = tuple((words[n], words[-n], words[(n * 7) % count]) for n in range(count))
    similar = chance.integers(0, 2, count).astype(float)
    rows = Rows(format, ids, ids, texts, similar, chance.integers(0, 2, count).astype(np.int8))
    sides = [
        Scored(title, chance.normal(0.4 + 0.2 * similar, 0.15), chance.normal(0.05, 0.1, count), np.empty(0))
        for title in ("Base", "Run 1")
    ]
    return Comparison(rows, sides[0], sides[1])


def _table(app: QApplication, rows: int, most: float | None) -> list[Figure]:
    model, compared = PairsModel(), _compared(Format.TRIPLETS, rows)
    model.show(compared)
    model.take(compared, prepare(compared))  # as the tab does it, beside the window
    table = QTableView()
    table.setModel(model)
    table.resize(1000, 600)
    table.show()
    app.processEvents()

    def shown(act: Callable[[], object]) -> float:
        started = time.perf_counter()
        act()
        app.processEvents()
        return (time.perf_counter() - started) * 1000

    sorts = [
        shown(lambda column=column, order=order: model.sort(column, order))  # type: ignore[misc]
        for column in range(model.columnCount())
        for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder)
    ]
    filters = [
        shown(lambda text=text, one=one: model.filter(one, -1, text))  # type: ignore[misc]
        for text in ("", "text 9", "group 12")
        for one in (-1, Outcome.FIXED, Outcome.BROKEN)
    ]
    table.close()
    told = ((f"pairs: sort {rows:,} rows by any column, slowest", max(sorts)),)
    told += ((f"pairs: filter {rows:,} rows, slowest", max(filters)),)
    return [
        at_most(name, value, "ms", most) if most is not None else Figure(name, round(value, 4), "ms")
        for name, value in told
    ]


def _drag(app: QApplication) -> list[Figure]:
    started = time.perf_counter()
    sides = cuts.sides(_compared(Format.SCORED, PAIRS), EVERY_PART)
    measured = time.perf_counter() - started
    chart, cells = Histograms(), Figures()
    chart.moved.connect(lambda row, value: cells.show_cut(row, sides.second, sides.second.cuts.at(value)))
    chart.resize(1000, 360)
    chart.show_sides(sides)
    chart.show()
    cells.show()
    app.processEvents()
    frames = []
    for place in range(FRAMES):
        started = time.perf_counter()
        chart._move(1, chart.value_at(50 + 15 * place))
        chart.repaint()
        cells.repaint()
        frames.append((time.perf_counter() - started) * 1000)
    chart.close()
    cells.close()
    p95 = statistics.quantiles(frames, n=20)[-1]
    return [
        at_most(f"scores: drag over {PAIRS:,} pairs, a frame, p95", p95, "ms", 16),
        Figure(f"scores: measure {PAIRS:,} pairs under two models", round(measured, 3), "s"),
    ]


def _reopened() -> list[Figure]:
    """From the opening of the window on, with nobody to ask: the engine is off."""
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        folder = Path(name) / "project"
        _fill(folder)
        began = time.perf_counter()
        window = create(folder, ["--no-engine"])
        window.resize(1280, 800)
        window.show()
        window.show_page("explore")
        page = window.page("explore")
        assert isinstance(page, ExplorePage)
        views = {key: page.view(key) for key in ("pairs", "scores", "heat")}
        pairs, scores, heat = views["pairs"], views["scores"], views["heat"]
        assert isinstance(pairs, PairsView) and isinstance(scores, ScoresView) and isinstance(heat, HeatView)
        shown: dict[str, Callable[[], bool]] = {
            "pairs": lambda: pairs.model.rowCount() == REOPENED,
            "scores": lambda: scores.sides is not None and scores.histograms.isVisible(),
            "heat": lambda: heat.grid is not None and heat.map.isVisible(),
        }
        found = []
        for key, there in shown.items():
            page.show_view(key)
            _until(there)
            views[key].repaint()
            took = time.perf_counter() - began
            since = "opened" if key == "pairs" else "shown from the tab before"
            found.append(
                at_most(
                    f"{key}: a project of {2 * REOPENED:,} texts, {since}, from the cache", took, "s", 1.0
                )
            )
            _until(lambda: not window.context.jobs.running)
            began = time.perf_counter()
        window.close()
        _until(lambda: not window.isVisible())
        QApplication.processEvents()
    return found


def _fill(folder: Path) -> None:
    """Rows, a run, and what both models said about them before."""
    chance = np.random.default_rng(1)
    rows = [
        Example((f"an anchor with the number {n}", f"a text {n} of group {n % 31}"), float(n % 2), str(n % 2))
        for n in range(REOPENED)
    ]
    with Project.create(folder, "Bench") as project:
        project.create_dataset("main", Format.SCORED, examples=rows)
        info = project.datasets()[0]
    run = fake_run(folder)
    fake_model(run)
    models = [Model("base", "Base", ""), Model(run.name, "Run 1", "")]
    found = reading.read(folder, info, models)
    ids = found.rows.ids
    none = np.empty(0, RANDOM_PAIR)
    scores = [
        kept_scores.Told(ids, *chance.normal(0.3, 0.1, (3, len(ids))).astype(np.float32), none)
        for _ in models
    ]
    kept_scores.keep(folder, zip(found.keys, scores, strict=True))
    chosen = first_texts(folder, info.id, Source("all", "", View()), FIRST, lambda: False)
    key, _ = grid.known(folder, chosen, models)
    matrix = chance.normal(0.3, 0.2, (2, FIRST, FIRST)).astype(np.float32)
    orders = (chance.permutation(FIRST), chance.permutation(FIRST))
    grid.keep(folder, key, grid.Grid(tuple(chosen), ("Base", "Run 1"), matrix, orders))


def _until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not there():
        assert time.monotonic() < end, "it never came"
        QApplication.processEvents()
        time.sleep(0.001)
    QApplication.processEvents()
