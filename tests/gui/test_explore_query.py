"""The Query tab in the window, its engine made of code: rows as questions, filters, known texts, history, keys, copies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format
from core.errors import EngineProblem
from core.project import Project
from gui import app
from gui.main_window import MainWindow
from gui.views.explore.page import ExplorePage
from gui.views.explore.query.answer import Answer, known_line, summary
from gui.views.explore.query.recent import Asked, Recent, path_of, read
from gui.views.explore.query.view import QueryView
from gui.views.label.page import LabelPage
from tests.gui.fake_engine import FakeEngine, Question
from tests.gui.run_support import fake_run
from tests.gui.window_support import child, click, dialog, fits, in_bar, open_window, quiet

ROWS = [
    Example(("soft girl", "pastel cardigan", "tweed blazer"), split="train"),
    Example(("soft girl", "lace camisole", "tracksuit"), split="test"),
    Example(("pastoral\nvibe", "linen dress", "")),
]


def hit(rank: int, text: str, other: int | None, role: str = "", **more: Any) -> dict[str, Any]:
    return {"rank": rank, "text": text, "score": 1 - rank / 100, "other_rank": other, "role": role, **more}


FIRST = [hit(1, "linen dress", 30), hit(2, "pastel cardigan", 1, "positive", row=1, dataset=1)]
SECOND = [hit(1, "pastel cardigan", 2, "positive", row=1, dataset=1), hit(2, "hat", 41)]
KNOWN = [
    {"text": "pastel cardigan", "role": "positive", "ranks": [2, 1], "scores": [0.98, 0.99], "row": 1},
    {"text": "lace camisole", "role": "positive", "ranks": [9, 4], "scores": [0.5, 0.9], "row": 2},
    {"text": "tweed blazer", "role": "negative", "ranks": [3, 44], "scores": [0.9, 0.1], "row": 1},
]


def record(first: list[dict[str, Any]] = FIRST, second: list[dict[str, Any]] = SECOND) -> dict[str, Any]:
    results = [{"count": 60, "exact": True, "hits": hits} for hits in (first, second)]
    return {"results": results, "known": KNOWN, "of_known": 3}


class Tab:
    def __init__(self, bot: QtBot, window: MainWindow) -> None:
        self.bot, self.window = bot, window
        window.show_page("explore")
        page = window.page("explore")
        assert isinstance(page, ExplorePage)
        view = page.view("query")
        assert isinstance(view, QueryView)
        self.page, self.view = page, view
        engine: Any = window.context.engine
        assert isinstance(engine, FakeEngine)
        self.engine = engine

    @property
    def asked(self) -> Question:
        return self.engine.asked[-1]

    def ask(self, text: str) -> None:
        """Ask, and be answered with two hits each."""
        self.view.filters.count.setCurrentIndex(0)
        self.view.ask_text(text)
        self.asked.on_done(record())
        quiet(self.bot, self.window)


def key(widget: Any, key: Qt.Key, how: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, how)


@pytest.fixture
def tab(qtbot, tmp_path: Path, monkeypatch) -> Tab:
    folder = tmp_path / "p"
    with Project.create(folder, "Wardrobe") as project:
        project.create_dataset("Looks", Format.TRIPLETS, examples=ROWS)
        project.create_dataset("Words", Format.SCORED, examples=[Example(("moon", "night"), 1.0, "1")])
        project.add_texts(["a loose text"], "file")
    fake_run(folder)
    monkeypatch.setattr(app, "EngineService", FakeEngine)
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    return Tab(qtbot, window)


def test_a_row_of_label_becomes_the_question(tab: Tab) -> None:
    tab.window.show_page("label")
    label = tab.window.page("label")
    assert isinstance(label, LabelPage)
    tab.bot.waitUntil(lambda: label.model.rowCount() == 3)
    place = next(n for n, column in enumerate(label.model.columns) if column.key == "positive")
    label.table.go_to(1, place)
    tab.window.actions_.perform("label.explore")
    assert tab.window.current_page == "explore" and tab.page.shown == "query"
    assert tab.asked.params["text"] == "lace camisole"
    chip = child(tab.view, "explore.row", QPushButton)
    assert chip.isVisible() and chip.accessibleName() == "Row 2 of Looks, Positive"
    texts = [action.text() for action in tab.view.bar._menu.actions()]
    assert texts == ["Anchor: soft girl", "Positive: lace camisole", "Negative: tracksuit"]
    tab.view.bar._menu.actions()[0].trigger()
    assert tab.asked.params["text"] == "soft girl"
    QTest.keyClicks(tab.view.query, "s")  # typed in: it is a text of one's own now
    assert not chip.isVisible() and tab.view.bar.row is None


def test_rows_are_stepped_through_and_picked(tab: Tab) -> None:
    key(tab.view.query, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert tab.asked.params["text"] == "soft girl" and tab.view.bar.row.row.number == 1
    click(child(tab.view, "explore.row_after"))  # row 2 asks the same: on to the next text
    assert tab.asked.params["text"] == "pastoral\nvibe" and tab.view.query.text() == "pastoral vibe"
    asked = len(tab.engine.asked)
    tab.view.questions.step_row(1)  # the end
    assert len(tab.engine.asked) == asked
    key(tab.view.query, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert tab.view.bar.row.row.number == 2
    tab.asked.on_done(record())
    tab.window.show_page("label")
    tab.window.context.set_cells([(2, "anchor", "soft woman")])
    tab.window.show_page("explore")
    assert tab.asked.params["text"] == "soft woman"  # what the row says now
    click(child(tab.view, "explore.pick"))
    picker: QDialog = dialog(tab.bot, "explore.picker")
    rows = child(picker, "explore.picker.list")
    tab.bot.waitUntil(lambda: rows.model().rowCount() == 3)
    line = child(picker, "explore.picker.search")
    QTest.keyClicks(line, "linen")
    tab.bot.waitUntil(lambda: rows.model().rowCount() == 1)
    key(line, Qt.Key.Key_Return)
    assert tab.asked.params["text"] == "pastoral\nvibe" and tab.view.bar.row.row.number == 3
    quiet(tab.bot, tab.window)


def test_gained_lost_and_known_are_marked_and_summed_up(tab: Tab) -> None:
    tab.ask("soft girl")
    base, tuned = tab.view.base.model, tab.view.tuned.model
    tab.view.answer = answer = Answer.from_record("soft girl", 2, record())
    for number, card in enumerate(tab.view.cards):
        card.show_hits(answer.lists[number], answer.length, answer.beyond(number), compared=True)
    assert [base.change(row) for row in range(2)] == [("lost, now 30", "negative"), ("", "")]
    assert [tuned.change(row)[0] for row in range(4)] == ["▲ 1", "new, was 41", "▲ 5", "▼ 41"]
    assert tuned.change(3)[1] == "positive"  # a known negative does well to fall
    assert [entry.text for entry in base.hits[2:]] == ["tweed blazer", "lace camisole"] and base.listed == 2
    assert [entry.rank for entry in tuned.hits[2:]] == [4, 44]
    assert summary(answer) == [("1 gained", "positive"), ("1 lost", "negative"), ("1 up", "")]
    assert known_line(answer) == "In the top 2: known positives 1 → 1 of 2, negatives 0 → 0 of 1"
    tab.view.grab()
    tab.view.tuned.list.setCurrentIndex(tuned.index(0, 0))
    assert child(tab.view, "explore.known").text() == "Known positive"
    with tab.bot.waitSignal(tab.page.label_requested) as wanted:
        click(child(tab.view, "explore.open_row"))
    assert wanted.args == [1] and tab.window.current_page == "label"


def test_filters_are_asked_and_cleared(tab: Tab) -> None:
    boxes = {
        name: child(tab.view, f"explore.{name}", QComboBox)
        for name in ("where", "role", "split_filter", "label_filter", "k")
    }
    where = boxes["where"]
    assert [where.itemText(n) for n in range(where.count())] == [
        "Looks",
        "Words",
        "Unpaired texts",
        "Whole project",
    ]
    tab.ask("soft girl")
    first = tab.asked.params
    assert (first["dataset_id"], first["role"], first["k"]) == (tab.window.context.dataset_id, "all", 10)
    assert not tab.view.filters.clear.isVisible()
    boxes["role"].setCurrentText("Negatives")
    boxes["split_filter"].setCurrentText("Test")
    boxes["label_filter"].setCurrentText("Its known negatives")
    boxes["k"].setCurrentText("Top 50")
    params = tab.asked.params
    assert params["filter"] == {"place": "negative", "split": "test", "state": ""}
    assert (params["relation"], params["k"]) == ("negative", 50)
    boxes["label_filter"].setCurrentText("Flagged rows")
    assert tab.asked.params["filter"]["state"] == "flagged" and tab.asked.params["relation"] == ""
    tab.asked.on_done({"results": [{"count": 0, "hits": []}, {"count": 0, "hits": []}]})
    assert "No text passes" in tab.view.base.words.text()
    click(child(tab.view, "explore.base_results.act"))
    assert tab.asked.params["filter"] == {"place": "", "split": "", "state": ""}
    where.setCurrentText("Unpaired texts")
    assert tab.asked.params["role"] == "unpaired" and not boxes["role"].isEnabled()
    where.setCurrentText("Whole project")
    assert (tab.asked.params["dataset_id"], tab.asked.params["role"]) == (None, "all")
    where.setCurrentText("Words")
    assert [boxes["role"].itemText(n) for n in range(5)][1:3] == ["Text A", "Text B"]
    tab.window.context.add_examples([Example(("x", "y", "z"))])
    assert where.currentText() == "Words"
    quiet(tab.bot, tab.window)


def test_nothing_is_asked_while_another_page_is_in_front(tab: Tab) -> None:
    tab.view.ask_text("soft girl")
    waiting, asked = tab.asked, len(tab.engine.asked)
    tab.window.show_page("label")
    assert waiting.cancelled
    context = tab.window.context
    assert context.project is not None
    context.choose_dataset(context.project.datasets()[1].id)
    assert len([one for one in tab.engine.asked if one.op == "search"]) == asked
    tab.window.show_page("explore")
    searches = [one for one in tab.engine.asked if one.op == "search"]
    assert len(searches) == asked + 1 and searches[-1].params["dataset_id"] == context.dataset_id
    quiet(tab.bot, tab.window)


def test_questions_are_remembered(tab: Tab) -> None:
    folder = tab.window.context.folder
    assert folder is not None
    for text in ("soft girl", "hat", "hat with a brim"):
        tab.ask(text)
    tab.view.show_row(3)
    tab.asked.on_done(record())
    quiet(tab.bot, tab.window)
    assert read(path_of(folder)) == (
        Asked("soft girl"),
        Asked("hat with a brim"),  # "hat" was still being typed
        Asked("pastoral\nvibe", 3, 0),
    )
    key(tab.view.query, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert tab.asked.params["text"] == "hat with a brim"
    key(tab.view.query, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert tab.view.bar.row is not None and tab.asked.params["text"] == "pastoral\nvibe"
    titles = [action.text() for action in tab.view.bar._recents.actions()]
    assert titles == ["pastoral vibe", "hat with a brim", "soft girl"]
    tab.view.bar._recents.actions()[2].trigger()
    assert tab.asked.params["text"] == "soft girl"


@pytest.mark.parametrize("content", ["", "{", "7", '[1, {"text": 3}, {"text": " "}]', "[" * 100_000])
def test_a_damaged_history_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "questions.json"
    path.write_text(content, encoding="utf-8")
    assert read(path) == () and read(tmp_path / "absent.json") == ()
    path.write_text(json.dumps([{"text": "a", "row": "x"}]), encoding="utf-8")
    assert read(path) == (Asked("a"),)


def test_the_history_is_walked_and_bounded() -> None:
    recent = Recent()
    for number in range(80):
        recent.add(Asked(f"{number:03d}"))
    assert len(recent.entries) == 50 and recent.step(1) is None
    assert recent.step(-1) == Asked("078")
    assert not recent.add(Asked("078"))  # where one stands
    assert recent.add(Asked("050")) and recent.newest(2) == [Asked("050"), Asked("079")]


def test_everything_is_reached_by_keys(tab: Tab) -> None:
    tab.ask("soft girl")
    base, tuned = tab.view.base.list, tab.view.tuned.list
    key(tab.view.query, Qt.Key.Key_Down)
    assert base.hasFocus() and base.currentIndex().row() == 0
    key(base, Qt.Key.Key_Right)
    assert tuned.hasFocus()
    key(tuned, Qt.Key.Key_Down)
    key(tuned, Qt.Key.Key_Return)
    assert tab.asked.params["text"] == "hat" and tab.view.query.text() == "hat"
    tab.asked.on_done(record())
    tuned.setFocus()
    key(tuned, Qt.Key.Key_Escape)
    assert tab.view.query.hasFocus()
    base.setCurrentIndex(base.model().index(0, 0))
    base.setFocus()
    with tab.bot.waitSignal(tab.view.why_requested) as why:
        key(base, Qt.Key.Key_W)
    assert why.args == ["hat", "linen dress"]
    quiet(tab.bot, tab.window)


def test_the_answer_is_copied(tab: Tab) -> None:
    tab.ask("soft girl")
    tab.view.menu.copy_text()
    tab.bot.waitUntil(lambda: "Query: soft girl" in QApplication.clipboard().text())
    text = QApplication.clipboard().text()
    assert "＋ pastel cardigan" in text and "1 gained" in text and "top 10 of 60 texts" in text
    tab.view.menu.copy_csv()
    tab.bot.waitUntil(lambda: QApplication.clipboard().text().startswith("Query,Model"))
    lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == 1 + 4 + 4 and lines[2].endswith("pastel cardigan,positive,")
    tab.view.menu.copy_picture()
    assert not QApplication.clipboard().image().isNull()


def test_other_tabs_ask_from_their_rows(tab: Tab) -> None:
    tab.page.show_view("pairs")
    tab.page.view("pairs").query_requested.emit("", 3)
    assert tab.page.shown == "query" and tab.asked.params["text"] == "pastoral\nvibe"
    tab.page.view("map").query_requested.emit("from the map", 0)
    assert tab.asked.params["text"] == "from the map"
    tab.view.show_row(99)
    assert "no text to search for" in in_bar(tab.window)
    assert fits(tab.window, 1024, 640)
    least = tab.page.minimumSizeHint()
    assert least.width() <= 900 - tab.window.rail.width() and least.height() <= 420


def indexed(*states: tuple[str, float | None]) -> dict[str, Any]:
    found = record()
    for result, (state, recall) in zip(found["results"], states, strict=True):
        result["index"] = {"state": state, "recall": recall}
        result["exact"] = state != "ready"
    return found


def test_an_index_is_built_where_it_is_missing_and_its_recall_is_told(tab: Tab) -> None:
    line = tab.view.index
    tab.ask("soft girl")
    assert not line.isVisible()
    tab.view.ask_text("hat")
    tab.asked.on_done(indexed(("missing", None), ("missing", None)))
    build = tab.asked
    assert build.op == "index_texts" and build.params["model"] == "base" and build.params["role"] == "all"
    assert build.on_progress is not None
    build.on_progress(300_000, 1_000_001)
    assert line.progress.isVisible() and line.progress.value() == 300_000 and "for Base" in line.words.text()
    click(line.act)
    assert build.cancelled and not line.progress.isVisible() and line.act.text() == "Build an index"
    tab.view.ask_text("coat")
    tab.asked.on_done(indexed(("missing", None), ("missing", None)))
    assert tab.asked.op == "search"  # not against somebody's will
    click(line.act)
    tab.asked.on_done({"recall": {}})
    assert tab.asked.op == "index_texts" and tab.asked.params["model"] == "0001-main"
    second = tab.asked
    tab.window.show_page("label")
    assert second.cancelled  # nothing of the tab runs on
    tab.window.show_page("explore")
    for model in ("base", "0001-main"):  # the first is there already, and answers at once
        assert tab.asked.op == "index_texts" and tab.asked.params["model"] == model
        tab.asked.on_done({"recall": {}})
    assert tab.asked.op == "search" and tab.asked.params["text"] == "coat"
    tab.asked.on_done(indexed(("ready", 0.986), ("ready", 0.979)))
    assert "98.6% (Base) and 97.9% (Run 1) of the exact top 10" in line.words.text() and line.isVisible()
    quiet(tab.bot, tab.window)


def test_an_edit_while_a_question_is_on_its_way_asks_it_anew(tab: Tab) -> None:
    """Its answer was met with an error, and the lists stayed empty."""
    tab.view.filters.count.setCurrentIndex(0)
    tab.view.ask_text("soft girl")
    before = tab.asked
    ids = list(tab.window.context.project.ids(1))
    tab.window.context.delete_examples(ids[:1])
    assert before.cancelled and tab.asked is not before and tab.asked.params["text"] == "soft girl"
    tab.asked.on_done(record())
    quiet(tab.bot, tab.window)
    assert tab.view.answer is not None and tab.view.base.model.hits
    asked = len(tab.engine.asked)
    tab.window.context.undo()
    assert len(tab.engine.asked) == asked, "what is on the screen stays until the next visit"


def test_a_question_that_fails_leaves_no_answer_to_another_one(tab: Tab, messages) -> None:
    tab.ask("soft girl")
    tab.view.ask_text("pastoral")
    tab.asked.fail(EngineProblem("The engine ended.", "Ask again."))
    assert tab.view.answer is None and not tab.view.base.has_hits and not tab.view.tuned.has_hits
    assert tab.view.base.words.text() == "There is no answer. The engine ended. Ask again."
    tab.ask("pastoral")
    assert tab.view.base.has_hits and tab.view.tuned.has_hits
    assert fits(tab.window, 900, 560)


def test_how_many_texts_there_are_is_told_on_the_next_visit_too(tab: Tab) -> None:
    tab.ask("soft")
    told = tab.view.base.about.text()
    assert told.endswith(" · 60 texts")
    tab.window.show_page("label")
    tab.window.show_page("explore")
    assert tab.view.base.about.text() == told
