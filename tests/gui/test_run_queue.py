"""The queue in the window: runs are added, put in order, start one after another, and are still there after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from core.errors import Cancelled, TrainingProblem
from core.project import Project
from core.training.events import FinishedEvent, RecipeEvent
from core.training.queue import Queue
from gui.main_window import MainWindow
from gui.views.runs.page import RunsPage
from tests.gui.run_support import fake_run
from tests.gui.window_support import child, click, fits, in_bar, make_project, open_window, quiet


class Trainer:
    """In place of the process: the test says how each run ends."""

    def __init__(self, bot: QtBot, window: MainWindow) -> None:
        self.bot, self.window, self.service = bot, window, window.context.training
        self.started: list[tuple[Any, ...]] = []
        self.service.start = self._start  # type: ignore[method-assign]
        self.service.prepare = lambda: None  # type: ignore[method-assign]

    def _start(self, *arguments: Any) -> None:
        self.started.append(arguments)
        self.service.project_folder, self.service.run_name, self.service.history = arguments[0], "", []
        self.service._set("starting")

    def names(self, run: str) -> None:
        self.service._queue.append(RecipeEvent(run, {}, 4, 0, 10))
        self.service._flush()

    def ends(self, how: str | BaseException) -> None:
        if isinstance(how, str):
            self.service._done(FinishedEvent(how, "", {"verdict": "Well."}, 3))
        else:
            self.service._error(how)
        self.bot.waitUntil(lambda: not self.window.queue._turn.isActive())
        quiet(self.bot, self.window)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "p")


@pytest.fixture
def trainer(qtbot: QtBot, project: Path) -> Trainer:
    return Trainer(qtbot, open_window(qtbot, project))


def page_of(trainer: Trainer) -> RunsPage:
    trainer.window.show_page("runs")
    quiet(trainer.bot, trainer.window)
    page = trainer.window.page("runs")
    assert isinstance(page, RunsPage)
    return page


def states(trainer: Trainer) -> list[str]:
    return [entry.state for entry in trainer.window.queue.entries]


def test_what_is_added_keeps_its_settings_and_starts_when_the_queue_is_started(trainer: Trainer) -> None:
    window = trainer.window
    window.context.edit(lambda project: project.set_recipe({"epochs": 3}))
    click(window.topbar.queue)
    assert in_bar(window) == "Added to the queue: Main · Automatic."
    window.context.edit(lambda project: project.set_recipe({"epochs": 9}))
    window.context.edit(lambda project: project.set_preset("quick"))
    QTest.keyClick(
        window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert trainer.started == [] and len(window.queue.waiting) == 2
    page = page_of(trainer)
    assert page.queue.isVisible() and page.stack.currentIndex() == 1
    assert child(page.queue, "queue.1.more", QLabel).text() == "epochs 3"
    assert child(page.queue, "queue.1.state", QLabel).text() == "next"
    click(page.queue.start)
    folder, dataset = window.context.folder, window.context.dataset_id
    assert trainer.started == [(folder, dataset, {}, "automatic", {"epochs": 3})]
    assert child(page.queue, "queue.1.state", QLabel).text() == "trains"
    assert window.current_page == "runs"  # a run that starts by itself takes nobody's page
    trainer.names("0001-main")
    trainer.ends("0001-main")
    assert trainer.started[1] == (folder, dataset, {}, "quick", {"epochs": 9})
    trainer.ends("0002-main")
    assert states(trainer) == ["finished", "finished"] and not window.queue.going
    assert child(page.queue, "queue.1.more", QLabel).text() == "0001-main"
    click(page.queue.clear)
    assert window.queue.entries == () and not page.queue.isVisible()


def test_a_failure_is_shown_and_holds_up_nobody(trainer: Trainer, messages) -> None:
    window = trainer.window
    for _ in range(4):
        window.runs.add_to_queue()
    page = page_of(trainer)
    window.queue.start()
    trainer.ends(TrainingProblem("The <b>disk</b> is full.", "Free some space."))
    trainer.ends(Cancelled())
    assert states(trainer) == ["failed", "discarded", "started", "waiting"]
    said = child(page.queue, "queue.1.more", QLabel)
    assert said.text() == "The <b>disk</b> is full. Free some space."
    assert said.textFormat() is Qt.TextFormat.PlainText
    click(page.queue.stop)
    trainer.ends("0003-main")
    assert states(trainer)[2:] == ["finished", "waiting"] and len(trainer.started) == 3
    assert page.queue.start.isVisible()


def test_what_is_added_while_a_run_is_on_follows_it(trainer: Trainer) -> None:
    window = trainer.window
    window.runs.train()
    window.runs.add_to_queue()
    assert window.queue.going and len(trainer.started) == 1
    assert window.message_bar.hint.text() == "It starts when the runs before it have ended."
    trainer.ends("0001-main")
    assert len(trainer.started) == 2 and states(trainer) == ["started"]
    trainer.ends("0002-main")
    assert states(trainer) == ["finished"]


def test_the_order_changes_and_what_waits_can_go(trainer: Trainer) -> None:
    window = trainer.window
    for epochs in (1, 2, 3):
        window.context.edit(lambda project, epochs=epochs: project.set_recipe({"epochs": epochs}))
        window.runs.add_to_queue()
    page = page_of(trainer)
    click(child(page.queue, "queue.3.up", QToolButton))
    assert [entry.number for entry in window.queue.waiting] == [1, 3, 2]
    QApplication.processEvents()
    child(page.queue, "queue.1.down", QToolButton).setFocus()
    QTest.keyClick(child(page.queue, "queue.1.down", QToolButton), Qt.Key.Key_Space)
    assert [entry.number for entry in window.queue.waiting] == [3, 1, 2]
    assert not child(page.queue, "queue.3.up", QToolButton).isEnabled()
    QApplication.processEvents()
    assert child(page.queue, "queue.1.down", QToolButton).hasFocus()  # so that the key can be pressed again
    click(child(page.queue, "queue.1.remove", QToolButton))
    assert [entry.number for entry in Queue(window.context.folder).waiting] == [3, 2]  # type: ignore[arg-type]
    assert fits(window, 1024, 640)


@pytest.mark.parametrize("fate", ["no folder yet", "interrupted", "finished"])
def test_it_is_there_after_a_restart_and_asks_before_going_on(qtbot, project: Path, fate: str) -> None:
    queue = Queue(project)
    for title in ("Main · Automatic", "Main · Quick look"):
        queue.add(1, {}, "automatic", title, {})
    queue.take()
    if fate != "no folder yet":
        queue.name(1, fake_run(project, end="" if fate == "interrupted" else "finished").name)
    trainer = Trainer(qtbot, open_window(qtbot, project))
    quiet(qtbot, trainer.window)
    waits = 2 if fate == "no folder yet" else 1
    assert in_bar(trainer.window) == (
        "2 runs wait in the queue." if waits == 2 else "1 run waits in the queue."
    )
    first = {"no folder yet": "waiting", "interrupted": "failed", "finished": "finished"}[fate]
    assert states(trainer) == [first, "waiting"] and trainer.started == []
    page = page_of(trainer)
    if fate == "interrupted":
        assert "Continue it" in child(page.queue, "queue.1.more", QLabel).text()
    trainer.window.queue.start()
    assert len(trainer.started) == 1
    trainer.ends("0009-main")


@pytest.mark.parametrize(("end", "left"), [("finished", 0), ("failed", 2)])
def test_a_queue_that_went_well_is_gone_after_a_restart(qtbot, project: Path, end: str, left: int) -> None:
    queue = Queue(project)
    for state in ("finished", end):
        entry = queue.add(1, {}, "automatic", "Main", {})
        queue.take()
        queue.settle(entry.number, state, "It was not to be." if end == "failed" else "")
    window = open_window(qtbot, project)
    assert len(window.queue.entries) == left and in_bar(window) == ""


def test_a_read_only_window_shows_the_queue_and_changes_nothing(qtbot, project: Path) -> None:
    queue = Queue(project)
    queue.add(1, {"<b>": 1}, "automatic", "<i>Main</i>\n" * 99)
    with Project.open(project):
        window = open_window(qtbot)
        window.projects.open(project, write=False)
        trainer = Trainer(qtbot, window)
        page = page_of(trainer)
        assert page.queue.isVisible() and not page.queue.findChildren(QToolButton)
        assert not any(part.isVisible() for part in page.queue.findChildren(QPushButton))
        window.runs.add_to_queue()
        window.queue.remove(1)
        window.queue.start()
        assert len(Queue(project).entries) == 1 and trainer.started == []


def test_a_full_disk_stops_the_queue_with_a_message(trainer: Trainer, monkeypatch, messages) -> None:
    from core import atomic
    from core.errors import DiskFull

    window = trainer.window
    window.runs.add_to_queue()
    window.runs.add_to_queue()

    def full(*_: object) -> None:
        raise DiskFull("There is no disk space left.", "Free some.")

    monkeypatch.setattr(atomic, "write_text", full)
    window.queue.start()
    assert (
        in_bar(window) == "There is no disk space left." and trainer.started == [] and not window.queue.going
    )
