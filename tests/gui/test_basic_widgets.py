"""The small building blocks: what they do with texts of any kind and length."""

from __future__ import annotations

import time

from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from gui.widgets.basic import ElidedLabel, brief


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
    assert time.process_time() - began < 0.5
