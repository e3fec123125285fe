"""The window's hold on a run: pausing, going on, and every way to end a run that waits. No process is started."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core.errors import Cancelled
from core.training.events import FinishedEvent, RecipeEvent, StepEvent
from gui.workers import training_service
from gui.workers.job import Jobs


class Trainer:
    """Stands in for the trainer's process: hears what it is told, and ends when asked."""

    def __init__(self, threads=0):
        self.heard = []
        self.running = self.ready = False
        self.end = threading.Event()
        self.begun = threading.Event()
        self.begun.set()

    def prepare(self):
        pass

    def run(self, folder, dataset_id, overrides, on_event, *, preset=None, settings=None):
        return self._work(on_event, ("run", folder))

    def resume(self, run_folder, on_event):
        return self._work(on_event, ("resume", run_folder))

    def _work(self, on_event, how):
        self.begun.wait(5)
        self.heard.append(how)
        self.running = True
        on_event(RecipeEvent("0001-a", {}, total_steps=9))
        on_event(StepEvent(1, 0.1, 1.0, 1e-5))
        self.end.wait(5)
        self.running = False
        if "discard" in self.heard:
            raise Cancelled
        return FinishedEvent("0001-a", "model", {}, stopped=True)

    def pause(self):
        self.heard.append("pause")

    def unpause(self):
        self.heard.append("unpause")

    def stop(self):
        self.heard.append("stop")
        self.end.set()

    def discard(self):
        self.heard.append("discard")
        self.end.set()

    def close(self):
        self.end.set()


@pytest.fixture
def service(qapp, monkeypatch):
    monkeypatch.setattr(training_service, "TrainerProcess", Trainer)
    jobs = Jobs()
    service = training_service.TrainingService(jobs)
    service.states = []
    service.state_changed.connect(lambda: service.states.append(service.state))
    yield service
    service.close()
    jobs.close()


def begin(qtbot, service):
    service.start(Path("project"), 1, {})
    qtbot.waitUntil(lambda: service.state == "running", timeout=5000)


def test_pause_and_resume(qtbot, service):
    begin(qtbot, service)
    service.resume()
    service.pause()
    service.pause()
    assert service.state == "paused" and service.active
    qtbot.wait(100)
    assert service.state == "paused", "what was still on its way does not end the pause"
    service.resume()
    assert service.state == "running"
    service.stop()
    qtbot.waitUntil(lambda: service.state == "idle", timeout=5000)
    assert service._trainer.heard[1:] == ["pause", "unpause", "stop"]
    assert service.states == ["starting", "running", "paused", "running", "stopping", "idle"]


@pytest.mark.parametrize(("end", "signal"), [("stop", "finished"), ("discard", "failed")])
def test_a_paused_run_can_be_ended(qtbot, service, end, signal):
    begin(qtbot, service)
    service.pause()
    with qtbot.waitSignal(getattr(service, signal), timeout=5000):
        getattr(service, end)()
    assert service._trainer.heard[1:] == ["pause", end] and service.state == "idle"
    service.pause()
    service.resume()
    assert service.state == "idle" and len(service._trainer.heard) == 3


def test_a_pause_before_the_run_has_begun_is_heard_once_it_has(qtbot, service):
    service._trainer.begun.clear()
    service.start(Path("project"), 1, {})
    service.pause()
    assert service.state == "paused" and service._trainer.heard == []
    service._trainer.begun.set()
    qtbot.waitUntil(lambda: service._trainer.heard == [("run", Path("project")), "pause"], timeout=5000)
    assert service.state == "paused"
    service.resume()
    qtbot.waitUntil(lambda: service.state == "running", timeout=5000)


def test_an_interrupted_run_is_continued(qtbot, service):
    service.continue_run(Path("project"), Path("project/runs/0001-a"))
    qtbot.waitUntil(lambda: service.state == "running", timeout=5000)
    assert service._trainer.heard == [("resume", Path("project/runs/0001-a"))]
    assert (service.run_name, service.total_steps, service.last_step.step) == ("0001-a", 9, 1)
    service.continue_run(Path("project"), Path("other"))
    assert len(service._trainer.heard) == 1


def test_a_stop_that_ended_a_search_leaves_the_training_to_be_stopped(qtbot, service):
    begin(qtbot, service)
    service.state = "stopping"
    service._queue.append(RecipeEvent("0001-a", {}, total_steps=4))
    qtbot.waitUntil(lambda: service.state == "running", timeout=5000)
    assert service.total_steps == 4
