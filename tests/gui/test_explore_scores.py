"""The scores tab with an engine made of code: thresholds by rule, by mouse and by key, and the one that the run keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from core.dataset.formats import Format
from core.similarity import cuts
from core.similarity.thresholds import Thresholds
from core.training.run_threshold import read_threshold
from gui import app
from gui.views.explore.scores.rules import HAND, RulePicker
from tests.gui.run_support import fake_run
from tests.gui.test_explore_pairs import AFTER, BEFORE, ROWS, Engine, Pairs
from tests.gui.window_support import child, click, fits, make_project, open_window, quiet


@pytest.fixture
def scores(qtbot, tmp_path: Path, monkeypatch) -> Pairs:
    folder = make_project(tmp_path / "p", Format.TRIPLETS, ROWS)
    run = fake_run(folder)
    (run / "data").mkdir(exist_ok=True)
    (run / "data" / "ids.json").write_text(json.dumps({"dataset": 1, "train": [1, 2], "holdout": [3, 4]}))
    monkeypatch.setattr(app, "EngineService", Engine)
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    shown = Pairs(qtbot, window, tmp_path, "scores")
    shown.answer_both(BEFORE, AFTER)
    qtbot.waitUntil(lambda: shown.view.sides is not None)
    return shown


def test_rules_put_the_lines_where_the_cuts_are(scores: Pairs) -> None:
    view = scores.view
    assert view.part.currentText() == "Hold-out" and view.similar.text() == "■ 2 similar"
    second = view.sides.second
    assert view.histograms.lines[1] == second.cuts.best_f1().threshold
    view.rules.choose(cuts.ACCURACY)
    assert view.histograms.lines[1] == second.cuts.best_accuracy().threshold
    assert not child(view, "scores.value").isVisible()
    view.rules.choose(cuts.RECALL)
    assert child(view, "scores.value").isVisible()
    assert view.histograms.lines[1] == second.best(cuts.RECALL, 0.9).threshold
    assert child(view, "scores.recall.1", QLabel).text() == "100.0%"
    fits(scores.window, 1024, 640)


def test_mouse_and_keys_move_a_line(scores: Pairs) -> None:
    view = scores.view
    chart = view.histograms
    at = QPoint(int(chart.x_of(0.5)), int(chart.pane(1).center().y()))
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=at)
    assert chart.lines[1] == pytest.approx(0.5, abs=0.01)
    cut = view.sides.second.cuts.at(chart.lines[1])
    assert child(view, "scores.fp.1", QLabel).text() == str(cut.false_positives)
    before = list(chart.lines)
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.lines[1] == pytest.approx(before[1] + 0.001) and chart.lines[0] == before[0]
    QTest.keyClick(chart, Qt.Key.Key_Home, Qt.KeyboardModifier.AltModifier)
    assert chart.lines[0] == view.sides.edges[0]
    chart.grab()
    assert view.rules.rule == HAND
    lines = list(chart.lines)
    view.part.setCurrentIndex(0)
    view.part.activated.emit(0)
    scores.bot.waitUntil(lambda: view.sides.part == 0)
    assert chart.lines == lines, "the same threshold over other rows"
    assert child(view, "scores.fp.1", QLabel).text() == str(
        view.sides.second.cuts.at(lines[1]).false_positives
    )


def test_the_run_keeps_a_threshold_until_it_is_taken_out(scores: Pairs) -> None:
    view = scores.view
    run = scores.window.context.folder / "runs" / "0001-main"
    click(child(view, "scores.use"))
    scores.bot.waitUntil(lambda: view.saved is not None)
    kept = read_threshold(run)
    assert (
        kept is not None
        and kept.threshold == view.sides.second.cuts.short(view.histograms.lines[1])
        and kept.measured_on == "hold-out"
    )
    undo = scores.window.context.messages.shown[-1].do
    click(child(view, "scores.clear"))
    scores.bot.waitUntil(lambda: read_threshold(run) is None and view.saved is None)
    scores.window.context.messages.shown[-1].do()
    scores.bot.waitUntil(lambda: read_threshold(run) == kept)
    undo()
    scores.bot.waitUntil(lambda: read_threshold(run) is None)


def test_figures_and_bins_copy(scores: Pairs) -> None:
    view, clipboard = scores.view, QApplication.clipboard()
    QTest.keyClick(view.histograms, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    scores.bot.waitUntil(
        lambda: clipboard.text().startswith("Hold-out, 2 similar, 2 not similar\nBase: threshold")
    )
    view.menu.copy_csv()
    scores.bot.waitUntil(lambda: clipboard.text().startswith("From,To,Base similar"))
    counts = [
        sum(map(int, column))
        for column in zip(*(line.split(",")[2:] for line in clipboard.text().splitlines()[1:]), strict=True)
    ]
    assert counts == [2, 2, 2, 2]
    view.menu.copy_picture()
    assert clipboard.pixmap().width() > view.card.width()


def test_a_bar_says_how_many_pairs_it_holds(scores: Pairs) -> None:
    chart, sides = scores.view.histograms, scores.view.sides
    for which, side in enumerate((sides.first, sides.second)):
        bar = int(side.positives.argmax())
        x = chart.x_of(float(sides.edges[bar] + sides.edges[bar + 1]) / 2)
        told = chart.told_at(QPointF(x, chart.pane(which).center().y()))
        assert told.startswith(f"{side.title}, scores from ")
        assert told.endswith(f": {side.positives[bar]} similar, {side.negatives[bar]} not similar")
    assert chart.told_at(QPointF(0, 0)) == ""


def test_a_wanted_share_is_the_one_that_is_shown(qtbot) -> None:
    picker = RulePicker()
    qtbot.addWidget(picker)
    picker.choose(cuts.PRECISION)
    picker.spin.setValue(70.0)
    found = Thresholds([0.9] * 7 + [0.8] * 3 + [0.1], [True] * 7 + [False] * 3 + [True])
    assert picker.value == 0.7 and found.with_precision(picker.value) is not None
    found = Thresholds([0.9] * 10 + [0.1], [True] * 7 + [False] * 3 + [False])
    best = found.with_precision(picker.value)
    assert best is not None and best.precision == 0.7
