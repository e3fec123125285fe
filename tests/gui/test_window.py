"""The window itself: pages, datasets, undo across restarts, closing, and a person who does things in the wrong order."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QTableView,
    QWidget,
)

from core.dataset.formats import Format
from core.errors import FileProblem
from core.project import Project
from core.settings import Settings
from core.training.queue import Queue
from gui import crash, main_window
from gui.dialogs.new_dataset import NewDatasetDialog
from gui.dialogs.new_project import NewProjectDialog, folder_name
from gui.main_window import PAGES, MainWindow
from gui.views.explore.page import VIEWS
from gui.views.page import AHEAD
from tests.gui.run_support import fake_run
from tests.gui.window_support import (
    SCORED,
    child,
    click,
    dialog,
    fits,
    in_bar,
    last,
    make_project,
    open_window,
    quiet,
    said,
    texts,
)

LONG = "ThisNameHasNoPlaceToBreak" * 12


def key(window: MainWindow, key: Qt.Key, *, shift: bool = False) -> None:
    modifiers = Qt.KeyboardModifier.ControlModifier
    if shift:
        modifiers |= Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, key, modifiers)


def shown(window: MainWindow, row: int = 0, column: int = 1) -> str:
    return str(child(window, "label.table", QTableView).model().index(row, column).data())


# -- making ------------------------------------------------------------------------------------------------------


def answer(name: str, format: Format, *, press: str = "new.create") -> None:
    """Fill in the New dialog as soon as it is open."""

    def fill() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, NewProjectDialog)
        assert not box.create_button.isEnabled()
        box.name_field.insert(name)
        click(child(box, f"new.format.{format.value}"))
        click(child(box, press))

    QTimer.singleShot(0, fill)


def test_new_projects_of_every_format_get_free_folders(qtbot, anchorlab_home: Path) -> None:
    window = open_window(qtbot)
    for number, format in enumerate(Format):
        answer("Garden & Söhne!", format)
        window.projects.new()
        assert window.context.dataset is not None and window.context.dataset.format is format
        place = anchorlab_home / "projects" / ("garden--söhne" + (f"-{number + 1}" if number else ""))
        assert window.context.folder == place
    assert window.topbar.project.value == "Garden & Söhne!"
    assert window.current_page == "label"
    quiet(qtbot, window)


def test_a_new_project_that_is_cancelled_leaves_nothing(qtbot, anchorlab_home: Path) -> None:
    window = open_window(qtbot)
    answer("Garden", Format.PAIRS, press="new.cancel")
    window.projects.new()
    assert window.context.project is None
    assert not (anchorlab_home / "projects").exists()


def test_folder_names_fit_every_file_system() -> None:
    assert folder_name('a/b\\c:"<>|?*\n') == "abc"
    assert folder_name("...") == "project"
    assert len(folder_name("x" * 500)) == 60


def test_a_new_dataset_is_chosen_and_switching_shows_its_rows(qtbot, tmp_path: Path, monkeypatch) -> None:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    quiet(qtbot, window)
    for _ in range(2):
        window.actions_.perform("project.dataset")
        asking = window.findChild(NewDatasetDialog)
        asking.findChild(QRadioButton, "dataset.format.triplets").click()
        click(asking.findChild(QPushButton, "dataset.create"))
        qtbot.waitUntil(lambda: window.findChild(NewDatasetDialog) is None)
    assert window.topbar.dataset.value.startswith("Triplets 2")
    quiet(qtbot, window)
    table = child(window, "label.table", QTableView)
    assert table.model().rowCount() == 0
    assert window.context.dataset.format is Format.TRIPLETS
    menu = window.topbar.dataset.menu_of_pill
    next(action for action in menu.actions() if action.text().startswith("Main")).trigger()
    quiet(qtbot, window)
    assert table.model().rowCount() == 4 and shown(window) == "soft girl"
    assert window.topbar.dataset.value.startswith("Main · Scored pairs · 4")


# -- undo --------------------------------------------------------------------------------------------------------


def test_undo_and_redo_by_keys_and_after_a_restart(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    window.context.set_cells([(1, "text_a", "first")])
    window.context.set_cells([(1, "text_a", "second")])
    key(window, Qt.Key.Key_Z)
    assert texts(folder)[0][0] == shown(window) == "first"
    key(window, Qt.Key.Key_Z, shift=True)
    assert texts(folder)[0][0] == "second"
    window.close()
    again = open_window(qtbot, folder)
    quiet(qtbot, again)
    assert again.actions_.enabled("edit.undo") and not again.actions_.enabled("edit.redo")
    key(again, Qt.Key.Key_Z)
    key(again, Qt.Key.Key_Z)
    assert texts(folder)[0][0] == shown(again) == "soft girl"
    key(again, Qt.Key.Key_Y)
    assert texts(folder)[0][0] == shown(again) == "first"


def test_undo_reaches_back_over_a_page_change(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    window.context.delete_examples([1, 2])
    window.show_page("train")
    key(window, Qt.Key.Key_Z)
    assert len(texts(folder)) == 4
    window.show_page("label")
    quiet(qtbot, window)
    assert child(window, "label.table", QTableView).model().rowCount() == 4


# -- nothing typed is lost ---------------------------------------------------------------------------------------


def begin_to_type(qtbot, window: MainWindow, text: str) -> None:
    table = child(window, "label.table", QTableView)
    table.setCurrentIndex(table.model().index(0, 1))
    table.setFocus()
    QTest.keyClicks(table, text[:1])
    qtbot.waitUntil(lambda: table.state() == QTableView.State.EditingState)
    editor = QApplication.focusWidget()
    assert isinstance(editor, QPlainTextEdit | QLineEdit)
    QTest.keyClicks(editor, text[1:])


def test_closing_the_project_keeps_what_is_being_typed(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    begin_to_type(qtbot, window, "typed")
    window.actions_.perform("project.close")
    assert window.context.project is None and window.current_page == ""
    assert texts(folder)[0][0] == "typed"


def test_opening_another_project_keeps_what_is_being_typed(qtbot, tmp_path: Path) -> None:
    first, second = make_project(tmp_path / "first"), make_project(tmp_path / "second", name="Other")
    window = open_window(qtbot, first)
    quiet(qtbot, window)
    begin_to_type(qtbot, window, "typed")
    window.projects.open(second)
    quiet(qtbot, window)
    assert window.windowTitle() == "Other — AnchorLab"
    assert texts(first)[0][0] == "typed" and texts(second)[0][0] == "soft girl"
    assert shown(window) == "soft girl"


def test_closing_the_window_keeps_what_is_being_typed(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    begin_to_type(qtbot, window, "typed")
    window.close()
    assert texts(folder)[0][0] == "typed"
    with Project.open(folder):
        pass  # and the lock is free


def test_edits_into_a_deleted_folder_are_not_called_saved(qtbot, messages, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    shutil.rmtree(folder)
    saved = []
    window.context.saved.connect(lambda: saved.append(1))
    window.context.set_cells([(1, "text_a", "lost")])
    assert not saved and "no longer in" in in_bar(window) and last(window).hint
    for page in PAGES:
        window.show_page(page)
    quiet(qtbot, window)
    window.actions_.perform("project.close")
    assert window.context.project is None
    assert not [told for told in messages.errors if "inside AnchorLab" in told.text]


# -- the window --------------------------------------------------------------------------------------------------


def test_every_page_opens_by_its_button_and_its_key(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    for number, page in enumerate(PAGES):
        click(child(window, f"nav.{page}"))
        assert window.current_page == page and window.stack.currentWidget() is window.page(page)
        assert child(window, f"nav.{page}").isChecked()
        window.show_page("label")
        key(window, Qt.Key(Qt.Key.Key_1.value + number))
        assert window.current_page == page
    quiet(qtbot, window)


def test_pages_are_built_one_by_one_while_the_window_waits(qtbot, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(main_window, "UNSEEN_MS", 500)
    window = open_window(qtbot, make_project(tmp_path / "p"))
    assert set(window.pages) == {"label"}
    qtbot.waitUntil(lambda: set(window.pages) == set(PAGES), timeout=20_000)
    quiet(qtbot, window)


def test_a_page_that_is_wanted_before_it_is_whole_is_finished_at_once(qtbot, tmp_path: Path) -> None:
    """Out of sight it is built tab by tab, so that the window never stands still."""
    window = open_window(qtbot, make_project(tmp_path / "p"))
    grown = []
    while len(grown) < 3:
        window._build_next()
        window._idle.stop()
        if window._growing is not None and window._growing[0] == "explore":
            grown.append(window._growing[1].tabs.count())
    assert grown == [0, 1, 2] and "explore" not in window.pages
    assert importlib.import_module("gui.views.explore.probes.view") and set(AHEAD) <= set(PAGES)
    window.show_page("explore")
    page = window.page("explore")
    assert window.stack.currentWidget() is page and window._growing is None
    assert [page.tabs.tabText(n) for n in range(6)] == [title for _, title, _ in VIEWS]
    assert all(page.view(key).isVisible() == (key == "query") for key, _, _ in VIEWS)
    names = [action.objectName() for action in window.actions()]
    assert names.count("do.explore.map.lasso") == 1
    built = []
    window.built.connect(lambda: built.append(True))
    window._build_next()
    assert built and set(window.pages) == set(PAGES)
    quiet(qtbot, window)


class Strays(QObject):
    """Remembers every widget that opens as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


