"""A second pass, another person's copy, ranking: in a real window, by keys."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format, Scale
from core.project import Project, Reader
from gui.views.label.review.big_text import BigText
from tests.gui.review_support import Reviewer, scored
from tests.gui.window_support import child, dialog, make_project, quiet


def judged(count: int) -> list[Example]:
    return [replace(row, score=(n % 6) / 5, raw_score=str(n % 6)) for n, row in enumerate(scored(count))]


def start_second_pass(person: Reviewer, size: int) -> None:
    person.panel.rounds.ask_second_pass()
    box = dialog(person.bot, "dialog.second_pass")
    child(box, "second_pass.size").setValue(size)
    child(box, "second_pass.start").click()
    person.bot.waitUntil(lambda: person.panel.rounds.blind is not None)
    person.back_in_front()


def test_a_blind_sample_hides_the_judgement_and_gives_agreement(qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", Format.SCORED, judged(60), scale=Scale(0, 5))
    person = Reviewer(qtbot, folder)
    with Reader(folder) as reader:
        before = reader.data_hash()
    first = {row.id: row.raw_score for row in person.rows}
    person.page.review.toggle_details()
    assert person.page.assist.isVisible()
    start_second_pass(person, 12)
    assert not person.page.assist.isVisible()  # the details would tell
    order = list(person.panel.deck.ids)
    assert len(order) == 12 and order != sorted(order)
    said = 0
    for n, id in enumerate(order):
        assert person.panel.deck.id == id
        bar = child(person.panel, "review.scale")
        assert bar.value is None
        words = [label.text() for label in person.panel.desk.findChildren(QLabel) if label.isVisible()]
        assert "accepted" not in words
        score = int(first[id])
        if n == 3:
            score = 5 - score
            person.type(str(score))
            person.type("z")  # one key away
            assert person.panel.deck.id == id and bar.value is None
        said += score != int(first[id])
        person.type(str(score))
    page = person.panel.rounds.agreement
    qtbot.waitUntil(page.isVisible)
    assert said == 1 and "11 of 12 judged the same." in page.head.words.text()
    assert [row.raw_score for row in person.rows] == [
        first[row.id] for row in person.rows
    ]  # nothing changed yet
    assert page.list.count() == 1 and page.head.values[0][0].text()
    person.type("3")  # the mean
    assert page.list.count() == 0 and page.places.currentIndex() == 1
    changed = next(row for row in person.rows if row.id == order[3])
    assert changed.score == pytest.approx((int(first[changed.id]) + 5 - int(first[changed.id])) / 10)
    person.type("z")
    assert page.list.count() == 1 and person.rows[0].raw_score == "0"
    person.key(Qt.Key.Key_Escape)
    assert person.panel.places.currentWidget() is person.panel.desk and person.page.assist.isVisible()
    while person.window.context.project.undo_label != "Create Main":
        person.window.context.undo()
    with Reader(folder) as reader:
        assert reader.data_hash() == before
    person.close()


def test_a_second_pass_goes_on_after_a_restart(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [replace(row, status="rejected" if n % 3 else "accepted") for n, row in enumerate(scored(9))]
    folder = make_project(tmp_path / "p", Format.PAIRS, rows)
    person = Reviewer(qtbot, folder)
    start_second_pass(person, 6)
    order = list(person.panel.deck.ids)
    person.type("yn")
    person.key(Qt.Key.Key_Escape)
    assert person.panel.rounds.blind is None and len(person.panel.deck.ids) == 9
    person.close()
    person = Reviewer(qtbot, folder)
    person.panel.rounds.ask_second_pass()
    child(dialog(qtbot, "dialog.second_pass"), "second_pass.resume").click()
    qtbot.waitUntil(lambda: person.panel.rounds.blind is not None)
    assert list(person.panel.deck.ids) == order and person.panel.deck.place == 2
    assert "2 of 6 judged again" in person.panel.header.progress.text()
    person.close()


def test_a_blind_triplet_stands_in_another_order(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [Example((f"a {n}", "good", "bad", "worse"), status="accepted") for n in range(12)]
    person = Reviewer(qtbot, make_project(tmp_path / "p", Format.TRIPLETS, rows, negatives=2))
    start_second_pass(person, 12)
    judge = person.panel.desk.judge
    places = set()
    for _ in range(11):
        shown = [card.text.text() for card in judge.cards[1:]]
        assert sorted(shown) == ["bad", "good", "worse"]
        assert [card.plain.text() for card in judge.cards[1:]] == ["1", "2", "3"]
        assert not any(card.heading.isVisible() for card in judge.cards[1:])
        places.add(shown.index("good"))
        person.type(str(1 + shown.index("good")))
    person.type(str(1 + [card.text.text() for card in judge.cards[1:]].index("bad")))
    assert len(places) > 1
    page = person.panel.rounds.agreement
    qtbot.waitUntil(page.isVisible)
    assert "11 of 12" in page.head.words.text()
    person.close()


def copy_of(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("*.lock"))
    return target


def merge(person: Reviewer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    person.panel.rounds.ask_merge()


def test_another_persons_copy_is_merged_and_settled(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = make_project(
        tmp_path / "mine", Format.SCORED, judged(20)[:10] + scored(12)[10:], scale=Scale(0, 5)
    )
    theirs = copy_of(mine, tmp_path / "Ada")
    with Project.open(theirs) as project:
        ids = project.ids(1)
        project.set_cells([(ids[2], "score", "5"), (ids[3], "score", "0"), (ids[10], "score", "4.5")])
        project.add_examples(1, [Example(("new anchor", "new text"), score=0.2, raw_score="1")])
    person = Reviewer(qtbot, mine)
    with Reader(mine) as reader:
        before = reader.data_hash()
    merge(person, theirs, monkeypatch)
    box = dialog(qtbot, "dialog.merge")
    words = [label.text() for label in box.findChildren(QLabel)]
    assert any("judged differently" in text for text in words) and child(box, "merge.name").text() == "Ada"
    child(box, "merge.merge").click()
    page = person.panel.rounds.agreement
    qtbot.waitUntil(page.isVisible)
    person.back_in_front()
    rows = person.rows
    assert (rows[10].raw_score, rows[12].texts, rows[12].source) == (
        "4.5",
        ("new anchor", "new text"),
        "merged from Ada",
    )
    assert [rows[2].raw_score, rows[3].raw_score] == ["2", "3"] and page.list.count() == 2
    person.type("te")
    assert [row.raw_score for row in person.rows[2:4]] == ["5", "1.5"] and page.list.count() == 0
    person.type("z")
    assert page.list.count() == 1 and person.rows[3].raw_score == "3"
    person.type("z")
    person.key(Qt.Key.Key_Escape)
    person.window.context.undo()  # all that was automatic is one step
    with Reader(mine) as reader:
        assert reader.data_hash() == before
    person.close()


@pytest.mark.parametrize("damage", ["not a project", "newer", "trigger", "values", "other form", "cut"])
def test_a_hostile_copy_changes_nothing(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: list, damage: str
) -> None:
    mine = make_project(tmp_path / "mine", Format.SCORED, judged(6), scale=Scale(0, 5))
    theirs = copy_of(mine, tmp_path / "<b>Eve</b>")
    hurt(theirs, damage)
    person = Reviewer(qtbot, mine)
    with Reader(mine) as reader:
        before = reader.data_hash()
    merge(person, theirs, monkeypatch)
    if damage == "values":
        box = dialog(qtbot, "dialog.merge")
        words = [label.text() for label in box.findChildren(QLabel)]
        assert "rows with values that no row can have: left out" in words
        assert not child(box, "merge.merge").isEnabled()
        box.close()
    else:
        qtbot.waitUntil(lambda: bool(messages))
        quiet(qtbot, person.window)
    with Reader(mine) as reader:
        assert reader.data_hash() == before
    person.close()


def hurt(folder: Path, damage: str) -> None:
    file = folder / "project.db"
    if damage == "not a project":
        file.write_bytes(b"GIF89a" + bytes(100))
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:5000])
    else:
        connection = sqlite3.connect(file)
        connection.execute(
            {
                "newer": "PRAGMA user_version=99",
                "trigger": "CREATE TRIGGER x AFTER INSERT ON meta BEGIN DELETE FROM examples; END",
                "values": "UPDATE examples SET score = 1e300, t0 = x'fffe', status = 'evil'",
                "other form": "UPDATE datasets SET format = 'pairs'",
            }[damage]
        )
        connection.commit()
        connection.close()


def test_the_candidates_of_an_anchor_are_ranked(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [Example(("Tea", f"leaf {n}")) for n in range(4)] + [
        Example((" tea ", "leaf 4")),
        Example(("milk", "cow")),
    ]
    person = Reviewer(qtbot, make_project(tmp_path / "p", Format.SCORED, rows, scale=Scale(0, 5)))
    person.type("r")
    page = person.panel.rounds.ranking
    qtbot.waitUntil(page.isVisible)
    shown = [text.text() for text in page.findChildren(BigText) if text.isVisible()]
    assert shown == ["Tea", "leaf 0", "leaf 1", "leaf 2", "leaf 3", "leaf 4"]
    person.type("3z31=254")
    assert page.ranking.complete
    person.key(Qt.Key.Key_Return)
    assert person.panel.places.currentWidget() is person.panel.desk
    assert [row.raw_score for row in person.rows] == ["3.333", "3.333", "5", "0", "1.667", ""]
    person.type("z")
    assert [row.score for row in person.rows] == [None] * 6
    person.type("r")
    qtbot.waitUntil(page.isVisible)
    person.type("12345t")
    with Reader(person.folder) as reader:
        made = reader.datasets()[1]
        assert made.name == "Main: ranked triplets" and made.rows == 10
        assert next(iter(reader.rows(made.id))).texts == ("Tea", "leaf 0", "leaf 1")
    person.type("z")
    assert len(person.window.context.project.datasets()) == 1
    person.type("uuuuur")
    qtbot.waitUntil(lambda: "no other candidate" in person.last)
    person.close()
