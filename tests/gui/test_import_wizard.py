"""The import wizard: what it shows of a file, what the person changes, and what ends up in the project."""

from __future__ import annotations

import time
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton

from core.dataset.formats import Format, Scale
from core.project import Reader
from gui.dialogs.importing import check_page
from gui.dialogs.importing.scale_field import parse_scale
from tests.gui.import_support import cells, choose, data_hash, drop, heads, looked, stored, wizard
from tests.gui.window_support import (
    PAIRS,
    child,
    click,
    closed,
    dialog,
    in_bar,
    last,
    make_project,
    open_window,
    quiet,
)


def test_a_scored_file_becomes_a_project_from_the_welcome_page(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "shop words.csv"
    file.write_text("sentence1,sentence2,score\nNA,null,5\n<b>x</b>,y,0\nz,w,2.5\n")
    window = open_window(qtbot)
    box = wizard(qtbot, window, file)
    assert heads(box) == ["Text A ← sentence1", "Text B ← sentence2", "Score ← score"]
    assert cells(box, 1) == ["<b>x</b>", "y", "0"]
    click(box.accept_button)
    qtbot.waitUntil(lambda: window.context.dataset is not None, timeout=20_000)
    quiet(qtbot, window)
    assert window.context.project is not None and window.context.folder is not None
    assert window.context.project.name == "shop words" and window.current_page == "label"
    assert window.context.dataset.scale == Scale(0, 5)
    assert stored(window.context.folder) == {
        "shop words": [("NA", "null", 1.0), ("<b>x</b>", "y", 0.0), ("z", "w", 0.5)]
    }
    assert last(window).tone == "positive" and "3 examples" in in_bar(window)
    assert closed(box)


def test_three_files_are_dropped_of_which_one_is_broken(qtbot, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("anchor,positive\na,b\nc,d\n")
    (tmp_path / "words.txt").write_text("red\nblue\n")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\3\4 nothing")
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    drop(window, tmp_path / "train.csv", tmp_path / "broken.xlsx", tmp_path / "words.txt")
    box = dialog(qtbot, "dialog.import")
    looked(qtbot, box)
    assert [entry.state()[0] for entry in box.session.entries] == ["positive", "error", "positive"]
    box.files.setCurrentRow(1)
    assert "broken.xlsx" in box.page.broken.sentence.text() and box.page.currentWidget() is box.page.broken
    assert box.accept_button.text() == "Import 2 files" and "1 file is not ready" in box.told.text()
    before = data_hash(folder)
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder)["train"] == [("a", "b", None), ("c", "d", None)]
    with Reader(folder) as reader:
        assert reader.corpus_count() == 2
        assert next(iter(reader.rows(reader.datasets()[1].id))).split == "train"
    assert "2 examples and 2 unpaired texts from 2 files" in in_bar(window)
    assert window.context.dataset.name == "train"
    window.context.undo()
    assert data_hash(folder) == before


def test_another_delimiter_changes_the_preview(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("anchor;positive\na,1;b,2\nc,3;d,4\n")
    window = open_window(qtbot, make_project(tmp_path / "p"))
    box = wizard(qtbot, window, file)
    assert heads(box) == ["Anchor ← anchor", "Positive ← positive"] and cells(box, 0) == ["a,1", "b,2"]
    choose(qtbot, box, "import.delimiter", ",")
    assert cells(box, 0) == ["a", "1;b", "2"]
    choose(qtbot, box, "import.delimiter", "")
    assert box.session.entries[0].corpus and cells(box, 0)[0].startswith("a")
    choose(qtbot, box, "import.delimiter", ";")
    header = child(box, "import.header", QCheckBox)
    header.click()
    looked(qtbot, box)
    assert cells(box, 0) == ["anchor", "positive"]
    header.click()
    looked(qtbot, box)
    field = child(box, "import.skip", QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, "1")
    looked(qtbot, box)
    assert "a,1" in heads(box)[0]
    click(child(box, "import.cancel"))
    quiet(qtbot, window)


def test_another_encoding_changes_the_preview(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_bytes("anchor,positive\ncafé,Straße\nnaïve,Smørrebrød\n".encode("cp1252"))
    window = open_window(qtbot, make_project(tmp_path / "p"))
    box = wizard(qtbot, window, file)
    assert cells(box, 0) == ["café", "Straße"] and "Windows-1252" in box.page.what.text()
    combo = box.page.reading.encoding
    seen = []
    for other in [combo.itemData(n) for n in range(combo.count())]:
        choose(qtbot, box, "import.encoding", other)
        seen.append(cells(box, 0)[0])
    assert len(set(seen)) > 1
    choose(qtbot, box, "import.encoding", "cp1252")
    assert cells(box, 0) == ["café", "Straße"]
    click(child(box, "import.cancel"))
    quiet(qtbot, window)


def test_garbled_letters_are_repaired_only_when_asked(qtbot, tmp_path: Path) -> None:
    garbled = "it’s a café".encode().decode("cp1252")
    file = tmp_path / "quotes.csv"
    file.write_text(f"anchor,positive\n{garbled},b\nplain,c\n", encoding="utf-8")
    window = open_window(qtbot, folder := make_project(tmp_path / "p"))
    box = wizard(qtbot, window, file)
    assert cells(box, 0)[0] == garbled
    assert child(box, "import.before.0", QLabel).text() == garbled
    assert child(box, "import.after.0", QLabel).text() == "it’s a café"
    repair = child(box, "import.repair", QCheckBox)
    assert not repair.isChecked()
    repair.click()
    looked(qtbot, box)
    assert cells(box, 0)[0] == "it’s a café"
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder)["quotes"][0][0] == "it’s a café"


def test_words_become_scores_only_when_confirmed(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "nli.csv"
    file.write_text("premise,hypothesis,label\na,b,entailment\nc,d,neutral\ne,f,odd\n")
    window = open_window(qtbot, folder := make_project(tmp_path / "p"))
    box = wizard(qtbot, window, file)
    form = box.page.words
    assert not box.accept_button.isEnabled() and "words" in box.page.problem.text()
    assert {word: field.text() for word, field in form.fields.items()} == {
        "entailment": "1", "neutral": "0.5", "odd": "",
    }  # fmt: skip
    field = form.fields["neutral"]
    field.selectAll()
    QTest.keyClicks(field, "7")
    assert not form.accept.isEnabled() and field.property("tone") == "error"
    field.selectAll()
    QTest.keyClicks(field, "0.25")
    click(form.accept)
    looked(qtbot, box)
    assert box.accept_button.isEnabled() and form.accept.text() == "In use"
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder)["nli"] == [("a", "b", 1.0), ("c", "d", 0.25), ("e", "f", None)]


def test_one_word_among_numbers_leaves_the_numbers_what_they_are(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "marks.csv"
    file.write_text("a,b,score\nred,crimson,5\nblue,navy,4\nred,green,0\nblue,sky,2.5\nx,y,n/a\n")
    window = open_window(qtbot, folder := make_project(tmp_path / "p"))
    box = wizard(qtbot, window, file)
    click(box.page.words.accept)
    looked(qtbot, box)
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert [row[2] for row in stored(folder)["marks"]] == [1.0, 0.8, 0.0, 0.5, None]


def test_the_person_changes_the_roles(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", Format.PAIRS, PAIRS)
    file = tmp_path / "goods.csv"
    file.write_text("code,long,short\n1,a long text,short\n2,another long one,brief\n")
    window = open_window(qtbot, folder)
    box = wizard(qtbot, window, file)
    choose(qtbot, box, "import.format", Format.TRIPLETS.value)
    assert set(box.page.roles.choices) == {"anchor", "positive", "negative", "split"}
    choose(qtbot, box, "import.format", Format.PAIRS.value)
    choose(qtbot, box, "import.role.anchor", "short")
    choose(qtbot, box, "import.role.positive", "short")
    assert "two roles" in box.page.problem.text() and not box.accept_button.isEnabled()
    choose(qtbot, box, "import.role.positive", "")
    assert "every role" in box.page.problem.text() and not box.accept_button.isEnabled()
    choose(qtbot, box, "import.role.positive", "long")
    assert box.page.problem.isHidden() and box.accept_button.isEnabled()
    assert heads(box) == ["code", "Positive ← long", "Anchor ← short"]
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder)["goods"] == [("short", "a long text", None), ("brief", "another long one", None)]


def test_one_more_negative_and_a_file_of_texts(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_text("anchor,positive,negative,other\na,b,c,d\ne,f,g,h\n")
    window = open_window(qtbot, make_project(tmp_path / "p"))
    box = wizard(qtbot, window, file)
    assert box.session.entries[0].format is Format.TRIPLETS
    click(child(box, "import.more", QPushButton))
    looked(qtbot, box)
    assert heads(box)[2:] == ["Negative 1 ← negative", "Negative 2 ← other"]
    choose(qtbot, box, "import.role.negative_2", "")
    assert heads(box)[2:] == ["Negative ← negative", "other"]
    choose(qtbot, box, "import.format", "texts")
    assert heads(box) == ["Text ← anchor", "positive", "negative", "other"]
    assert box.page.destination.name.isHidden()
    click(child(box, "import.cancel"))
    quiet(qtbot, window)


def test_rows_are_added_to_a_dataset_on_its_own_scale(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", scale=Scale(0, 1))
    file = tmp_path / "more.csv"
    file.write_text("sentence1,sentence2,score\na,b,5\nc,d,2\n")
    window = open_window(qtbot, folder)
    box = wizard(qtbot, window, file)
    choose(qtbot, box, "import.role.scale", "0 5")
    (main,) = window.context.project.datasets()
    choose(qtbot, box, "import.destination", str(main.id))
    assert box.page.destination.name.isHidden()
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    with Reader(folder) as reader:
        rows = list(reader.rows(main.id))[-2:]
    assert [(row.score, row.raw_score) for row in rows] == [(1.0, "1"), (0.4, "0.4")]


def test_lines_that_are_not_taken_are_listed_and_can_be_saved(
    qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("anchor,positive\na,b\n,c\nd,\ne,f\n")
    window = open_window(qtbot, folder := make_project(tmp_path / "p"))
    box = wizard(qtbot, window, file)
    assert "2 lines are not taken" in box.page.rejected.text()
    click(box.accept_button)
    qtbot.waitUntil(lambda: box.checking and not box.working, timeout=20_000)
    model = box.check.model
    assert [[model.index(row, n).data() for n in range(2)] for row in range(model.rowCount())] == [
        ["3", "the anchor is empty"],
        ["4", "the positive is empty"],
    ]
    target = tmp_path / "lost.csv"
    monkeypatch.setattr(check_page.QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(target), ""))
    click(box.check.save)
    qtbot.waitUntil(target.exists, timeout=10_000)
    assert target.read_text() == (
        "file,line,reason\nbad.csv,3,the anchor is empty\nbad.csv,4,the positive is empty\n"
    )
    click(box.back)
    assert not box.checking
    click(box.accept_button)
    qtbot.waitUntil(lambda: box.checking and not box.working, timeout=20_000)
    assert box.accept_button.text() == "Import 2 rows" and "bad" not in stored(folder)
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert len(stored(folder)["bad"]) == 2
    assert last(window).tone == "warning" and "line 3: the anchor is empty" in last(window).details


def test_the_clipboard_is_a_file_like_any_other(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, folder := make_project(tmp_path / "p"))
    QGuiApplication.clipboard().setText("")
    window.actions_.perform("project.import_clipboard")
    box = dialog(qtbot, "dialog.import")
    assert "neither text nor a file" in box.problem.text() and not box.accept_button.isEnabled()
    QGuiApplication.clipboard().setText("anchor\tpositive\na\tb\n")
    QTest.keyClick(box, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    looked(qtbot, box)
    assert cells(box, 0) == ["a", "b"]
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder)["clipboard"] == [("a", "b", None)]


def test_a_sheet_of_a_workbook_is_chosen(qtbot, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title, words in (("First", "red"), ("Second", "blue")):
        sheet = book.create_sheet(title)
        sheet.append(["anchor", "positive"])
        sheet.append([words, "x"])
    book.save(tmp_path / "book.xlsx")
    window = open_window(qtbot, folder := make_project(tmp_path / "p"))
    box = wizard(qtbot, window, tmp_path / "book.xlsx")
    assert cells(box, 0) == ["red", "x"] and box.page.reading.encoding.isHidden()
    choose(qtbot, box, "import.member", "Second")
    assert cells(box, 0) == ["blue", "x"]
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder)["book"] == [("blue", "x", None)]


def test_a_file_of_many_columns_and_hostile_names_stays_quick_and_plain(qtbot, tmp_path: Path) -> None:
    names = ["<b>anchor</b>", "positive\u202e", *(f"{'x' * 200}{n}" for n in range(700))]
    file = tmp_path / "<img src=x>.csv"
    file.write_text(",".join(names) + "\n" + ",".join("y" * 5 for _ in names) + "\n", encoding="utf-8")
    window = open_window(qtbot, make_project(tmp_path / "p"))
    box = wizard(qtbot, window, file)
    size = box.size()
    choose(qtbot, box, "import.format", Format.TRIPLETS.value)
    start = time.perf_counter()
    box.page.show_entry(box.session.entries[0])
    assert time.perf_counter() - start < 0.5
    assert box.size() == size and heads(box)[0] == "Anchor ← <b>anchor</b>"
    box.reject()
    quiet(qtbot, window)


def test_an_import_without_the_mouse(qtbot, tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("anchor,positive,third\na,b,c\n")
    window = open_window(qtbot, folder := make_project(tmp_path / "p"))
    box = wizard(qtbot, window, tmp_path / "one.csv", tmp_path / "two.csv")
    qtbot.waitUntil(box.files.hasFocus, timeout=10_000)
    QTest.keyClick(box.files, Qt.Key.Key_Down)
    assert box.files.currentRow() == 1
    child(box, "import.role.anchor")  # what was just added to the form is on show now
    names = []
    for _ in range(30):
        QTest.keyClick(box.focusWidget(), Qt.Key.Key_Tab)
        names.append(box.focusWidget().objectName())
    start = names.index("import.format")
    assert names[start + 1 : start + 4] == ["import.role.anchor", "import.role.positive", "import.role.split"]
    assert {"import.encoding", "import.header", "import.name", "import.accept", "import.add"} <= set(names)
    box.page.roles.format.setFocus()
    QTest.keyClicks(box.page.roles.format, "Trip")
    looked(qtbot, box)
    assert box.session.entries[1].format is Format.TRIPLETS
    box.files.setFocus()
    QTest.keyClick(box.files, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder)["two"] == [("a", "b", "c", None)] and len(stored(folder)) == 3


def test_the_preview_shows_the_rows_that_records_become(qtbot, tmp_path: Path) -> None:
    (tmp_path / "lists.jsonl").write_text('{"query": "q", "pos": ["a", "b"], "neg": ["x"]}\n')
    (tmp_path / "scored.csv").write_text("sentence1,sentence2,score,split\na,b,4,dev\nc,d,,test\ne,f,0.5,\n")
    window = open_window(qtbot, make_project(tmp_path / "p"))
    box = wizard(qtbot, window, tmp_path / "lists.jsonl", tmp_path / "scored.csv")
    assert cells(box, 0) == ["q", '["a", "b"]', '["x"]']
    click(child(box, "import.as_rows", QPushButton))
    assert [cells(box, row) for row in range(2)] == [["q", "a", "x"], ["q", "b", "x"]]
    box.files.setCurrentRow(1)
    assert [cells(box, row) for row in range(2)] == [["a", "b", "0.80", "eval"], ["c", "d", "–", "test"]]
    choose(qtbot, box, "import.role.scale", "0 10")
    assert cells(box, 0) == ["a", "b", "0.40", "eval"]
    choose(qtbot, box, "import.role.scale", "other")
    QTest.keyClicks(child(box, "import.scale", QLineEdit), "-4 to 4")
    looked(qtbot, box)
    assert cells(box, 0) == ["a", "b", "1.00", "eval"]
    choose(qtbot, box, "import.format", "texts")
    assert cells(box, 0) == ["a"]
    box.reject()
    quiet(qtbot, window)


@pytest.mark.parametrize(
    ("typed", "scale"),
    [
        ("1-7", Scale(1, 7)),
        ("−3 to 3", Scale(-3, 3)),
        ("0–2,5", Scale(0, 2.5)),
        ("5-1", None),
        ("x", None),
        ("", None),
    ],
)
def test_a_scale_is_typed(typed: str, scale: Scale | None) -> None:
    assert parse_scale(typed) == scale
