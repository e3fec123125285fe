"""An older run's curves while another one trains, and the way back; a run whose log is long or does harm."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.training.events import NoticeEvent, StepEvent, as_record
from core.training.runs import EVENTS
from gui.widgets.series import Series, exponential_mean
from tests.gui.run_support import fake_run, write
from tests.gui.test_train_page import BASE, RECIPE, Feed, evaluation, feed, finished, step  # noqa: F401
from tests.gui.window_support import child, click, quiet

OLD = "0001-main"


@pytest.fixture
def older(feed: Feed) -> Feed:  # noqa: F811
    """A window with a finished run 1, in which run 2 trains."""
    folder = feed.window.context.folder
    assert folder is not None
    fake_run(folder, losses=(0.9, 0.5, 0.3))
    feed.begin()
    feed.tell(type(RECIPE)("0002-main", {}, 26, 5, 20, 2.0, "cpu", "CPU", "fp32"), BASE, step(1, 0.8))
    quiet(feed.bot, feed.window)
    return feed


def test_an_older_run_is_shown_while_another_trains_and_the_way_back_is_one_click(older: Feed) -> None:
    window, page = older.window, older.page
    assert page.title.text() == "Run 2" and not page.live_bar.isVisible()
    window.show_run(OLD)
    quiet(older.bot, window)
    assert page.title.text() == "Run 1" and page.loss_plot.points == 3 and page.chip.text() == "finished"
    assert child(page, "train.verdict").text() == f"The verdict of {OLD}."
    assert not page.stop.isVisible() and page.explore.isVisible()
    older.tell(step(2, 0.7), step(3, 0.6), evaluation(3, 0.9))  # the live one goes on and draws nothing here
    assert page.title.text() == "Run 1" and page.loss_plot.points == 3
    assert page.live_bar.words.text() == "This is an older run. Run 2 is training: 15 % done."
    assert page.live_bar.back.text() == "Back to run 2"
    click(page.live_bar.back)
    assert page.title.text() == "Run 2" and page.loss_plot.points == 3 and page.loss_plot.series.y[-1] == 0.6
    assert page.stop.isVisible() and not page.live_bar.isVisible()
    older.tell(step(4, 0.5))
    assert page.loss_plot.points == 4
    older.end(finished())
    assert page.chip.text() == "finished"


def test_the_train_button_and_coming_back_show_the_live_run(older: Feed) -> None:
    window, page = older.window, older.page
    window.show_run(OLD)
    quiet(older.bot, window)
    click(window.topbar.train)
    assert page.title.text() == "Run 2"
    window.show_run(OLD)
    quiet(older.bot, window)
    window.show_page("label")
    window.show_page("train")
    assert page.title.text() == "Run 2"
    older.end(finished())


def test_the_end_of_the_live_run_leaves_the_older_one_alone(older: Feed) -> None:
    page = older.page
    older.window.show_run(OLD)
    quiet(older.bot, older.window)
    older.end(finished())
    assert page.title.text() == "Run 1" and page.loss_plot.points == 3 and not page.live_bar.isVisible()
    older.begin()  # the next one takes the page
    assert page.title.text() == "New run"
    older.end(finished())


def test_a_long_log_is_read_away_from_the_window(older: Feed) -> None:
    folder = older.window.context.folder
    assert folder is not None
    fake_run(folder)  # in the place of the one that trains
    run = fake_run(folder, losses=(), best=None, end="")
    line = json.dumps(as_record(StepEvent(1, 0.5, 0.25, 1e-5)), separators=(",", ":"))
    with (run / EVENTS).open("a") as stream:
        for number in range(1, 60_001):
            stream.write(line.replace('"step":1,', f'"step":{number},') + "\n")
    write(run, [NoticeEvent(f"<b>notice</b> {n}") for n in range(3_000)])
    older.window.show_run(run.name)
    quiet(older.bot, older.window)
    assert older.page.loss_plot.points == 60_000 and older.page.chip.text() == "interrupted"
    assert older.page.journal._lines.count() <= 203
    older.page.loss_card.smoothing.setValue(50)
    assert older.page.loss_plot.series.smooth[-1] == pytest.approx(0.25)
    older.end(finished())


def test_smoothing_by_blocks_is_smoothing_one_by_one() -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=1000)
    values[[0, 5, 6, 400]] = np.nan
    for smoothing in (0.0, 0.3, 0.9, 0.99):
        whole, pieces = Series(), Series()
        whole.extend(np.arange(1000.0), values, smoothing)
        for start, end in ((0, 1), (1, 7), (7, 8), (8, 700), (700, 1000)):
            pieces.extend(np.arange(float(start), end), values[start:end], smoothing)
        mean = weight = 0.0
        expected = []
        for value in values:
            if not np.isnan(value):
                mean, weight = smoothing * mean + (1 - smoothing) * value, smoothing * weight + 1 - smoothing
            expected.append(mean / weight if weight else np.nan)
        assert whole.smooth == pytest.approx(np.array(expected), nan_ok=True)
        assert pieces.smooth == pytest.approx(np.array(expected), nan_ok=True)
        whole.resmooth(0.5)
        assert whole.smoothed[0][0] == 1  # the first value that is no gap
    assert len(exponential_mean(np.array([]), 0.5)) == 0
