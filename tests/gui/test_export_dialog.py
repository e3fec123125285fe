"""The export dialog: what it says before writing, what it writes, and that nothing is replaced or left half."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QRadioButton, QTableWidget

from core.dataset.formats import Example, Format
from core.project import Project
from gui.dialogs.export import dialog as module
from gui.main_window import MainWindow
from tests.gui.window_support import child, click, closed, dialog, in_bar, last, open_window, quiet


def scored(folder: Path) -> Path:
    rows = [
        Example(("red", "crimson"), 1.0),
        Example(("blue", "NA"), 0.0, split="test"),
        Example(("green", "mint"), None),
        Example(("grey", "ash"), 0.5, status="rejected", flag=True),
    ]
    with Project.create(folder, "P") as made:
        made.create_dataset("Colours", Format.SCORED, examples=rows)
    return folder


def opened(qtbot, window: MainWindow):
    window.actions_.perform("project.export")
    box = dialog(qtbot, "dialog.export")
    qtbot.waitUntil(lambda: box._found is not None, timeout=10_000)
    return box


def choose(box, name: str, data: str) -> None:
    combo = child(box, name, QComboBox)
    position = combo.findData(data)
    assert position >= 0, f"{data} is not among the choices of {name}"
    combo.setCurrentIndex(position)


def to(box, path: Path | str) -> None:
    field = child(box, "export.path", QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, str(path))


def test_an_export_for_training_says_what_is_left_out_and_writes_the_rest(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, scored(tmp_path / "p"))
    box = opened(qtbot, window)
    assert (
        "2 rows" in box.preview.counts.text() and "sentence1, sentence2, score" in box.preview.counts.text()
    )
    assert box.preview.left_out.text() == "2 left out: 1 without a score, 1 rejected."
    assert "“NA”" in box.preview.caution.text()
    assert child(box, "export.preview", QTableWidget).item(0, 1).text() == "crimson"
    choose(box, "export.kind", "jsonl")
    field = child(box, "export.path", QLineEdit)
    assert box.preview.caution.isHidden() and field.text().endswith("colours.jsonl")
    child(box, "export.packed", QCheckBox).click()
    assert field.text().endswith("colours.jsonl.gz") and "colours.jsonl.gz" in box.preview.files.text()
    child(box, "export.packed", QCheckBox).click()
    assert field.text().endswith("colours.jsonl")
    to(box, tmp_path / "out" / "train")
    assert "train.jsonl" in box.preview.files.text()
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=10_000)
    assert (tmp_path / "out" / "train.jsonl").read_text().splitlines() == [
        '{"sentence1": "red", "sentence2": "crimson", "score": 1.0}',
        '{"sentence1": "blue", "sentence2": "NA", "score": 0.0}',
    ]
    assert "Exported 2 examples" in in_bar(window) and "1 rejected" in last(window).hint
    assert opened(qtbot, window).form.target == tmp_path / "out" / "colours.csv"


def test_everything_with_metadata_and_a_file_for_each_split(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, scored(tmp_path / "p"))
    box = opened(qtbot, window)
    child(box, "export.everything", QRadioButton).click()
    qtbot.waitUntil(lambda: box._found is not None)
    assert "4 rows" in box.preview.counts.text() and "status" in box.preview.counts.text()
    choose(box, "export.metadata", "none")
    assert "1 rejected row is among them" in box.preview.caution.text()
    choose(box, "export.metadata", "columns")
    child(box, "export.by_split", QCheckBox).click()
    child(box, "export.bom", QCheckBox).click()
    to(box, tmp_path / "all.csv")
    assert "all-test.csv, all-train.csv" in box.preview.files.text()
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=10_000)
    assert (tmp_path / "all-test.csv").read_bytes().startswith(b"\xef\xbb\xbfsentence1")
    assert 'grey,ash,0.5,"",rejected,yes' in (tmp_path / "all-train.csv").read_text(encoding="utf-8-sig")
    quiet(qtbot, window)


def test_only_the_rows_on_show_are_exported_in_their_order(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, scored(tmp_path / "p"))
    page = window.page("label")
    page.toolbar.search.setText("re")
    qtbot.waitUntil(lambda: len(page.model.ids) == 3, timeout=10_000)
    box = opened(qtbot, window)
    choose(box, "export.scope", "shown")
    qtbot.waitUntil(lambda: box._found is not None)
    to(box, tmp_path / "some.csv")
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=10_000)
    assert (tmp_path / "some.csv").read_text() == "sentence1,sentence2,score\nred,crimson,1.0\n"
    quiet(qtbot, window)


def test_nothing_is_replaced_without_asking(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers = [False, True]
    monkeypatch.setattr(
        module, "confirm", lambda _box, title, *_rest, **_more: asked.append(title) or answers.pop(0)
    )
    window = open_window(qtbot, scored(tmp_path / "p"))
    (tmp_path / "out.csv").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    box = opened(qtbot, window)
    to(box, tmp_path / "out.csv")
    click(box.accept_button)
    assert asked == ["Replace out.csv?"] and box.isVisible()
    assert (tmp_path / "out.csv").read_text() == "mine"
    choose(box, "export.kind", "folder")
    to(box, tmp_path / "full")
    click(box.accept_button)
    assert "not empty" in box.problem.text() and box.problem.isVisible() and len(asked) == 1
    choose(box, "export.kind", "csv")
    to(box, tmp_path / "out.csv")
    assert box.problem.isHidden()
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=10_000)
    assert (tmp_path / "out.csv").read_text().startswith("sentence1")
    quiet(qtbot, window)


def test_where_nothing_can_be_written_the_dialog_stays_and_says_so(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, scored(tmp_path / "p"))
    (tmp_path / "file").write_text("")
    box = opened(qtbot, window)
    to(box, tmp_path / "file" / "out.csv")
    click(box.accept_button)
    qtbot.waitUntil(lambda: box.problem.isVisible(), timeout=10_000)
    assert "out.csv" in box.problem.text() and box.accept_button.isEnabled() and box.bar.isHidden()
    for nothing in ("/", "~nobody-of-this-name/x", " "):
        to(box, nothing)
        assert not box.accept_button.isEnabled()
    to(box, "plain name")
    assert box.form.target == Path.home() / "plain name.csv"
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert closed(box)
    quiet(qtbot, window)


def test_cancelling_an_export_leaves_nothing(qtbot, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    with Project.create(folder, "P") as made:
        made.create_dataset(
            "Many", Format.PAIRS, examples=[Example((f"a{n}", f"b{n} " * 20)) for n in range(40_000)]
        )
    window = open_window(qtbot, folder)
    box = opened(qtbot, window)
    to(box, tmp_path / "out.xlsx")
    choose(box, "export.kind", "xlsx")
    click(box.accept_button)
    click(child(box, "export.cancel"))
    assert closed(box)
    quiet(qtbot, window)
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_a_text_that_no_excel_cell_holds_is_said_before_anything_is_written(qtbot, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    with Project.create(folder, "P") as made:
        made.create_dataset(
            "Long", Format.PAIRS, examples=[Example(("a", "b")), Example(("c", "d" * 32_768))]
        )
    window = open_window(qtbot, folder)
    box = opened(qtbot, window)
    assert box.accept_button.isEnabled()
    choose(box, "export.kind", "xlsx")
    assert "Row 2" in box.preview.caution.text() and "32,767" in box.preview.caution.text()
    assert not box.accept_button.isEnabled()
    choose(box, "export.kind", "parquet")
    assert box.accept_button.isEnabled()
    click(child(box, "export.cancel"))
    quiet(qtbot, window)
