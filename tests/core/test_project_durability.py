"""What was acknowledged is on the disk: after a kill, after a full disk."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import paths
from core.dataset.formats import Example, Format
from core.errors import DiskFull, ProjectProblem
from core.project import Project, View
from core.project import history as history_module

STORM = """
import sys
from pathlib import Path
from core.dataset.formats import Example
from core.project import Project
project = Project.open(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    if number % 10 == 0:
        project.add_examples(1, [Example((f"row {number} {n}", "x" * 300)) for n in range(100)], label=str(number))
    else:
        project.set_cells([(1, "note", str(number)), (number % 100 + 1, "anchor", f"edit {number}")], label=str(number))
    print(number, flush=True)
"""


@pytest.mark.parametrize(
    "seconds",
    [0.3, pytest.param(0.7, marks=pytest.mark.thorough), pytest.param(1.2, marks=pytest.mark.thorough)],
)
def test_an_edit_storm_survives_a_kill(tmp_path, seconds):
    folder = tmp_path / "p"
    with Project.create(folder, "x") as project:
        project.create_dataset("P", Format.PAIRS, examples=[Example((f"a{n}", "b")) for n in range(100)])
        start = project.data_hash()
    command = [sys.executable, "-c", STORM, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=paths.ROOT) as child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline()]
        time.sleep(seconds * random.uniform(0.8, 1.2))
        child.kill()
        acknowledged += child.stdout.readlines()
    last = int([line for line in acknowledged if line.endswith("\n")][-1])
    assert last > 5
    with Project.open(folder) as project:
        check = project._connection.execute("PRAGMA integrity_check").fetchall()
        assert check == [("ok",)]
        done = int(project.undo_label)
        assert done in (last, last + 1)  # the one that was under way may have been finished, too
        noted = done if done % 10 else done - 1
        assert project.examples([1])[0].note == str(noted)
        assert project.counts(1)["all"] == 100 + 100 * (done // 10) == len(project.ids(1))
        assert project.counts(1)["unlabelled"] == len(project.ids(1, View(filter="unlabelled")))
        steps = 0
        while project.undo_label != "Create P":
            project.undo()
            steps += 1
        assert steps == done and project.data_hash() == start


def test_a_full_disk_changes_nothing(tmp_path):
    with Project.create(tmp_path / "p", "x") as project:
        project.create_dataset("P", Format.PAIRS, examples=[Example(("a", "b"))])
        before = project.data_hash()
        pages = project._connection.execute("PRAGMA page_count").fetchone()[0]
        project._connection.execute(f"PRAGMA max_page_count={pages + 5}")
        rows = [Example((f"text {n}", "x" * 500)) for n in range(2000)]
        for attempt in (
            lambda: project.add_examples(1, rows),
            lambda: project.create_dataset("Q", Format.PAIRS, examples=rows),
        ):
            with pytest.raises(DiskFull, match="no disk space"):
                attempt()
            assert project.data_hash() == before and project.undo_label == "Create P"
        project.set_cells([(1, "anchor", "small edits still fit")])
        project._connection.execute("PRAGMA max_page_count=1000000")
        assert project.add_examples(1, rows).kinds == {"rows"}
        project.undo()
        project.undo()
        assert project.data_hash() == before


@pytest.mark.parametrize(
    ("message", "expected"),
    [("database or disk is full", DiskFull), ("something else entirely", sqlite3.OperationalError)],
)
def test_an_error_at_the_very_end_rolls_everything_back(tmp_path, monkeypatch, message, expected):
    with Project.create(tmp_path / "p", "x") as project:
        project.create_dataset("P", Format.PAIRS, examples=[Example(("a", "b"))])
        before = project.data_hash()

        def fail(*_):
            raise sqlite3.OperationalError(message)

        monkeypatch.setattr(history_module, "push", fail)
        with pytest.raises(expected):
            project.set_cells([(1, "anchor", "x")])
        monkeypatch.undo()
        assert project.data_hash() == before and project.counts(1)["all"] == 1
        project.set_cells([(1, "anchor", "y")])


def test_a_project_that_is_written_by_another_program_says_so(tmp_path):
    with Project.create(tmp_path / "p", "x") as project:
        project._connection.execute("PRAGMA busy_timeout=10")
        other = sqlite3.connect(tmp_path / "p" / "project.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ProjectProblem, match="Another program is writing"):
            project.set_recipe({"epochs": 1})
        other.close()
        project.set_recipe({"epochs": 1})


def test_the_settings_that_make_it_durable(tmp_path):
    with Project.create(tmp_path / "p", "x") as project:
        assert project._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert project._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert project._connection.execute("PRAGMA trusted_schema").fetchone() == (0,)


def test_half_a_project_is_never_made(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.project.storage.sync", full)
    with pytest.raises(DiskFull):
        Project.create(tmp_path / "p", "x")
    assert not Project.is_project(tmp_path / "p")
    assert [path.name for path in Path(tmp_path / "p").iterdir()] == ["project.lock"]
    monkeypatch.undo()
    Project.create(tmp_path / "p", "x").close()


def test_the_log_of_a_large_edit_is_given_back(tmp_path, monkeypatch):
    monkeypatch.setattr("core.project.connection._LOG_BYTES", 100_000)
    with Project.create(tmp_path / "p", "x") as project:
        log = tmp_path / "p" / "project.db-wal"
        rows = [Example((f"text {n}", "x" * 100)) for n in range(3000)]
        project.create_dataset("P", Format.PAIRS, examples=rows)
        assert log.stat().st_size == 0
        with project.reader() as reader, reader.snapshot():
            assert reader.counts(1)["all"] == 3000
            started = time.perf_counter()
            project.add_examples(1, rows)  # a busy reader keeps the log, the edit does not wait for it
            assert time.perf_counter() - started < 4 and log.stat().st_size > 100_000
            assert reader.counts(1)["all"] == 3000
        project.set_cells([(1, "note", "x")])
        assert log.stat().st_size == 0 and project.counts(1)["all"] == 6000
