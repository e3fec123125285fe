"""The tab "Suggest" and what its buttons and keys do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format, Scale
from core.project.corpus import AddTexts
from gui.actions.registry import Actions
from gui.context import Context
from gui.models import prescore
from tests.gui.fake_engine import FakeEngine, fake_engine
from tests.gui.label_support import Bench, bench
from tests.gui.scores_support import scores_file
from tests.gui.window_support import child, click, dialog

COUNT = 40


def _rows() -> list[Example]:
    """Every other row has no score; row 1 has a note already."""
    return [
        Example(
            (f"text {n}", f"other {n}"),
            score=None if n % 2 else round(n / COUNT, 2),
            raw_score="" if n % 2 else f"{5 * n / COUNT:g}",
            note="look here" if n == 1 else "",
            source="words.csv",
        )
        for n in range(COUNT)
    ]


@pytest.fixture
def engine(context: Context) -> FakeEngine:
    return fake_engine(context)


@pytest.fixture
def scored(qtbot: QtBot, context: Context, engine: FakeEngine, tmp_path: Path) -> Bench:
    made = bench(qtbot, context, tmp_path / "project", Format.SCORED, _rows(), scale=Scale(0, 5))
    made.page.scores.show()
    engine.waiting("score_rows").answer(_answer(made, tmp_path))
    made.page.assist.choose("suggest")
    return made


def _answer(made: Bench, folder: Path) -> dict[str, Any]:
    similarity = {row.id: 0.2 + 0.6 * n / COUNT for n, row in enumerate(made.stored)}
    label = {row.id: row.score for row in made.stored if row.score is not None}
    return scores_file(folder, made.page.model.info.format, similarity, label=label)


def _go(made: Bench, row: int) -> None:
    made.at(row, "score")
    made.bot.waitUntil(lambda: not made.page._details_timer.isActive())


def test_the_card_shows_the_suggestion_and_where_it_is_from(scored):
    card = scored.page.suggest.card
    _go(scored, 11)
    assert abs(float(card.figure.text()) - 5 * 11 / COUNT) < 0.2
    assert "on 0 to 5" in card.of.text() and "brought to your scale by 20 labels" in card.words.text()
    _go(scored, 10)
    assert not card.accept.isVisible() and "your 1.25" in card.words.text()


def test_one_key_accepts_and_goes_on(scored):
    _go(scored, 1)
    scored.page.suggesting.accept_current()
    row = scored.stored[1]
    assert row.score is not None and abs(row.score - 1 / COUNT) < 0.05
    assert row.status == "accepted" and row.source == "words.csv"
    assert row.note.splitlines()[0] == "look here" and "Suggested by" in row.note.splitlines()[1]
    assert scored.page.table.currentIndex().row() == 3
    scored.context.undo()
    row = scored.stored[1]
    assert row.score is None and row.status == "" and row.note == "look here"


def test_nothing_is_accepted_in_a_table_that_nobody_sees(scored, messages):
    _go(scored, 1)
    scored.page.table.hide()
    scored.page.suggesting.accept_current()
    assert scored.stored[1].score is None
    assert [told.text for told in messages] == ["Suggestions are for the rows of the table."]


def test_after_the_last_open_row_it_starts_at_the_top(scored):
    _go(scored, COUNT - 1)
    scored.page.suggesting.go_on()
    assert scored.page.table.currentIndex().row() == 1


def test_when_nothing_is_open_it_says_so(scored, messages):
    ids = [row.id for row in scored.stored if row.score is None]
    scored.context.set_cells([(id, "score", "1") for id in ids])
    scored.page.suggesting.go_on()
    assert [told.text for told in messages] == ["Every row of this view is labelled."]


def _dialog(made: Bench) -> Any:
    made.page.suggest.card.all.click()
    return dialog(made.bot, "dialog.prescore")


def test_all_open_rows_after_a_preview_as_one_step(scored):
    before = scored.stored
    box = _dialog(scored)
    assert box.words.text() == "20 rows without a score in the dataset."
    assert sum(box.histogram.bars) == 20 and box.take.text() == "Score 20 rows"
    click(child(box, "prescore.take"))
    after = scored.stored
    for n, row in enumerate(after):
        assert row.score is not None and row.source == "words.csv" and row.status == ""
        assert ("Suggested by" in row.note) == bool(n % 2)
    assert all(abs(row.score - n / COUNT) < 0.06 for n, row in enumerate(after))
    scored.context.undo()
    assert scored.stored == before


def test_only_the_filter_s_rows_and_only_the_surer_half(scored):
    scored.page.toolbar.search.setText("text 1")
    scored.bot.waitUntil(lambda: len(scored.shown) == 11)
    box = _dialog(scored)
    assert box.words.text() == "6 rows without a score in this view."
    click(child(box, "prescore.half"))
    assert box.take.text() == "Score 3 rows"
    click(child(box, "prescore.take"))
    assert sum(row.score is None for row in scored.stored) == 17


def test_pairs_are_suggested_to_accept_or_reject(qtbot, context, engine, tmp_path):
    rows = [Example((f"a {n}", f"b {n}"), status="skipped" if n == 3 else "") for n in range(4)]
    made = bench(qtbot, context, tmp_path / "project", Format.PAIRS, rows)
    made.page.scores.show()
    ids = [row.id for row in made.stored]
    engine.last.answer(
        scores_file(tmp_path, Format.PAIRS, dict(zip(ids, (0.9, 0.05, 0.9, 0.9), strict=True)))
    )
    made.page.assist.choose("suggest")
    made.at(1, "anchor")
    card = made.page.suggest.card
    qtbot.waitUntil(lambda: card.of.text() == "unlikely a pair")
    assert card.accept.accessibleName() == "Reject"
    box = _dialog(made)
    assert "2 to accept, 1 to reject" in box.words.text()
    click(child(box, "prescore.take"))
    assert [row.status for row in made.stored] == ["accepted", "rejected", "accepted", "skipped"]


def test_many_rows_go_to_a_worker(scored, monkeypatch):
    from gui.views.label import suggesting

    monkeypatch.setattr(suggesting, "AT_ONCE", 3)
    click(child(_dialog(scored), "prescore.take"))
    scored.bot.waitUntil(lambda: scored.context.background.job is None)
    assert all(row.score is not None for row in scored.stored)


def test_very_many_rows_are_labelled_in_portions(scored, monkeypatch):
    monkeypatch.setattr(prescore, "MOST", 5)
    monkeypatch.setattr(prescore, "_AT_ONCE", 3)
    box = _dialog(scored)
    assert box.take.text() == "Score 5 rows" and "15 more rows" in child(box, "prescore.more").text()
    click(child(box, "prescore.take"))
    assert sum(row.score is None for row in scored.stored) == 15


def test_the_tab_asks_by_itself_and_opens_a_row(scored, engine):
    asked = engine.waiting("what_next")
    assert asked.params["what"] == "rows" and asked.params["calibration"]["labels"] == 20
    ids = [row.id for row in scored.stored]
    asked.answer(_next_rows(ids[5], ids[9]))
    shown = scored.page.suggest.list.list
    assert [item.title for item in shown.shown.items] == ["text 5", "text 9"]
    assert scored.page.suggest.list.about.text() == "2 of 20 unlabelled"
    shown.setCurrentIndex(shown.shown.index(1, 0))
    shown.setFocus()
    scored.key(Qt.Key.Key_Return)
    scored.settle()
    assert scored.page.table.currentIndex().row() == 9
    scored.context.set_cells([(ids[9], "score", "2")])
    assert [item.title for item in shown.shown.items] == ["text 5"]


def _next_rows(*ids: int) -> dict[str, Any]:
    items = [
        {"id": id, "texts": [f"text {id - 1}", "other"], "model": 0.5, "uncertainty": 1.0, "value": 0.5}
        for id in ids
    ]
    return {"items": items, "of": 20}


def test_all_found_rows_are_selected_together(scored, engine):
    ids = [row.id for row in scored.stored]
    engine.waiting("what_next").answer(_next_rows(ids[5], ids[9], ids[11]))
    scored.page.suggest.list.second.click()
    scored.settle()
    assert scored.page.table.selected().ids().tolist() == [ids[5], ids[9], ids[11]]


def test_a_text_of_the_corpus_becomes_a_row(scored, engine):
    scored.context.project.apply(AddTexts(("a lonely text",), "notes.txt"), "Import")
    click(scored.page.suggest.list.tabs["texts"])
    asked = engine.waiting("what_next")
    assert asked.params["what"] == "texts"
    asked.answer({"items": [{"text": "a lonely text", "value": 0.4}], "of": 1})
    click(scored.page.suggest.list.act)
    scored.settle()
    last = scored.stored[-1]
    assert last.texts == ("a lonely text", "") and last.source == "what to label next"
    assert scored.page.table.currentIndex().row() == COUNT


def test_without_unpaired_texts_a_file_can_be_imported(scored, engine):
    wanted: list[bool] = []
    scored.page.import_requested.connect(lambda: wanted.append(True))
    panel = scored.page.suggest.list
    click(panel.tabs["texts"])
    engine.waiting("what_next").answer({"items": [], "of": 0})
    assert "no unpaired texts" in panel.words.text()
    click(panel.import_)
    assert wanted == [True]


def test_groups_select_their_rows_or_make_new_ones(scored, engine):
    click(scored.page.suggest.list.tabs["groups"])
    ids = [row.id for row in scored.stored]
    group = {"size": 9, "words": ["garden", "rose"], "typical": ["a rose"], "unpaired": ["a rose", "an oak"]}
    engine.waiting("empty_groups").answer(
        {"groups": [{**group, "rows": [ids[1], ids[3]]}], "of": 8, "texts": 90, "labelled": 40}
    )
    panel = scored.page.suggest.list
    assert panel.about.text() == "1 of 8 groups have no label"
    panel.list.setCurrentIndex(panel.list.shown.index(0, 0))
    assert panel.list.item.title == "garden · rose" and panel.second.text() == "Make 2 rows"
    click(panel.act)
    scored.settle()
    assert scored.page.table.selected().ids().tolist() == [ids[1], ids[3]]
    click(panel.second)
    scored.settle()
    assert [row.texts[0] for row in scored.stored[-2:]] == ["a rose", "an oak"]


def test_another_tab_stops_the_search(scored, engine):
    job = engine.waiting("what_next")
    scored.page.assist.choose("details")
    assert job.stopped() and scored.page.suggest.next.found["rows"].state == "off"


def test_before_there_are_scores_a_button_asks_for_them(qtbot, context, engine, tmp_path):
    made = bench(qtbot, context, tmp_path / "project", Format.SCORED, _rows(), scale=Scale(0, 5))
    made.page.assist.choose("suggest")
    card = made.page.suggest.card
    assert not card.accept.isVisible() and not card.all.isVisible()
    click(card.start)
    assert engine.waiting("score_rows") and not card.start.isVisible()


def test_the_actions_are_in_the_palette(scored):
    actions = Actions(scored.page)
    actions.extend(scored.page.actions_of_page())
    keys = {spec.id: spec.shortcut for spec in actions.specs()}
    assert keys["label.suggest.accept"] == "F8" and keys["label.suggest.next"] == "Shift+F8"
    assert actions.enabled("label.suggest.all")


@pytest.mark.parametrize(
    ("score", "scale", "expected"),
    [
        (0.333, Scale(0, 1), "0.33"),
        (0.333, Scale(0, 5), "1.7"),
        (0.333, Scale(0, 100), "33"),
        (0.0, Scale(1, 5), "1"),
        (1.0, Scale(-1, 1), "1"),
    ],
)
def test_scores_are_written_as_a_person_would(score, scale, expected):
    assert prescore.typed(score, scale) == expected
