"""Beside the hold-out: watched pairs that move, the hold-out in parts, and what comes before the first step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QLineEdit, QPushButton

from core.project.probes import Probe, put
from core.training.events import CrossValidationEvent, ProbesEvent, ProgressEvent
from tests.gui.test_train_page import BASE, HOSTILE, RECIPE, Feed, evaluation, line, step
from tests.gui.test_train_page import feed as feed
from tests.gui.window_support import child, click, quiet


def cells(table) -> list[list[str]]:  # type: ignore[no-untyped-def]
    return [[table.item(row, column).text() for column in range(3)] for row in range(table.rowCount())]


def watch(feed: Feed, first: str, second: str, wish: int = 0) -> None:
    click(child(feed.page, "train.probe_add", QPushButton))
    dialog = child(feed.window, "dialog.probe", QDialog)
    assert not child(dialog, "probe.add").isEnabled()
    child(dialog, "probe.one", QLineEdit).setText(first)
    child(dialog, "probe.another", QLineEdit).setText(second)
    child(dialog, "probe.wish", QComboBox).setCurrentIndex(wish)
    click(child(dialog, "probe.add"))
    quiet(feed.bot, feed.window)


def test_watched_pairs_are_kept_in_the_project_and_move_with_a_run(feed: Feed) -> None:
    feed.begin()
    click(child(feed.page, "train.tab.probes"))
    panel = feed.page.notes.probes
    assert panel.empty.isVisible() and not panel.table.isVisible()
    watch(feed, "<b>soft</b>", "wool cardigan", 1)
    watch(feed, HOSTILE[0], HOSTILE[2], 2)
    project = feed.window.context.project
    pairs = [[probe.text, probe.other] for probe in project.probes()]
    assert pairs[0] == ["<b>soft</b>", "wool cardigan"]
    feed.tell(replace(RECIPE, probes=pairs), BASE, ProbesEvent(0, [0.25, 0.5]), step(1, 0.8))
    assert [row[1:] for row in cells(panel.table)] == [["0.25", "0.25"], ["0.50", "0.50"]]
    feed.tell(step(2, 0.7), ProbesEvent(2, [0.75, -0.125]))
    assert cells(panel.table)[0] == ["<b>soft</b> ↔ wool cardigan", "0.25", "0.75"]
    assert cells(panel.table)[1][2] == "−0.12"
    panel.table.grab()
    panel.table.selectRow(0)
    click(child(feed.page, "train.probe_remove", QPushButton))
    quiet(feed.bot, feed.window)
    assert cells(panel.table)[0][1:] == ["0.50", "−0.12"], "each pair keeps its own figures"
    feed.window.context.undo()
    assert len(cells(panel.table)) == 2


def test_queries_and_orders_move_with_a_run(feed: Feed) -> None:
    feed.begin()
    click(child(feed.page, "train.tab.probes"))
    query = Probe(0, "soft", "", k=2, expected=("wool", HOSTILE[0]))
    for probe in (query, Probe(0, "a", "b", lower=("a", "c"))):
        feed.window.context.edit(lambda project, probe=probe: project.apply(put(probe), "Add probe"))
    quiet(feed.bot, feed.window)
    record = {"text": "soft", "expected": list(query.expected), "unwanted": [], "k": 2}
    recipe = replace(RECIPE, probes=[["a", "b"], ["a", "c"]], probe_queries=[record], probe_texts=9)
    feed.tell(recipe, BASE, ProbesEvent(0, [0.5, 0.25], [[2, 7]]), step(1, 0.8))
    table = feed.page.notes.probes.table
    assert cells(table) == [["soft", "7.", "7."], ["a ↔ b", "+0.25", "+0.25"]]
    feed.tell(step(2, 0.7), ProbesEvent(2, [0.5, 0.75]))
    assert cells(table) == [["soft", "7.", "7."], ["a ↔ b", "+0.25", "−0.25"]]  # nobody ranked this time
    feed.tell(step(3, 0.7), ProbesEvent(3, [0.5, 0.5], [[3, 1]]))
    assert cells(table) == [["soft", "7.", "3."], ["a ↔ b", "+0.25", "0.00"]]
    table.grab()


def test_the_hold_out_is_shown_in_parts(feed: Feed) -> None:
    feed.begin()
    click(child(feed.page, "train.tab.parts"))
    feed.tell(RECIPE, BASE, step(1, 0.8))
    assert feed.page.notes._no_parts.isVisible()
    groups = [{"name": f"score {n}", "title": "mean similarity", "value": n / 2, "rows": 3} for n in (0, 1)]
    feed.tell(replace(BASE, groups=groups))
    after = [{**group, "value": group["value"] + 0.25} for group in groups]
    feed.tell(replace(evaluation(1, 0.7), groups=after))
    assert cells(feed.page.notes.parts) == [["score 0 (3)", "0.00", "0.25"], ["score 1 (3)", "0.50", "0.75"]]
    feed.page.notes.parts.grab()


def test_work_before_the_first_step_shows_its_progress_and_what_it_found(feed: Feed) -> None:
    feed.begin()
    feed.tell(RECIPE, ProgressEvent("Cross-validation", 30, 120, "part 2 of 5", 90))
    assert feed.page.status.text() == "Cross-validation · 25 % · part 2 of 5 · 1 min 30 s left"
    points = [
        {
            "epoch": epoch,
            "blend": blend,
            "value": 0.5 + epoch / 20 + blend / 100,
            "chosen": (epoch, blend) == (2, 0.5),
        }
        for epoch in (1, 2, 3)
        for blend in (0.5, 1.0)
    ]
    feed.tell(CrossValidationEvent("m", "Out-of-fold accuracy", 80, 5, 0.5, points))
    card = feed.page.holdout
    assert card.base.text() == "base 0.500 · 80 rows in 5 parts · chosen: 2 epochs, 0.5 of the way"
    assert line(card.plot._curve)[0] == [0, 1, 2, 3]
    feed.tell(step(1, 0.5))
    assert feed.page.status.text().startswith("8 s left · step 1 of 20")


def test_the_loss_has_a_line_for_each_kind_of_score(feed: Feed) -> None:
    feed.begin()
    feed.tell(RECIPE, BASE, *(step(n, 0.5, losses={"high": 0.4, "low": 0.6 - n / 10}) for n in (1, 2, 3)))
    plot = feed.page.loss_plot
    assert plot.part_titles == ["high", "low"]
    assert child(feed.page, "train.part.1", QLabel).text() == "− low"
    feed.page.loss_card.smoothing.setValue(0)
    assert line(plot._parts["low"][1])[1] == pytest.approx([0.5, 0.4, 0.3])
    assert plot.table()[0][-2:] == ["high", "low"] and next(iter(plot.table()[1]))[-1] == 0.5
    feed.page.loss_card.draw("grad_norm")
    assert plot.part_titles == []
    feed.page.loss_card.draw("loss")
    assert plot.part_titles == ["high", "low"]
