"""Processes die: nothing acknowledged is lost, nothing keeps running, and the next start goes on."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from core.project import Project, Reader
from core.training.runs import list_runs
from gui.main_window import MainWindow
from tests.core import tiny_model
from tests.e2e.robot import ROOT, child, drive

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")

ENDLESS = 10_000  # epochs
MINUTES = 120  # seconds; starting a child on a busy machine takes its time


@contextlib.contextmanager
def victim(kind: str, *argv: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.victim", kind, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_lines(process: subprocess.Popen[str], count: int) -> list[list[str]]:
    """So many acknowledgements."""
    assert process.stdout is not None and process.stderr is not None
    lines = []
    while len(lines) < count:
        line = process.stdout.readline()
        assert line, f"the window ended by itself: {process.stderr.read()}"
        lines.append(line.rstrip("\n").split("\t"))
    return lines


def kill(process: subprocess.Popen[str]) -> list[list[str]]:
    """SIGKILL, and the acknowledgements that were still in the pipe."""
    os.kill(process.pid, signal.SIGKILL)
    assert process.stdout is not None
    rest = [line.rstrip("\n").split("\t") for line in process.stdout if line.endswith("\n")]
    process.wait()
    return rest


def rows(folder: Path) -> list[tuple[tuple[str, ...], float | None]]:
    with Reader(folder) as reader:
        return [(row.texts, row.score) for row in reader.rows(reader.datasets()[0].id)]


def all_gone(processes: Sequence[psutil.Process]) -> bool:
    _gone, alive = psutil.wait_procs(processes, timeout=30)
    return not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def check_storm(
    folder: Path, acknowledged: list[list[str]], before: list[tuple[tuple[str, ...], float | None]]
) -> None:
    """Every acknowledged edit is there; at most the one that was on its way when the window died came on top."""
    connection = sqlite3.connect(folder / "project.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    expected: dict[int, str | None] = {}
    for kind, id, text in acknowledged:
        expected[int(id)] = None if kind == "deleted" else text
    with Project.open(folder) as project:  # the lock died with the window
        dataset = project.datasets()[0]
        stored = {row.id: row.texts[0] for row in project.rows(dataset.id)}
        wrong = [(id, text, stored.get(id)) for id, text in expected.items() if stored.get(id) != text]
        assert len(wrong) <= 1, wrong
        for _id, _text, found in wrong:  # the edit after the last acknowledged one, never an older text
            assert found is None or int(found.split()[-1]) == len(acknowledged) + 1
        assert project.undo_label
        undone = 0
        while project.undo() is not None:
            undone += 1
        assert len(acknowledged) <= undone <= len(acknowledged) + 1
    assert rows(folder) == before


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_window_killed_in_an_edit_storm_loses_nothing(example: Path, seed: int) -> None:
    with Project.open(example):
        pass
    before = rows(example)
    moment = random.Random(seed).randrange(5, 400)
    with victim("storm", str(example), "--no-engine") as process:
        acknowledged = read_lines(process, 1 + moment) + kill(process)
    assert acknowledged[0] == ["open"]
    check_storm(example, acknowledged[1:], before)


def test_the_children_of_a_killed_window_end_by_themselves(example: Path) -> None:
    with Project.open(example):
        pass
    before = rows(example)
    with victim("storm", str(example)) as process:
        acknowledged = read_lines(process, 1)
        window = psutil.Process(process.pid)
        # The engine and the trainer that stands by.
        while len(children := window.children(recursive=True)) < 2:
            acknowledged += read_lines(process, 1)
        acknowledged += kill(process)
        assert all_gone(children)
    check_storm(example, acknowledged[1:], before)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> str:
    return str(tiny_model.build(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture
def endless(example: Path, tiny: str) -> Path:
    """The example with a tiny base model and a run that does not end by itself."""
    with Project.open(example) as project:
        project.set_recipe({"base_model": tiny, "epochs": ENDLESS, "batch_size": 8})
    return example


def test_a_killed_trainer_is_told_listed_and_followed_by_another_run(qtbot, messages, endless: Path) -> None:
    before = rows(endless)

    def steps(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.current_page == "label", timeout=MINUTES * 1000)
        training, button = window.context.training, child(window, "action.train", QPushButton)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        page = window.page("train")
        qtbot.waitUntil(lambda: page.loss_plot.points >= 3, timeout=MINUTES * 1000)
        pid = training._trainer.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        qtbot.waitUntil(lambda: not training.active, timeout=MINUTES * 1000)
        assert window.isVisible() and window.message_bar.isVisible()
        assert "ended unexpectedly" in window.message_bar.text.text()
        assert "Traceback" not in window.message_bar.text.text() + window.message_bar.hint.text()
        assert page.chip.text() == "interrupted" and page.loss_plot.points >= 3
        assert [run.status for run in list_runs(endless)] == ["interrupted"]
        assert rows(endless) == before
        window.show_page("runs")
        table = window.page("runs").table

        def row() -> list[object]:
            model = table.model()
            return [model.index(0, column).data() for column in range(model.columnCount())]

        # the list is read again in the background when a run ends
        qtbot.waitUntil(lambda: "interrupted" in row(), timeout=MINUTES * 1000)

        window.context.edit(lambda project: project.set_recipe({**project.recipe(), "epochs": 1}))
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert training.active and not window.message_bar.isVisible()
        qtbot.waitUntil(lambda: not training.active, timeout=MINUTES * 1000)
        assert page.chip.text() == "finished"

    assert drive([str(endless), "--no-engine"], steps) == 0
    assert [run.status for run in list_runs(endless)] == ["finished", "interrupted"]
    assert len(messages.errors) == 1


def test_the_trainer_of_a_killed_window_keeps_its_model_and_ends(endless: Path) -> None:
    before = rows(endless)
    with victim("train", str(endless), "--no-engine") as process:
        read_lines(process, 1 + 3)  # open, three steps
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) == 1
        kill(process)
        _gone, alive = psutil.wait_procs(children, timeout=MINUTES)
        assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
    (run,) = list_runs(endless)
    assert run.status == "stopped" and run.model is not None and run.steps >= 3
    assert rows(endless) == before
    with Project.open(endless):
        pass
