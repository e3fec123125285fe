"""Hard negatives beside the table: what is asked, the three decisions, many at once, and that nothing is kept by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format
from core.errors import EngineProblem
from core.project import Project
from gui.context import Context
from gui.dialogs.accept_negatives import AcceptNegatives
from gui.views.label.assist.negatives import NegativesTab
from gui.workers import background_edit
from tests.gui.assist_support import Helper
from tests.gui.fake_engine import FakeEngine, Question, fake_engine
from tests.gui.label_support import PAIRS, SCORED, Bench, bench
from tests.gui.window_support import dialog

TRIPLETS = [
    Example(("look", "coat", "")),
    Example(("style", "hat", "sock")),
    Example(("mood", "scarf", "")),
]
FOUND = ["wool sock", "rubber boots", "rain coat"]
USUAL = {"least_gap": 0.05, "most_gap": 0.4, "lowest": 0.0, "highest": 1.0}


class Mined(Helper):
    def __init__(self, made: Bench, engine: FakeEngine) -> None:
        super().__init__(made, engine)
        self.tab: NegativesTab = made.page.helpers.negatives
        made.page.helpers.show("negatives")

    @property
    def project(self) -> Project:
        assert self.made.context.project is not None
        return self.made.context.project

    def answer(self, question: Question, texts: list[str] = FOUND, **more: Any) -> None:
        rows = []
        for row in self.project.examples(question.params["ids"]):
            found = [
                {"text": text, "similarity": 0.6 - n / 10}
                for n, text in enumerate(texts[: question.params["k"]])
            ]
            rows.append(
                {
                    "id": row.id,
                    "anchor": row.texts[0],
                    "positive": row.texts[1],
                    "similarity": 0.7,
                    "proposals": found,
                }
                | more
            )
        question.on_done({"rows": rows, "count": 99, "among": "others"})

    @property
    def rows(self) -> list[tuple[str, ...]]:
        return [row.texts for row in self.made.stored]


Make = Callable[..., Mined]


@pytest.fixture
def make(qtbot: QtBot, context: Context, tmp_path: Path) -> Make:
    def make(format: Format, rows: list[Example], **options: Any) -> Mined:
        engine = fake_engine(context)
        return Mined(bench(qtbot, context, tmp_path / "p", format, rows, **options), engine)

    return make


def test_proposals_for_the_row_and_nothing_is_kept_by_itself(make: Make) -> None:
    mined = make(Format.TRIPLETS, TRIPLETS)
    before = mined.project.data_hash()
    question = mined.asked(1)
    assert (question.op, question.group) == ("negatives", "negatives")
    assert question.params == {
        "project": str(mined.made.context.folder),
        "model": "base",
        "among": "auto",
        "bounds": USUAL,
        "k": 20,
        "ids": [mined.made.stored[0].id],
    }
    mined.answer(question)
    tab = mined.tab
    assert (tab.anchor.text(), tab.positive.text(), tab.own.text()) == ("look", "coat", "0.70")
    assert [item.text for item in tab.list.texts.items] == FOUND and tab.among.currentData() == "others"
    tab.grab()
    mined.made.at(1, "anchor")
    assert mined.asked(2).params["ids"] == [mined.made.stored[1].id] and tab.list.texts.items == []
    assert mined.project.data_hash() == before


def test_three_decisions_each_one_step_and_remembered(make: Make) -> None:
    mined = make(Format.TRIPLETS, TRIPLETS)
    before = mined.project.data_hash()
    mined.answer(mined.asked(1))
    mined.key(Qt.Key.Key_N)
    assert mined.rows[0] == ("look", "coat", "wool sock") and mined.tab.list.chosen() == [1]
    mined.key(Qt.Key.Key_P)
    assert mined.rows[3] == (
        "look",
        "rubber boots",
        "wool sock",
    )  # with what is a negative of the anchor already
    assert mined.made.stored[3].source == "mined negative" and mined.made.page.model.rowCount() == 4
    mined.key(Qt.Key.Key_S)
    assert mined.marks == ["negative", "positive", "skip"] and mined.tab.done.text() == "Skipped"
    expected = {("wool sock", "negative"), ("rubber boots", "positive"), ("rain coat", "skip")}
    assert {(text, kind) for _, text, kind in mined.project.verdicts()} == expected
    mined.key(Qt.Key.Key_N)
    assert mined.tab.done.text() == "That is decided already."
    for _ in range(3):
        mined.project.undo()
    assert mined.project.data_hash() == before


def test_undo_asks_again(make: Make) -> None:
    mined = make(Format.TRIPLETS, TRIPLETS)
    mined.answer(mined.asked(1))
    mined.key(Qt.Key.Key_N)
    mined.tab.undo.click()
    mined.asked(2)
    assert mined.rows[0] == ("look", "coat", "") and not mined.project.verdicts()


def test_a_full_row_gets_a_new_triplet(make: Make) -> None:
    mined = make(Format.TRIPLETS, TRIPLETS)
    mined.made.at(1, "anchor")
    mined.answer(mined.asked(1))
    mined.tab.list.selectAll()
    mined.key(Qt.Key.Key_N)
    assert mined.rows[3:] == [("style", "hat", text) for text in FOUND]
    mined.project.undo()
    assert len(mined.rows) == 3


def test_the_next_negative_column_is_filled(make: Make) -> None:
    rows = [Example(("look", "coat", "sock", "", ""))]
    mined = make(Format.TRIPLETS, rows, negatives=3)
    mined.answer(mined.asked(1))
    mined.tab.list.selectAll()
    mined.key(Qt.Key.Key_N)
    assert mined.rows == [
        ("look", "coat", "sock", "wool sock", "rubber boots"),
        ("look", "coat", "rain coat", "", ""),
    ]


def test_scored_pairs_get_the_lowest_score(make: Make) -> None:
    mined = make(Format.SCORED, SCORED)
    mined.answer(mined.asked(1))
    mined.key(Qt.Key.Key_N)
    new = mined.made.stored[-1]
    assert (new.texts, new.score, new.raw_score) == (("soft girl", "wool sock"), 0.0, "0")


def test_negatives_of_pairs_become_triplets(make: Make) -> None:
    mined = make(Format.PAIRS, PAIRS)
    mined.answer(mined.asked(1))
    QTimer.singleShot(0, lambda: dialog(mined.made.bot, "negatives_home").accept())
    mined.key(Qt.Key.Key_N)
    made = mined.project.datasets()[-1]
    assert [row.texts for row in mined.project.rows(made.id)] == [
        ("shade plants", "Hosta, full shade", "wool sock")
    ]
    assert len(mined.rows) == 5 and len(mined.project.verdicts()) == 1


def test_bounds_and_texts_ask_anew(make: Make) -> None:
    mined = make(Format.TRIPLETS, TRIPLETS)
    mined.answer(mined.asked(1))
    mined.tab.bounds.line.click()
    assert mined.tab.bounds.box.isVisible()
    mined.tab.bounds.set(replace_gap(0.1))
    assert mined.asked(2).params["bounds"] == {**USUAL, "least_gap": 0.1}
    assert "0.10 to 0.40" in mined.tab.bounds.line.text()
    mined.tab.bounds.reset.click()
    assert mined.asked(3).params["bounds"] == USUAL
    mined.tab.among.setCurrentIndex(0)
    mined.tab.among.activated.emit(0)
    assert mined.asked(4).params["among"] == "all"


def replace_gap(gap: float) -> Any:
    from core.similarity.negatives import Bounds

    return Bounds(least_gap=gap)


def test_nothing_between_the_bounds_offers_wider_ones(make: Make) -> None:
    mined = make(Format.TRIPLETS, TRIPLETS)
    mined.answer(mined.asked(1), [], closer=1, farther=30)
    words = mined.tab.empty.sentence.text()
    assert words == "Nothing lies between the bounds. 1 text is closer than they allow, 30 are farther."
    mined.tab.empty.button.click()
    question = mined.asked(2)
    assert question.params["bounds"] == {"least_gap": 0.0, "most_gap": 0.6, "lowest": -1.0, "highest": 1.0}
    mined.answer(question, [], closer=0, farther=0)
    assert "known positives, or decided already" in mined.tab.empty.sentence.text()


def test_all_rows_of_the_view_come_while_it_looks(make: Make) -> None:
    rows = [Example((f"anchor {n}", f"positive {n}", "")) for n in range(100)]
    mined = make(Format.TRIPLETS, rows)
    mined.asked(1)
    mined.tab.all_rows.click()
    first = mined.asked(2)
    assert (first.params["k"], len(first.params["ids"])) == (1, 40)
    mined.answer(first)
    assert len(mined.marks) == 40 and mined.tab.waiting.isVisible()
    assert mined.tab.list.texts.items[3].anchor == "anchor 3"
    mined.tab.list.go_to(3)
    assert (mined.tab.anchor.text(), mined.tab.positive.text()) == ("anchor 3", "positive 3")
    mined.key(Qt.Key.Key_Return)
    assert mined.made.page.table.currentIndex().row() == 3
    mined.tab.list.go_to(0)
    mined.tab.waiting.cancel.click()
    assert mined.asked(3).cancelled and len(mined.marks) == 40
    mined.key(Qt.Key.Key_N)
    assert mined.rows[0] == ("anchor 0", "positive 0", "wool sock")
    QTest.qWait(200)
    assert len(mined.engine.asked) == 3 and mined.marks[0] == "negative"


def test_the_chosen_rows_together(make: Make) -> None:
    mined = make(Format.TRIPLETS, TRIPLETS)
    mined.asked(1)
    mined.made.select_rows(0, 2)
    question = mined.asked(2)
    assert question.params["ids"] == [mined.made.stored[0].id, mined.made.stored[2].id]
    assert question.params["k"] == 3 and mined.tab.chosen_rows.text() == "2 chosen rows"


def open_many(mined: Mined) -> AcceptNegatives:
    mined.tab.accept_many()
    box = dialog(mined.made.bot, "accept_negatives")
    assert isinstance(box, AcceptNegatives)
    return box


def test_many_at_once_with_a_preview_are_one_step(make: Make) -> None:
    mined = make(Format.TRIPLETS, TRIPLETS)
    before = mined.project.data_hash()
    mined.answer(mined.asked(1))
    box = open_many(mined)
    question = mined.asked(2)
    assert question.group == "negatives.many" and question.params["k"] == 1 and not box.ok.isEnabled()
    mined.answer(question)
    assert box.model.rowCount() == 3 and box.ok.text() == "Accept 3"
    table = box.findChild(QTableView, "accept_negatives.table")
    assert table is not None
    table.selectRow(1)
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert box.ok.text() == "Accept 2"
    box.grab()
    box.ok.click()
    assert mined.rows == [
        ("look", "coat", "wool sock"),
        ("style", "hat", "sock"),
        ("mood", "scarf", "wool sock"),
    ]
    assert len(mined.project.verdicts()) == 2 and mined.project.undo_label == "Accept 2 hard negatives"
    mined.project.undo()
    assert mined.project.data_hash() == before


def test_many_can_be_stopped_and_given_up(make: Make) -> None:
    rows = [Example((f"anchor {n}", f"positive {n}", "")) for n in range(100)]
    mined = make(Format.TRIPLETS, rows)
    before = mined.project.data_hash()
    mined.asked(1)
    box = open_many(mined)
    mined.answer(mined.asked(2))
    box.stop.click()
    assert mined.asked(3).cancelled and box.ok.text() == "Accept 40"
    assert box.state.text() == "Looked at 40 of 100 rows."
    box.each.setValue(2)
    assert mined.asked(4).params["k"] == 2 and box.model.rowCount() == 0
    box.reject()
    assert mined.engine.asked[3].cancelled and mined.project.data_hash() == before


def test_very_many_are_accepted_by_a_worker(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from gui.views.label.assist import labeller

    assert labeller.AT_ONCE == background_edit.AT_ONCE
    monkeypatch.setattr(labeller, "AT_ONCE", 2)
    mined = make(Format.TRIPLETS, TRIPLETS)
    mined.asked(1)
    box = open_many(mined)
    mined.answer(mined.asked(2))
    box.ok.click()
    mined.made.bot.waitUntil(lambda: len(mined.made.stored) == 4)
    assert mined.rows[3] == ("style", "hat", "wool sock") and len(mined.project.verdicts()) == 3
    mined.made.bot.waitUntil(lambda: mined.made.page.model.rowCount() == 4)


def test_many_pairs_become_triplets_beside_their_own_positive(make: Make) -> None:
    rows = [Example(("look", "coat")), Example(("look", "hat"))]
    mined = make(Format.PAIRS, rows)
    mined.asked(1)
    box = open_many(mined)
    mined.answer(mined.asked(2))
    QTimer.singleShot(0, lambda: dialog(mined.made.bot, "negatives_home").accept())
    box.ok.click()
    made = mined.project.datasets()[-1]
    found = [row.texts for row in mined.project.rows(made.id)]
    assert found == [("look", "coat", "wool sock"), ("look", "hat", "wool sock")]


def test_what_was_cut_short_begins_anew(make: Make) -> None:
    mined = make(Format.TRIPLETS, TRIPLETS)
    mined.asked(1)
    mined.made.page.assist.choose("details")
    assert mined.engine.asked[0].cancelled
    mined.made.page.assist.choose("negatives")
    mined.answer(mined.asked(2))
    mined.made.page.assist.choose("details")
    mined.made.page.assist.choose("negatives")
    QTest.qWait(200)
    assert len(mined.engine.asked) == 2 and len(mined.marks) == 3


def test_a_failure_is_told(make: Make, messages: object) -> None:
    mined = make(Format.TRIPLETS, TRIPLETS)
    mined.asked(1).on_error(EngineProblem("The engine ended unexpectedly, twice."))
    assert mined.made.messages == ["The engine ended unexpectedly, twice."]
    mined.tab.empty.button.click()
    mined.answer(mined.asked(2))
    assert mined.tab.stack.currentWidget() is mined.tab.list


def test_categories_and_read_only(make: Make) -> None:
    mined = make(Format.CATEGORIES, [Example(("oak", "tree"))])
    QTest.qWait(200)
    assert not mined.engine.asked and "need no negatives" in mined.tab.empty.sentence.text()
    assert not mined.tab.many.isEnabled()


def test_read_only_proposes_and_decides_nothing(make: Make) -> None:
    mined = make(Format.TRIPLETS, TRIPLETS, write=False)
    mined.answer(mined.asked(1))
    mined.key(Qt.Key.Key_N)
    assert mined.marks == ["", "", ""] and not mined.tab.many.isEnabled()