def test_no_part_of_a_page_flashes_up_as_a_window(qtbot, qapp, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    fake_run(folder)
    fake_run(folder, end="failed", best=None)
    Queue(folder).add(1, {}, "automatic", "Main")
    strays = Strays()
    qapp.installEventFilter(strays)
    window = open_window(qtbot, folder)
    for page in (*PAGES, *PAGES):
        window.show_page(page)
        quiet(qtbot, window)
        QApplication.processEvents()
    window.show_run("0001-main")
    quiet(qtbot, window)
    window.page("runs").table.selectAll()
    qtbot.waitUntil(lambda: window.page("runs").overlay.curves == 2, timeout=20_000)
    window.context.messages.warn("Something", "to read")
    window.projects.close()
    qapp.removeEventFilter(strays)
    assert strays.seen == ["MainWindow window"]


def test_the_smallest_window_holds_every_page(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    for page in PAGES:
        window.show_page(page)
        QApplication.processEvents()
        assert fits(window, 900, 560), page
    quiet(qtbot, window)


def test_names_without_end_do_not_widen_the_window(qtbot, messages, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", name=LONG)
    with Project.open(folder) as project:
        project.create_dataset(LONG, Format.SCORED, examples=SCORED)
    window = open_window(qtbot, folder)
    window.context.choose_dataset(window.context.project.datasets()[1].id)
    window.context.messages.error(
        FileProblem(f"{LONG[:240]}.csv is empty.", "Choose a file that holds data.")
    )
    qtbot.waitUntil(lambda: LONG[:240] in in_bar(window))
    window.context.jobs.start(LONG, lambda job: [QApplication.instance()] and job.msleep(200))
    for page in PAGES:
        window.show_page(page)
        QApplication.processEvents()
        assert fits(window, 900, 560), page
    assert window.topbar.project.value == LONG
    quiet(qtbot, window)


def test_the_message_bar_takes_no_room_when_dismissed(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    quiet(qtbot, window)
    QApplication.processEvents()
    before = window.stack.height()
    window.context.messages.note("<b>Bold</b> words", "and & a hint")
    QApplication.processEvents()
    assert window.message_bar.text.text() == "<b>Bold</b> words" and window.stack.height() < before
    assert window.message_bar.text.textFormat() is Qt.TextFormat.PlainText
    click(window.message_bar.close_button)
    QApplication.processEvents()
    assert window.stack.height() == before


def test_geometry_and_recent_projects_are_remembered(qtbot, tmp_path: Path) -> None:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    window.resize(window.width(), 640)
    window.close()
    assert open_window(qtbot).height() == 640
    assert Settings.load().recent == [str(tmp_path / "p")]


def test_damaged_settings_do_not_stop_the_window(qtbot, anchorlab_home: Path) -> None:
    for content in (
        "{",
        "[]",
        '{"theme": "pink", "geometry": "§§", "recent": [3, null, "/nowhere"], "threads": -4}',
    ):
        Settings.path().write_text(content)
        window = open_window(qtbot)
        assert child(window, "welcome.new").isVisible()
        window.actions_.perform("app.settings")
        box = dialog(qtbot, "dialog.settings")
        assert child(box, "settings.theme", QComboBox).currentIndex() == 0
        box.close()
        window.close()


def test_an_exception_nobody_caught_is_told_and_logged(qtbot, messages, monkeypatch, capsys) -> None:
    window = open_window(qtbot)
    try:
        raise KeyError("what")
    except KeyError as error:
        crash._unexpected(type(error), error, error.__traceback__)
    assert "inside AnchorLab: KeyError" in in_bar(window)
    click(window.message_bar.copy)
    assert 'raise KeyError("what")' in QApplication.clipboard().text()
    assert 'raise KeyError("what")' in crash.log_file().read_text()
    assert "KeyError" in capsys.readouterr().err


def test_a_crash_is_told_at_the_next_start_and_the_one_after_that_too(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    for stack in ("Fatal Python error: one", "Fatal Python error: two"):
        with crash.watched():
            assert crash.crash_file().exists()
            # What faulthandler does when the process dies: it writes to the file it was given at the start.
            with crash.crash_file().open("a") as stream:
                stream.write(stack)
            window = open_window(qtbot, folder)
            quiet(qtbot, window)
            assert "ended unexpectedly" in in_bar(window) and last(window).details == stack
            window.close()
    again = open_window(qtbot, folder)
    assert said(again) == []
    quiet(qtbot, again)
