"""The train page, fed with events as a trainer sends them, and its recipe, changed as a person does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QSlider
from pytestqt.qtbot import QtBot

from core.errors import Cancelled, TrainingProblem
from core.training.events import (
    BaselineEvent,
    EvaluationEvent,
    Event,
    FailedEvent,
    FinishedEvent,
    NoticeEvent,
    RecipeEvent,
    StepEvent,
)
from gui.main_window import MainWindow
from gui.views.train.page import TrainPage
from gui.widgets.series import Series
from tests.gui.run_support import fake_run
from tests.gui.window_support import (
    child,
    click,
    fits,
    in_bar,
    make_project,
    open_window,
    quiet,
    said,
)

RUN = "0001-main"
HOSTILE = [
    "<b>x</b> & <img src=x>",
    "line one\nline two\ttab",
    "word " * 2000,
    "w" * 10_000,
    "{0} %s \\ \x00 \u202e",
]
RECIPE = RecipeEvent(RUN, {}, 26, 5, 20, 2.0, "cpu", "CPU · 2 threads", "fp32")
BASE = BaselineEvent("spearman_cosine", "Hold-out Spearman", 0.5, 5)


def step(number: int, loss: float | None, **more: object) -> StepEvent:
    return StepEvent(number, number / 10, loss, 2e-5, examples_per_second=12.0, seconds_left=8.0, **more)  # type: ignore[arg-type]


def evaluation(number: int, value: float) -> EvaluationEvent:
    return EvaluationEvent(number, 1.0, "spearman_cosine", "Hold-out Spearman", value, 5, best=True)


def finished(verdict: str = "Better than the base model.", *, stopped: bool = False) -> FinishedEvent:
    return FinishedEvent(RUN, "/nowhere", {"verdict": verdict}, 20, stopped, 95.0)


class Feed:
    """A training service that runs nothing: the test says what the trainer tells."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.window = window
        self.service = window.context.training
        page = window.page("train")
        assert isinstance(page, TrainPage)
        self.page = page
        self.bot = qtbot

    def begin(self) -> None:
        service = self.service
        service.project_folder, service.run_name, service.history = self.window.context.folder, "", []
        service.total_steps, service.last_step = 0, None
        service._set("starting")

    def tell(self, *events: Event) -> None:
        self.service._queue.extend(events)
        self.service._flush()

    def end(self, result: FinishedEvent | BaseException) -> None:
        if isinstance(result, FinishedEvent):
            self.tell(result)
            self.service._done(result)
        else:
            self.service._error(result)


@pytest.fixture
def feed(qtbot, tmp_path: Path, monkeypatch) -> Feed:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    monkeypatch.setattr(window.context.training, "prepare", lambda: None)
    window.show_page("train")
    quiet(qtbot, window)
    return Feed(qtbot, window)


def line(curve) -> tuple[list[float], list[float]]:  # type: ignore[no-untyped-def]
    x, y = curve.getOriginalDataset()
    return ([] if x is None else list(x)), ([] if y is None else list(y))


# -- the curves --------------------------------------------------------------------------------------------------


def test_the_first_steps_are_points_and_the_words_follow(feed: Feed) -> None:
    page = feed.page
    assert page.stack.currentWidget() is page.empty
    feed.begin()
    assert page.stack.currentWidget() is not page.empty and page.status.text() == "Starting…"
    assert page.chip.text() == "starting" and page.stop.isVisible() and page.stop.isEnabled()
    feed.tell(RECIPE)
    assert page.title.text() == "Run 1" and page.chip.text() == "training"
    assert "base model" in page.status.text()
    feed.tell(BASE)
    assert page.holdout.name.text() == "Hold-out Spearman"
    assert page.holdout.base.text() == "base 0.500 · 5 rows"
    feed.tell(step(1, 0.8))
    assert page.loss_plot.points == 1 and page.loss_card.value.text() == "0.8000"
    feed.tell(step(2, 0.4), step(3, 0.2))
    assert line(page.loss_plot._raw) == ([1, 2, 3], [0.8, 0.4, 0.2])
    assert page.loss_plot._smooth.opts["symbol"] == "o"  # two steps are a curve too
    assert page.status.text().startswith("8 s left · step 3 of 20 · epoch 0.3 · 12 examples/s")
    assert "8 s left" in page.status.text()
    low, high = page.loss_plot.getPlotItem().vb.viewRange()[0]
    assert low <= 1 and high >= 20  # the axis shows how much is still to come
    feed.end(finished())
    assert page.chip.text() == "finished" and page.status.text() == "20 steps in 1 min 35 s"
    assert child(page, "train.verdict").text() == "Better than the base model."
    assert not page.stop.isVisible() and page.explore.isVisible()
    assert feed.window.topbar.train.text() == "Train"


