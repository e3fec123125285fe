"""Copying to and pasting from a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt

from core.dataset.formats import DatasetInfo, Format
from gui.context import Context
from gui.models.clipboard_text import to_grid, to_text
from gui.models.paste_plan import plan_paste
from tests.gui.label_support import PAIRS, SCORED, Bench, bench, clipboard

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def pairs(qtbot, context: Context, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "p", Format.PAIRS, PAIRS)


@pytest.fixture
def scored(qtbot, context: Context, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "p", Format.SCORED, SCORED)


def test_a_block_overwrites_and_the_rest_is_added_in_one_step(pairs: Bench) -> None:
    before = pairs.stored
    pairs.at(4, "anchor")
    clipboard('slow\tfern\nfast\t"ivy\nfor ""any"" light"\nthird\tmoss\n')
    pairs.key(Qt.Key.Key_V, CTRL)
    assert [row.texts for row in pairs.stored[4:]] == [
        ("slow", "fern"),
        ("fast", 'ivy\nfor "any" light'),
        ("third", "moss"),
    ]
    assert pairs.shown == [row.texts[0] for row in pairs.stored]
    assert pairs.stored[4].split == "eval"
    pairs.context.undo()
    assert pairs.stored == before and len(pairs.shown) == 5


def test_bad_lines_are_reported_once_and_left_out(scored: Bench) -> None:
    scored.at(2, "text_a")
    clipboard("a\tb\t0,5\nc\td\tmany\ne\tf\t9\ng\th\t1")
    scored.key(Qt.Key.Key_V, CTRL)
    assert [(row.texts, row.score) for row in scored.stored[2:]] == [
        (("a", "b"), 0.5),
        (("dark academia", "tweed blazer"), None),
        (("g", "h"), 1.0),
    ]
    assert scored.messages == ["2 of 4 lines could not be pasted."]
    assert "Line 2: Score: “many” is not a number." in scored.context.messages.shown[0].hint


def test_a_heading_that_names_the_columns_is_no_row(scored: Bench) -> None:
    scored.at(0, "text_a")
    clipboard("Text A\tText B\tScore\nx\ty\t0")
    scored.key(Qt.Key.Key_V, CTRL)
    assert scored.stored[0].texts == ("x", "y") and len(scored.stored) == 4


def test_paste_into_an_empty_dataset(qtbot, context: Context, tmp_path: Path) -> None:
    made = bench(qtbot, context, tmp_path / "p", Format.TRIPLETS, [])
    clipboard("a\tb\tc\nd\te\tf")
    made.page.commands.paste()
    assert [row.texts for row in made.stored] == [("a", "b", "c"), ("d", "e", "f")]
    assert made.page.places.shown == "table" and made.page.table.selected().rows == ((0, 1),)


def test_one_value_fills_all_selected_cells(scored: Bench) -> None:
    model, table = scored.page.model, scored.page.table
    column = model.column("score")
    table.go_to(0, column)
    block = QItemSelection(model.index(0, column), model.index(3, column))
    table.selectionModel().select(block, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    table.setFocus()
    clipboard("0.25")
    scored.key(Qt.Key.Key_V, CTRL)
    assert [row.score for row in scored.stored] == [0.25] * 4
    scored.context.undo()
    assert [row.score for row in scored.stored] == [1.0, 0.5, 0.0, None]


def test_rows_copy_as_texts_and_scores(scored: Bench) -> None:
    scored.select_rows(0, 3)
    scored.key(Qt.Key.Key_C, CTRL)
    assert clipboard() == "soft girl\tpastel cardigan\t1\ndark academia\ttweed blazer\t"


def test_cells_copy_as_their_block(pairs: Bench) -> None:
    model, table = pairs.page.model, pairs.page.table
    block = QItemSelection(model.index(2, 2), model.index(3, 2))
    table.go_to(2, 2)
    table.selectionModel().select(block, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    table.setFocus()
    pairs.key(Qt.Key.Key_C, CTRL)
    assert clipboard() == '"Basil, thyme\nand oregano"\nflowers in January'


def test_many_rows_copy_in_the_background(qtbot, context: Context, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("gui.views.label.clipboard.COPIED_AT_ONCE", 3)
    made = bench(qtbot, context, tmp_path / "p", Format.PAIRS, PAIRS)
    clipboard("old")
    made.key(Qt.Key.Key_A, CTRL)
    made.key(Qt.Key.Key_C, CTRL)
    made.bot.waitUntil(lambda: clipboard() != "old")
    assert to_grid(clipboard()) == [list(row.texts) for row in PAIRS]


def test_columns_without_a_place_are_named(pairs: Bench) -> None:
    pairs.at(0, "positive")
    clipboard("p\ttrain\t1\tmore\tand more")
    pairs.key(Qt.Key.Key_V, CTRL)
    assert (pairs.stored[0].texts[1], pairs.stored[0].split, pairs.stored[0].flag) == ("p", "train", True)
    assert pairs.messages == ["2 columns were left out: the table has no more columns to the right."]


@pytest.mark.parametrize(
    ("text", "grid"),
    [
        ("", []),
        ("a", [["a"]]),
        ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
        ('"a\tb"\tc', [["a\tb", "c"]]),
        ('"Yes"\t5" pipe', [['"Yes"', '5" pipe']]),
        ('"open\tb', [['"open', "b"]]),
        ("a\t\n\tb", [["a", ""], ["", "b"]]),
    ],
)
def test_what_spreadsheets_put_on_the_clipboard(text: str, grid: list[list[str]]) -> None:
    assert to_grid(text) == grid


cell = st.text(st.characters(exclude_characters="\r", codec="utf-8"), max_size=12)


@given(st.lists(st.lists(cell, min_size=2, max_size=2), min_size=1, max_size=6))
def test_what_is_copied_comes_back(grid: list[list[str]]) -> None:
    assert to_grid(to_text(grid) + "\n") == grid


def test_a_block_that_begins_late_leaves_the_other_texts_of_new_rows_empty() -> None:
    info = DatasetInfo(1, "Main", Format.TRIPLETS)
    plan = plan_paste([["n1"], ["n2"]], info, 3, [7])
    assert plan.cells == [(7, "negative", "n1")]
    assert [example.texts for example in plan.new] == [("", "", "n2")]
