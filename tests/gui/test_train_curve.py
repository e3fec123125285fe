"""Would more labels help? The panel asks nothing of the computer until it is told to, and shows what comes in."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton

from core.dataset.formats import Example, Format
from core.errors import Cancelled, TrainingProblem
from core.training import curve_job, curve_record
from core.training.events import LearningCurveEvent, ProgressEvent
from gui.views.train import curve_panel
from gui.views.train.curve_panel import ASK, CurvePanel
from gui.views.train.page import TrainPage
from tests.gui.window_support import child, click, make_project, open_window, quiet, said

ROWS = [Example((f"query {n}", f"product {n}"), score=float(n % 2), raw_score=str(n % 2)) for n in range(60)]


def found(done: bool = False, shares: int = 4, key: str = "") -> LearningCurveEvent:
    points = [
        {
            "share": n / 4,
            "labels": 10 * n,
            "value": 0.5 + n / 20,
            "low": 0.4 + n / 20,
            "high": 0.6 + n / 20,
            "trainings": 3,
        }
        for n in range(1, shares + 1)
    ]
    words = ("help", "More labels would likely help: <b>so</b>.") if done else ("", "")
    return LearningCurveEvent(
        "Hold-out Spearman",
        40,
        0.45,
        points,
        *words,
        trainings=12 if done else shares,
        total=12,
        done=done,
        key=key,
    )


class Drawing:
    """Stands in for the process: tells what the test says."""

    def __init__(self) -> None:
        self.begun, self.end = threading.Event(), threading.Event()
        self.error: Exception | None = None
        self.result = found(done=True)

    def __call__(self, job, folder, dataset_id, threads) -> LearningCurveEvent:
        self.folder, self.dataset_id = folder, dataset_id
        job.on_cancel(self.end.set)
        job.partial.emit(ProgressEvent("Learning curve", 30, 120, "50 % of the labels", 95.0))
        job.partial.emit(found(shares=2))
        self.begun.set()
        self.end.wait(10)
        if job.stopped():
            raise Cancelled
        if self.error is not None:
            raise self.error
        record = curve_record.Record(curve_job.prepare(folder, dataset_id).record.key)
        record.values = {"100-0-0": [1.0]}
        record.result = replace(self.result, key=record.key)
        record.write(curve_record.place(folder, dataset_id))
        return record.result


class Panel:
    def __init__(self, qtbot, folder: Path) -> None:
        self.bot = qtbot
        self.window = open_window(qtbot, folder)
        self.window.context.training.prepare = lambda: None
        self.window.show_page("train")
        page = self.window.page("train")
        assert isinstance(page, TrainPage)
        self.page = page
        page.stack.setCurrentIndex(1)
        click(child(page, "train.tab.labels"))
        self.panel: CurvePanel = page.notes.curve
        self.quiet()

    def quiet(self) -> None:
        quiet(self.bot, self.window)

    def part(self, name: str, kind: type = QLabel):
        return child(self.panel, f"train.curve_{name}", kind)

    @property
    def cost(self) -> str:
        return self.part("cost").toolTip() or self.panel.cost.text()

    @property
    def ask(self) -> QPushButton:
        return self.part("ask", QPushButton)


@pytest.fixture
def drawing(monkeypatch) -> Drawing:
    made = Drawing()
    monkeypatch.setattr(curve_panel, "draw_curve", made)
    return made


@pytest.fixture
def panel(qtbot, tmp_path, drawing) -> Panel:
    return Panel(qtbot, make_project(tmp_path / "p", rows=ROWS))


def begin(panel: Panel, drawing: Drawing) -> None:
    click(panel.ask)
    assert drawing.begun.wait(5)
    panel.bot.waitUntil(lambda: panel.panel.plot.shown is not None, timeout=5_000)


def test_it_says_what_it_is_and_what_it_costs(panel):
    assert (
        "most recent" not in panel.part("about").text()
        and "measured on the same rows" in panel.part("about").text()
    )
    assert "small trainings" in panel.panel.cost.text() and panel.ask.text() == ASK and panel.ask.isEnabled()
    assert (
        panel.part("progress", QProgressBar).isHidden()
        and not (panel.window.context.folder / "learning-curve").exists()
    )


def test_it_is_drawn_while_it_goes_on_and_then_says_one_sentence(panel, drawing):
    begin(panel, drawing)
    bar = panel.part("progress", QProgressBar)
    assert bar.isVisible() and bar.value() == 250 and "1 min 35 s left" in panel.panel.cost.text()
    assert panel.ask.isHidden() and panel.part("sentence").isHidden()
    assert panel.panel.plot.table()[1][:2] == [[0.0, 0.45, 0.45, 0.45], [10.0, 0.55, 0.45, 0.65]]
    drawing.end.set()
    panel.bot.waitUntil(lambda: bar.isHidden(), timeout=5_000)
    panel.quiet()
    sentence = panel.part("sentence")
    assert sentence.isVisible() and sentence.text() == "More labels would likely help: <b>so</b>."
    assert sentence.property("tone") == "positive" and panel.ask.isHidden()
    assert "12 small trainings in" in panel.panel.cost.text()
    assert len(panel.panel.plot.table()[1]) == 5
    assert "40 labels 0.700" in panel.panel.plot.accessibleDescription()
    panel.panel.plot.grab()
    context = panel.window.context
    context.delete_examples([1])
    panel.quiet()
    assert "changed since" in panel.panel.cost.text() and panel.ask.text() == "Draw it again"
    assert sentence.isVisible(), "the old curve stays until there is a new one"


def test_cancelling_ends_the_process_and_the_panel_is_free(panel, drawing):
    begin(panel, drawing)
    click(panel.part("cancel", QPushButton))
    panel.bot.waitUntil(lambda: panel.ask.isVisible(), timeout=5_000)
    panel.quiet()
    assert drawing.end.is_set() and panel.part("cancel", QPushButton).isHidden()
    assert panel.ask.isEnabled() and not said(panel.window)


def test_an_error_is_said_and_it_can_be_tried_again(panel, drawing, messages):
    drawing.error = TrainingProblem("The base model is gone.", "Choose another.")
    begin(panel, drawing)
    drawing.end.set()
    panel.bot.waitUntil(lambda: panel.ask.isVisible(), timeout=5_000)
    assert "base model is gone" in messages.errors[0].text and panel.ask.isEnabled()


def test_another_dataset_has_a_curve_of_its_own(panel, drawing):
    begin(panel, drawing)
    context = panel.window.context
    context.create_dataset("Other", Format.PAIRS)
    panel.bot.wait(50)
    assert panel.panel.stack.currentIndex() == 0 and panel.part("progress", QProgressBar).isHidden()
    assert not panel.ask.isEnabled()
    drawing.end.set()
    panel.bot.waitUntil(lambda: panel.panel._job is None, timeout=5_000)
    panel.quiet()
    assert panel.panel.stack.currentIndex() == 0, "the curve was that of the first dataset"
    context.choose_dataset(drawing.dataset_id)
    panel.quiet()
    assert panel.part("sentence").isVisible()


def test_too_few_rows_say_so(qtbot, tmp_path):
    panel = Panel(qtbot, make_project(tmp_path / "few"))
    assert "too few" in panel.part("about").text() and not panel.ask.isEnabled()
    assert panel.part("about").property("tone") == "warning" and not said(panel.window)


def test_it_waits_for_a_run(panel):
    training = panel.window.context.training
    training._set("running")
    assert not panel.ask.isEnabled() and "run that is on" in panel.ask.toolTip()
    training._set("idle")
    assert panel.ask.isEnabled()


def test_the_palette_leads_there(panel):
    actions = {action.id: action for action in panel.page.actions_of_page()}
    click(child(panel.page, "train.tab.parts"))
    action = actions["run.learning_curve"]
    assert action.enabled() and action.title == ASK
    action.do()
    assert panel.panel.isVisible()
    panel.page.stack.setCurrentIndex(0)
    assert not action.enabled()
