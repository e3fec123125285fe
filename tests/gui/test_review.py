"""Review mode: one example at a time, decided by single keys, in a real window."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format, Scale
from core.project import Reader
from gui.context import Context
from gui.models.score_table import NUMBERS, ScoreTable
from gui.views.label.review.orders import OFF
from gui.views.label.review.pace import Pace, in_words
from gui.views.label.review.tokens import token
from tests.gui.label_support import bench
from tests.gui.review_support import CTRL, Reviewer, scored
from tests.gui.window_support import child, fits, make_project


class Mouse(QObject):
    """Counts the mouse's events in the whole application."""

    def __init__(self) -> None:
        super().__init__()
        self.presses = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (
            QEvent.Type.MouseButtonPress,
            QEvent.Type.MouseButtonRelease,
            QEvent.Type.MouseMove,
        ):
            self.presses += 1
        return False


@pytest.fixture
def mouse(qapp: QApplication) -> Iterator[Mouse]:
    made = Mouse()
    qapp.installEventFilter(made)
    yield made
    qapp.removeEventFilter(made)


def test_two_hundred_judgements_restart_and_all_undone(qtbot: QtBot, tmp_path: Path, mouse: Mouse) -> None:
    folder = make_project(tmp_path / "p", Format.SCORED, scored(210), scale=Scale(0, 5))
    with Reader(folder) as reader:
        before = reader.data_hash()
    person = Reviewer(qtbot, folder)
    keys = 0
    for n in range(200):
        text = f".{n % 5}" if n % 3 == 0 else str(n % 6)
        assert person.number == n + 1
        person.type(text)
        keys += len(text)
    assert keys <= 400 and mouse.presses == 0
    rows = person.rows
    assert [row.raw_score for row in rows[:7]] == ["0.5", "1", "2", "3.5", "4", "5", "1.5"]
    assert all(row.status == "accepted" for row in rows[:200]) and not rows[200].status
    assert person.panel.header.progress.text() == "200 of 210 decided"
    person.close()

    person = Reviewer(qtbot, folder)
    assert person.number == 201 and "200 of 210" in person.panel.header.progress.text()
    for n in range(200, 0, -1):
        person.type("z")
        assert person.number == n
    assert mouse.presses == 0
    person.type("z")
    assert "The last step was “Create Main”" in person.last
    with Reader(folder) as reader:
        assert reader.data_hash() == before
    person.close()


def test_pairs_are_accepted_rejected_and_skipped(qtbot: QtBot, tmp_path: Path) -> None:
    person = Reviewer(qtbot, make_project(tmp_path / "p", Format.PAIRS, scored(5)))
    person.type("yns")
    assert [row.status for row in person.rows] == ["accepted", "rejected", "skipped", "", ""]
    person.key(Qt.Key.Key_Left)
    assert person.number == 3 and child(person.panel, "review.number").text() == "Row 3"
    person.type("f")
    assert person.rows[2].flag and person.number == 3
    person.type("mlook again")
    person.key(Qt.Key.Key_Return)
    assert person.rows[2].note == "look again" and person.panel.hasFocus()
    person.type("u")
    assert person.number == 4
    person.type("yy")
    assert "That was the last one. Everything" in person.last
    person.key(Qt.Key.Key_R, CTRL)
    assert person.page.table.hasFocus() and person.page.table.currentIndex().row() == 4
    person.close()


def test_the_table_goes_along(qtbot: QtBot, tmp_path: Path) -> None:
    person = Reviewer(qtbot, make_project(tmp_path / "p", Format.PAIRS, scored(5)))
    person.type("y")
    qtbot.waitUntil(lambda: person.page.table.currentIndex().row() == 1)
    person.page.commands.delete()  # the tool bar's button
    assert [row.texts[0] for row in person.rows] == ["anchor 0", "anchor 2", "anchor 3", "anchor 4"]
    qtbot.waitUntil(lambda: person.number == 3)
    person.close()


