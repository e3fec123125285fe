"""The columns "Model" and "Disagreement" and the view "Disagrees" on the label page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format, Scale
from core.errors import EngineProblem
from gui.context import Context
from gui.models import model_scores
from gui.views.label.column_menu import column_menu
from gui.views.label.side import DISAGREES
from tests.gui.fake_engine import FakeEngine, fake_engine
from tests.gui.label_support import Bench, bench
from tests.gui.scores_support import scores_file

COUNT = 60
BAD = 55


def _rows() -> list[Example]:
    """Labels that follow the number; row `BAD` is labelled the other way round."""
    scores = [round(n / (COUNT - 1), 2) for n in range(COUNT)]
    scores[BAD] = 0.0
    return [
        Example((f"text {n}", f"other {n}"), score=score, raw_score=f"{score * 5:g}")
        for n, score in enumerate(scores)
    ]


@pytest.fixture
def engine(context: Context) -> FakeEngine:
    return fake_engine(context)


@pytest.fixture
def scored(qtbot: QtBot, context: Context, engine: FakeEngine, tmp_path: Path) -> Bench:
    return bench(qtbot, context, tmp_path / "project", Format.SCORED, _rows(), scale=Scale(0, 5))


def _answer(made: Bench, folder: Path) -> dict[str, Any]:
    """What a sensible model says about the rows as they are."""
    similarity = {row.id: 0.2 + 0.6 * n / (COUNT - 1) for n, row in enumerate(made.stored)}
    label = {row.id: row.score for row in made.stored if row.score is not None}
    return scores_file(folder, Format.SCORED, similarity, label=label)


def _heads(made: Bench) -> list[str]:
    return [column.title for column in made.page.model.columns]


def _cell(made: Bench, row: int, title: str) -> str:
    return str(made.page.model.index(row, _heads(made).index(title)).data())


def test_nothing_is_scored_before_somebody_asks(scored, engine):
    assert engine.asked == [] and "Model" not in _heads(scored)
    assert scored.page.side.views[DISAGREES].count == ""


def test_the_view_asks_and_shows_the_worst_first(scored, engine, tmp_path):
    page = scored.page
    page.side.choose(DISAGREES)
    assert engine.last.op == "score_rows" and engine.last.params["changed"] is None
    assert engine.last.params["model"] == "base"
    assert page.side.views[DISAGREES].count == "…"
    engine.last.progress(10, COUNT)
    assert "Scoring 10 of 60 rows with" in page.scores.state.words.text()
    assert "Scoring 10 of 60" in page.places.empty["none"].state.sentence.text()
    engine.last.answer(_answer(scored, tmp_path))
    scored.settle()
    assert scored.shown == [f"text {BAD}"]
    assert page.side.views[DISAGREES].count == "1"
    assert "apart on 0 to 5" in page.scores.state.words.text()
    assert float(_cell(scored, 0, "Disagreement")) > 2
    page.side.choose("all")
    scored.settle()
    assert scored.shown[0] == "text 0" and len(scored.shown) == COUNT
    assert abs(float(_cell(scored, 20, "Model")) - 5 * 20 / (COUNT - 1)) < 0.6


def test_the_columns_sort(scored, engine, tmp_path):
    scored.page.scores.show()
    engine.last.answer(_answer(scored, tmp_path))
    scored.page.rows.sort_by(*scored.page.scores.worst_first)
    scored.settle()
    assert scored.shown[0] == f"text {BAD}"


def test_an_edit_scores_only_that_row_again(scored, engine, tmp_path, qtbot):
    scored.page.scores.show()
    engine.last.answer(_answer(scored, tmp_path))
    bad = scored.stored[BAD].id
    count = len(engine.asked)
    scored.context.set_cells([(bad, "score", "4.7")])
    assert scored.page.scores.scores.stale(bad)
    assert scored.page.scores.columns[1].value(bad).tone == "secondary"
    qtbot.waitUntil(lambda: len(engine.asked) > count)
    assert engine.last.params["changed"] == [bad]
    other = scored.stored[0].id
    scored.context.set_cells([(other, "score", "0.5")])  # while the engine is at work
    engine.last.answer(_answer(scored, tmp_path))
    assert not scored.page.scores.scores.stale(bad) and scored.page.scores.scores.stale(other)
    assert scored.page.side.views[DISAGREES].count == "0"
    qtbot.waitUntil(lambda: engine.last.params["changed"] == [other])


def test_a_row_that_was_put_right_stays_in_the_view(scored, engine, tmp_path, qtbot):
    scored.page.side.choose(DISAGREES)
    engine.last.answer(_answer(scored, tmp_path))
    scored.settle()
    scored.context.set_cells([(scored.stored[BAD].id, "score", "4.7")])
    qtbot.waitUntil(lambda: len(engine.asked) > 1)
    engine.last.answer(_answer(scored, tmp_path))
    scored.settle()
    assert scored.shown == [f"text {BAD}"] and scored.page.side.views[DISAGREES].count == "0"


def test_another_model_starts_anew(scored, engine, tmp_path):
    scored.page.scores.show()
    engine.last.answer(_answer(scored, tmp_path))
    scored.context.choose_run("0007-warm")
    assert engine.last.params["model"] == "0007-warm" and engine.last.params["changed"] is None
    assert scored.page.scores.scores.state == "scoring"
    assert "run 7" in scored.page.scores.state.words.text()
    assert _cell(scored, 0, "Model") == ""


def test_the_base_model_can_be_asked_although_a_run_is_chosen(scored, engine, tmp_path):
    scored.context.choose_run("0007-warm")
    scored.page.side.choose(DISAGREES)
    assert engine.last.params["model"] == "0007-warm"
    engine.last.answer(_answer(scored, tmp_path))
    state = scored.page.scores.state
    assert "run 7 was trained on" in state.words.text() and state.model.text() == "Ask the base model"
    state.model.click()
    assert engine.last.params["model"] == "base"
    engine.last.answer(_answer(scored, tmp_path))
    assert state.model.text() == "Ask run 7" and "trained on" not in state.words.text()
    count = len(engine.asked)
    scored.context.choose_run("0008-warmer")
    assert len(engine.asked) == count


def test_a_failure_is_said_and_tried_again(scored, engine, messages):
    scored.page.side.choose(DISAGREES)
    engine.last.fail(EngineProblem("The engine could not do this.", "Try again."))
    assert scored.page.scores.scores.state == "failed"
    assert [told.text for told in messages] == ["The engine could not do this."]
    scored.page.scores.state.again.click()
    assert len(engine.asked) == 2 and scored.page.scores.scores.state == "scoring"


def test_stopping_hides_everything(scored, engine, tmp_path):
    scored.page.side.choose(DISAGREES)
    job = engine.last
    scored.page.scores.state.stop.click()
    scored.settle()
    assert job.stopped() and scored.page.side.view == "all" and len(scored.shown) == COUNT
    assert "Model" not in _heads(scored) and not scored.context.settings.model_scores


def test_cancelled_in_the_status_bar(scored, engine):
    scored.page.scores.show()
    engine.last.cancel()
    assert scored.page.scores.scores.state == "off"


def test_a_large_dataset_waits_for_a_person(scored, engine, monkeypatch):
    scored.context.settings.model_scores = True
    scored.context.dataset_changed.emit()
    assert len(engine.asked) == 1
    monkeypatch.setattr(model_scores, "BY_ITSELF", COUNT - 1)
    scored.context.dataset_changed.emit()
    assert len(engine.asked) == 1 and scored.page.scores.scores.state == "off"
    scored.page.side.choose(DISAGREES)
    assert len(engine.asked) == 2


def test_another_model_does_not_score_a_large_dataset_by_itself(scored, engine, tmp_path, monkeypatch):
    scored.page.side.choose(DISAGREES)
    engine.last.answer(_answer(scored, tmp_path))
    monkeypatch.setattr(model_scores, "BY_ITSELF", COUNT - 1)
    scored.context.choose_run("0007-warm")
    assert len(engine.asked) == 1 and "Model" in _heads(scored)
    assert scored.page.scores.state.words.text() == "Run 7 has not scored these 60 rows."
    scored.page.scores.state.again.click()
    assert engine.last.params["model"] == "0007-warm"


def test_the_menu_of_columns_offers_them(scored, engine):
    menu = column_menu(scored.page, scored.page.model, scored.page.columns)
    (offer,) = [act for act in menu.actions() if act.objectName() == "label.column.offer"]
    assert not offer.isChecked()
    offer.trigger()
    assert "Model" in _heads(scored) and engine.last.op == "score_rows"
    menu.close()


def test_triplets_show_their_margin(qtbot, context, engine, tmp_path):
    rows = [Example((f"a {n}", f"p {n}", f"n {n}")) for n in range(4)]
    made = bench(qtbot, context, tmp_path / "project", Format.TRIPLETS, rows)
    made.page.side.choose(DISAGREES)
    ids = [row.id for row in made.stored]
    margin = dict(zip(ids, (0.4, -0.3, 0.1, -0.5), strict=True))
    engine.last.answer(scores_file(tmp_path, Format.TRIPLETS, dict.fromkeys(ids, 0.5), margin=margin))
    made.settle()
    assert made.shown == ["a 3", "a 1"] and "Disagreement" not in _heads(made)
    assert _cell(made, 0, "Margin") == "−0.50"
    assert "nearer to the anchor than its positive" in made.page.scores.state.words.text()
