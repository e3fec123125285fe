"""Charts: what they draw, against what, and the numbers and pictures that can be taken away."""

from __future__ import annotations

import csv
import io

import pytest
from PySide6.QtGui import QImage

from core.training.events import StepEvent
from core.training.step_table import StepTable
from gui.views.train.loss_card import LossCard


@pytest.fixture
def card(qtbot, context) -> LossCard:
    made = LossCard(context)
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.clear_run(4)
    made.extend(
        [
            StepEvent(n, n / 4, None if n == 3 else 1 / n, n * 1e-5, n * 2.0, elapsed=n / 10)
            for n in range(1, 5)
        ]
    )
    return made


def test_another_quantity_and_another_axis_keep_every_step(card: LossCard) -> None:
    card.draw("learning_rate")
    assert card.title.text() == "Learning rate" and card.value.text() == "4e−5"
    assert list(card.plot.series.smooth) == pytest.approx(
        [1e-5, 2e-5, 3e-5, 4e-5]
    )  # a setting is not smoothed
    card.draw("grad_norm")
    card.plot.show_axis("time")
    assert list(card.plot.series.x) == [0.1, 0.2, 0.3, 0.4] and list(card.plot.series.y) == [2, 4, 6, 8]
    card.extend([StepEvent(5, 1.25, 0.2, 5e-5, 10.0, elapsed=0.5)])  # the run goes on meanwhile
    card.draw("loss")
    card.plot.show_axis("epoch")
    assert card.plot.points == 5 and card.plot.series.x[-1] == 1.25 and card.plot.series.y[-1] == 0.2


def test_smoothing_reaches_what_is_drawn(card: LossCard) -> None:
    card.smoothing.setValue(0)
    assert card.plot.series.smooth[1] == 0.5
    card.smoothing.setValue(90)
    assert card.plot.series.smooth[1] > 0.5


def test_numbers_are_saved_as_the_run_told_them(qtbot, card: LossCard, messages, tmp_path) -> None:
    target = tmp_path / "numbers.csv"
    card.draw("grad_norm")  # what is drawn does not decide what is saved
    card.more.save_numbers(target)
    qtbot.waitUntil(target.exists, timeout=10_000)
    qtbot.waitUntil(lambda: bool(messages), timeout=10_000)
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    assert [row["loss"] for row in rows] == ["1.0", "0.5", "", "0.25"]
    assert [float(row["learning_rate"]) for row in rows] == [n * 1e-5 for n in range(1, 5)]
    assert messages[-1].tone == "positive"


def test_a_picture_is_saved_and_a_refusal_is_told(card: LossCard, messages, tmp_path) -> None:
    card.show()
    card.more.save_picture(tmp_path / "chart.png")
    assert QImage(str(tmp_path / "chart.png")).width() >= 600
    card.more.save_picture(tmp_path / "nowhere" / "chart.png")
    assert "nowhere" in messages.errors[-1].text
    card.hide()


def test_no_more_is_drawn_than_there_are_pixels_for(card: LossCard, qtbot) -> None:
    card.clear_run(100_000)
    card.load(StepTable(StepEvent(n, n / 1000, 1 / n, 1e-5, elapsed=n / 9) for n in range(1, 100_001)))
    with qtbot.waitExposed(card):
        card.show()
    for axis in ("step", "epoch", "time"):
        card.plot.show_axis(axis)
        for low, high in ((0, 1), (0.2, 0.9), (0.5, 0.51)):
            whole = card.plot.series.x[-1]
            card.plot.setXRange(low * whole, high * whole, padding=0)
            for drawn in (card.plot._raw, card.plot._smooth):
                assert 2 <= len(drawn.curve.xData) <= 5 * card.plot.width(), axis
    assert card.plot.points == 100_000 and len(card.plot._raw.getOriginalDataset()[0]) == 100_000
    card.grab()
    card.hide()
