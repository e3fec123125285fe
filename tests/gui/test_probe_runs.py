"""After a training the probes are run, and what got worse is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLabel

from core.errors import ModelProblem
from core.project import Project
from core.project.edits import Compound
from core.project.probes import put
from core.training.run_probes import RunProbes, as_record, save_probes
from gui import app
from gui.workers import probe_runs
from tests.gui.run_support import fake_run
from tests.gui.test_explore_probes import PROBES, SIDES, Engine
from tests.gui.test_train_page import Feed, finished
from tests.gui.window_support import click, in_bar, make_project, open_window, quiet


def test_what_got_worse_is_told_at_the_end_of_a_training(
    qtbot, tmp_path: Path, monkeypatch, messages
) -> None:
    folder = make_project(tmp_path / "p")
    with Project.open(folder) as project:
        project.apply(Compound(tuple(put(probe) for probe in PROBES)), "Add probes")
    run = fake_run(folder)
    monkeypatch.setattr(app, "EngineService", Engine)
    window = open_window(qtbot, folder)
    monkeypatch.setattr(window.context.training, "prepare", lambda: None)
    engine: Any = window.context.engine
    window.show_page("runs")
    quiet(qtbot, window)
    feed = Feed(qtbot, window)
    feed.begin()
    feed.end(finished())
    question = engine.waiting("run_probes")
    assert question.params["run"] == run.name
    question.fail(ModelProblem("The model cannot be loaded.", "Train again."))
    assert in_bar(window) == "The model cannot be loaded."
    click(window.message_bar.action)
    found = RunProbes(run.name, 6, tuple(window.context.project.probes()), **SIDES)
    save_probes(run, found)
    engine.waiting("run_probes").answer({"result": as_record(found)})
    assert in_bar(window).startswith("Run 1 is finished: 1 of 3 probes pass, 1 that passed before fails now.")
    quiet(qtbot, window)
    window.page("runs")._select({run.name})

    def words() -> list[str]:
        return [label.text() for label in window.page("runs").details.findChildren(QLabel)]

    said = "1 of 3 probes pass, 1 that passed before fails now."
    qtbot.waitUntil(lambda: said in words(), timeout=20_000)
    assert words().index("− apple") < words().index("+ bus ↔ vehicle")
    click(window.message_bar.action)
    assert window.current_page == "explore" and window.page("explore").shown == "probes"
    quiet(qtbot, window)


def test_very_many_texts_are_not_embedded_without_asking(qtbot, tmp_path: Path, monkeypatch) -> None:
    folder = make_project(tmp_path / "p")
    with Project.open(folder) as project:
        project.apply(put(PROBES[0]), "Add probe")
    monkeypatch.setattr(app, "EngineService", Engine)
    monkeypatch.setattr(probe_runs, "MOST_ROWS", 3)
    window = open_window(qtbot, folder)
    monkeypatch.setattr(window.context.training, "prepare", lambda: None)
    engine: Any = window.context.engine
    feed = Feed(qtbot, window)
    feed.begin()
    feed.end(finished())
    assert not [one for one in engine.asked if one.op == "run_probes"]
    assert "4 rows" in in_bar(window)
    click(window.message_bar.action)
    assert engine.waiting("run_probes").params["run"]
    quiet(qtbot, window)


def test_a_project_without_probes_asks_nothing(qtbot, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(app, "EngineService", Engine)
    window = open_window(qtbot, make_project(tmp_path / "p"))
    monkeypatch.setattr(window.context.training, "prepare", lambda: None)
    engine: Any = window.context.engine
    feed = Feed(qtbot, window)
    feed.begin()
    feed.end(finished())
    assert not [one for one in engine.asked if one.op == "run_probes"]
    quiet(qtbot, window)
