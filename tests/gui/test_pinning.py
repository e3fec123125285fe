"""Rows of the table become probes, in one step that can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dataset.formats import Example, Format
from gui.context import Context
from gui.views.label.menus import row_menu
from tests.gui.label_support import PAIRS, SCORED, Bench, bench
from tests.gui.test_categories import ROWS


def pin(made: Bench, *rows: int) -> list[tuple[str, str, str]]:
    """The probes after the menu's entry was chosen for these rows."""
    made.select_rows(*rows)
    menu = row_menu(made.page, made.page.table, made.page.commands, made.context.editable)
    next(action for action in menu.actions() if action.objectName() == "label.menu.pin").trigger()
    menu.close()
    assert made.context.project is not None
    return [(probe.text, probe.other, probe.expectation) for probe in made.context.project.probes()]


def test_scores_say_what_is_expected(qtbot, context: Context, tmp_path: Path) -> None:
    made = bench(qtbot, context, tmp_path / "p", Format.SCORED, SCORED)
    assert pin(made, 0, 1, 2, 3) == [
        ("soft girl", "pastel cardigan", "similar"),
        ("pastoral vibe", "linen dress", ""),
        ("futuristic", "tracksuit", "different"),
        ("dark academia", "tweed blazer", ""),
    ]
    assert made.messages[-1] == "4 pairs are pinned as probes."
    context.messages.shown[-1].do()  # type: ignore[misc]
    assert context.project is not None and context.project.probes() == []
    context.redo()
    assert len(context.project.probes()) == 4
    pin(made, 0)
    assert made.messages[-1] == "This is watched already." and len(context.project.probes()) == 4


def test_a_triplet_is_two_pairs_and_a_pair_is_one(qtbot, context: Context, tmp_path: Path) -> None:
    rows = [Example(("bloom", "rose", "brick", "")), Example(("", "x", "y", "z"))]
    made = bench(qtbot, context, tmp_path / "t", Format.TRIPLETS, rows, negatives=2)
    assert pin(made, 0, 1) == [("bloom", "rose", "similar"), ("bloom", "brick", "different")]


def test_two_texts_with_categories_are_a_pair(qtbot, context: Context, tmp_path: Path) -> None:
    made = bench(qtbot, context, tmp_path / "c", Format.CATEGORIES, ROWS)
    assert pin(made, 0) == [] and "pair of texts" in made.messages[-1]
    assert pin(made, 0, 1) == [("red dress", "blue coat", "similar")]
    assert pin(made, 0, 2)[-1] == ("red dress", "oak table", "different")


@pytest.mark.parametrize("count", [21])
def test_too_many_to_keep_an_eye_on(qtbot, context: Context, tmp_path: Path, count: int) -> None:
    rows = [Example((f"a {n}", f"b {n}")) for n in range(count)]
    made = bench(qtbot, context, tmp_path / "p", Format.PAIRS, rows)
    assert pin(made, *range(count)) == [] and "too many" in made.messages[-1]


def test_a_read_only_project_pins_nothing(qtbot, context: Context, tmp_path: Path) -> None:
    made = bench(qtbot, context, tmp_path / "p", Format.PAIRS, PAIRS, write=False)
    made.select_rows(0)
    made.page.commands.pin_as_probes()
    assert "read-only" in made.messages[-1]


def test_anchors_become_queries(qtbot, context: Context, tmp_path: Path) -> None:
    made = bench(qtbot, context, tmp_path / "p", Format.SCORED, SCORED)
    made.select_rows(0, 1, 2)
    menu = row_menu(made.page, made.page.table, made.page.commands, made.context.editable)
    next(action for action in menu.actions() if action.objectName() == "label.menu.watch").trigger()
    menu.close()
    assert context.project is not None
    found = [(probe.text, probe.expected, probe.unwanted) for probe in context.project.probes()]
    assert found == [("soft girl", ("pastel cardigan",), ()), ("futuristic", (), ("tracksuit",))]
    assert made.messages[-1] == "2 queries are pinned as probes."
    context.messages.shown[-1].do()  # type: ignore[misc]
    assert context.project.probes() == []