@pytest.mark.parametrize(
    ("keys", "texts", "status", "found"),
    [
        ("y", ("a", "good", "bad"), "accepted", []),
        ("pn", ("a", "good", "bad"), "accepted", []),
        ("np", ("a", "bad", "good"), "accepted", []),
        ("nn", ("a", "good", "bad"), "rejected", []),
        ("ps", ("a", "good", "bad"), "skipped", []),
        ("pp", ("a", "good", "bad"), "rejected", [("a", "bad")]),
        ("pzpn", ("a", "good", "bad"), "accepted", []),
    ],
)
def test_triplets(
    qtbot: QtBot, tmp_path: Path, keys: str, texts: tuple[str, ...], status: str, found: list[tuple[str, str]]
) -> None:
    rows = [Example(("a", "good", "bad")), Example(("b", "x", "y"))]
    person = Reviewer(qtbot, make_project(tmp_path / "p", Format.TRIPLETS, rows))
    person.type(keys)
    assert person.number == 2
    assert (person.rows[0].texts, person.rows[0].status) == (texts, status)
    with Reader(person.folder) as reader:
        pairs = [row.texts for info in reader.datasets()[1:] for row in reader.rows(info.id)]
    assert pairs == found
    person.type("z")
    assert person.number == 1 and person.rows[0].texts == rows[0].texts and person.rows[0].status == ""
    with Reader(person.folder) as reader:
        assert len(reader.datasets()) == 1
    person.close()


