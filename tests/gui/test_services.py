"""The window with its real child processes: a run from start to end, stopped, thrown away; an engine that is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView

from core.dataset.formats import Example, Format
from core.project import Project
from core.training.events import FinishedEvent, RecipeEvent, StepEvent
from core.training.runs import list_runs, read_events
from gui import main_window
from gui.actions import run_flow
from gui.app import create
from gui.main_window import MainWindow
from tests.core import tiny_model
from tests.gui.window_support import child, click, make_project, open_window, said

ENDLESS = 10_000  # epochs
MINUTES = 120_000  # milliseconds: starting a child on a busy machine takes its time

ROWS = [Example((f"word {n}", f"thing {n}"), score=float(n % 2), raw_score=str(n % 2)) for n in range(40)]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> str:
    return str(tiny_model.build(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture
def project(tmp_path: Path, tiny: str) -> Path:
    folder = make_project(tmp_path / "p", Format.SCORED, ROWS)
    with Project.open(folder) as opened:
        opened.set_recipe({"base_model": tiny, "batch_size": 8, "epochs": 2})
    return folder


def steps(window: MainWindow) -> int:
    return sum(isinstance(event, StepEvent) for event in window.context.training.history)


def idle(qtbot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.context.training.active, timeout=MINUTES)


def test_runs_from_the_window(qtbot, project: Path, monkeypatch) -> None:
    """One window, three runs: to the end, stopped, thrown away. Each has a process of its own."""
    window = open_window(qtbot, project)
    training = window.context.training
    states: list[str] = []
    training.state_changed.connect(lambda: states.append(training.state))

    # A double click is one run, and so is a second start from anywhere else.
    QTest.mouseClick(window.topbar.train, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(window.topbar.train, Qt.MouseButton.LeftButton)
    assert window.current_page == "train" and training.state == "starting"
    training.start(project, 1, {})
    window.projects.open(make_project(project.parent / "other"))
    assert window.context.folder == project and "A run is on" in said(window)[-1]
    idle(qtbot, window)
    assert states == ["starting", "running", "idle"]
    (run,) = list_runs(project)
    assert run.status == "finished" and run.model is not None
    assert isinstance(training.history[0], RecipeEvent) and isinstance(training.history[-1], FinishedEvent)
    assert training.history == read_events(run.folder)
    page = window.page("train")
    assert page.loss_plot.points == run.steps == steps(window) > 2
    qtbot.waitUntil(lambda: window.topbar.model.value.endswith("→ run 1"), timeout=20_000)

    window.context.edit(lambda opened: opened.set_recipe({**opened.recipe(), "epochs": ENDLESS}))
    window.runs.train()
    qtbot.waitUntil(lambda: steps(window) >= 3, timeout=MINUTES)
    assert page.loss_plot.points >= 2  # the first run's curve is gone, this one's grows
    click(page.stop)
    idle(qtbot, window)
    assert list_runs(project)[0].status == "stopped" and list_runs(project)[0].model is not None
    assert page.chip.text() == "stopped, kept"

    monkeypatch.setattr(run_flow, "confirm", lambda *_arguments, **_more: True)
    window.runs.train()
    qtbot.waitUntil(lambda: steps(window) >= 1, timeout=MINUTES)
    click(page.discard)
    idle(qtbot, window)
    assert page.chip.text() == "discarded"
    assert [run.status for run in list_runs(project) if run.model is not None] == ["stopped", "finished"]
    assert [text for text in said(window) if "A run is on" not in text] == []


def test_closing_in_the_middle_of_a_run_asks_and_keeps_the_model(qtbot, project: Path, monkeypatch) -> None:
    with Project.open(project) as opened:
        opened.set_recipe({**opened.recipe(), "epochs": ENDLESS})
    window = open_window(qtbot, project)
    window.runs.train()
    qtbot.waitUntil(lambda: steps(window) >= 2, timeout=MINUTES)
    answers = [False, True]
    monkeypatch.setattr(main_window, "confirm", lambda *_arguments, **_more: answers.pop(0))
    window.close()
    assert window.isVisible() and window.context.training.active and window.context.project is not None
    seen = steps(window)
    qtbot.waitUntil(lambda: steps(window) > seen, timeout=MINUTES)
    window.close()
    assert not window.isVisible() and answers == []
    (run,) = list_runs(project)
    assert run.status == "stopped" and run.model is not None
    with Project.open(project):
        pass


def test_a_run_that_cannot_begin_says_why(qtbot, messages, tmp_path: Path, tiny: str) -> None:
    folder = make_project(tmp_path / "p", Format.SCORED, [*ROWS, Example(("", "x"), score=1.0)])
    with Project.open(folder) as opened:
        opened.set_recipe({"base_model": tiny})
    window = open_window(qtbot, folder)
    window.runs.train()
    idle(qtbot, window)
    assert len(messages.errors) == 1 and "empty" in messages.errors[0].text.lower()
    assert window.page("train").chip.text() == "failed" and list_runs(folder) == []


def ask(qtbot, window: MainWindow, text: str) -> list[str]:
    query = child(window, "explore.query", QLineEdit)
    base = child(window, "explore.base_results", QListView)
    base.model().show([], 0)
    query.setText(text)
    QTest.keyClick(query, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: base.model().rowCount() > 0, timeout=MINUTES)
    return [hit.text for hit in base.model().hits[: base.model().listed]]


def test_an_engine_that_was_killed_comes_back_with_the_next_question(qtbot, project: Path) -> None:
    window = create(project, [])
    qtbot.addWidget(window)
    window.show()
    engine = window.context.engine
    window.show_page("explore")
    first = ask(qtbot, window, "word 7")  # before it is warm: the question waits
    assert len(first) == 20 and "word 7" not in first  # the text itself is left out
    before = engine._client.pid
    assert before is not None and engine.state == "warm"
    os.kill(before, signal.SIGKILL)
    qtbot.waitUntil(lambda: not psutil.pid_exists(before) or engine._client.pid is None, timeout=20_000)
    assert ask(qtbot, window, "word 8") != []
    assert engine._client.pid not in (None, before)
    assert ask(qtbot, window, "word 7") == first
    score_in_slices(qtbot, window)
    assert said(window) == []


def score_in_slices(qtbot, window: MainWindow) -> None:
    """All rows are scored by the same engine, and a changed one again, while the window goes on."""
    window.show_page("label")
    page = window.page("label")
    page.scores.show()
    scores = page.scores.scores
    qtbot.waitUntil(lambda: scores.state == "ready" and not scores.busy, timeout=MINUTES)
    ids = page.model.ids
    assert len(ids) == len(ROWS) and scores.table.labels == len(ROWS)
    before = [scores.table.value("similarity", id) for id in ids]
    assert all(-1.01 <= value <= 1.01 for value in before)
    window.context.set_cells([(ids[3], "text_b", "word 3")])
    assert scores.stale(ids[3]) and not scores.stale(ids[4])
    qtbot.waitUntil(lambda: not scores.busy, timeout=MINUTES)
    after = [scores.table.value("similarity", id) for id in ids]
    assert [n for n, (old, new) in enumerate(zip(before, after, strict=True)) if old != new] == [3]
    assert after[3] == pytest.approx(1.0, abs=1e-4)  # the same text twice
    assert not list((window.context.folder / "cache" / "arrays").glob("*.npy"))  # read and gone