def test_evaluations_are_drawn_from_the_base_line_on(feed: Feed) -> None:
    page = feed.page
    feed.begin()
    feed.tell(RECIPE, BASE, step(10, 0.3), evaluation(10, 0.61), step(20, 0.2), evaluation(20, 0.42))
    assert line(page.holdout.plot._curve) == ([0, 10, 20], [0.5, 0.61, 0.42])
    x, y = line(page.holdout.plot._base)
    assert y == [0.5, 0.5] and x[0] == 0 and x[-1] >= 20
    assert page.holdout.plot._base.opts["pen"].style() is Qt.PenStyle.DotLine
    assert page.holdout.value.text() == "0.420" and page.holdout.value.property("tone") == "negative"
    feed.tell(evaluation(20, 0.9))
    assert page.holdout.value.property("tone") == "positive"


def test_a_run_without_hold_out_says_what_it_cannot_say(feed: Feed) -> None:
    feed.begin()
    feed.tell(RECIPE, BaselineEvent("", "", None, 0, note="Nothing is held out."))
    assert feed.page.holdout.none.isVisible() and not feed.page.holdout.plot.isVisible()
    feed.begin()
    feed.tell(RECIPE, BASE)
    assert feed.page.holdout.plot.isVisible() and not feed.page.holdout.none.isVisible()


def test_smoothing_is_a_debiased_mean_and_can_be_changed(feed: Feed) -> None:
    page = feed.page
    feed.begin()
    feed.tell(RECIPE, *(step(n, 1.0 if n % 2 else 0.0) for n in range(1, 21)))
    slider = child(page, "train.smoothing", QSlider)
    slider.setValue(0)
    assert line(page.loss_plot._smooth)[1] == line(page.loss_plot._raw)[1]
    slider.setValue(90)
    smooth = line(page.loss_plot._smooth)[1]
    mean = weight = 0.0
    for n in range(1, 21):  # the definition
        mean, weight = 0.9 * mean + 0.1 * (n % 2), 0.9 * weight + 0.1
    assert smooth[-1] == pytest.approx(mean / weight)
    assert feed.window.context.settings.smoothing == pytest.approx(0.9)


def test_losses_that_are_not_finite_are_gaps(feed: Feed) -> None:
    page = feed.page
    feed.begin()
    feed.tell(RECIPE, step(1, None), step(2, 0.5), step(3, None), step(4, 0.25))
    y = np.array(line(page.loss_plot._raw)[1])
    assert np.isnan(y).tolist() == [True, False, True, False]
    assert page.loss_plot.points == 4
    x, smooth = line(page.loss_plot._smooth)
    assert x == [2, 3, 4] and np.isfinite(smooth).all()
    feed.page.grab()  # and it can be painted


def test_only_gaps_so_far(feed: Feed) -> None:
    feed.begin()
    feed.tell(RECIPE, step(1, None), step(2, None))
    assert feed.page.loss_card.value.text() == "–"
    feed.page.grab()
    QApplication.processEvents()
    feed.page.loss_plot.grab()


def test_a_logarithmic_axis_takes_zero_and_gaps(feed: Feed) -> None:
    page = feed.page
    feed.begin()
    feed.tell(RECIPE, step(1, 10.0), step(2, 0.0), step(3, None), step(4, 0.1))
    click(child(page, "train.log"))
    page.grab()
    _x, y = page.loss_plot._raw.getData()
    finite = y[np.isfinite(y)]
    assert finite.tolist() == pytest.approx([1.0, -1.0])
    feed.tell(step(5, 0.0), step(6, 0.01))
    page.grab()
    click(child(page, "train.log"))
    _x, y = page.loss_plot._raw.getData()
    assert np.nanmin(y) == 0.0


