"""The first page, and every way of opening a project, the bad ones too."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView

from core import paths
from core.project import Project
from core.settings import Settings
from gui.views.welcome import Tile
from tests.gui.window_support import (
    child,
    click,
    in_bar,
    last,
    make_project,
    open_window,
    quiet,
    said,
    texts,
)

HOLD = """
import sys
from pathlib import Path
from core.project import Project
project = Project.open(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_first_launch_offers_new_import_open_and_five_examples(qtbot) -> None:
    window = open_window(qtbot)
    for name in ("welcome.new", "welcome.import", "welcome.open"):
        assert child(window, name).isVisible()
    examples = [tile for tile in window.findChildren(Tile) if "example" in tile.objectName()]
    assert [tile.objectName().rsplit(".", 1)[1] for tile in examples] == list(paths.EXAMPLE_NAMES)
    assert not window.rail.isVisible() and not window.topbar.train.isVisible()
    assert window.current_page == ""
    assert not window.welcome._recent_title.isVisible()


def test_opening_an_example_builds_it_and_shows_its_rows(qtbot, anchorlab_home) -> None:
    window = open_window(qtbot)
    tile = child(window, "welcome.example.fashion-aesthetics")
    # A double click must not open it twice.
    QTest.mouseDClick(tile, Qt.MouseButton.LeftButton)
    click(tile)
    qtbot.waitUntil(lambda: window.context.project is not None, timeout=20_000)
    quiet(qtbot, window)
    assert window.current_page == "label"
    assert child(window, "label.table", QTableView).model().rowCount() == 31
    folder = anchorlab_home / "projects" / "fashion-aesthetics"
    assert window.context.folder == folder and (folder / "project.db").is_file()
    assert not (paths.EXAMPLES / "fashion-aesthetics" / "project.lock").exists()
    assert said(window) == []


def test_a_tile_is_a_button_for_the_keyboard(qtbot) -> None:
    window = open_window(qtbot)
    tile = child(window, "welcome.example.fashion-aesthetics")
    tile.setFocus()
    QTest.keyClick(tile, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.context.project is not None, timeout=20_000)


def test_recent_projects_are_listed_and_missing_ones_greyed(qtbot, tmp_path: Path) -> None:
    first, second = make_project(tmp_path / "first"), make_project(tmp_path / "second")
    window = open_window(qtbot, first)
    window.projects.open(second)
    shutil.rmtree(first)
    window.projects.close()
    assert window.current_page == ""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # the list of before
    there, gone = child(window, "welcome.recent.second"), child(window, "welcome.recent.first")
    assert there.isEnabled() and not gone.isEnabled()
    QTest.mouseClick(gone, Qt.MouseButton.LeftButton)
    assert window.context.project is None
    click(there)
    assert window.context.folder == second
    assert Settings.load().recent == [str(second), str(first)]


def test_a_start_with_a_folder_that_is_no_project(qtbot, messages, tmp_path: Path) -> None:
    window = open_window(qtbot, tmp_path)
    assert len(said(window)) == 1 and str(tmp_path) in in_bar(window)
    assert last(window).hint
    assert window.current_page == ""
    assert list(tmp_path.iterdir()) == []  # nothing is made by looking


@pytest.mark.parametrize("name", ["missing", "file.txt"])
def test_a_start_with_something_else(qtbot, messages, tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").write_text("hello")
    window = open_window(qtbot, tmp_path / name)
    assert name in in_bar(window)
    assert window.context.project is None


def test_a_project_of_a_newer_version(qtbot, messages, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    with sqlite3.connect(folder / "project.db") as connection:
        connection.execute("PRAGMA user_version=900")
    connection.close()
    window = open_window(qtbot, folder)
    assert "newer version" in in_bar(window)
    assert not window.message_bar.action.isVisible()
    assert window.context.project is None


def test_a_damaged_project_is_restored_from_its_backup(qtbot, messages, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    with Project.open(folder) as project:
        project.backup()
    before = texts(folder)
    for name in ("project.db-wal", "project.db-shm"):
        (folder / name).unlink(missing_ok=True)
    (folder / "project.db").write_bytes(b"not a database at all" * 500)
    window = open_window(qtbot, folder)
    assert "damaged" in in_bar(window) and window.context.project is None
    assert window.message_bar.action.text() == "Restore the last backup"
    click(window.message_bar.action)
    assert window.context.project is not None and not window.context.project.read_only
    assert texts(folder) == before
    quiet(qtbot, window)


def test_a_damaged_project_without_backup_says_so(qtbot, messages, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    (folder / "project.db").write_bytes(b"x" * 9000)
    window = open_window(qtbot, folder)
    assert "damaged" in in_bar(window) and "no backup" in last(window).hint
    assert not window.message_bar.action.isVisible()
    assert (folder / "project.db").read_bytes() == b"x" * 9000


def test_a_project_open_elsewhere_is_offered_read_only(qtbot, messages, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=paths.ROOT,
        text=True,
    )
    try:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        window = open_window(qtbot, folder)
        assert "open in another window" in in_bar(window)
        click(window.message_bar.action)
        assert window.context.project is not None and window.context.project.read_only
        quiet(qtbot, window)
        assert "read-only" in in_bar(window)
        assert "Read-only" in child(window, "status.read_only").text()
        model = child(window, "label.table", QTableView).model()
        assert model.rowCount() == 4
        assert not any(
            model.index(row, column).flags() & Qt.ItemFlag.ItemIsEditable
            for row in range(4)
            for column in range(model.columnCount())
        )
        before = texts(folder)
        window.context.set_cells([(1, "text_a", "changed")])
        assert texts(folder) == before and "read-only" in said(window)[-1]
        click(window.topbar.train)
        assert not window.context.training.active
        assert "nothing can be trained here" in in_bar(window)
        assert not window.actions_.enabled("edit.undo") and not window.actions_.enabled("project.dataset")
        window.imports.show([tmp_path / "x.csv"])
        assert "nothing can be imported" in in_bar(window)
    finally:
        other.communicate()


def test_the_same_project_again_changes_nothing(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    project = window.context.project
    window.show_page("runs")
    window.projects.open(tmp_path / "." / "p")
    assert window.context.project is project
    assert said(window) == []


def test_an_empty_project_says_what_to_do(qtbot, tmp_path: Path) -> None:
    Project.create(tmp_path / "p", "Empty").close()
    window = open_window(qtbot, tmp_path / "p")
    assert window.current_page == "label" and window.topbar.dataset.value == "none yet"
    for page in ("train", "runs", "explore", "label"):
        window.show_page(page)
    quiet(qtbot, window)
    window.runs.train()
    assert not window.context.training.active
    assert said(window) == []
