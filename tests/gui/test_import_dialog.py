"""From a file to rows: the import dialog, its roles, rejected lines, wrong files, drops and cancelling."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QTableWidget

from core.dataset.formats import Format, Scale
from core.project import Reader
from gui.main_window import MainWindow
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
    said,
    texts,
)


def choose(box: QComboBox, data: str) -> None:
    position = box.findData(data)
    assert position >= 0, f"{data} is not among the choices"
    box.setCurrentIndex(position)


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


def stored(folder: Path) -> dict[str, list[tuple]]:
    with Reader(folder) as reader:
        return {
            info.name: [(*row.texts, row.score) for row in reader.rows(info.id)] for info in reader.datasets()
        }


def test_a_scored_file_becomes_a_project_from_the_welcome_page(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "shop words.csv"
    file.write_text("sentence1,sentence2,score\nNA,null,5\n<b>x</b>,y,0\nz,w,2.5\n")
    window = open_window(qtbot)
    window.projects.import_path(file)
    box = dialog(qtbot, "dialog.import")
    assert box.chosen_format is Format.SCORED
    assert child(box, "import.preview", QTableWidget).item(1, 0).text() == "<b>x</b>"
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


def test_the_person_changes_the_roles(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", Format.PAIRS, PAIRS)
    file = tmp_path / "goods.csv"
    file.write_text("code,long,short\n1,a long text,short\n2,another long one,brief\n")
    window = open_window(qtbot, folder)
    window.projects.import_path(file)
    box = dialog(qtbot, "dialog.import")
    choose(box.format, Format.TRIPLETS.value)
    assert set(box._choices) == {"anchor", "positive", "negative"}
    choose(box.format, Format.PAIRS.value)
    choose(child(box, "import.role.anchor"), "short")
    choose(child(box, "import.role.positive"), "short")
    assert "two roles" in box.problem.text() and not box.accept_button.isEnabled()
    choose(child(box, "import.role.positive"), "")
    assert "every role" in box.problem.text() and not box.accept_button.isEnabled()
    choose(child(box, "import.role.positive"), "long")
    assert box.problem.isHidden() and box.accept_button.isEnabled()
    heads = [box.preview.horizontalHeaderItem(n).text() for n in range(3)]
    assert heads == ["code", "Positive ← long", "Anchor ← short"]
    click(box.accept_button)
    qtbot.waitUntil(lambda: "goods" in stored(folder), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder)["goods"] == [("short", "a long text", None), ("brief", "another long one", None)]
    assert window.context.dataset.name == "goods"
    window.context.undo()
    assert list(stored(folder)) == ["Main"] and window.context.dataset.name == "Main"


def test_rejected_rows_are_counted_shown_and_copied(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "mixed.csv"
    rows = ["a,b,1", "c,,0", "d,e,much", "f,g,0", ",h,1", "i,j,seven", "k,l,1"]
    file.write_text("text_a,text_b,score\n" + "\n".join(rows) + "\n")
    window = open_window(qtbot, make_project(tmp_path / "p"))
    window.projects.import_path(file)
    box = dialog(qtbot, "dialog.import")
    choose(box.format, Format.SCORED.value)
    for key in ("text_a", "text_b", "score"):
        choose(child(box, f"import.role.{key}"), key)
    click(box.accept_button)
    qtbot.waitUntil(lambda: bool(said(window)), timeout=20_000)
    quiet(qtbot, window)
    told = last(window)
    assert told.tone == "warning"
    count = len(told.details.splitlines())
    assert count >= 2 and f"{count} lines were not taken" in in_bar(window)
    assert f"Imported {len(rows) - count} examples" in in_bar(window)
    assert "line 4:" in told.details and told.hint.startswith("line ")
    click(window.message_bar.copy)
    assert told.details in QGuiApplication.clipboard().text()


def test_a_file_that_is_no_table(qtbot, messages, tmp_path: Path) -> None:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    for name, content in (
        ("empty.csv", b""),
        ("picture.parquet", b"\x89PNG" * 50),
        ("broken.xlsx", b"PK\3\4"),
    ):
        (tmp_path / name).write_bytes(content)
        window.projects.import_path(tmp_path / name)
        qtbot.waitUntil(lambda name=name: name in in_bar(window), timeout=20_000)
        assert "inside AnchorLab" not in in_bar(window)
    window.projects.import_path(tmp_path / "missing.csv")
    qtbot.waitUntil(lambda: "missing.csv" in in_bar(window), timeout=20_000)
    assert not any(top.isVisible() for top in QApplication.topLevelWidgets() if top is not window)
    assert len(messages.errors) == 4


def test_a_file_of_one_column_cannot_be_imported_but_says_why(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("word\nred\nblue\n")
    window = open_window(qtbot, make_project(tmp_path / "p"))
    window.projects.import_path(file)
    box = dialog(qtbot, "dialog.import")
    assert not box.accept_button.isEnabled() and box.problem.isVisible() and box.problem.text()
    click(child(box, "import.cancel"))
    assert stored(tmp_path / "p").keys() == {"Main"}


def test_wrong_roles_leave_the_dialog_open_with_the_reason(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_text("text_a,text_b,what\na,b,red\nc,d,blue\n")
    window = open_window(qtbot, make_project(tmp_path / "p"))
    window.projects.import_path(file)
    box = dialog(qtbot, "dialog.import")
    choose(box.format, Format.SCORED.value)
    for key, column in (("text_a", "text_a"), ("text_b", "text_b"), ("score", "what")):
        choose(child(box, f"import.role.{key}"), column)
    click(box.accept_button)
    qtbot.waitUntil(lambda: box.problem.isVisible(), timeout=20_000)
    assert box.isVisible() and box.accept_button.isEnabled() and box.bar.isHidden()
    choose(box.format, Format.PAIRS.value)
    choose(child(box, "import.role.anchor"), "text_a")
    choose(child(box, "import.role.positive"), "what")
    click(box.accept_button)
    qtbot.waitUntil(lambda: "words" in stored(tmp_path / "p"), timeout=20_000)
    quiet(qtbot, window)
    assert stored(tmp_path / "p")["words"] == [("a", "red", None), ("c", "blue", None)]


def test_a_dropped_file_opens_the_dialog(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"anchor": "a", "positive": "b"}\n')
    window = open_window(qtbot, make_project(tmp_path / "p"))
    drop(window, file)
    click(child(dialog(qtbot, "dialog.import"), "import.cancel"))
    quiet(qtbot, window)


def test_a_dropped_folder_is_opened_and_nonsense_is_refused(qtbot, messages, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot)
    drop(window, tmp_path / "song.mp3")
    qtbot.waitUntil(lambda: "song.mp3" in in_bar(window))
    drop(window, folder)
    qtbot.waitUntil(lambda: window.context.folder == folder)
    assert in_bar(window) == ""  # the old complaint is gone


def many(file: Path, rows: int) -> Path:
    with file.open("w") as stream:
        stream.write("anchor,positive\n")
        stream.writelines(f"anchor number {n},positive number {n}\n" for n in range(rows))
    return file


def test_many_rows_are_saved_in_the_background(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    window.projects.import_path(many(tmp_path / "many.csv", 25_000))
    box = dialog(qtbot, "dialog.import")
    click(box.accept_button)
    assert not box.format.isEnabled() and not box.accept_button.isEnabled()
    qtbot.waitUntil(lambda: closed(box), timeout=60_000)
    quiet(qtbot, window)
    assert window.context.dataset.rows == 25_000
    window.context.undo()
    assert stored(folder).keys() == {"Main"}


def test_cancelling_a_long_import_leaves_nothing(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    before = texts(folder)
    window = open_window(qtbot, folder)
    window.projects.import_path(many(tmp_path / "many.csv", 60_000))
    box = dialog(qtbot, "dialog.import")
    # While it reads the file, and while it saves what it read.
    click(box.accept_button)
    click(child(box, "import.cancel"))
    quiet(qtbot, window)
    window.projects.import_path(tmp_path / "many.csv")
    box = dialog(qtbot, "dialog.import")
    saving = []
    box.finished_import.connect(lambda _result: saving.append(box))
    click(box.accept_button)
    qtbot.waitUntil(lambda: bool(saving), timeout=60_000)
    click(child(box, "import.cancel"))
    quiet(qtbot, window)
    qtbot.wait(50)
    assert stored(folder).keys() == {"Main"} and texts(folder) == before
    assert window.context.dataset.name == "Main"
    assert said(window) == []
    window.context.set_cells([(1, "text_a", "still editable")])
    assert texts(folder)[0][0] == "still editable"