def test_a_loss_of_nothing_on_a_logarithmic_axis(feed: Feed) -> None:
    feed.begin()
    feed.tell(RECIPE, step(1, 0.0), step(2, 0.0))
    click(child(feed.page, "train.log"))
    QApplication.processEvents()
    feed.page.loss_plot.grab()
    feed.tell(step(3, 0.0))
    QApplication.processEvents()
    feed.page.loss_plot.grab()


def test_a_long_series_grows_without_losing_points() -> None:
    series = Series()
    for n in range(5000):
        series.append(n, n / 2, 0.5)
    assert series.count == 5000 and series.x[-1] == 4999 and series.y[4000] == 2000


# -- words from outside ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE, ids=["markup", "lines", "words", "one word", "signs"])
def test_hostile_words_are_shown_as_they_are_and_break_nothing(feed: Feed, messages, text: str) -> None:
    window, page = feed.window, feed.page
    window.resize(900, 560)
    feed.begin()
    feed.tell(
        RecipeEvent(RUN, {}, 26, 5, 20, 2.0, "cpu", text, "fp32"),
        BaselineEvent("m", text, 0.5, 5, note=text),
        NoticeEvent(text, "warning"),
        step(1, 0.5),
    )
    feed.end(finished(text))
    QApplication.processEvents()
    assert child(page, "train.verdict").text() == text
    assert text in [label.text() for label in page.findChildren(QLabel)]
    for label in page.findChildren(QLabel):
        if "<b>" in label.text():
            assert label.textFormat() is Qt.TextFormat.PlainText
    assert fits(window, 900, 560)
    feed.begin()
    feed.tell(RECIPE, FailedEvent(RUN, text, text))
    feed.end(TrainingProblem(text, text))
    QApplication.processEvents()
    assert fits(window, 900, 560)
    assert in_bar(window) == text if len(text) < 400 else text.startswith(in_bar(window)[:-1])
    assert window.message_bar.height() < 250
    if len(text) > 400:
        click(window.message_bar.copy)
        assert QApplication.clipboard().text().startswith(text)


# -- ends --------------------------------------------------------------------------------------------------------


def test_stopping_is_told_until_the_end(feed: Feed) -> None:
    page = feed.page
    feed.begin()
    feed.tell(RECIPE, BASE, step(1, 0.5))
    click(page.stop)
    assert page.chip.text() == "stopping" and not page.stop.isEnabled() and not page.discard.isEnabled()
    assert feed.window.topbar.train.text() == "Stopping…"
    feed.tell(step(2, 0.4))
    assert page.chip.text() == "stopping"
    feed.end(finished(stopped=True))
    assert page.chip.text() == "stopped, kept"


def test_a_failed_run_says_why_in_both_places(feed: Feed, messages) -> None:
    feed.begin()
    feed.tell(RECIPE, FailedEvent(RUN, "The loss is not a number.", "Choose a smaller learning rate."))
    feed.end(TrainingProblem("The loss is not a number.", "Choose a smaller learning rate."))
    page = feed.page
    assert page.chip.text() == "failed" and page.status.text() == ""
    assert in_bar(feed.window) == "The loss is not a number."
    words = [label.text() for label in page.journal.findChildren(QLabel)]
    assert sum("The loss is not a number." in text for text in words) == 1


def test_a_run_whose_process_died_is_interrupted(feed: Feed, messages) -> None:
    feed.begin()
    feed.tell(RECIPE, BASE, step(1, 0.5))
    feed.end(TrainingProblem("The training process ended unexpectedly.", "Start again."))
    page = feed.page
    assert page.chip.text() == "interrupted" and page.status.text() == ""
    assert not page.stop.isVisible()
    assert any("ended unexpectedly" in label.text() for label in page.journal.findChildren(QLabel))
    assert page.loss_plot.points == 1  # what there is of the curve stays


def test_a_run_that_never_began_does_not_stay_at_starting(feed: Feed, messages) -> None:
    feed.begin()
    feed.end(TrainingProblem("Main has 1 row to train on."))
    assert feed.page.chip.text() == "failed" and feed.page.status.text() == ""


