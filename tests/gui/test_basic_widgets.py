"""The small building blocks: what they do with texts of any kind and length."""

from __future__ import annotations

import time

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from gui.theme.manager import ThemeManager
from gui.widgets.basic import ElidedLabel, brief
from gui.widgets.choice_box import SHORT, ChoiceBox
from gui.widgets.spin import inset


def test_an_elided_label_is_one_line_high_whatever_its_text_is(qtbot: QtBot) -> None:
    label = ElidedLabel("one line\nanother\tand a tab")
    qtbot.addWidget(label)
    line = QFontMetrics(label.font()).height()
    assert label.minimumSizeHint().height() == label.sizeHint().height() == line


def test_an_elided_label_takes_no_time_for_a_text_without_end(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    text = "word " * 4_000_000
    began = time.process_time()
    label.setText(text)
    label.resize(200, 20)
    label.sizeHint()
    label.grab()
    assert time.process_time() - began < 0.5 and label.text() == text


def test_a_brief_text_looks_at_the_start_only() -> None:
    assert brief("two\n lines") == "two lines" and brief("a" * 60) == "a" * 47 + "…"
    began = time.process_time()
    assert brief("word " * 4_000_000, 9) == "word wor…"
    # in a sentence these turned the rest around
    assert brief("\u202eshop\u202c \x00\x1b[31m \u2067rows") == "shop [31m rows"
    assert time.process_time() - began < 0.5


def test_a_box_cuts_its_words_with_an_ellipsis_and_its_list_shows_them_whole(qtbot: QtBot) -> None:
    box = ChoiceBox("box", "Which model", 8)
    qtbot.addWidget(box)
    box.addItem("Run 12 · the third try with harder negatives")
    box.resize(120, 30)
    assert box.shown_words().startswith("Run 12 · ") and box.shown_words().endswith("…")
    box.setItemData(0, "Run 12", SHORT)
    box.resize(100, 30)
    assert box.shown_words() == "Run 12", "nothing behind the name that would be worth the dots"
    box.resize(500, 30)
    assert box.shown_words() == "Run 12 · the third try with harder negatives"
    box.resize(120, 30)
    with qtbot.waitExposed(box):
        box.show()
    box.showPopup()
    assert box.view().width() > box.fontMetrics().horizontalAdvance(box.currentText())
    box.hidePopup()


def test_a_box_for_a_number_is_as_high_as_any_other_and_its_text_begins_where_theirs_does(
    qtbot: QtBot, theme: ThemeManager
) -> None:
    spin, box = inset(QSpinBox()), QComboBox()
    for one in (spin, box):
        qtbot.addWidget(one)
        with qtbot.waitExposed(one):
            one.show()
    assert spin.sizeHint().height() == box.sizeHint().height()
    assert spin.lineEdit().textMargins().left() >= 6
