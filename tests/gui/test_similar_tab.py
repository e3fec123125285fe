"""Similar texts beside the table: what is asked, what is shown, and how a key makes a label of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format, Scale
from core.errors import EngineProblem
from core.project import Reader
from gui.context import Context
from gui.models.near_texts import NEAR_ROLE
from gui.views.label.assist.similar import SimilarTab
from tests.gui.assist_support import Helper
from tests.gui.fake_engine import FakeEngine, Question, fake_engine
from tests.gui.label_support import PAIRS, SCORED, Bench, bench
from tests.gui.window_support import dialog

TRIPLETS = [
    Example(("look", "coat", "sock")),
    Example(("style", "hat", "")),
    Example(("", "glove", "mitten")),
]
FOUND = ["wool hat", "<b>fur</b> hat\nwarm", "rain coat"]


class Similar(Helper):
    def __init__(self, made: Bench, engine: FakeEngine) -> None:
        super().__init__(made, engine)
        self.tab: SimilarTab = made.page.helpers.similar
        made.page.helpers.show("similar")

    def answer(self, question: Question, *, known: dict[str, dict[str, Any]] | None = None) -> None:
        hits = [
            {"text": text, "score": 0.8 - n / 10, "role": "", "label": None, "row": 0, "dataset": 0}
            | (known or {}).get(text, {})
            for n, text in enumerate(FOUND)
        ]
        question.on_done({"hits": hits, "count": 1234, "metric": "cosine", "among": "all"})


Make = Callable[..., Similar]


@pytest.fixture
def make(qtbot: QtBot, context: Context, tmp_path: Path) -> Make:
    def make(format: Format, rows: list[Example], **options: Any) -> Similar:
        engine = fake_engine(context)
        return Similar(bench(qtbot, context, tmp_path / "p", format, rows, **options), engine)

    return make


def test_the_texts_near_the_anchor_follow_the_row(make: Make) -> None:
    similar = make(Format.PAIRS, PAIRS)
    first = similar.asked(1)
    assert (first.op, first.group) == ("similar", "similar")
    assert first.params == {
        "project": str(similar.made.context.folder),
        "model": "base",
        "texts": ["shade plants"],
        "join": "mean",
        "among": "auto",
        "k": 50,
    }
    similar.made.at(1, "positive")
    second = similar.asked(2)
    assert first.cancelled and second.params["texts"] == ["bees love it"]
    similar.answer(second, known={"rain coat": {"role": "positive", "row": 1, "dataset": 1}})
    tab = similar.tab
    assert tab.anchor.text() == "bees love it" and tab.count.text() == "1,234 texts"
    assert similar.marks == ["", "", "positive"] and tab.list.chosen() == [0]
    assert tab.list.texts.index(1).data(NEAR_ROLE).text == "<b>fur</b> hat\nwarm"
    assert "&lt;b&gt;" in tab.list.texts.index(1).data(Qt.ItemDataRole.ToolTipRole)
    tab.grab()


def test_nothing_is_asked_while_the_tab_is_not_seen(make: Make) -> None:
    similar = make(Format.PAIRS, PAIRS)
    similar.asked(1)
    similar.made.page.assist.choose("details")
    assert similar.engine.asked[0].cancelled
    similar.made.at(2, "anchor")
    QTest.qWait(200)
    assert len(similar.engine.asked) == 1
    similar.made.page.assist.choose("similar")
    assert similar.asked(2).params["texts"] == ["herbs for pasta"]


def test_a_positive_of_pairs_is_a_new_row_and_the_place_stays(make: Make) -> None:
    similar = make(Format.PAIRS, PAIRS)
    similar.answer(similar.asked(1))
    similar.key(Qt.Key.Key_P)
    made = similar.made
    assert made.stored[-1].texts == ("shade plants", "wool hat") and made.stored[-1].source == "similar texts"
    assert made.page.model.rowCount() == 6 and made.page.table.currentIndex().row() == 0
    assert similar.marks == ["positive", "", ""] and similar.tab.list.chosen() == [1]
    assert similar.tab.done.text() == "Row 6 added: positive"
    similar.tab.undo.click()
    made.settle()
    assert len(made.stored) == 5 and made.page.model.rowCount() == 5
    similar.asked(2)  # what is known has changed


def test_a_label_does_not_ask_again(make: Make) -> None:
    similar = make(Format.PAIRS, PAIRS)
    similar.answer(similar.asked(1))
    similar.key(Qt.Key.Key_P)
    QTest.qWait(250)
    assert len(similar.engine.asked) == 1 and similar.marks[0] == "positive"
    similar.tab.list.go_to(0)
    similar.key(Qt.Key.Key_P)
    assert similar.tab.done.text() == "That is known already." and len(similar.made.stored) == 6


def test_negatives_of_triplets_fill_the_empty_cell_first(make: Make) -> None:
    similar = make(Format.TRIPLETS, TRIPLETS)
    similar.made.at(1, "anchor")
    similar.answer(similar.asked(1))
    similar.key(Qt.Key.Key_N)
    assert similar.made.stored[1].texts == ("style", "hat", "wool hat")
    similar.key(Qt.Key.Key_N)
    assert similar.made.stored[3].texts == ("style", "hat", FOUND[1])
    assert similar.marks == ["negative", "negative", ""]


def test_several_texts_are_one_step(make: Make) -> None:
    similar = make(Format.TRIPLETS, TRIPLETS)
    similar.made.at(1, "anchor")
    similar.answer(similar.asked(1))
    similar.tab.list.selectAll()
    similar.key(Qt.Key.Key_N)
    rows = [row.texts for row in similar.made.stored]
    assert rows[1] == ("style", "hat", FOUND[0])
    assert rows[3:] == [("style", "hat", FOUND[1]), ("style", "hat", FOUND[2])]
    similar.made.context.undo()
    assert [row.texts for row in similar.made.stored] == [row.texts for row in TRIPLETS]


def test_scores_by_digit_and_a_known_pair_is_scored_again(make: Make) -> None:
    similar = make(Format.SCORED, SCORED, scale=Scale(0, 5))
    row = similar.made.stored[0]
    known = {"wool hat": {"role": "negative", "label": 0.2, "row": row.id, "dataset": 1}}
    similar.answer(similar.asked(1), known=known)
    assert similar.tab.list.texts.items[0].label == "1.00" and similar.tab.list.chosen() == [1]
    similar.key(Qt.Key.Key_4)
    new = similar.made.stored[-1]
    assert new.texts == ("soft girl", FOUND[1]) and (new.score, new.raw_score) == (0.8, "4")
    similar.key(Qt.Key.Key_N)
    assert similar.made.stored[-1].raw_score == "0" and similar.marks[1:] == ["positive", "negative"]
    similar.key(Qt.Key.Key_7)  # no score of this scale
    assert len(similar.made.stored) == 6


def test_the_score_of_a_known_pair_is_changed(make: Make) -> None:
    similar = make(Format.SCORED, [Example(("soft girl", "wool hat"), 0.2, "0.2")])
    known = {"wool hat": {"role": "negative", "label": 0.2, "row": similar.made.stored[0].id, "dataset": 1}}
    similar.answer(similar.asked(1), known=known)
    similar.tab.list.go_to(0)
    similar.key(Qt.Key.Key_5)
    assert [(row.score, row.raw_score) for row in similar.made.stored] == [(0.5, "0.5")]
    assert similar.tab.done.text() == "Row 1 changed: score 0.5"


def test_a_typed_text_is_the_anchor(make: Make) -> None:
    similar = make(Format.PAIRS, PAIRS)
    similar.asked(1)
    similar.tab.typed.setFocus()
    QTest.keyClicks(similar.tab.typed, "something warm")
    question = similar.asked(2)
    assert question.params["texts"] == ["something warm"]
    similar.answer(question)
    similar.tab.focus_list()
    similar.key(Qt.Key.Key_P)
    assert similar.made.stored[-1].texts == ("something warm", "wool hat")
    similar.key(Qt.Key.Key_Return)  # look from the text where one stands
    assert similar.asked(3).params["texts"] == ["<b>fur</b> hat warm"]
    similar.made.at(1, "anchor")
    assert similar.asked(4).params["texts"] == ["bees love it"] and not similar.tab.typed.text()


def test_several_rows_together(make: Make) -> None:
    similar = make(Format.PAIRS, PAIRS)
    similar.asked(1)
    similar.made.select_rows(0, 1)
    question = similar.asked(2)
    assert question.params["texts"] == ["shade plants", "bees love it"] and similar.tab.join.isVisible()
    similar.tab.join.setCurrentIndex(1)
    question = similar.asked(3)
    assert question.params["join"] == "max"
    similar.answer(question)
    similar.key(Qt.Key.Key_P)
    added = [row.texts for row in similar.made.stored[5:]]
    assert added == [("shade plants", "wool hat"), ("bees love it", "wool hat")]


def test_pairs_ask_once_where_their_negatives_go(make: Make) -> None:
    similar = make(Format.PAIRS, PAIRS)
    project = similar.made.context.project
    assert project is not None
    other = project.create_dataset("Other", Format.TRIPLETS, 2, examples=[]).dataset_ids
    similar.answer(similar.asked(1))

    def choose() -> None:
        box = dialog(similar.made.bot, "negatives_home")
        box.findChild(QRadioButton, f"negatives_home.{next(iter(other))}").click()
        box.grab()
        box.accept()

    from PySide6.QtCore import QTimer

    QTimer.singleShot(0, choose)
    similar.key(Qt.Key.Key_N)
    similar.key(Qt.Key.Key_N)  # not asked again
    with Reader(project.folder) as reader:
        rows = [row.texts for row in reader.rows(next(iter(other)))]
    assert rows == [("shade plants", "Hosta, full shade", text, "") for text in FOUND[:2]]
    assert len(similar.made.stored) == 5 and similar.made.page.model.rowCount() == 5


def test_a_new_dataset_for_negatives_is_one_step(make: Make) -> None:
    from PySide6.QtCore import QTimer

    similar = make(Format.PAIRS, PAIRS)
    project = similar.made.context.project
    assert project is not None
    before = project.data_hash()
    similar.answer(similar.asked(1))
    QTimer.singleShot(0, lambda: dialog(similar.made.bot, "negatives_home").reject())
    similar.key(Qt.Key.Key_N)
    assert project.data_hash() == before and similar.marks == ["", "", ""]
    QTimer.singleShot(0, lambda: dialog(similar.made.bot, "negatives_home").accept())
    similar.key(Qt.Key.Key_N)
    similar.key(Qt.Key.Key_N)
    made = project.datasets()[-1]
    assert (made.name, made.rows, similar.made.context.dataset_id) == ("Main triplets", 2, 1)
    project.undo()
    project.undo()
    assert project.data_hash() == before


def test_embedding_for_the_first_time_shows_how_far_and_can_be_cancelled(make: Make) -> None:
    similar = make(Format.PAIRS, PAIRS)
    question = similar.asked(1)
    assert question.on_progress is not None
    question.on_progress(1200, 24_000)
    tab = similar.tab
    assert tab.waiting.isVisible()
    assert tab.waiting.words.text() == "Embedding 1,200 of 24,000 texts, once · about 1 min left"
    tab.waiting.cancel.click()
    assert question.cancelled and not tab.waiting.isVisible()
    assert "kept" in tab.empty.sentence.text()
    tab.empty.button.click()
    similar.answer(similar.asked(2))
    assert tab.stack.currentWidget() is tab.list


def test_a_cold_engine_and_its_failure_are_said(make: Make, messages: object) -> None:
    similar = make(Format.PAIRS, PAIRS)
    similar.engine.state = "starting"
    similar.made.at(1, "anchor")
    similar.made.bot.waitUntil(lambda: len(similar.engine.asked) > 0 and similar.tab.waiting.isVisible())
    assert "loading" in similar.tab.waiting.words.text()
    similar.engine.asked[-1].on_error(EngineProblem("The engine ended unexpectedly, twice."))
    assert similar.made.messages == ["The engine ended unexpectedly, twice."]
    assert similar.tab.empty.button.text() == "Try again"


def test_empty_states_say_what_to_do(make: Make) -> None:
    similar = make(Format.TRIPLETS, TRIPLETS)
    similar.made.at(2, "anchor")
    similar.made.bot.waitUntil(lambda: "no anchor yet" in similar.tab.empty.sentence.text())
    assert not similar.engine.asked
    similar.made.at(0, "anchor")
    question = similar.asked(1)
    question.on_done({"hits": [], "count": 0, "metric": "cosine", "among": "all"})
    with similar.made.bot.waitSignal(similar.made.page.import_requested):
        similar.tab.empty.button.click()


def test_read_only_looks_but_does_not_label(make: Make) -> None:
    similar = make(Format.PAIRS, PAIRS, write=False)
    similar.answer(similar.asked(1))
    similar.key(Qt.Key.Key_P)
    assert len(similar.made.stored) == 5 and not similar.made.messages
    assert not any(made.isEnabled() for made in similar.tab.buttons.by_key.values())


def test_escape_goes_back_to_the_table(make: Make) -> None:
    similar = make(Format.PAIRS, PAIRS)
    similar.answer(similar.asked(1))
    similar.made.at(3, "anchor")
    similar.tab.list.setFocus()
    similar.key(Qt.Key.Key_Escape)
    assert similar.made.page.table.hasFocus() and similar.made.page.table.currentIndex().row() == 3


def test_categories_take_another_text(make: Make) -> None:
    similar = make(Format.CATEGORIES, [Example(("oak", "tree")), Example(("cod", "fish"))])
    similar.answer(similar.asked(1))
    similar.key(Qt.Key.Key_P)
    assert similar.made.stored[-1].texts == ("wool hat", "tree")
    similar.key(Qt.Key.Key_N)
    assert len(similar.made.stored) == 3


def test_unpaired_texts_make_the_first_row(make: Make) -> None:
    similar = make(Format.PAIRS, [])
    assert not similar.made.page.assist.isVisible()
    project = similar.made.context.project
    assert project is not None
    similar.made.context.announce(project.add_texts(FOUND, "texts.txt"))
    assert similar.made.page.assist.isVisible()
    similar.made.page.helpers.show("similar")
    assert similar.tab.isVisible() and not similar.engine.asked
    QTest.keyClicks(similar.tab.typed, "warm")
    similar.answer(similar.asked(1))
    similar.key(Qt.Key.Key_P)
    assert similar.made.stored[0].texts == ("warm", "wool hat")
    assert similar.made.page.model.rowCount() == 1 and similar.made.page.table.isVisible()
