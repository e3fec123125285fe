"""The explore page with an engine made of code: questions, answers, movement, errors, cancelling."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QListView, QPlainTextEdit
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example
from core.errors import Cancelled, EngineProblem
from core.project import Project
from gui import app
from gui.main_window import MainWindow
from gui.views.explore.page import ExplorePage
from gui.views.explore.query.view import QueryView
from tests.gui.fake_engine import FakeEngine, Question
from tests.gui.run_support import fake_run
from tests.gui.window_support import child, click, fits, in_bar, last, make_project, open_window, quiet, said

BASE = ["red coat", "blue coat", "green hat", "silk <b>scarf</b>"]
TUNED = ["green hat", "red coat", "wool sock", "blue coat"]


def hits(texts: list[str], others: list[str], *, beyond: int = 57) -> dict[str, Any]:
    return {
        "count": 60,
        "hits": [
            {
                "rank": rank,
                "text": text,
                "score": 1 - rank / 10,
                "other_rank": others.index(text) + 1 if text in others else beyond,
            }
            for rank, text in enumerate(texts, 1)
        ],
    }


class Explorer:
    def __init__(self, bot: QtBot, window: MainWindow) -> None:
        self.bot, self.window = bot, window
        window.show_page("explore")
        explore = window.page("explore")
        assert isinstance(explore, ExplorePage)
        self.explore = explore
        page = explore.view("query")
        assert isinstance(page, QueryView)
        self.page = page
        self.query = child(page, "explore.query", QLineEdit)
        self.base = child(page, "explore.base_results", QListView)
        self.tuned = child(page, "explore.tuned_results", QListView)
        engine: Any = window.context.engine
        assert isinstance(engine, FakeEngine)
        self.engine = engine

    def type(self, text: str) -> Question:
        """Type a question, press Enter; what was asked."""
        before = len(self.engine.asked)
        self.query.setText(text)
        QTest.keyClick(self.query, Qt.Key.Key_Return)
        assert len(self.engine.asked) == before + 1
        return self.engine.asked[-1]

    def answer(self, question: Question, *, base: list[str] = BASE, tuned: list[str] = TUNED) -> None:
        lists = [hits(base, tuned)] + ([hits(tuned, base)] if len(question.params["models"]) > 1 else [])
        question.on_done({"results": lists})

    def shown(self, view: QListView) -> list[str]:
        if not view.isVisible():
            return []
        return [str(view.model().index(row, 0).data()) for row in range(view.model().rowCount())]

    def moves(self, view: QListView) -> list[str]:
        model = view.model()
        return [model.change(row)[0] for row in range(model.rowCount())]  # type: ignore[attr-defined]


@pytest.fixture
def explorer(qtbot, tmp_path: Path, monkeypatch) -> Explorer:
    folder = make_project(tmp_path / "p")
    fake_run(folder)
    monkeypatch.setattr(app, "EngineService", FakeEngine)
    window = open_window(qtbot, folder)
    monkeypatch.setattr(window.context.training, "prepare", lambda: None)
    quiet(qtbot, window)
    assert window.context.run_name == "0001-main"
    return Explorer(qtbot, window)


def test_both_lists_show_what_both_models_find(explorer: Explorer) -> None:
    question = explorer.type("winter clothes")
    assert question.op == "search" and question.group == "explore"
    assert question.params == {
        "project": str(explorer.window.context.folder),
        "dataset_id": explorer.window.context.dataset_id,
        "models": ["base", "0001-main"],
        "text": "winter clothes",
        "k": 20,
        "role": "all",
        "filter": {"place": "", "split": "", "state": ""},
        "relation": "",
    }
    explorer.answer(question)
    assert explorer.shown(explorer.base) == BASE and explorer.shown(explorer.tuned) == TUNED
    assert explorer.moves(explorer.tuned) == ["▲ 2", "▼ 1", "new, was 57", "▼ 2"]
    assert explorer.moves(explorer.base) == ["", "", "", "lost, now 57"]
    assert "60 texts" in explorer.page.base.about.text()
    assert explorer.page.summary.text == "1 gained  ·  1 lost  ·  1 up  ·  2 down"
    assert explorer.page.tuned.heading.text() == "Run 1"
    assert not explorer.page.state.isVisible()
    explorer.page.grab()


def test_the_same_order_says_so(explorer: Explorer) -> None:
    explorer.answer(explorer.type("winter clothes"), tuned=BASE)
    assert explorer.page.summary.text == "Both find the same, in the same order"
    assert explorer.moves(explorer.tuned) == [""] * 4


def test_typing_asks_by_itself_after_a_moment(explorer: Explorer) -> None:
    QTest.keyClicks(explorer.query, "coat")
    assert explorer.engine.asked == []
    explorer.bot.waitUntil(lambda: len(explorer.engine.asked) == 1)
    assert explorer.engine.asked[0].params["text"] == "coat"
    QTest.keyClick(explorer.query, Qt.Key.Key_Return)  # it is on its way
    assert len(explorer.engine.asked) == 1


def test_blank_questions_are_not_asked(explorer: Explorer) -> None:
    explorer.query.setText("   ")
    QTest.keyClick(explorer.query, Qt.Key.Key_Return)
    assert explorer.engine.asked == []


def test_a_newer_question_replaces_the_older(explorer: Explorer) -> None:
    first = explorer.type("coat")
    second = explorer.type("hat")
    assert first.cancelled and not second.cancelled
    explorer.answer(second)
    assert explorer.shown(explorer.base) == BASE


def test_the_selection_is_mirrored_and_read_in_full(explorer: Explorer) -> None:
    explorer.answer(explorer.type("coat"))
    explorer.base.setCurrentIndex(explorer.base.model().index(2, 0))
    assert explorer.tuned.currentIndex().row() == 0
    text = child(explorer.page, "explore.text", QPlainTextEdit)
    assert text.toPlainText() == "green hat" and text.isReadOnly()
    assert [value.text() for value in explorer.page.details.values] == [
        "0.700  ·  rank 3",
        "0.900  ·  rank 1",
    ]
    explorer.tuned.setCurrentIndex(explorer.tuned.model().index(2, 0))
    assert not explorer.base.currentIndex().isValid() and explorer.base.selectedIndexes() == []
    assert text.toPlainText() == "wool sock"
    assert explorer.page.details.values[0].text() == "rank 57"
    explorer.base.setCurrentIndex(explorer.base.model().index(3, 0))
    assert text.toPlainText() == "silk <b>scarf</b>"
    click(child(explorer.page, "explore.copy"))
    assert QApplication.clipboard().text() == "silk <b>scarf</b>"
    click(child(explorer.page, "explore.again"))
    assert (
        explorer.query.text() == "silk <b>scarf</b>"
        and explorer.engine.asked[-1].params["text"] == "silk <b>scarf</b>"
    )


def test_several_results_are_copied_by_key(explorer: Explorer) -> None:
    explorer.answer(explorer.type("coat"))
    explorer.base.setFocus()
    explorer.base.selectAll()
    QTest.keyClick(explorer.base, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    explorer.bot.waitUntil(lambda: "blue coat" in QApplication.clipboard().text())
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:4] == ["Query", "Model", "Rank", "Rank in the other"]
    assert [line.split("\t")[5] for line in lines[1:]] == BASE


def test_long_and_odd_texts_and_scores_are_painted(explorer: Explorer) -> None:
    odd = ["word " * 2000, "a\nb\tc", "", "\u202eevil", "x" * 10_000]
    question = explorer.type("coat")
    answer = {"results": [hits(odd, BASE), hits(odd, odd)]}
    answer["results"][0]["hits"][0]["score"] = None
    answer["results"][0]["hits"][1]["score"] = -3.5
    question.on_done(answer)
    assert explorer.shown(explorer.base) == odd
    assert math.isnan(explorer.base.model().hits[0].score)  # type: ignore[attr-defined]
    for row in range(len(odd)):
        explorer.base.setCurrentIndex(explorer.base.model().index(row, 0))
        explorer.page.grab()


def test_progress_can_be_cancelled(explorer: Explorer) -> None:
    question = explorer.type("coat")
    page = explorer.page
    assert not page.state.cancel.isVisible()
    question.on_progress(500, 2000)
    assert page.state.progress.isVisible() and (
        page.state.progress.value(),
        page.state.progress.maximum(),
    ) == (500, 2000)
    assert "500 of 2,000" in page.state.words.text()
    click(page.state.cancel)
    assert question.cancelled
    assert (
        not page.state.progress.isVisible()
        and not page.state.cancel.isVisible()
        and not page.state.isVisible()
    )
    again = explorer.type("coat")  # and the same question can be asked once more
    explorer.answer(again)
    assert explorer.shown(explorer.base) == BASE


def test_an_error_offers_to_try_again(explorer: Explorer, messages) -> None:
    question = explorer.type("coat")
    question.on_error(EngineProblem("The engine ended unexpectedly, twice.", "Try again.", details="log"))
    assert in_bar(explorer.window) == "The engine ended unexpectedly, twice."
    assert last(explorer.window).details == "log" and not explorer.page.state.isVisible()
    click(explorer.window.message_bar.action)
    assert len(explorer.engine.asked) == 2 and explorer.engine.asked[1].params == question.params
    explorer.answer(explorer.engine.asked[1])
    assert explorer.shown(explorer.base) == BASE and in_bar(explorer.window) == ""


def test_a_cancellation_is_no_error(explorer: Explorer) -> None:
    explorer.type("coat").on_error(Cancelled())
    assert said(explorer.window) == []


def test_an_engine_that_still_loads_is_told(explorer: Explorer) -> None:
    explorer.engine.set("starting")
    assert "still loading" in explorer.page.state.words.text() and explorer.page.state.isVisible()
    explorer.engine.set("warm")
    assert not explorer.page.state.isVisible()
    explorer.engine.set("failed")
    assert child(explorer.window, "status.engine").text() == "Similarity engine stopped"


def test_which_texts_are_searched_can_be_chosen(explorer: Explorer) -> None:
    explorer.answer(explorer.type("coat"))
    role = child(explorer.page, "explore.role", QComboBox)
    assert [role.itemText(n) for n in range(role.count())] == [
        "All columns",
        "Text A",
        "Text B",
        "Text B, similar",
        "Text B, dissimilar",
    ]
    role.setCurrentIndex(1)
    assert explorer.engine.asked[-1].params["filter"]["place"] == "anchor"


def test_edits_make_the_next_visit_ask_again(explorer: Explorer) -> None:
    explorer.answer(explorer.type("coat"))
    explorer.window.show_page("label")
    explorer.window.show_page("explore")
    assert len(explorer.engine.asked) == 1
    explorer.window.context.set_cells([(1, "text_a", "changed")])
    explorer.window.show_page("label")
    explorer.window.show_page("explore")
    assert len(explorer.engine.asked) == 2


def test_another_run_asks_again(explorer: Explorer) -> None:
    explorer.answer(explorer.type("coat"))
    explorer.window.context.choose_run("")
    assert explorer.engine.asked[-1].params["models"] == ["base"]
    explorer.answer(explorer.engine.asked[-1])
    assert explorer.shown(explorer.base) == BASE and explorer.shown(explorer.tuned) == []
    assert "No tuned model yet" in explorer.page.tuned.words.text()


def test_without_a_run_the_page_invites_to_train(qtbot, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(app, "EngineService", FakeEngine)
    window = open_window(qtbot, make_project(tmp_path / "p"))
    explorer = Explorer(qtbot, window)
    quiet(qtbot, window)
    started = []
    monkeypatch.setattr(window.context.training, "start", lambda *arguments: started.append(arguments))
    click(explorer.page.tuned.act)
    assert len(started) == 1 and window.current_page == "train"
    quiet(qtbot, window)


def test_an_empty_dataset_says_that_there_is_nothing_to_find(qtbot, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(app, "EngineService", FakeEngine)
    Project.create(tmp_path / "p", "Empty").close()
    window = open_window(qtbot, tmp_path / "p")
    explorer = Explorer(qtbot, window)
    question = explorer.type("coat")
    question.on_done({"results": [{"count": 0, "hits": []}]})
    assert (
        "no texts to compare with" in explorer.page.base.words.text() and explorer.shown(explorer.base) == []
    )
    quiet(qtbot, window)


def test_another_project_forgets_question_and_answer(explorer: Explorer, tmp_path: Path) -> None:
    explorer.answer(explorer.type("coat"))
    pending = explorer.type("hat")
    explorer.window.projects.open(make_project(tmp_path / "other", rows=[Example(("a", "b"), score=1.0)]))
    assert pending.cancelled and explorer.query.text() == ""
    explorer.window.show_page("explore")
    assert explorer.shown(explorer.base) == [] and explorer.page.details.text.toPlainText() == ""
    quiet(explorer.bot, explorer.window)


def test_any_two_models_are_compared(explorer: Explorer, qtbot) -> None:
    folder = explorer.window.context.folder
    assert folder is not None
    run = fake_run(folder)
    for name in ("0001-main", run.name):
        model = folder / "runs" / name / "model"
        model.mkdir(exist_ok=True)
        (model / "modules.json").write_text("[]", encoding="utf-8")
    explorer.window.context.runs_changed.emit()
    quiet(qtbot, explorer.window)
    first = child(explorer.explore, "explore.first", QComboBox)
    second = child(explorer.explore, "explore.second", QComboBox)
    assert [str(second.itemData(place)) for place in range(second.count())] == [run.name, "0001-main"]
    explorer.window.context.choose_run(run.name)
    assert [str(first.itemData(place)) for place in range(first.count())] == ["base", "0001-main"]
    first.setCurrentIndex(1)
    first.activated.emit(1)
    assert explorer.page.base.heading.text() == "Run 1" and explorer.page.tuned.heading.text() == "Run 2"
    assert explorer.type("winter").params["models"] == ["0001-main", run.name]
    explorer.window.context.choose_run("0001-main")
    assert second.currentData() == "0001-main"


def test_a_run_whose_folder_was_deleted_or_renamed_is_noticed(explorer: Explorer, qtbot) -> None:
    """The page went on offering it, and every question failed."""
    window, folder = explorer.window, explorer.window.context.folder
    assert folder is not None
    gone = fake_run(folder)
    for run in (folder / "runs").glob("0*"):
        (run / "model").mkdir()
        (run / "model" / "modules.json").write_text("[]")
    window.context.runs_changed.emit()
    quiet(qtbot, window)
    window.context.choose_run(gone.name)
    assert explorer.explore.lens.second.ref == gone.name
    window.show_page("label")
    gone.rename(gone.with_name("0009-other"))
    window.show_page("explore")
    qtbot.waitUntil(lambda: explorer.explore.lens.second.ref == "0009-other", timeout=10_000)
    quiet(qtbot, window)
    offered = [explorer.explore.second.itemData(row) for row in range(explorer.explore.second.count())]
    assert gone.name not in offered
    window.show_page("label")
    folder.rename(folder.with_name("away"))  # then nothing is known of its runs
    window.show_page("explore")
    quiet(qtbot, window)
    assert explorer.explore.lens.second.ref == "0009-other"


def test_why_and_report_say_what_they_are_where_there_is_room(explorer: Explorer) -> None:
    page, window = explorer.explore, explorer.window
    for width, style in (
        (1280, Qt.ToolButtonStyle.ToolButtonTextBesideIcon),
        (900, Qt.ToolButtonStyle.ToolButtonIconOnly),
    ):
        window.resize(width, 640)
        QApplication.processEvents()
        assert page.why_button.toolButtonStyle() == page.report_button.toolButtonStyle() == style
        assert page.why_button.toolTip() and page.report_button.toolTip()
    assert fits(window, 900, 560)
