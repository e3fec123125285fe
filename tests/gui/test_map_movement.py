"""Arrows of the map, and the few lines of the card."""

from __future__ import annotations

import numpy as np

from gui.views.explore.map import movement
from gui.widgets.lines import LinesLabel


def test_few_texts_get_an_arrow_each_the_farthest_first() -> None:
    before = np.array([(x, 0.0) for x in range(10)], np.float32)
    after = before.copy()
    after[2] += (0, 3)
    after[5] += (0, 5)
    after[6] += (0, 0.01)
    shown = movement.arrows(before, after)
    assert shown.starts.tolist() == before[[5, 2]].tolist() and shown.ends.tolist() == after[[5, 2]].tolist()
    assert shown.single and movement.told(shown).startswith("Arrows: 2 texts")
    chosen = np.arange(10) == 2
    assert movement.arrows(before, after, chosen).texts == 1
    assert movement.told(movement.arrows(before, before)).startswith("No text moved")
    assert not len(movement.arrows(np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)).counts)


def test_a_place_that_is_no_number_moves_nowhere() -> None:
    before = np.array([(0, 0), (1, 0), (np.nan, 2), (4, np.nan)], np.float32)
    after = before + np.array([(0, 0), (0, 1), (0, 1), (1, 0)], np.float32)
    shown = movement.arrows(before, after)
    assert shown.texts == 1 and shown.starts.tolist() == [[1, 0]]
    assert movement.arrows(before[2:3], after[2:3]).texts == 0


def test_many_texts_become_a_few_flows() -> None:
    random = np.random.default_rng(0)
    before = random.normal(size=(50_000, 2)).astype(np.float32)
    after = before.copy()
    gone = random.choice(50_000, 3_000, replace=False)
    before[gone] = random.normal(-3, 0.02, size=(3_000, 2))
    after[gone] = random.normal(3, 0.02, size=(3_000, 2))
    shown = movement.arrows(before, after)
    assert shown.texts == 3_000 and not shown.single and 1 <= len(shown.counts) <= movement.FLOWS
    assert shown.counts[0] > 500 and (np.diff(shown.counts) <= 0).all()
    assert np.abs(shown.starts[0] - (-3, -3)).max() < 0.1 and np.abs(shown.ends[0] - (3, 3)).max() < 0.1
    assert "3,000 texts went" in movement.told(shown)


def test_a_long_text_ends_after_three_lines(qtbot) -> None:
    card = LinesLabel(200)
    qtbot.addWidget(card)
    card.setText("<b>words</b> " * 200)
    assert len(card.lines()) == 3 and card.lines()[-1].endswith("…") and card.lines()[0].startswith("<b>")
    assert all(card.fontMetrics().horizontalAdvance(line) <= 200 for line in card.lines())
    high = card.height()
    card.setText("x" * 5_000)
    assert len(card.lines()) == 3
    card.setText("one\nline")
    assert card.lines() == ["one line"] and card.height() < high and card.text() == "one\nline"
    card.setText("")
    assert card.lines() == []
    card.grab()
