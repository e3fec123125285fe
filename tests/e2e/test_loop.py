"""The whole loop in a real window, through the `main()` that a user starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QTableView,
)

from core.project import Project, Reader
from core.training.runs import list_runs
from gui.main_window import MainWindow
from gui.widgets.loss_plot import LossPlot
from tests.e2e.robot import child, drive, screenshots

PAGES = ("label", "train", "runs", "explore")


def click(widget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_open_edit_train_query(qtbot, example: Path) -> None:
    changed = "moonlit library look"
    with Project.open(example) as project:  # the loop is what is tested here: five folds would take a minute
        project.set_recipe({"epochs": 2, "folds": 0})

    def steps(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.current_page == "label", timeout=20_000)
        table = child(window, "label.table", QTableView)
        qtbot.waitUntil(lambda: table.model() is not None and table.model().rowCount() == 31, timeout=20_000)
        edit_first_text(qtbot, table, changed)
        with Reader(example) as reader:
            dataset = reader.datasets()[0]
            texts = [row.texts[0] for row in reader.rows(dataset.id)]
        assert texts[0] == changed  # on disk, for another process, before anything else happens

        click(child(window, "action.train", QPushButton))
        assert window.current_page == "train"
        plot = child(window, "train.loss_plot", LossPlot)
        qtbot.waitUntil(lambda: plot.points >= 2, timeout=120_000)
        qtbot.waitUntil(lambda: not window.context.training.active, timeout=120_000)
        verdict = child(window, "train.verdict", QLabel)
        qtbot.waitUntil(lambda: bool(verdict.text()), timeout=5_000)
        assert "base" in child(window, "train.eval_base", QLabel).text()

        click(child(window, "nav.explore"))
        query = child(window, "explore.query", QLineEdit)
        QTest.keyClicks(query, "clothes for a quiet evening with books")
        QTest.keyClick(query, Qt.Key.Key_Return)
        base = child(window, "explore.base_results", QListView)
        tuned = child(window, "explore.tuned_results", QListView)
        qtbot.waitUntil(lambda: base.model().rowCount() > 0 and tuned.model().rowCount() > 0, timeout=120_000)
        assert base.model().hits[0].score >= base.model().hits[-1].score
        assert [hit.score for hit in tuned.model().hits] != [hit.score for hit in base.model().hits]

        click(child(window, "nav.runs"))
        runs = child(window, "runs.table", QTableView)
        qtbot.waitUntil(lambda: runs.model().rowCount() == 1, timeout=10_000)
        keep_screenshots(qtbot, window)

    assert drive([str(example), "--theme", "light"], steps) == 0
    run = list_runs(example)[0]
    assert run.status == "finished" and run.steps >= 2


def edit_first_text(qtbot, table: QTableView, text: str) -> None:
    """Double-click the first text cell, type, press Enter, as a person does."""
    column = next(
        number
        for number in range(table.model().columnCount())
        if "Text A" in str(table.model().headerData(number, Qt.Orientation.Horizontal))
    )
    index = table.model().index(0, column)
    table.scrollTo(index)
    centre = table.visualRect(index).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    qtbot.waitUntil(lambda: table.state() == QAbstractItemView.State.EditingState, timeout=5_000)
    editor = table.viewport().findChild(QPlainTextEdit) or table.viewport().findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: str(index.data()) == text, timeout=5_000)


def keep_screenshots(qtbot, window: MainWindow) -> None:
    """All four pages, both themes, two sizes: kept for people to look at; nothing may be empty or one flat colour."""
    folder = screenshots()
    for width, height in ((1280, 800), (1024, 640)):
        window.resize(width, height)
        for theme in ("light", "dark"):
            window.context.theme.set_mode(theme)
            for page in PAGES:
                window.show_page(page)
                QTest.mouseMove(window, QPoint(5, 5))
                qtbot.wait(250)
                picture = window.grab()
                assert picture.save(str(folder / f"{page}-{theme}-{width}.png"))
                image = picture.toImage()
                seen = {
                    image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)
                }
                assert len(seen) > 20
    assert len(list(folder.glob("*.png"))) >= 16


@pytest.mark.parametrize("name", PAGES)
def test_fixed_names_exist(qtbot, example: Path, name: str) -> None:
    """The names that scripts rely on are there as soon as their page was opened."""
    wanted = {
        "label": ("label.table", "label.search"),
        "train": ("train.loss_plot", "train.status", "action.stop"),
        "runs": ("runs.table",),
        "explore": ("explore.query", "explore.base_results", "explore.tuned_results"),
    }

    def steps(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.current_page == "label", timeout=20_000)
        click(child(window, f"nav.{name}"))
        assert window.current_page == name
        for item in ("action.train", *wanted[name]):
            child(window, item)

    assert drive([str(example), "--no-engine"], steps) == 0