def test_a_discarded_run_is_no_error(feed: Feed) -> None:
    feed.begin()
    feed.tell(RECIPE, step(1, 0.5), FailedEvent(RUN, "The run was discarded.", discarded=True))
    feed.end(Cancelled())
    assert feed.page.chip.text() == "discarded" and said(feed.window) == []


def test_a_page_opened_in_the_middle_of_a_run_shows_all_of_it(qtbot, tmp_path: Path, monkeypatch) -> None:
    window = open_window(qtbot, make_project(tmp_path / "p"))
    monkeypatch.setattr(window.context.training, "prepare", lambda: None)
    service = window.context.training
    service.project_folder = window.context.folder
    service._set("starting")
    service._queue.extend([RECIPE, BASE, step(1, 0.9), step(2, 0.8)])
    service._flush()
    window.show_page("train")
    feed = Feed(qtbot, window)
    feed.tell(step(3, 0.7))
    assert feed.page.loss_plot.points == 3 and feed.page.holdout.base.text()
    feed.end(finished())
    quiet(qtbot, window)


def test_a_finished_run_elsewhere_is_announced(feed: Feed) -> None:
    feed.window.show_page("label")
    feed.begin()
    feed.tell(RECIPE, step(1, 0.5))
    feed.end(finished("Not distinguishable from the base model."))
    assert in_bar(feed.window) == "The run is finished."
    click(feed.window.message_bar.action)
    assert feed.window.current_page == "explore"
    quiet(feed.bot, feed.window)


def test_another_project_forgets_the_run(feed: Feed, tmp_path: Path) -> None:
    feed.begin()
    feed.tell(RECIPE, step(1, 0.5))
    feed.window.projects.open(make_project(tmp_path / "other"))
    assert "A run is on" in in_bar(feed.window) and feed.window.context.folder == tmp_path / "p"
    feed.end(finished())
    feed.window.projects.open(tmp_path / "other")
    assert feed.window.context.folder == tmp_path / "other"
    feed.window.show_page("train")
    assert feed.page.stack.currentWidget() is feed.page.empty
    quiet(feed.bot, feed.window)


def test_a_run_pauses_and_goes_on(feed: Feed) -> None:
    page, service = feed.page, feed.service
    feed.begin()
    feed.tell(RECIPE, BASE, step(1, 0.8))
    page.pause.click()
    assert service.state == "paused" and page.chip.text() == "paused" and page.pause.text() == "Go on"
    assert page.stop.isEnabled() and feed.window.topbar.train.text() == "Paused"
    page.pause.click()
    assert service.state == "running" and page.pause.text() == "Pause" and page.chip.text() == "training"
    feed.end(Cancelled())
    assert not page.pause.isVisibleTo(page)


def test_the_time_on_the_button_is_that_of_runs_by_the_same_preset(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    fake_run(folder)
    window = open_window(qtbot, folder)
    quiet(qtbot, window)
    button = window.topbar.train
    qtbot.waitUntil(lambda: button._estimate == "≈ 12 s", timeout=5_000)
    window.context.edit(lambda project: project.set_preset("thorough"))
    assert button._estimate == "", "another preset takes another time"
    window.context.undo()
    assert button._estimate == "≈ 12 s"


def test_a_page_opened_at_once_shows_the_latest_run_when_it_is_known(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, window = feed.page, feed.window
    window.show_page("train")
    assert page.stack.currentWidget() is page.empty
    shown = []
    monkeypatch.setattr(page, "show_run", shown.append)
    assert window.context.folder is not None
    (window.context.folder / "runs" / "0003-pairs").mkdir(parents=True)
    window.context.run_name = "0003-pairs"
    window.context.run_chosen.emit()
    assert shown == ["0003-pairs"]


def test_a_run_whose_folder_is_away_is_told_in_plain_words(qtbot, tmp_path: Path, messages) -> None:
    project = make_project(tmp_path / "p")
    run = fake_run(project)
    window = open_window(qtbot, project)
    quiet(qtbot, window)
    run.rename(tmp_path / "away")
    window.show_page("train")
    quiet(qtbot, window)
    assert "no longer in" in in_bar(window) and "inside AnchorLab" not in in_bar(window)
    assert child(window, "train.status").text().startswith("The run is no longer in")
