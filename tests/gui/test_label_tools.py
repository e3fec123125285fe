"""Find and replace, swap, convert, divide and merge from the label page: previewed, then one undoable step."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format, Scale
from gui.context import Context
from gui.dialogs.convert import ConvertDialog
from gui.dialogs.divide import DivideDialog, MergeDialog
from gui.dialogs.replace import ReplaceDialog
from tests.gui.fake_engine import fake_engine
from tests.gui.label_support import PAIRS, SCORED, Bench, bench


@pytest.fixture
def pairs(qtbot: QtBot, context: Context, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "p", Format.PAIRS, PAIRS)


def opened(here: Bench, kind: type[QDialog], name: str) -> QDialog:
    dialog = here.page.window().findChild(kind, name)
    assert isinstance(dialog, kind)
    here.bot.waitUntil(lambda: not dialog.busy, timeout=10_000)  # type: ignore[attr-defined]
    return dialog


def settled(here: Bench) -> None:
    here.bot.waitUntil(lambda: here.context.background.job is None, timeout=10_000)
    here.settle()


def replacing(here: Bench) -> ReplaceDialog:
    here.page.tools.replace()
    dialog = opened(here, ReplaceDialog, "dialog.replace")
    assert isinstance(dialog, ReplaceDialog)
    return dialog


def typed(here: Bench, dialog: ReplaceDialog, pattern: str, replacement: str) -> None:
    dialog.pattern.setText(pattern)
    dialog.replacement.setText(replacement)
    here.bot.waitUntil(lambda: not dialog.busy, timeout=10_000)


def test_replacing_is_previewed_and_done_as_one_step(pairs: Bench) -> None:
    dialog = replacing(pairs)
    typed(pairs, dialog, "in", "IN")
    assert dialog.words.text().startswith("1 match in 1 row")
    assert dialog.preview.item(0, 2).text() == "flowers in January"
    dialog.grab()
    dialog.apply.click()
    settled(pairs)
    assert pairs.stored[3].texts[1] == "flowers IN January"
    pairs.bot.waitUntil(lambda: not dialog.busy)
    assert not dialog.apply.isEnabled()  # nothing of it is left
    pairs.context.undo()
    assert pairs.stored[3].texts[1] == "flowers in January"
    dialog.close()


def test_only_the_selected_rows_and_patterns(pairs: Bench) -> None:
    pairs.select_rows(0, 1)
    dialog = replacing(pairs)
    assert dialog.scope.currentIndex() == 2
    dialog.regex.setChecked(True)
    typed(pairs, dialog, r"(\w+)$", r"<\1>")
    assert dialog.preview.rowCount() == 4
    dialog.columns.setCurrentIndex(1)
    pairs.bot.waitUntil(lambda: not dialog.busy)
    assert dialog.preview.rowCount() == 2
    typed(pairs, dialog, "(", "")
    assert "no regular expression" in dialog.words.text() and not dialog.apply.isEnabled()
    dialog.close()


def test_columns_change_places(pairs: Bench) -> None:
    before = [row.texts for row in pairs.stored]
    pairs.page.tools.menu.aboutToShow.emit()
    action = pairs.page.tools.menu.findChild(QAction, "label.tools.swap.0.1")
    assert action is not None
    action.trigger()
    settled(pairs)
    assert [row.texts for row in pairs.stored] == [(b, a) for a, b in before]
    assert pairs.shown[0] == "Hosta, full shade"
    pairs.context.undo()
    settled(pairs)
    assert [row.texts for row in pairs.stored] == before


def test_pairs_are_converted_to_triplets(pairs: Bench) -> None:
    pairs.page.tools.convert()
    dialog = opened(pairs, ConvertDialog, "dialog.convert")
    assert isinstance(dialog, ConvertDialog)
    assert dialog.preview.rowCount() == 5 and "5 rows will be made" in dialog.words.text()
    dialog.negatives.setValue(2)
    pairs.bot.waitUntil(lambda: not dialog.busy)
    assert dialog.preview.columnCount() == 4
    dialog.grab()
    dialog.accept()
    settled(pairs)
    info = pairs.context.dataset
    assert info is not None and (info.format, info.negatives, info.rows) == (Format.TRIPLETS, 2, 5)
    assert info.name == "Main – triplets"
    pairs.context.undo()
    settled(pairs)
    assert pairs.context.dataset is not None and pairs.context.dataset.name == "Main"


def test_a_threshold_on_the_datasets_own_scale(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    here = bench(qtbot, context, tmp_path / "p", Format.SCORED, SCORED, scale=Scale(0, 5))
    here.page.tools.convert()
    dialog = opened(here, ConvertDialog, "dialog.convert")
    assert isinstance(dialog, ConvertDialog)
    assert dialog.threshold.value() == 2.5 and dialog.preview.rowCount() == 2
    dialog.threshold.setValue(4)
    here.bot.waitUntil(lambda: not dialog.busy)
    assert dialog.preview.rowCount() == 1 and "below the threshold" in dialog.words.text()
    dialog.reject()


def test_a_dataset_is_divided_by_what_is_shown(pairs: Bench) -> None:
    pairs.page.side.choose("flagged")
    pairs.settle()
    pairs.page.tools.divide()
    dialog = opened(pairs, DivideDialog, "dialog.divide")
    assert isinstance(dialog, DivideDialog)
    assert dialog.way.currentData() == "view"
    dialog.keep.setChecked(False)
    dialog.accept()
    settled(pairs)
    project = pairs.context.project
    assert project is not None
    assert {info.name: info.rows for info in project.datasets()} == {"Main – shown": 1, "Main – others": 4}
    pairs.context.undo()
    settled(pairs)
    assert [info.rows for info in project.datasets()] == [5]


def test_what_cannot_be_divided_says_why(pairs: Bench) -> None:
    pairs.page.tools.divide()
    dialog = opened(pairs, DivideDialog, "dialog.divide")
    assert isinstance(dialog, DivideDialog)
    dialog.way.setCurrentIndex(dialog.way.findData("status"))
    pairs.bot.waitUntil(lambda: not dialog.busy)
    assert "one part" in dialog.words.text() and not dialog.do.isEnabled()
    dialog.reject()


def test_datasets_of_one_format_are_merged(pairs: Bench) -> None:
    project = pairs.context.project
    assert project is not None
    project.create_dataset("More", Format.PAIRS, examples=[Example(("x", "y"))])
    project.create_dataset("Scores", Format.SCORED)
    pairs.page.tools.merge()
    dialog = opened(pairs, MergeDialog, "dialog.merge")
    assert isinstance(dialog, MergeDialog)
    assert [info.name for info in dialog.chosen()] == ["Main", "More"]
    assert dialog.preview.rowCount() == 6
    dialog.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    pairs.bot.waitUntil(lambda: not dialog.busy)
    assert "at least two" in dialog.words.text() and not dialog.do.isEnabled()
    dialog.list.item(1).setCheckState(Qt.CheckState.Checked)
    pairs.bot.waitUntil(lambda: not dialog.busy)
    dialog.name.setText("Everything")
    dialog.accept()
    settled(pairs)
    info = pairs.context.dataset
    assert info is not None and (info.name, info.rows) == ("Everything", 6)


def test_hard_negatives_for_the_converted_pairs(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    engine = fake_engine(context)
    here = bench(qtbot, context, tmp_path / "mined", Format.PAIRS, PAIRS)
    here.page.tools.convert()
    dialog = opened(here, ConvertDialog, "dialog.convert")
    assert isinstance(dialog, ConvertDialog)
    dialog.source.setCurrentIndex(1)
    here.bot.waitUntil(lambda: len(engine.asked) == 1)
    assert not dialog.do.isEnabled() and "hard negatives" in dialog.words.text()
    question = engine.asked[0]
    ids = {row.texts[0]: row.id for row in here.stored}
    assert question.params["ids"] == list(ids.values()) and question.params["k"] == 1
    proposals = [{"text": "Yew, poisonous", "similarity": 0.4}]
    rows = [{"id": ids["shade plants"], "anchor": "shade plants", "positive": "x", "proposals": proposals}]
    question.on_done({"rows": rows, "among": "all", "count": 9})
    here.bot.waitUntil(lambda: dialog.do.isEnabled(), timeout=10_000)
    assert "at random" in dialog.words.text() and len(engine.asked) == 1
    dialog.do.click()
    project = here.context.project
    assert project is not None
    here.bot.waitUntil(lambda: len(project.datasets()) == 2, timeout=10_000)
    made = list(project.rows(project.datasets()[1].id))
    assert made[0].texts == ("shade plants", "Hosta, full shade", "Yew, poisonous") and len(made) == len(
        PAIRS
    )


def test_looking_for_hard_negatives_ends_with_the_dialog(
    qtbot: QtBot, context: Context, tmp_path: Path
) -> None:
    engine = fake_engine(context)
    here = bench(qtbot, context, tmp_path / "mined", Format.PAIRS, PAIRS)
    here.page.tools.convert()
    dialog = opened(here, ConvertDialog, "dialog.convert")
    assert isinstance(dialog, ConvertDialog)
    dialog.source.setCurrentIndex(1)
    here.bot.waitUntil(lambda: len(engine.asked) == 1)
    dialog.reject()
    assert engine.asked[0].cancelled
