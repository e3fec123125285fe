"""The one way in which everything copies: as text, as CSV that no spreadsheet works out, as a picture, by key, menu and palette."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from gui.theme.manager import current
from gui.widgets.chart_menu import as_csv
from gui.widgets.copy_menu import CopyMenu, as_text, picture
from gui.widgets.messages import MessageCentre

TABLE = (("text", "score"), [['=HYPERLINK("x")', -0.5], ["−0.5", None], ["a\tb\nc", 2]])


@pytest.fixture
def menu(qtbot, theme) -> tuple[QLabel, CopyMenu]:
    shown = QLabel("a chart")
    qtbot.addWidget(shown)
    shown.setObjectName("chart")
    shown.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def run(_title: str, work: Callable[[Any], str], *, on_done: Callable[[str], object]) -> None:
        on_done(work(None))

    made = CopyMenu(MessageCentre(), [shown], lambda: TABLE, name="chart", title="Chart", run=run)
    made.attach(shown)
    qtbot.addWidget(made.button)
    shown.show()
    shown.activateWindow()
    shown.setFocus()
    qtbot.waitUntil(shown.hasFocus)
    return shown, made


@given(st.lists(st.tuples(st.text(), st.floats(allow_nan=False)), max_size=5))
def test_no_text_of_a_table_is_a_formula_and_numbers_stay_numbers(rows: list[tuple[str, float]]) -> None:
    read = list(csv.reader(io.StringIO(as_csv((("a", "b"), rows)), newline="")))[1:]
    for (text, number), cells in zip(rows, read, strict=True):
        risky = text.strip() and text.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r")
        assert cells[0] == (f"'{text}" if risky else text)
        assert float(cells[1]) == number


def test_key_menus_and_palette(menu: tuple[QLabel, CopyMenu]) -> None:
    shown, made = menu
    clipboard = QApplication.clipboard()
    QTest.keyClick(shown, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == as_text(TABLE)
    assert clipboard.text() == 'text\tscore\n"\'=HYPERLINK(""x"")"\t-0.5\n−0.5\t\n"a\tb\nc"\t2'
    entries = {action.text(): action for action in shown.actions()}
    entries["Copy as CSV"].trigger()
    assert clipboard.text().splitlines()[1] == '"\'=HYPERLINK(""x"")",-0.5'
    entries["Copy picture"].trigger()
    assert clipboard.pixmap().width() > shown.width()
    assert [action.text() for action in made.menu.actions()][:3] == list(entries)
    specs = {spec.id: spec for spec in made.specs(lambda: True)}
    specs["explore.chart.csv"].do()
    assert (
        clipboard.text().startswith("text,score")
        and specs["explore.chart.text"].title == "Chart: copy as text"
    )


def test_a_picture_stands_on_the_ground_of_the_window(menu: tuple[QLabel, CopyMenu]) -> None:
    shown, _ = menu
    plain, told = picture([shown], ""), picture([shown, shown], "Chart")
    assert told.height() > 2 * shown.height() > plain.height() - 40
    assert told.toImage().pixelColor(1, 1) == QColor(current().tokens.window)
