"""The example table: shows what is stored, changes it by keys, and takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from core.dataset.formats import Example, Format, Scale
from gui.context import Context
from gui.models.example_table import one_line
from tests.gui.label_support import PAIRS, SCORED, Bench, bench

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def pairs(qtbot, context: Context, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "p", Format.PAIRS, PAIRS)


@pytest.fixture
def scored(qtbot, context: Context, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "p", Format.SCORED, SCORED)


def test_cells_show_the_text_as_typed(pairs: Bench) -> None:
    model = pairs.page.model
    assert [column.heading for column in model.columns] == ["#", "● Anchor", "＋ Positive", "Split", "Flag"]
    assert model.index(3, 1).data() == "<b>bold</b>"
    assert model.index(2, 2).data() == "Basil, thyme ⏎ and oregano"
    assert model.index(2, 2).data(Qt.ItemDataRole.EditRole) == "Basil, thyme\nand oregano"
    assert [model.index(row, 3).data() for row in range(5)] == ["auto"] * 4 + ["hold-out"]
    assert model.index(3, 4).data() == "⚑"


def test_long_texts_are_cut_before_they_are_measured() -> None:
    assert one_line("x" * 1000) == "x" * 400 + "…"
    assert one_line("a\r\nb") == "a ⏎ b"


def test_typing_replaces_and_enter_keeps(pairs: Bench) -> None:
    pairs.at(0, "positive")
    pairs.type("Fern")
    assert isinstance(pairs.focus(), QPlainTextEdit)
    pairs.key(Qt.Key.Key_Return)
    assert pairs.stored[0].texts == ("shade plants", "Fern")
    here = pairs.page.table.currentIndex()
    assert (here.row(), here.column()) == (1, 2)
    assert pairs.context.project is not None and pairs.context.project.undo_label == "Edit cell"


def test_f2_goes_on_writing_and_shift_enter_breaks_the_line(pairs: Bench) -> None:
    pairs.at(1, "anchor")
    pairs.key(Qt.Key.Key_F2)
    pairs.key(Qt.Key.Key_Return, SHIFT)
    pairs.type("in June")
    pairs.key(Qt.Key.Key_Return)
    assert pairs.stored[1].texts[0] == "bees love it\nin June"


def test_escape_keeps_the_old_text(pairs: Bench) -> None:
    pairs.at(1, "anchor")
    pairs.type("nothing")
    pairs.key(Qt.Key.Key_Escape)
    assert pairs.stored[1] == pairs.stored[1] and pairs.stored[1].texts[0] == "bees love it"
    assert pairs.context.project is not None and pairs.context.project.undo_label.startswith("Create")


def test_tab_goes_on_editing_across_rows(pairs: Bench) -> None:
    pairs.at(0, "anchor")
    pairs.key(Qt.Key.Key_F2)
    for text in ("one", "two", "three"):
        pairs.bot.waitUntil(lambda: isinstance(pairs.focus(), QPlainTextEdit))
        pairs.key(Qt.Key.Key_A, CTRL)
        pairs.type(text)
        pairs.key(Qt.Key.Key_Tab)
    pairs.key(Qt.Key.Key_Escape)
    assert pairs.stored[0].texts == ("one", "two")
    assert pairs.stored[1].texts[0] == "three"
    assert pairs.page.table.currentIndex().column() == 2


def test_leaving_the_editor_keeps_the_text(pairs: Bench) -> None:
    pairs.at(0, "anchor")
    pairs.type("kept")
    pairs.page.toolbar.search.setFocus()
    assert pairs.stored[0].texts[0] == "kept"


def test_leaving_the_page_keeps_the_text(pairs: Bench) -> None:
    pairs.at(0, "anchor")
    pairs.type("kept too")
    pairs.page.deactivate()
    assert pairs.stored[0].texts[0] == "kept too"


@pytest.mark.parametrize(("typed", "score"), [("0.25", 0.25), ("0,75", 0.75), ("1", 1.0)])
def test_a_score_takes_point_and_comma(scored: Bench, typed: str, score: float) -> None:
    scored.at(3, "score")
    scored.type(typed)
    scored.key(Qt.Key.Key_Return)
    assert scored.stored[3].score == score
    assert scored.page.model.index(3, 3).data() == f"{score:.2f}"


def test_an_emptied_score_is_unlabelled(scored: Bench) -> None:
    scored.at(0, "score")
    scored.key(Qt.Key.Key_F2)
    scored.key(Qt.Key.Key_Delete)
    scored.key(Qt.Key.Key_Return)
    assert scored.stored[0].score is None
    assert scored.page.model.index(0, 3).data() == "–"


@pytest.mark.parametrize("typed", ["much", "1.5", "-1"])
def test_a_wrong_score_says_why_and_keeps_the_old_one(scored: Bench, messages, typed: str) -> None:
    scored.at(1, "score")
    scored.type(typed)
    assert scored.focus().property("tone") == "error"
    scored.key(Qt.Key.Key_Return)
    assert scored.stored[1].score == 0.5
    assert len(scored.messages) == 1 and typed in scored.messages[0]


def test_scores_are_shown_on_their_scale(qtbot, context: Context, tmp_path: Path) -> None:
    rows = [Example(("a", "b"), score=0.75, raw_score="3.75"), Example(("c", "d"), score=0.5)]
    made = bench(qtbot, context, tmp_path / "p", Format.SCORED, rows, scale=Scale(0, 5))
    assert [made.page.model.index(row, 3).data() for row in (0, 1)] == ["3.75", "2.50"]
    assert made.page.model.index(1, 3).data(Qt.ItemDataRole.EditRole) == "2.5"


def test_add_writes_a_row_and_opens_its_editor(pairs: Bench) -> None:
    pairs.page.toolbar.add.click()
    assert len(pairs.stored) == 6
    assert pairs.page.table.currentIndex().row() == 5
    pairs.type("new anchor")
    pairs.key(Qt.Key.Key_Tab)
    pairs.type("new positive")
    pairs.key(Qt.Key.Key_Return)
    assert pairs.stored[5].texts == ("new anchor", "new positive")


def test_an_added_row_stays_in_a_filtered_view(pairs: Bench) -> None:
    pairs.page.side.choose("flagged")
    assert pairs.page.model.rowCount() == 1
    pairs.key(Qt.Key.Key_Insert)
    assert pairs.page.model.rowCount() == 2
    pairs.key(Qt.Key.Key_Escape)


def test_delete_takes_rows_and_undo_brings_them_back(pairs: Bench) -> None:
    before = pairs.stored
    pairs.select_rows(1, 2)
    pairs.key(Qt.Key.Key_Delete)
    assert [row.texts[0] for row in pairs.stored] == ["shade plants", "<b>bold</b>", "slugs leave it"]
    assert pairs.shown == [row.texts[0] for row in pairs.stored]
    assert pairs.messages == ["Deleted 2 examples."]
    undo = pairs.context.messages.shown[-1].do
    assert undo is not None
    undo()
    assert pairs.stored == before
    assert pairs.page.table.selected().rows == ((1, 2),)
    pairs.context.redo()
    assert len(pairs.stored) == 3 and len(pairs.shown) == 3


def test_the_offer_to_undo_takes_back_nothing_else(pairs: Bench) -> None:
    pairs.select_rows(0)
    pairs.key(Qt.Key.Key_Delete)
    undo = pairs.context.messages.shown[-1].do
    assert undo is not None
    pairs.at(0, "anchor")
    pairs.type("later")
    pairs.key(Qt.Key.Key_Return)
    undo()
    assert pairs.stored[0].texts[0] == "later"
    assert "changed since" in pairs.messages[-1]


def test_delete_clears_single_cells(pairs: Bench) -> None:
    pairs.at(0, "positive")
    pairs.key(Qt.Key.Key_Delete)
    assert pairs.stored[0].texts == ("shade plants", "")
    assert len(pairs.stored) == 5


def test_undo_goes_back_to_the_row(pairs: Bench) -> None:
    pairs.at(4, "anchor")
    pairs.type("other")
    pairs.key(Qt.Key.Key_Return)
    pairs.at(0, "anchor")
    pairs.context.undo()
    assert pairs.stored[4].texts[0] == "slugs leave it"
    assert pairs.shown[4] == "slugs leave it"
    assert pairs.page.table.currentIndex().row() == 4


def test_undo_of_a_row_out_of_sight_offers_to_show_it(pairs: Bench) -> None:
    pairs.at(0, "anchor")
    pairs.type("other")
    pairs.key(Qt.Key.Key_Return)
    pairs.page.side.choose("flagged")
    pairs.context.undo()
    show = pairs.context.messages.shown[-1]
    assert show.action == "Show them" and show.do is not None
    show.do()
    assert pairs.page.table.currentIndex().row() == 0
    assert pairs.page.model.rowCount() == 5


def test_own_edits_leave_selection_and_scroll(qtbot, context: Context, tmp_path: Path) -> None:
    rows = [Example((f"anchor {n}", f"positive {n}")) for n in range(300)]
    made = bench(qtbot, context, tmp_path / "p", Format.PAIRS, rows)
    made.at(200, "anchor")
    made.page.table.verticalScrollBar().setValue(made.page.table.verticalScrollBar().value() + 200)
    place = made.page.table.verticalScrollBar().value()
    assert place > 0
    made.type("changed")
    made.key(Qt.Key.Key_Return)
    assert made.page.table.verticalScrollBar().value() == place
    assert made.page.table.currentIndex().row() == 201


def test_a_change_from_elsewhere_keeps_the_selection(pairs: Bench) -> None:
    pairs.at(2, "anchor")
    pairs.context.add_examples([Example(("mined", "text"))], origin="explore")
    assert pairs.shown[-1] == "mined"
    assert pairs.page.table.currentIndex().row() == 2


def test_the_flag_is_clicked_and_typed(pairs: Bench) -> None:
    table, model = pairs.page.table, pairs.page.model
    cell = table.visualRect(model.index(0, model.column("flag")))
    QTest.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(cell.left() + 16, cell.center().y())
    )
    assert pairs.stored[0].flag
    table.select_rows([0, 1])
    table.go_to(1, 0)
    table.setFocus()
    pairs.type("f")
    assert pairs.stored[1].flag
    pairs.select_rows(0, 1)
    pairs.page.commands.toggle_flags()
    assert not pairs.stored[0].flag and not pairs.stored[1].flag


def test_a_click_on_the_number_selects_the_row(pairs: Bench) -> None:
    table, model = pairs.page.table, pairs.page.model
    where = table.visualRect(model.index(1, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert table.selected().whole and table.selected().rows == ((1, 1),)


def test_the_split_menu(pairs: Bench) -> None:
    pairs.at(0, "split")
    pairs.key(Qt.Key.Key_Return)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    next(action for action in menu.actions() if action.objectName() == "label.split.test").trigger()
    menu.close()
    assert pairs.stored[0].split == "test"
    assert pairs.page.side.views["test"].isVisibleTo(pairs.page.side)


def test_header_clicks_sort_up_down_and_not(pairs: Bench) -> None:
    natural = pairs.shown
    head = pairs.page.table.head
    for expected in (
        sorted(natural, key=str.casefold),
        sorted(natural, key=str.casefold, reverse=True),
        natural,
    ):
        where = QPoint(head.sectionViewportPosition(1) + 30, 10)
        QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=where)
        assert pairs.shown == expected


def test_columns_fill_the_table_and_remember_a_drag(pairs: Bench) -> None:
    table, head = pairs.page.table, pairs.page.table.head
    assert head.length() == table.viewport().width()
    head.resizeSection(1, 150)
    assert head.length() == table.viewport().width()
    assert head.sectionSize(1) == 150
    first = pairs.context.dataset_id
    pairs.context.create_dataset("Other", Format.PAIRS)
    assert head.sectionSize(1) != 150
    pairs.context.choose_dataset(first)
    assert head.sectionSize(1) == 150
    pairs.page.resize(1400, 720)
    assert head.length() == table.viewport().width()
    assert head.sectionSize(1) < head.sectionSize(2)
