"""Texts with categories in the window: from a file to the table, by typing and pasting, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from core.dataset.formats import Example, Format
from gui.context import Context
from gui.dialogs.new_project import NewProjectDialog
from tests.gui.import_support import heads, wizard
from tests.gui.label_support import Bench, bench, clipboard
from tests.gui.window_support import child, click, open_window, quiet

ROWS = [
    Example(("red dress", "clothes")),
    Example(("blue coat", "clothes")),
    Example(("oak table", "furniture")),
    Example(("pine chair", "furniture")),
    Example(("brass lamp", "light")),
]


@pytest.fixture
def kinds(qtbot, context: Context, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "p", Format.CATEGORIES, ROWS)


def test_a_file_becomes_a_dataset_that_can_be_explored_and_trained(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "goods.csv"
    file.write_text("name,category\n" + "\n".join(",".join(row.texts) for row in ROWS) + "\n")
    window = open_window(qtbot)
    box = wizard(qtbot, window, file)
    assert box.session.entries[0].format is Format.CATEGORIES
    assert heads(box) == ["Text ← name", "Category ← category"]
    click(box.accept_button)
    qtbot.waitUntil(lambda: window.context.dataset is not None, timeout=20_000)
    quiet(qtbot, window)
    assert window.context.dataset is not None and window.context.dataset.format is Format.CATEGORIES
    window.show_page("explore")
    role = child(window, "explore.role", QComboBox)
    assert [role.itemText(n) for n in range(role.count())] == ["All columns"]
    window.show_page("train")
    quiet(qtbot, window)
    assert child(window, "recipe.loss.value").text().startswith("BatchHard")


def test_cells_are_typed_and_pasted(kinds: Bench) -> None:
    headings = [kinds.page.model.headerData(n, Qt.Orientation.Horizontal) for n in range(3)]
    assert headings == ["#", "Text", "Category"]
    kinds.at(4, "category")
    clipboard("lamps")
    kinds.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    kinds.at(4, "text")
    clipboard("brass lamp\tlight\nfloor lamp\tlight\n")
    kinds.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert [row.texts for row in kinds.stored[4:]] == [("brass lamp", "light"), ("floor lamp", "light")]
    kinds.settle()
    assert not kinds.page.watch.report.issues or not kinds.page.watch.report.blocking
    kinds.at(0, "category")
    assert set(kinds.page.details.fields) == {"text", "category"} and kinds.page.details.score is None


def test_what_is_wrong_is_listed(kinds: Bench) -> None:
    found = {issue.kind for issue in kinds.page.watch.report.issues}
    assert {"lone_text", "too_few"} <= found


def test_a_new_project_can_begin_with_them(qtbot) -> None:
    made = NewProjectDialog()
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    click(child(made, "new.format.categories"))
    assert made.format is Format.CATEGORIES
