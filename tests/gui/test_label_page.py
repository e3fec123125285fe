"""The label page around the table: search, views, issues, details, read-only, empty."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from core.dataset.formats import Example, Format
from core.project import Project, Reader
from gui.context import Context
from gui.views.label.page import LabelPage
from tests.gui.label_support import PAIRS, SCORED, Bench, bench

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def pairs(qtbot, context: Context, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "p", Format.PAIRS, PAIRS)


@pytest.fixture
def scored(qtbot, context: Context, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "p", Format.SCORED, SCORED)


def test_search_narrows_while_typing_and_escape_clears(pairs: Bench) -> None:
    pairs.key(Qt.Key.Key_F, CTRL)
    assert pairs.focus() is pairs.page.toolbar.search
    pairs.type("SHADE")
    pairs.bot.waitUntil(lambda: pairs.shown == ["shade plants"])
    assert pairs.page.toolbar.hits.text() == "1 of 5"
    pairs.key(Qt.Key.Key_Escape)
    assert len(pairs.shown) == 5 and pairs.page.toolbar.hits.isHidden()


def test_search_signs_are_no_wildcards(pairs: Bench) -> None:
    pairs.key(Qt.Key.Key_F, CTRL)
    pairs.type("%")
    pairs.bot.waitUntil(lambda: pairs.page.places.shown == "no_hits")
    pairs.page.places.empty["no_hits"].state.button.click()
    assert len(pairs.shown) == 5 and pairs.page.places.shown == "table"


def test_search_keeps_the_selected_row(pairs: Bench) -> None:
    pairs.at(3, "anchor")
    pairs.page.toolbar.search.setText("flower")
    pairs.bot.waitUntil(lambda: len(pairs.shown) == 1)
    pairs.page.toolbar.search.clear_now()
    assert pairs.page.table.currentIndex().row() == 3


def test_views_and_their_counts(scored: Bench) -> None:
    side = scored.page.side
    counts = {key: made.count for key, made in side.views.items()}
    assert counts["all"] == "4" and counts["unlabelled"] == "1" and counts["flagged"] == "0"
    assert counts["train"] == counts["eval"] == "auto"
    side.views["unlabelled"].click()
    assert scored.shown == ["dark academia"]
    side.views["flagged"].click()
    assert scored.page.places.shown == "none"
    assert side.progress.words.text() == "3 of 4 labelled"
    side.views["all"].click()
    scored.at(3, "score")
    scored.type("1")
    scored.key(Qt.Key.Key_Return)
    assert side.views["unlabelled"].count == "0"
    assert side.progress.words.text() == "4 of 4 labelled"


def test_counts_reach_the_status_bar(scored: Bench) -> None:
    with scored.bot.waitSignal(scored.page.counts_changed) as heard:
        scored.context.set_cells([(scored.stored[3].id, "score", "0")])
    assert heard.args == [{"rows": 4, "labelled": 4, "issues": 1}]  # very few rows
    assert scored.page.status_text == "4 examples · 4 labelled · 1 issue"


def test_issues_are_listed_and_filter_the_rows(qtbot, context: Context, tmp_path: Path) -> None:
    rows = [Example((f"anchor {n}", f"positive {n}")) for n in range(12)]
    rows += [Example(("anchor 1", "positive 1")), Example(("half", ""))]
    made = bench(qtbot, context, tmp_path / "p", Format.PAIRS, rows)
    side = made.page.side
    assert side.views["issues"].count == "2"
    made.page.show_issues()
    assert made.shown == ["anchor 1", "half"]
    assert list(side.kinds) == ["empty_cell", "duplicate"]
    assert "stops training" in side.kinds["empty_cell"].accessibleName()
    side.kinds["empty_cell"].click()
    assert made.shown == ["half"]
    explanation = made.page.findChild(QLabel, "label.issue.explanation")
    assert explanation is not None and "Fill the cells" in explanation.text()
    made.bot.waitUntil(lambda: made.page.details.shown_id == made.stored[13].id)
    assert made.page.details.findChild(QWidget, "label.details.issue.empty_cell") is not None
    made.at(0, "positive")
    made.type("whole")
    made.key(Qt.Key.Key_Return)
    made.bot.waitUntil(lambda: side.views["issues"].count == "1")
    made.settle()
    assert side.kind == "" and made.shown == ["anchor 1"]


def test_what_most_rows_share_is_one_finding(qtbot, context: Context, tmp_path: Path) -> None:
    rows = [Example((f"“sentence {n}” by A", f"sentence {n}”")) for n in range(30)] + [Example(("half", ""))]
    made = bench(qtbot, context, tmp_path / "p", Format.PAIRS, rows)
    side = made.page.side
    assert side.views["issues"].count == "2"
    made.page.show_issues()
    assert made.shown == ["half"]
    side.kinds["anchor_contains_positive"].click()
    assert len(made.shown) == 30


def test_an_issue_of_a_removed_row_goes(pairs: Bench) -> None:
    pairs.context.add_examples([Example(("shade plants", "Hosta,  FULL shade"))])
    pairs.bot.waitUntil(lambda: "duplicate" in pairs.page.side.kinds)
    pairs.context.undo()
    pairs.bot.waitUntil(lambda: "duplicate" not in pairs.page.side.kinds)


def test_details_show_and_edit_the_example(scored: Bench) -> None:
    details = scored.page.details
    scored.at(1, "text_a")
    scored.bot.waitUntil(lambda: details.title.text() == "Example 2")
    field = details.fields["text_b"]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "cotton dress")
    QTest.keyClick(field, Qt.Key.Key_Return, CTRL)
    assert scored.stored[1].texts[1] == "cotton dress"
    assert details.score is not None
    dict(details.score.buttons)[1.0].click()
    assert scored.stored[1].score == 1.0
    details.note.setFocus()
    QTest.keyClicks(details.note, "ask Ruth")
    scored.page.table.setFocus()
    assert scored.stored[1].note == "ask Ruth"
    details.flag.click()
    assert scored.stored[1].flag
    assert scored.page.table.currentIndex().row() == 1


def test_details_keep_what_is_typed_for_the_row_it_was_typed_into(scored: Bench) -> None:
    scored.at(0, "text_a")
    scored.bot.waitUntil(lambda: scored.page.details.title.text() == "Example 1")
    field = scored.page.details.fields["text_a"]
    field.setFocus()
    field.setPlainText("typed")
    scored.page.table.go_to(2, 1)
    scored.bot.waitUntil(lambda: scored.page.details.title.text() == "Example 3")
    assert scored.stored[0].texts[0] == "typed" and scored.stored[2].texts[0] == "futuristic"


def test_a_score_pressed_again_is_taken_away(scored: Bench) -> None:
    scored.at(0, "text_a")
    scored.bot.waitUntil(lambda: scored.page.details.title.text() == "Example 1")
    assert scored.page.details.score is not None
    one = dict(scored.page.details.score.buttons)[1.0]
    assert one.isChecked()
    one.click()
    assert scored.stored[0].score is None and not one.isChecked()


def test_a_wrong_score_in_the_details_is_not_kept(scored: Bench) -> None:
    scored.at(0, "text_a")
    scored.bot.waitUntil(lambda: scored.page.details.title.text() == "Example 1")
    field = scored.page.details.score
    assert field is not None
    field.edit.setFocus()
    field.edit.setText("7")
    scored.page.table.setFocus()
    assert "outside 0 to 1" in field.wrong.text()
    assert scored.stored[0].score == 1.0


def test_several_rows_together(pairs: Bench) -> None:
    pairs.select_rows(0, 1, 2)
    pairs.bot.waitUntil(lambda: pairs.page.details.count.text() == "3 examples selected")
    pairs.page.details.flag_all.click()
    assert [row.flag for row in pairs.stored] == [True, True, True, True, False]
    assert pairs.page.table.selected().count == 3
    pairs.page.details.delete_all.click()
    assert len(pairs.stored) == 2


def test_read_only_shows_everything_and_edits_nothing(qtbot, context: Context, tmp_path: Path) -> None:
    made = bench(qtbot, context, tmp_path / "p", Format.PAIRS, PAIRS, write=False)
    assert made.page.read_only.isVisible() and len(made.shown) == 5
    made.at(0, "anchor")
    made.type("x")
    made.key(Qt.Key.Key_F2)
    assert made.focus() is made.page.table
    made.key(Qt.Key.Key_Delete)
    made.page.commands.paste()
    made.page.commands.add()
    assert [row.texts for row in made.stored] == [row.texts for row in PAIRS]
    assert not made.page.toolbar.add.isEnabled() and made.page.toolbar.export.isEnabled()
    assert "read-only" in made.messages[0]
    assert all(field.isReadOnly() for field in made.page.details.fields.values())


def test_an_empty_dataset_says_what_to_do(qtbot, context: Context, tmp_path: Path) -> None:
    made = bench(qtbot, context, tmp_path / "p", Format.TRIPLETS, [])
    assert made.page.places.shown == "no_rows"
    assert made.page.side.views["issues"].count == "0"
    made.page.places.empty["no_rows"].state.button.click()
    assert made.page.places.shown == "table"
    made.type("first")
    made.key(Qt.Key.Key_Return)
    assert made.stored[0].texts == ("first", "", "")


def test_no_dataset_offers_one(qtbot, context: Context, tmp_path: Path) -> None:
    context.adopt(Project.create(tmp_path / "p", "Empty"))
    page = LabelPage(context)
    qtbot.addWidget(page)
    assert page.places.shown == "no_dataset"
    with qtbot.waitSignal(page.import_requested):
        page.places.empty["no_dataset"].state.button.click()
    page.create_dataset(Format.SCORED)
    assert context.dataset is not None and context.dataset.format is Format.SCORED
    assert page.places.shown == "no_rows"


def test_another_dataset_starts_afresh(pairs: Bench) -> None:
    pairs.page.toolbar.search.setText("shade")
    pairs.bot.waitUntil(lambda: len(pairs.shown) == 1)
    assert pairs.context.project is not None
    change = pairs.context.edit(
        lambda project: project.create_dataset("Scores", Format.SCORED, examples=SCORED)
    )
    assert change is not None
    pairs.context.choose_dataset(next(iter(change.dataset_ids)))
    assert pairs.shown == [row.texts[0] for row in SCORED]
    assert pairs.page.toolbar.search.text() == ""
    assert pairs.page.details.score is not None


def test_closing_and_changing_the_dataset_keep_what_is_typed(pairs: Bench) -> None:
    folder = pairs.context.folder
    assert folder is not None and pairs.context.project is not None
    change = pairs.context.project.create_dataset("Scores", Format.SCORED, examples=SCORED)
    first, second = pairs.context.dataset_id, next(iter(change.dataset_ids))
    pairs.at(0, "anchor")
    pairs.type("before the change")
    pairs.context.choose_dataset(second)
    pairs.at(0, "text_a")
    pairs.type("before the end")
    pairs.context.release()
    with Reader(folder) as reader:
        assert first is not None
        assert next(iter(reader.rows(first))).texts[0] == "before the change"
        assert next(iter(reader.rows(second))).texts[0] == "before the end"
    assert pairs.messages == []


def test_a_closed_project_leaves_an_empty_page(pairs: Bench) -> None:
    pairs.context.release()
    assert pairs.page.model.rowCount() == 0 and pairs.page.status_text == ""


def test_the_details_hide_when_narrow_and_remember_when_wide(pairs: Bench) -> None:
    page = pairs.page
    assert page.details.isVisible()
    page.resize(940, 600)
    assert not page.details.isVisible()
    page.toggle_details()
    assert page.details.isVisible() and pairs.context.settings.details_visible
    page.resize(1204, 700)
    page.toggle_details()
    assert not page.details.isVisible() and not pairs.context.settings.details_visible


def test_a_hundred_thousand_rows(qtbot, context: Context, tmp_path: Path) -> None:
    rows = [Example((f"anchor {n}", f"positive {n % 977}")) for n in range(100_000)]
    made = bench(qtbot, context, tmp_path / "p", Format.PAIRS, rows)
    page = made.page
    assert page.model.rowCount() == 100_000
    page.table.scrollToBottom()
    assert page.model.index(99_999, 1).data() == "anchor 99999"
    made.key(Qt.Key.Key_A, CTRL)
    assert page.table.selected().count == 100_000 and page.table.selected().rows == ((0, 99_999),)
    made.bot.waitUntil(lambda: page.details.count.text() == "100,000 examples selected")
    page.toolbar.search.setText("anchor 7777")
    qtbot.waitUntil(lambda: page.model.rowCount() == 11, timeout=10_000)
    page.toolbar.search.clear_now()
    qtbot.waitUntil(lambda: page.model.rowCount() == 100_000, timeout=10_000)
    made.at(50_000, "anchor")
    made.type("middle")
    made.key(Qt.Key.Key_Return)
    assert page.model.index(50_000, 1).data() == "middle"
    page.watch.stop()
