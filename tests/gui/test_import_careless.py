"""The import wizard with wrong, odd and vanishing files, impatient people and cancelled work."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent
from PySide6.QtTest import QTest

from tests.gui.import_support import cells, choose, data_hash, drop, looked, stored, wizard
from tests.gui.window_support import (
    child,
    click,
    closed,
    make_project,
    open_window,
    quiet,
    said,
    texts,
)


def test_files_that_are_no_table_are_named_with_the_reason(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    for name, content in (
        ("empty.csv", b""),
        ("picture.parquet", b"\x89PNG" * 50),
        ("broken.xlsx", b"PK\3\4"),
    ):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    names = ["empty.csv", "picture.parquet", "broken.xlsx", "missing.csv", "folder"]
    box = wizard(qtbot, window, *(tmp_path / name for name in names))
    assert [entry.state()[0] for entry in box.session.entries] == ["error"] * 5
    assert all(name in entry.problem for name, entry in zip(names, box.session.entries, strict=True))
    assert not box.accept_button.isEnabled()
    (tmp_path / "missing.csv").write_text("anchor,positive\na,b\n")
    box.files.setCurrentRow(3)
    click(box.page.broken.button)
    looked(qtbot, box)
    assert box.accept_button.isEnabled() and cells(box, 0) == ["a", "b"]
    for _ in range(4):
        box.files.setCurrentRow(0)
        QTest.keyClick(box.files, Qt.Key.Key_Delete)
    assert len(box.session.entries) == 1
    click(child(box, "import.remove"))
    assert box.stack.currentWidget() is box.empty and not box.accept_button.isEnabled()
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert closed(box)
    quiet(qtbot, window)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_with_a_name_that_is_no_text(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\nodd.csv"))
    file.write_text("anchor,positive\na,b\n")
    box = wizard(qtbot, window, file)
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder)["? odd"] == [("a", "b", None)]


def test_a_file_that_vanishes_before_it_is_read_is_said(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("anchor,positive\na,b\n")
    box = wizard(qtbot, window, tmp_path / "one.csv", tmp_path / "two.csv")
    (tmp_path / "one.csv").unlink()
    click(box.accept_button)
    qtbot.waitUntil(lambda: box.checking and not box.working, timeout=20_000)
    assert "one.csv" in box.check.title.text() and box.accept_button.text() == "Import 1 row"
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert set(stored(folder)) == {"Main", "two"}


def test_a_double_click_imports_once(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    (tmp_path / "pairs.csv").write_text("anchor,positive\na,b\n")
    box = wizard(qtbot, window, tmp_path / "pairs.csv", tmp_path / "pairs.csv")
    assert len(box.session.entries) == 1
    QTest.mouseDClick(box.accept_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(box.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder)["pairs"] == [("a", "b", None)] and len(stored(folder)) == 2


def test_more_files_can_be_dropped_on_the_wizard(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("anchor,positive\na,b\n")
    box = wizard(qtbot, window, tmp_path / "one.csv")
    drop(box, tmp_path / "two.csv", tmp_path / "one.csv")
    looked(qtbot, box)
    assert [entry.title for entry in box.session.entries] == ["one.csv", "two.csv"]
    box.reject()
    quiet(qtbot, window)


def test_dragging_files_over_the_window_says_what_dropping_does(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    hint = window._drop_hint
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.csv"))])
    plain = QMimeData()
    plain.setText("only text")
    for carried, shown in ((plain, False), (data, True)):
        window.dragEnterEvent(
            QDragEnterEvent(
                QPoint(50, 50),
                Qt.DropAction.CopyAction,
                carried,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            )
        )
        assert hint.isVisible() is shown
    assert hint.size() == window.size()
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not hint.isVisible()


def test_a_dropped_project_is_opened(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot)
    drop(window, folder)
    qtbot.waitUntil(lambda: window.context.folder == folder)
    quiet(qtbot, window)


def many(file: Path, rows: int) -> Path:
    with file.open("w") as stream:
        stream.write("anchor,positive\n")
        stream.writelines(f"anchor number {n},positive number {n}\n" for n in range(rows))
    return file


def test_many_rows_are_saved_in_the_background(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    before = data_hash(folder)
    window = open_window(qtbot, folder)
    box = wizard(qtbot, window, many(tmp_path / "many.csv", 25_000))
    click(box.accept_button)
    assert not box.page.isEnabled() and not box.accept_button.isEnabled()
    qtbot.waitUntil(lambda: closed(box), timeout=60_000)
    quiet(qtbot, window)
    assert window.context.dataset.rows == 25_000 and window.context.editable
    window.context.undo()
    quiet(qtbot, window)
    assert data_hash(folder) == before


@pytest.mark.parametrize("moment", ["reading", "saving"])
def test_cancelling_leaves_the_project_as_it_was(qtbot, tmp_path: Path, moment: str) -> None:
    folder = make_project(tmp_path / "p")
    before = data_hash(folder)
    window = open_window(qtbot, folder)
    box = wizard(qtbot, window, many(tmp_path / "many.csv", 60_000))
    cancel = child(box, "import.cancel")
    saving = []
    box.confirmed.connect(saving.append)
    click(box.accept_button)
    if moment == "saving":
        qtbot.waitUntil(lambda: bool(saving), timeout=60_000)
    QTest.mouseClick(
        cancel, Qt.MouseButton.LeftButton
    )  # at once: the rows are read in less than half a second
    assert closed(box)
    quiet(qtbot, window)
    qtbot.wait(50)
    assert data_hash(folder) == before and bool(saving) is (moment == "saving")
    assert window.context.dataset.name == "Main" and said(window) == [] and window.context.editable
    window.context.set_cells([(1, "text_a", "still editable")])
    assert texts(folder)[0][0] == "still editable"


def test_cancelling_where_no_project_is_open_makes_none(qtbot, tmp_path: Path, anchorlab_home: Path) -> None:
    window = open_window(qtbot)
    box = wizard(qtbot, window, many(tmp_path / "many.csv", 60_000))
    saving = []
    box.confirmed.connect(saving.append)
    click(box.accept_button)
    qtbot.waitUntil(lambda: bool(saving), timeout=60_000)
    click(child(box, "import.cancel"))
    quiet(qtbot, window)
    assert window.context.project is None and not list(anchorlab_home.rglob("project.db"))


def test_closing_the_window_in_the_middle_of_an_import(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    before = data_hash(folder)
    window = open_window(qtbot, folder)
    box = wizard(qtbot, window, many(tmp_path / "many.csv", 60_000))
    saving = []
    box.confirmed.connect(saving.append)
    click(box.accept_button)
    qtbot.waitUntil(lambda: bool(saving), timeout=60_000)
    window.close()
    qtbot.wait(50)
    assert data_hash(folder) == before


# What each file of the collection becomes in the wizard: the rows of the preview's first file, or what is said.
_TORTURE = {
    "csv-spectrum/csvs/comma_in_quotes.csv": ["John", "Doe", "120 any st.", "Anytown, WW", "08123"],
    "csv-spectrum/csvs/escaped_quotes.csv": ["1", 'ha "ha" ha'],
    "csv-spectrum/csvs/newlines_crlf.csv": ["1", "2", "3"],
    "csv-spectrum/csvs/utf8.csv": ["1", "2", "3"],
    "csv-spectrum/csvs/simple.csv": ["1", "2", "3"],
    "frictionless/bom.csv": None,
    "frictionless/delimiter.csv": None,
    "frictionless/doublequote.csv": None,
    "frictionless/empty.csv": "is empty",
}


@pytest.mark.parametrize("name", _TORTURE)
def test_torturous_files_end_with_their_rows_or_one_clear_message(
    qtbot, tmp_path: Path, data_dir: Path, name: str
) -> None:
    expected = _TORTURE[name]
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    box = wizard(qtbot, window, data_dir / "csv_torture" / name)
    (entry,) = box.session.entries
    if isinstance(expected, str):
        assert expected in entry.problem and not box.accept_button.isEnabled()
        box.reject()
        quiet(qtbot, window)
        return
    if expected is not None:
        assert cells(box, 0) == expected
    columns = entry.inspection.columns
    choose(qtbot, box, "import.format", "texts")
    choose(qtbot, box, "import.role.corpus", columns[-1])
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box) or (box.checking and not box.working), timeout=20_000)
    if not closed(box):
        assert box.check.lost.text() or box.check.title.text()
        if box.accept_button.isEnabled():
            click(box.accept_button)
            qtbot.waitUntil(lambda: closed(box), timeout=20_000)
        else:
            box.reject()
    quiet(qtbot, window)
