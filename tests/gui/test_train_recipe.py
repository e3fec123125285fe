"""The recipe on the train page, changed as a person does: values, refusals, undo, issues that lead to their rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format
from core.project import Project, Reader
from gui.main_window import MainWindow
from gui.views.train.page import TrainPage
from tests.gui.window_support import (
    SCORED,
    child,
    click,
    fits,
    in_bar,
    make_project,
    open_window,
    quiet,
    said,
)


@dataclass
class Opened:
    """A window that shows the train page of a small project."""

    bot: QtBot
    window: MainWindow
    page: TrainPage


@pytest.fixture
def opened(qtbot, tmp_path: Path) -> Opened:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    window.show_page("train")
    quiet(qtbot, window)
    page = window.page("train")
    assert isinstance(page, TrainPage)
    return Opened(qtbot, window, page)


def own(opened: Opened) -> dict[str, object]:
    """What the project has fixed, as another process reads it."""
    assert opened.window.context.folder is not None
    with Reader(opened.window.context.folder) as reader:
        return reader.recipe()


def row(opened: Opened, key: str) -> QWidget:
    def rows() -> list[QWidget]:
        found = opened.page.recipe.card.findChildren(QWidget, f"recipe.{key}")
        return [item for item in found if item.isVisible()]

    opened.bot.waitUntil(lambda: len(rows()) == 1, timeout=20_000)  # a recipe is worked out beside the window
    return rows()[0]


def edit(opened: Opened, key: str, value: str) -> None:
    """Click the value, type or choose another, press Enter."""
    click(child(row(opened, key), f"recipe.{key}.value", QPushButton))
    editor = child(row(opened, key), f"recipe.{key}.editor")
    if isinstance(editor, QComboBox):
        position = editor.findData(value)
        assert position >= 0
        editor.setCurrentIndex(position)
        editor.activated.emit(position)
        editor.hidePopup()
        return
    assert isinstance(editor, QLineEdit)
    QTest.keyClicks(editor, value)  # the old value is selected
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()


def value(opened: Opened, key: str) -> str:
    return child(row(opened, key), f"recipe.{key}.value", QPushButton).text()


def test_a_value_is_edited_and_undone(opened: Opened) -> None:
    before = value(opened, "epochs")
    edit(opened, "epochs", "7")
    assert own(opened) == {"epochs": "7"} and value(opened, "epochs") == "7"
    assert "Set in this project" in " ".join(
        item.text() for item in row(opened, "epochs").findChildren(QLabel)
    )
    opened.window.context.undo()
    assert own(opened) == {} and value(opened, "epochs") == before
    opened.window.context.redo()
    assert value(opened, "epochs") == "7"


def test_an_invalid_value_is_refused_with_the_reason(opened: Opened, messages) -> None:
    before = value(opened, "epochs")
    for wrong in ("many", "-1"):
        edit(opened, "epochs", wrong)
        assert wrong in in_bar(opened.window) and len(messages.errors) == len(said(opened.window))
        assert own(opened) == {} and value(opened, "epochs") == before
    assert len(messages.errors) == 2


def test_escape_and_the_same_value_change_nothing(opened: Opened) -> None:
    before = value(opened, "epochs")
    click(child(row(opened, "epochs"), "recipe.epochs.value"))
    editor = child(row(opened, "epochs"), "recipe.epochs.editor", QLineEdit)
    editor.setText("9")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert value(opened, "epochs") == before
    click(child(row(opened, "epochs"), "recipe.epochs.value"))
    QTest.keyClick(child(row(opened, "epochs"), "recipe.epochs.editor", QLineEdit), Qt.Key.Key_Return)
    assert own(opened) == {} and not opened.window.context.project.undo_label.startswith("Change recipe")


def test_reset_of_one_and_of_all(opened: Opened) -> None:
    edit(opened, "epochs", "7")
    edit(opened, "batch_size", "2")
    assert own(opened) == {"epochs": "7", "batch_size": "2"}
    click(child(row(opened, "epochs"), "recipe.epochs.reset"))
    assert own(opened) == {"batch_size": "2"}
    click(opened.page.recipe.reset)
    assert own(opened) == {} and not opened.page.recipe.reset.isVisible()


def test_another_loss_drops_the_parameters_of_the_one_before(opened: Opened) -> None:
    edit(opened, "loss", "CoSENTLoss")
    click(child(opened.page.recipe.card, "recipe.more"))
    edit(opened, "loss.scale", "30")
    assert own(opened) == {"loss": "CoSENTLoss", "loss.scale": "30"}
    edit(opened, "loss", "CosineSimilarityLoss")
    assert own(opened) == {"loss": "CosineSimilarityLoss"}
    assert not [
        item
        for item in opened.page.recipe.card.findChildren(QWidget, "recipe.loss.scale")
        if item.isVisible()
    ]


def test_the_recipe_follows_the_data(opened: Opened) -> None:
    context = opened.window.context
    rows = [Example((f"text {n}", f"other {n}"), score=float(n % 2)) for n in range(400)]
    before = opened.page.recipe.recipe
    context.add_examples(rows)
    opened.bot.waitUntil(lambda: opened.page.recipe.recipe is not before, timeout=20_000)
    assert opened.page.recipe.recipe.train_rows > 300
    context.delete_examples(list(context.project.ids(context.dataset_id)))
    opened.bot.waitUntil(lambda: opened.page.recipe.recipe is None, timeout=20_000)
    assert any("Add some examples first" in item.text() for item in opened.page.recipe.findChildren(QLabel))


def test_a_recipe_that_cannot_be_read_is_told_in_place(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    with Project.open(folder) as project:
        project.set_recipe({"epochs": "<b>many</b>"})
    window = open_window(qtbot, folder)
    window.show_page("train")
    quiet(qtbot, window)
    page = window.page("train")
    told = [label.text() for label in page.recipe.card.findChildren(QLabel)]
    assert any("<b>many</b>" in text for text in told)
    click(page.recipe.reset)
    assert page.recipe.recipe is not None


def test_issues_lead_to_their_rows(qtbot, tmp_path: Path) -> None:
    rows = [*SCORED, SCORED[0], Example(("", "empty"), score=1.0), Example(("no", "score"))]
    window = open_window(qtbot, make_project(tmp_path / "p", Format.SCORED, rows))
    window.show_page("train")
    quiet(qtbot, window)
    page = window.page("train")
    assert page.recipe.warnings.isVisible()
    click(child(page.recipe.warnings, "recipe.issue.empty_cell"))
    assert window.current_page == "label"
    quiet(qtbot, window)
    model = window.page("label").model
    qtbot.waitUntil(lambda: model.rowCount() == 1, timeout=20_000)
    assert model.index(0, 2).data() == "empty"


def test_a_read_only_recipe_cannot_be_changed(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    with Project.open(folder) as other:
        other.set_recipe({"epochs": 3})
        window = open_window(qtbot)
        window.projects.open(folder, write=False)
        window.show_page("train")
        quiet(qtbot, window)
        page = window.page("train")
        assert page.recipe.recipe.value("epochs") == 3
        assert not any(
            item.isEnabled()
            for item in page.recipe.card.findChildren(QPushButton)
            if "value" in item.objectName()
        )
        assert not page.recipe.reset.isVisible()


def test_what_only_the_recipe_knows_leads_to_its_rows_too(qtbot, tmp_path: Path) -> None:
    rows = [Example((f"text {n}", f"other {n}"), score=float(n % 2)) for n in range(30)]
    rows[4] = Example(("text 4", "word " * 400), score=1.0)
    window = open_window(qtbot, make_project(tmp_path / "p", Format.SCORED, rows))
    window.show_page("train")
    quiet(qtbot, window)
    page = window.page("train")
    assert "steps" in child(page.recipe.warnings, "preflight.cost", QLabel).text()
    click(child(page.recipe.warnings, "recipe.issue.truncated"))
    assert window.current_page == "label"
    quiet(qtbot, window)
    model = window.page("label").model
    qtbot.waitUntil(lambda: model.rowCount() == 1, timeout=20_000)
    assert model.index(0, 1).data().startswith("text 4")


def test_a_preset_fills_in_the_recipe_and_is_undone(opened: Opened) -> None:
    box = child(opened.page, "recipe.preset", QComboBox)
    assert box.currentText() == "Automatic"
    place = next(n for n in range(box.count()) if box.itemText(n).startswith("Quick look"))
    before = opened.page.recipe.recipe.values()
    box.setCurrentIndex(place)
    box.activated.emit(place)
    quiet(opened.bot, opened.window)
    assert opened.page.recipe.recipe.preset == "quick"
    assert "steps" in child(opened.page, "recipe.preset.explanation", QLabel).text()
    opened.window.context.undo()
    quiet(opened.bot, opened.window)
    assert opened.page.recipe.recipe.values() == before
    assert box.currentText() == "Automatic"


def test_a_folder_that_went_away_is_told_in_place_and_tried_again(opened: Opened) -> None:
    """Not "Looking at your examples…" for ever."""
    window, folder = opened.window, opened.window.context.folder
    assert folder is not None
    window.show_page("label")
    away = folder.with_name("away")
    folder.rename(away)
    opened.page.recipe._all_changed()  # as when another dataset is chosen
    window.show_page("train")
    quiet(opened.bot, window)
    assert "no longer in" in child(opened.page, "recipe.problem", QLabel).text()
    assert fits(window, 900, 560)
    away.rename(folder)
    click(child(opened.page, "recipe.again"))
    assert row(opened, "epochs")
