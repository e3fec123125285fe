"""Issues in the real window: found, shown, fixed with a preview, called meant, undone; splits made and frozen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.dataset.formats import Example, Format, Scale
from core.dataset.issues import Issue
from core.errors import DataProblem
from core.project.frozen import is_frozen
from gui.main_window import MainWindow
from tests.gui.window_support import (
    child,
    click,
    closed,
    dialog,
    fits,
    last,
    make_project,
    open_window,
    texts,
)

CLEAN = [Example((f"question {n}", f"reply {n}")) for n in range(30)]
DIRTY = [
    *CLEAN,
    Example(("question 3", "REPLY 3")),
    Example(("donâ€™t", "<b>cafÃ©</b>")),
    Example(("half", "")),
]


def settle(qtbot: QtBot, window: MainWindow) -> None:
    page = window.page("label")
    qtbot.waitUntil(
        lambda: (
            not page.watch.busy
            and not page.rows.query.busy
            and not window.context.jobs.running
            and window.context.background.job is None
        ),
        timeout=20_000,
    )


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> MainWindow:
    made = open_window(qtbot, make_project(tmp_path / "p", Format.PAIRS, DIRTY))
    settle(qtbot, made)
    return made


def kinds(window: MainWindow) -> dict[str, str]:
    return {kind: made.count for kind, made in window.page("label").side.kinds.items()}


def choose(qtbot: QtBot, window: MainWindow, kind: str) -> None:
    window.actions_.perform("label.issues")
    settle(qtbot, window)
    click(window.page("label").side.kinds[kind])
    settle(qtbot, window)


def test_a_fix_is_previewed_done_and_undone(qtbot: QtBot, window: MainWindow) -> None:
    page, project = window.page("label"), window.context.project
    window.actions_.perform("label.issues")
    settle(qtbot, window)
    assert kinds(window) == {"empty_cell": "1", "duplicate": "1", "mojibake": "1"}
    assert (
        "1 of them" in page.validation.bar.explanation.text()
        or "One of them" in page.validation.bar.explanation.text()
    )
    choose(qtbot, window, "mojibake")
    assert page.model.rowCount() == 1 and page.validation.bar.title.text() == "1 row has garbled characters"
    before = project.data_hash()
    click(child(window, "label.issues.fix"))
    box = dialog(qtbot, "dialog.fix")
    qtbot.waitUntil(box.go.isEnabled)
    assert box.go.text() == "Repair 1 row" and "2 cells change" in box.summary.text()
    assert box.preview.shown[1] == ["32", "Positive", "<b>cafÃ©</b>", "<b>café</b>"]
    assert project.data_hash() == before
    click(box.go)
    settle(qtbot, window)
    assert closed(box) and texts(project.folder)[31] == ("don’t", "<b>café</b>")
    assert "mojibake" not in kinds(window) and project.undo_label == "Repair 1 row"
    window.context.undo()
    settle(qtbot, window)
    assert project.data_hash() == before and kinds(window)["mojibake"] == "1"


def test_the_preview_is_left_without_a_trace(qtbot: QtBot, window: MainWindow) -> None:
    before = window.context.project.data_hash()
    choose(qtbot, window, "duplicate")
    window.actions_.perform("label.fix")
    box = dialog(qtbot, "dialog.fix")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    settle(qtbot, window)
    assert closed(box) and window.context.project.data_hash() == before


def test_what_is_meant_is_no_longer_listed_until_it_is_listed_again(qtbot: QtBot, window: MainWindow) -> None:
    page = window.page("label")
    choose(qtbot, window, "duplicate")
    child(window, "label.issues.meant_kind", QAction).trigger()
    settle(qtbot, window)
    assert "duplicate" not in kinds(window) and page.side.kind == ""
    window.context.undo()
    settle(qtbot, window)
    assert kinds(window)["duplicate"] == "1"
    choose(qtbot, window, "duplicate")
    page.table.select_rows([0])
    child(window, "label.issues.meant_rows", QAction).trigger()
    settle(qtbot, window)
    assert "duplicate" not in kinds(window)
    assert child(window, "label.issues.again").text() == "Meant: 1"
    child(window, "label.issues.again.duplicate", QAction).trigger()
    settle(qtbot, window)
    assert kinds(window)["duplicate"] == "1"
    choose(qtbot, window, "empty_cell")
    assert not child(window, "label.issues.meant").isVisible()  # what stops a run is never hidden


def test_one_edit_looks_at_one_row(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    page, looked = window.page("label"), []
    from core.dataset.checker import Checker

    add = Checker.add
    monkeypatch.setattr(
        Checker, "add", lambda self, rows: add(self, [looked.append(row.id) or row for row in rows])
    )
    id = page.model.ids[0]
    window.context.set_cells([(id, "positive", "")])
    settle(qtbot, window)
    assert page.side.views["issues"].count == "4" and looked == [id]


def test_an_issue_found_at_train_is_shown_with_its_rows(qtbot: QtBot, window: MainWindow) -> None:
    page = window.page("label")
    empty = page.watch.report.of_kind("empty_cell")
    window.show_page("train")
    window.show_issues(empty)
    settle(qtbot, window)
    assert window.current_page == "label" and page.model.rowCount() == 1
    assert "Training waits" in page.validation.bar.explanation.text()


def test_near_duplicates_are_listed_as_long_as_they_are_there(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, context = window.page("label"), window.context
    ids = list(page.model.ids)
    asked = []

    def ask(op, params, *, on_done, on_progress, **_more):
        asked.append((op, params["model"]))
        on_progress(1, 2)
        assert child(window, "label.near.progress").isVisibleTo(page)
        on_done({"ids": [ids[5], ids[6]], "of": [ids[0], ids[1]], "cut": False})
        return None

    monkeypatch.setattr(context.engine, "ask_in_slices", ask)
    window.actions_.perform("label.near")
    page.validation._near = None
    settle(qtbot, window)
    assert asked == [("near_duplicates", "base")]
    assert page.side.kind == "near_duplicate" and page.model.rowCount() == 2
    assert not child(window, "label.near.progress").isVisibleTo(page)
    context.set_cells([(ids[5], "positive", "something else")])
    settle(qtbot, window)
    assert kinds(window)["near_duplicate"] == "1"
    window.actions_.perform("label.fix")
    box = dialog(qtbot, "dialog.fix")
    qtbot.waitUntil(box.go.isEnabled)
    assert box.preview.shown == [["7", "question 6 · reply 6", "row 2"]]
    click(box.go)
    settle(qtbot, window)
    assert "near_duplicate" not in kinds(window) and len(texts(context.folder)) == 32


def test_splits_are_previewed_made_frozen_and_cleared(
    qtbot: QtBot, window: MainWindow, messages: object
) -> None:
    context = window.context
    info, start = context.dataset, context.project.data_hash()
    click(child(window, "label.splits"))
    box = dialog(qtbot, "dialog.splits")
    qtbot.waitUntil(box.go.isEnabled)
    assert child(box, "splits.shared").text() == "No text stands in two splits."
    box.eval.setValue(20)
    assert child(box, "splits.train").text() == "70 %" and not box.go.isEnabled()
    qtbot.waitUntil(box.go.isEnabled)
    assert child(box, "splits.eval.then").text() == "7"
    click(box.go)
    settle(qtbot, window)
    counts = context.project.counts(info.id)
    assert (counts["train"], counts["eval"], counts["test"]) == (23, 7, 3)
    assert (
        last(window).text.startswith("Splits made: training 23")
        and context.project.undo_label == "Make splits"
    )
    window.actions_.perform("label.splits")
    box = dialog(qtbot, "dialog.splits")
    click(box.freeze)
    assert is_frozen(context.project, info.id) and not box.test.isVisible()
    qtbot.waitUntil(box.go.isEnabled)
    click(box.clear)
    settle(qtbot, window)
    counts = context.project.counts(info.id)
    assert (counts["train"], counts["eval"], counts["test"]) == (0, 0, 3)
    frozen = next(row for row in context.project.rows(info.id) if row.split == "test")
    assert context.set_cells([(frozen.id, "anchor", "x")]) is None and "frozen test set" in last(window).text
    with pytest.raises(DataProblem):
        context.project.delete_examples([frozen.id])
    assert window.page("label").side.views["test"].accessibleDescription() == "frozen"
    for _ in range(3):
        context.undo()
    settle(qtbot, window)
    assert context.project.data_hash() == start


def test_words_and_numbers_fit_the_smallest_window(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [Example((f"text {n} here", f"other {n} there"), n / 20, f"{n / 4:g}") for n in range(20)]
    rows += [Example(("a b", "c"), 0.2, "1"), Example(("x y", "z"), 0.5, "2.5")]
    rows += [
        Example(("z", "x y"), 0.5, "2.5"),
        Example(("c", "a b"), 0.8, "4"),
        Example(("z", "X y"), 0.7, "3.5"),
    ]
    window = open_window(qtbot, make_project(tmp_path / "p", Format.SCORED, rows, scale=Scale(0, 5)))
    settle(qtbot, window)
    window.resize(900, 560)
    choose(qtbot, window, "conflict")
    page = window.page("label")
    assert fits(window, 900, 560) and page.validation.bar.title.text() == "2 pairs have conflicting scores"
    assert kinds(window) == {"conflict": "2", "duplicate": "3"}
    numbers = [page.model.example(row).number for row in range(page.model.rowCount())]
    assert numbers == [21, 24, 22, 23, 25]  # those that contradict stand together
    window.actions_.perform("label.fix")
    box = dialog(qtbot, "dialog.fix")
    qtbot.waitUntil(box.go.isEnabled)
    assert [line[3] for line in box.preview.shown] == ["2.5", "2.5", "2.8333", "2.8333", "2.8333"]
    click(child(box, "fix.way.majority"))
    qtbot.waitUntil(lambda: box.go.isEnabled() and len(box.preview.shown) == 2)
    assert "earliest row decides" in box.notes.text()
    box.reject()
    page.watch.take(Issue("repeated_anchor", "1 anchor", "why", (page.model.ids[0],)))
    assert "repeated_anchor" in kinds(window)


def test_a_large_dataset_is_fixed_and_divided_beside_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [Example((f"question {n % 18_000}", f"reply {n % 18_000}")) for n in range(20_500)]
    window = open_window(qtbot, make_project(tmp_path / "p", Format.PAIRS, rows))
    settle(qtbot, window)
    context, page = window.context, window.page("label")
    assert page.watch.report.of_kind("duplicate").count == 2500
    choose(qtbot, window, "duplicate")
    window.actions_.perform("label.fix")
    box = dialog(qtbot, "dialog.fix")
    qtbot.waitUntil(box.go.isEnabled)
    assert child(box, "fix.more").text() == "The first 200 of 2,500 are shown."
    click(box.go)
    settle(qtbot, window)
    assert context.dataset.rows == 18_000 and context.project.undo_label == "Delete 2,500 rows"
    context.undo()
    settle(qtbot, window)
    window.actions_.perform("label.splits")
    box = dialog(qtbot, "dialog.splits")
    qtbot.waitUntil(box.go.isEnabled, timeout=20_000)
    click(box.go)
    settle(qtbot, window)
    counts = context.project.counts(context.dataset.id)
    assert (counts["train"], counts["eval"], counts["test"]) == (16_400, 2050, 2050)
    assert "shared_texts" not in {issue.kind for issue in page.watch.report.issues}
