"""Pairs and Scores: 10,000 labelled rows sorted and filtered, 100,000 pairs redrawn while a threshold is dragged."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTableView

from core.dataset.formats import Format
from core.similarity import cuts
from core.similarity.before_after import Outcome
from core.similarity.cuts import EVERY_PART
from core.similarity.labelled import Comparison, Rows, Scored
from gui.theme.manager import ThemeManager
from gui.views.explore.pairs.table import PairsModel
from gui.views.explore.scores.figures import Figures
from gui.views.explore.scores.histogram import Histograms
from tests.bench.report import Figure, at_most

ROWS, PAIRS, FRAMES = 10_000, 100_000, 60


def figures(options: argparse.Namespace) -> list[Figure]:
    made = QApplication.instance()
    app = made if isinstance(made, QApplication) else QApplication([])
    theme = ThemeManager(app, "light")
    found = [*_table(app), *_drag(app)]
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


def _table(app: QApplication) -> list[Figure]:
    model = PairsModel()
    model.show(_compared(Format.TRIPLETS, ROWS))
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
    return [
        at_most(f"pairs: sort {ROWS:,} rows by any column, slowest", max(sorts), "ms", 100),
        at_most(f"pairs: filter {ROWS:,} rows, slowest", max(filters), "ms", 100),
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