def test_categories_are_kept_and_changed(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [
        Example((f"text {n}", name))
        for n, name in enumerate(["tea", "tea", "tea", "coffee", "coffee", "milk"])
    ]
    person = Reviewer(qtbot, make_project(tmp_path / "p", Format.CATEGORIES, rows))
    judge = person.panel.desk.judge
    qtbot.waitUntil(lambda: judge.names == ["tea", "coffee", "milk"])
    person.type("y2")
    person.type("cmi")
    person.key(Qt.Key.Key_Return)
    person.type("cwater")
    person.key(Qt.Key.Key_Return)
    person.type("s9")
    assert [row.texts[1] for row in person.rows] == ["tea", "coffee", "milk", "water", "coffee", "milk"]
    assert [row.status for row in person.rows] == ["accepted"] * 4 + ["skipped", ""]
    assert "no category 9" in person.last and person.panel.hasFocus()
    person.close()


def test_a_shuffle_is_the_same_after_a_restart(qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", Format.SCORED, scored(40))
    person = Reviewer(qtbot, folder)
    person.panel.set_order("shuffled")
    order = list(person.panel.deck.ids)
    assert order != sorted(order)
    assert person.panel.why_not("uncertain") and person.panel.why_not("disagreeing")
    person.panel.set_order("uncertain")
    assert person.panel.deck.order == "shuffled"
    person.close()
    person = Reviewer(qtbot, folder)
    assert list(person.panel.deck.ids) == order and person.panel.header.order.text() == "Shuffled"
    person.close()


def test_the_view_of_the_table_is_reviewed(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [
        Example((f"a {n}", f"b {n}"), score=1.0 if n % 2 else None, raw_score="1" if n % 2 else "")
        for n in range(10)
    ]
    person = Reviewer(qtbot, make_project(tmp_path / "p", Format.SCORED, rows))
    person.page.side.choose("unlabelled")
    assert len(person.panel.deck.ids) == 5 and person.number == 1
    person.type("3")
    assert person.number == 3 and len(person.panel.deck.ids) == 5  # a row that was just judged stays
    person.page.side.choose("flagged")
    assert person.page.places.isVisible() and not person.panel.isVisible()
    person.close()


def test_guidelines_are_kept_in_the_project(qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", Format.PAIRS, scored(3))
    person = Reviewer(qtbot, folder)
    text = child(person.panel, "review.guidelines.text")
    assert "Y  the second text answers the first" in text.placeholderText()
    text.setFocus()
    person.type("yes is yes")
    person.key(Qt.Key.Key_Escape)
    assert person.panel.hasFocus()
    with Reader(folder) as reader:
        assert reader.meta("guidelines") == "yes is yes"
    assert not any(row.status for row in person.rows)
    person.type("g")
    assert not person.panel.guidelines.isVisible()
    person.type("g")
    person.window.context.undo()
    assert text.toPlainText() == ""
    person.close()


def test_guidelines_are_kept_when_the_window_closes(qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", Format.PAIRS, scored(3))
    person = Reviewer(qtbot, folder)
    child(person.panel, "review.guidelines.text").setFocus()
    person.type("half a rule")
    person.close()
    with Reader(folder) as reader:
        assert reader.meta("guidelines") == "half a rule"


def test_a_read_only_project_is_only_looked_at(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    made = bench(qtbot, context, tmp_path / "p", Format.PAIRS, scored(3), write=False)
    made.page.review.show(True)
    made.type("yz")
    panel = made.page.review.panel
    assert panel is not None and panel.deck.place == 0 and "read-only" in panel.desk.last.text()
    made.key(Qt.Key.Key_Right)
    assert panel.deck.place == 1 and not any(row.status for row in made.stored)


@pytest.mark.parametrize("format", list(Format))
def test_it_fits_a_small_window(qtbot: QtBot, tmp_path: Path, format: Format) -> None:
    width = 4 if format is Format.TRIPLETS else 2
    rows = [
        Example(tuple(f"{word} " * 3000 for word in "abcd"[:width])),
        Example(("<b>x</b>" * 300,) * width),
    ]
    person = Reviewer(qtbot, make_project(tmp_path / "p", format, rows, negatives=2))
    assert fits(person.window, 1024, 640)
    person.key(Qt.Key.Key_PageDown)
    assert person.panel.desk.area.verticalScrollBar().value() > 0
    person.close()


def test_the_knob_is_dragged_and_nudged(qtbot: QtBot, tmp_path: Path) -> None:
    person = Reviewer(qtbot, make_project(tmp_path / "p", Format.SCORED, scored(5)))
    bar = child(person.panel, "review.scale")
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(bar._x(0.75)), 42))
    assert person.number == 2 and person.rows[0].score == pytest.approx(0.75, abs=0.011)
    person.type("+++")
    assert bar.value == pytest.approx(0.65) and person.number == 2
    person.type("z")
    assert bar.value is None and person.rows[0].score is not None  # only the knob went back
    person.type("++")
    person.key(Qt.Key.Key_Return)
    assert person.number == 3 and person.rows[1].score == pytest.approx(0.6)
    person.type("7")
    assert "is not on the scale" in person.last and person.number == 3
    person.type("1")
    assert person.rows[2].score == pytest.approx(0.2)
    person.panel.header.ends_toggled.emit(True)
    person.type("1")
    assert person.rows[3].score == 1.0 and person.panel.memory.ends(1)
    person.close()


def test_a_keyboard_of_another_alphabet(qapp: QApplication) -> None:
    shift = 8 if sys.platform.startswith("linux") else 0
    event = QKeyEvent(QEvent.Type.KeyPress, 0x0422, Qt.KeyboardModifier.NoModifier, 49 + shift, 0, 0, "т")
    assert token(event) == "N"
    plain = QKeyEvent(
        QEvent.Type.KeyPress, Qt.Key.Key_Y, Qt.KeyboardModifier.NoModifier, 21 + shift, 0, 0, "z"
    )
    assert token(plain) == "Z"  # what a German keyboard writes there
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier, 0, 0, 0, "")
    assert token(held) == ""


def test_the_pace_leaves_pauses_out() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert pace.per_minute is None and in_words(None, None) == ""
    for gap in (3, 3, 200, 3, 3):
        now[0] += gap
        pace.judged()
    assert pace.per_minute == pytest.approx(20) and pace.minutes_left(100) == pytest.approx(5)
    assert in_words(20, 5) == "20 a minute · 5 min left"
    pace.taken_back()
    assert pace.per_minute == pytest.approx(20)


def test_orders_by_the_model(qtbot: QtBot, tmp_path: Path) -> None:
    person = Reviewer(qtbot, make_project(tmp_path / "p", Format.PAIRS, scored(6)))
    ids = np.array([row.id for row in person.rows])
    numbers = {name: np.zeros(6, np.float32) for name in NUMBERS}
    numbers["uncertainty"] = np.array([0.1, 0.9, np.nan, 0.5, 0.2, 0.3], np.float32)
    numbers["disagreement"] = np.array([0.1, 0.2, 0.3, np.nan, 0.5, 0.4], np.float32)
    assert person.panel.why_not("uncertain") == OFF
    person.panel.scores.table = ScoreTable(ids, numbers, 1.0, {}, array("q"))
    assert person.panel.why_not("uncertain") == ""
    person.panel.set_order("uncertain")
    assert [id - ids[0] for id in person.panel.deck.ids] == [1, 3, 5, 4, 0, 2] and person.number == 2
    person.type("y")
    assert person.number == 4
    person.panel.set_order("disagreeing")
    assert [id - ids[0] for id in person.panel.deck.ids] == [4, 5, 2, 1, 0, 3]
    person.close()


def test_labels_of_two_values_have_two_keys(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [Example((f"a {n}", f"b {n}"), score=float(n % 2), raw_score=str(n % 2)) for n in range(6)]
    person = Reviewer(qtbot, make_project(tmp_path / "p", Format.SCORED, rows))
    person.type("01.0")
    assert [row.score for row in person.rows[:3]] == [0.0, 1.0, 0.5]
    person.panel.header.ends_toggled.emit(False)
    person.type("1")
    assert person.rows[3].score == pytest.approx(0.2)
    person.close()
