"""The runs page on run folders as a trainer leaves them: states, order, curves over one another, notes, deletion."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton

from core import jsonlines
from core.locks import FileLock
from core.project import Project
from core.training.events import FinishedEvent, StepEvent
from core.training.runs import EVENTS, LOCK, list_runs
from gui.main_window import MainWindow
from gui.models.runs_model import COLUMNS
from gui.theme.tokens import RUN_COLOURS
from gui.views.runs.page import RunsPage
from tests.gui.run_support import fake_run, write
from tests.gui.window_support import child, click, fits, in_bar, make_project, open_window, quiet

COLUMN = {name: number for number, name in enumerate(COLUMNS)}


def runs_page(qtbot, project: Path | None, window: MainWindow | None = None) -> tuple[MainWindow, RunsPage]:
    shown = window or open_window(qtbot, project)
    shown.show_page("runs")
    page = shown.page("runs")
    assert isinstance(page, RunsPage)
    settle(qtbot, shown)
    return shown, page


def settle(qtbot, window: MainWindow) -> None:
    """Until the list is read, drawn and selected."""
    page = window.page("runs")
    qtbot.waitUntil(lambda: not window.context.jobs.running and not page._timer.isActive(), timeout=20_000)
    QApplication.processEvents()


def cells(page: RunsPage, column: str) -> list[str]:
    return [str(page.proxy.index(row, COLUMN[column]).data()) for row in range(page.proxy.rowCount())]


def select(qtbot, window: MainWindow, *numbers: int) -> None:
    page = window.page("runs")
    page.table.clearSelection()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in range(page.proxy.rowCount()):
        if int(page.proxy.index(row, 0).data()) in numbers:
            page.table.selectionModel().select(page.proxy.index(row, 0), flags)
    settle(qtbot, window)


def words(page: RunsPage) -> list[str]:
    return [label.text() for label in page.details.findChildren(QLabel) if label.isVisible()]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = make_project(tmp_path / "p")
    fake_run(folder, losses=(0.9, 0.5, 0.3), best=0.6)
    fake_run(
        folder,
        losses=(0.8, 0.2),
        base=0.5,
        best=0.4,
        end="stopped",
        learning_rate=1e-4,
        loss_parameters={"x": 1},
    )
    fake_run(folder, losses=(None, None), best=None, end="failed")
    fake_run(folder, losses=(0.7,), best=None, end="")
    return folder


def test_no_runs_invite_to_train(qtbot, tmp_path: Path) -> None:
    window, page = runs_page(qtbot, make_project(tmp_path / "p"))
    assert page.stack.currentWidget() is page.empty and not page.details.isVisible()
    started = []
    window.context.training.start = lambda *arguments: started.append(arguments)  # type: ignore[method-assign]
    click(page.empty.button)
    assert len(started) == 1 and window.current_page == "train"


def test_every_run_is_listed_with_its_state_and_figures(qtbot, project: Path) -> None:
    _window, page = runs_page(qtbot, project)
    assert cells(page, "Run") == ["4", "3", "2", "1"]
    assert cells(page, "State") == ["interrupted", "failed", "stopped, kept", "finished"]
    assert cells(page, "Steps") == ["1", "2", "2", "3"]
    assert cells(page, "Base") == ["0.500"] * 4
    assert cells(page, "Kept") == ["–", "–", "0.400", "0.600"]
    assert cells(page, "Change") == ["–", "–", "−0.100", "+0.100"]
    assert cells(page, "Loss") == ["CosineSimilarity"] * 4
    page.table.grab()


def test_a_run_that_goes_on_in_another_process_is_training(qtbot, project: Path) -> None:
    lock = FileLock(project / "runs" / "0004-main" / LOCK)
    assert lock.acquire()
    window, page = runs_page(qtbot, project)
    assert cells(page, "State")[0] == "training"
    select(qtbot, window, 4)
    assert not child(page.details, "runs.delete", QPushButton).isEnabled()
    assert page.overlay.plot.isVisible()
    page.delete(page.selected())
    assert (project / "runs" / "0004-main").is_dir()
    # It goes on: the curve that was read before must not stay.
    write(
        project / "runs" / "0004-main", [StepEvent(2, 1.0, 0.1, 2e-5), FinishedEvent("0004-main", "", {}, 2)]
    )
    lock.release()
    window.context.runs_changed.emit()
    settle(qtbot, window)
    assert cells(page, "State")[0] == "finished"
    assert len(page._curves["0004-main"].steps) == 2


def test_a_damaged_run_hides_nothing_else(qtbot, project: Path) -> None:
    (project / "runs" / "0001-main" / "spec.json").write_text("{")
    (project / "runs" / "0002-main" / EVENTS).write_bytes(b'\xff\xfe{"event": "step"\n{"event":"new"}\n[]\n')
    (project / "runs" / "0003-main" / EVENTS).unlink()
    window, page = runs_page(qtbot, project)
    assert cells(page, "Run") == ["4", "3", "2", "1"]
    for number in (1, 2, 3, 4):
        select(qtbot, window, number)
        assert f"Run {number}" in words(page)
    select(qtbot, window, 1, 2, 3, 4)


def test_columns_sort_by_value(qtbot, project: Path) -> None:
    for best in (0.55, 0.52):
        fake_run(project, best=best, losses=(0.5,) * 12)
    _window, page = runs_page(qtbot, project)
    header = page.table.horizontalHeader()

    def press(column: str) -> None:
        place = QPoint(header.sectionViewportPosition(COLUMN[column]) + 10, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)

    press("Change")
    press("Change")
    order = cells(page, "Change")
    assert order in (
        ["+0.100", "+0.050", "+0.020", "−0.100", "–", "–"],
        ["–", "–", "−0.100", "+0.020", "+0.050", "+0.100"],
    )
    press("Change")
    assert cells(page, "Change")[0] != order[0]
    page.table.sortByColumn(COLUMN["Steps"], Qt.SortOrder.DescendingOrder)
    assert cells(page, "Steps")[:3] == ["12", "12", "3"]  # as numbers, not as words


def test_one_run_in_words(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    assert child(page.details, "runs.verdict", QLabel).text() == "The verdict of 0001-main."
    assert "CosineSimilarityLoss" in words(page) and "2e−5" in words(page)
    assert page.overlay.curves == 1
    select(qtbot, window, 3)
    assert any("The <b>loss</b> is not a number." in text for text in words(page))
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in page.details.findChildren(QLabel))
    assert not page.details.findChild(QPushButton, "runs.explore")
    select(qtbot, window, 4)
    assert any("before it could save a model" in text for text in words(page))


def test_two_runs_lie_over_one_another_and_differ(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1, 2)
    assert page.overlay.curves == 2
    assert sorted(entry.title for entry in page.overlay.legend.entries) == ["run 1", "run 2"]
    shown = words(page)
    assert "Settings that differ" in shown and "Learning rate" in shown and "x" in shown
    assert "0.0001" in shown and "2e−5" in shown and "Batch size" not in shown
    page.overlay.choose("holdout")
    assert page.overlay.plot.accessibleName() == "Hold-out metric by step" and page.overlay.curves == 2
    page.overlay.grab()
    select(qtbot, window, 1, 2, 3, 4)
    assert page.overlay.curves == 4  # the base alone is a point too
    page.overlay.choose("loss")
    page.overlay.grab()
    select(qtbot, window, 3, 4)
    assert "They used the same settings." in words(page)


def test_many_runs_are_compared_as_far_as_there_is_room(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    for number in range(5):
        fake_run(
            folder, learning_rate=10**-number, loss="MultipleNegativesRankingLoss" if number else "CoSENTLoss"
        )
    window, page = runs_page(qtbot, folder)
    select(qtbot, window, 1, 2, 3, 4, 5)
    assert "Not beside them: run 2, 1" in words(page)
    inside = page.details._scroll.widget()
    assert inside.minimumSizeHint().width() <= page.details._scroll.viewport().width()


def test_the_same_settings_say_so(qtbot, project: Path) -> None:
    fake_run(project)
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1, 5)
    assert "They used the same settings." in words(page)


def test_a_note_is_saved_when_it_is_left(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    note = child(page.details, "runs.note", QPlainTextEdit)
    note.setFocus()
    QTest.keyClicks(note, "higher rate, <b>worse</b>")
    window.context.runs_changed.emit()  # a run elsewhere tells something meanwhile
    settle(qtbot, window)
    assert child(page.details, "runs.note", QPlainTextEdit) is note and note.hasFocus()
    page.table.setFocus()
    settle(qtbot, window)
    assert (project / "runs" / "0001-main" / "note.txt").read_text() == "higher rate, <b>worse</b>"
    select(qtbot, window, 2)
    select(qtbot, window, 1)
    assert child(page.details, "runs.note", QPlainTextEdit).toPlainText() == "higher rate, <b>worse</b>"


def test_a_note_survives_closing_the_window(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    note = child(page.details, "runs.note", QPlainTextEdit)
    note.setFocus()
    QTest.keyClicks(note, "last words")
    window.close()
    assert (project / "runs" / "0001-main" / "note.txt").read_text() == "last words"


def test_deleting_offers_to_undo(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1, 2)
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    assert in_bar(window) == "2 runs deleted."
    settle(qtbot, window)
    assert cells(page, "Run") == ["4", "3"] and len(list_runs(project)) == 2
    click(window.message_bar.action)
    settle(qtbot, window)
    assert cells(page, "Run") == ["4", "3", "2", "1"]
    assert (project / "runs" / "0001-main" / EVENTS).is_file()


def test_a_note_and_then_delete(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    note = child(page.details, "runs.note", QPlainTextEdit)
    note.setFocus()
    QTest.keyClicks(note, "bad")
    click(child(page.details, "runs.delete", QPushButton))
    settle(qtbot, window)
    assert in_bar(window) == "Run 1 deleted." and cells(page, "Run") == ["4", "3", "2"]
    assert not (project / "runs" / "0001-main").exists()
    click(window.message_bar.action)
    settle(qtbot, window)
    select(qtbot, window, 1)
    assert child(page.details, "runs.note", QPlainTextEdit).toPlainText() == "bad"


def test_deleting_the_chosen_model_chooses_another(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    assert window.context.run_name == "0002-main"
    assert window.topbar.model.value.endswith("→ run 2")
    select(qtbot, window, 2)
    page.delete(page.selected())
    settle(qtbot, window)
    assert window.context.run_name == "0001-main" and window.topbar.model.value.endswith("→ run 1")


def test_open_shows_the_curves_of_an_old_run(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    click(child(page.details, "runs.open", QPushButton))
    quiet(qtbot, window)
    train = window.page("train")
    assert window.current_page == "train" and train.title.text() == "Run 1"
    assert train.loss_plot.points == 3 and train.chip.text() == "finished"
    assert child(train, "train.verdict", QLabel).text() == "The verdict of 0001-main."
    click(train.explore)
    assert window.context.run_name == "0001-main" and window.current_page == "explore"
    window.show_run("0004-main")
    quiet(qtbot, window)
    assert not train.explore.isVisible()  # it has no model
    assert train.loss_plot.points == 1 and train.chip.text() == "interrupted"
    window.show_run("0003-main")
    quiet(qtbot, window)
    assert train.chip.text() == "failed"


def test_explore_chooses_the_run(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1)
    click(child(page.details, "runs.explore", QPushButton))
    assert window.current_page == "explore" and window.context.run_name == "0001-main"
    quiet(qtbot, window)


def test_a_theme_change_recolours_the_curves(qtbot, project: Path) -> None:
    window, page = runs_page(qtbot, project)
    select(qtbot, window, 1, 2)
    for theme in ("dark", "light"):
        window.context.theme.set_mode(theme)
        settle(qtbot, window)
        assert page.overlay.curves == 2
        assert {entry.colour for entry in page.overlay.legend.entries} == set(RUN_COLOURS[theme][:2])
        page.grab()


def test_a_read_only_window_looks_and_changes_nothing(qtbot, project: Path) -> None:
    with Project.open(project):
        window = open_window(qtbot)
        window.projects.open(project, write=False)
        _window, page = runs_page(qtbot, None, window)
        assert cells(page, "Run") == ["4", "3", "2", "1"]
        select(qtbot, window, 1)
        assert child(page.details, "runs.note", QPlainTextEdit).isReadOnly()
        assert not child(page.details, "runs.delete", QPushButton).isEnabled()
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        assert "read-only" in in_bar(window) and len(list_runs(project)) == 4
        assert page.overlay.curves == 1


def test_read_events_of_the_fake_are_what_a_trainer_writes(project: Path) -> None:
    records = list(jsonlines.read(project / "runs" / "0001-main" / EVENTS))
    assert [record["event"] for record in records] == [
        "recipe",
        "baseline",
        "step",
        "step",
        "step",
        "evaluation",
        "finished",
    ]


def test_an_interrupted_run_whose_data_are_there_can_go_on(qtbot, project: Path) -> None:
    rows = project / "runs" / "0004-main" / "data" / "train.parquet"
    rows.parent.mkdir()
    rows.touch()
    window, page = runs_page(qtbot, project)
    gone_on: list[Path] = []
    window.context.training.continue_run = lambda _project, run: gone_on.append(run)  # type: ignore[method-assign]
    select(qtbot, window, 3)
    assert (
        page.details.findChild(QPushButton, "runs.continue") is None
    )  # it failed and left nothing to go on from
    select(qtbot, window, 4)
    click(child(page.details, "runs.continue", QPushButton))
    assert gone_on == [rows.parent.parent] and window.current_page == "train"


def test_the_curve_of_the_run_that_is_on_follows_it(qtbot, tmp_path: Path) -> None:
    project = make_project(tmp_path)
    run = fake_run(project, losses=(0.9, 0.5), best=None, end="")
    lock = FileLock(run / LOCK)
    assert lock.acquire()
    try:
        window, page = runs_page(qtbot, project)
        name = run.name
        assert len(page._curves[name].steps) == 2
        page._live.setInterval(10)
        write(run, [StepEvent(3, 1.0, 0.4, 2e-5, elapsed=3.0)])
        window.context.training.events.emit([])
        qtbot.waitUntil(lambda: name in page._curves and len(page._curves[name].steps) == 3, timeout=20_000)
        window.show_page("label")
        window.context.training.events.emit([])
        assert not page._live.isActive(), "nobody looks"
        settle(qtbot, window)
    finally:
        lock.release()


def test_runs_fit_the_smallest_window_after_a_wide_one(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    fake_run(folder)
    fake_run(folder)
    window, page = runs_page(qtbot, folder)
    window.resize(1500, 900)
    for numbers in ((1,), (1, 2)):
        select(qtbot, window, *numbers)
        assert fits(window, 900, 560)
    assert page.details.width() == 320


def test_a_project_whose_folder_is_away_is_not_one_without_runs(qtbot, tmp_path: Path, messages) -> None:
    project = make_project(tmp_path / "p")
    fake_run(project)
    window = open_window(qtbot, project)
    quiet(qtbot, window)
    project.rename(tmp_path / "away")
    window.show_page("runs")
    window.context.runs_changed.emit()
    quiet(qtbot, window)
    assert "no longer in" in window.page("runs").empty.sentence.text()
    assert window.context.run_name == "0001-main", "the window goes on showing what it knows"
    (tmp_path / "away").rename(project)
    window.context.runs_changed.emit()
    quiet(qtbot, window)
    assert len(window.page("runs").model.runs) == 1
