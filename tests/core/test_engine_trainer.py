"""The trainer's process: events as they happen, every way to end a run, and nothing left behind."""

from __future__ import annotations

import itertools
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import psutil
import pytest

from core.dataset.formats import Example, Format
from core.engine.trainer_client import TrainerProcess, _follow, _trained
from core.errors import Cancelled, ModelProblem, TrainingProblem
from core.paths import ROOT
from core.project import Project
from core.training import checkpoints, runs
from core.training.events import (
    FailedEvent,
    FinishedEvent,
    LearningCurveEvent,
    NoticeEvent,
    RecipeEvent,
    StepEvent,
    as_record,
)
from tests.core import tiny_model

READY_SECONDS = 60
ENDLESS = 10_000  # epochs, the most there may be; minutes of work

posix = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return str(tiny_model.build(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tiny):
    folder = tmp_path_factory.mktemp("projects") / "words"
    with Project.create(folder, "Words") as project:
        examples = [Example((f"word {n}", f"thing {n}"), n % 2, str(n % 2)) for n in range(40)]
        project.create_dataset("words", Format.SCORED, examples=examples)
        project.set_recipe({"base_model": tiny, "batch_size": 8, "epochs": 1})
    return folder


@pytest.fixture(scope="module")
def trainer(tmp_path_factory):
    """Shared, so that the next standby is imported while a test looks at its run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANCHORLAB_HOME", str(tmp_path_factory.mktemp("home")))
        with TrainerProcess(threads=1) as process:
            process.prepare()
            yield process
            assert not process.running


def _alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _gone(pid, seconds):
    deadline = time.monotonic() + seconds
    while _alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Running:
    """An endless run in a thread of its own, past its first step."""

    def __init__(self, trainer, folder):
        self.trainer, self.events, self.outcome = trainer, [], {}
        self._folder, self._stepped = folder, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        def note(event):
            self.events.append(event)
            if isinstance(event, StepEvent):
                self._stepped.set()

        try:
            self.outcome["result"] = self.trainer.run(self._folder, None, {"epochs": ENDLESS}, note)
        except (TrainingProblem, Cancelled) as error:
            self.outcome["error"] = error
        finally:
            self._stepped.set()

    def __enter__(self):
        self._thread.start()
        self._stepped.wait(READY_SECONDS)
        if not self.trainer.running or self.outcome:
            self._thread.join(READY_SECONDS)
            raise AssertionError(f"no step: {self.outcome}")
        return self

    def __exit__(self, *_):
        if self.trainer.running:
            self._thread.join(20)
            self.trainer.kill()
        self._thread.join(10)
        assert not self._thread.is_alive()
        self.run = runs.list_runs(self._folder)[0]


def test_a_standby_waits_without_working(trainer, folder):
    assert trainer.wait_ready(READY_SECONDS) and trainer.ready and not trainer.running
    process = psutil.Process(trainer.pid)
    before = process.cpu_times()
    time.sleep(0.5)
    after = process.cpu_times()
    assert after.user + after.system - before.user - before.system < 0.05
    assert not [file.path for file in process.open_files() if str(folder) in file.path]
    if hasattr(os, "nice"):
        assert process.nice() == min(19, os.nice(0) + 10)
    pid = trainer.pid
    trainer.prepare()
    trainer.stop()
    trainer.discard()
    assert trainer.pid == pid and trainer.ready


@pytest.mark.shared_children
def test_events_arrive_and_are_the_same_as_on_disk(trainer, folder):
    events = []
    finished = trainer.run(folder, None, {"epochs": 2}, events.append)
    assert isinstance(events[0], RecipeEvent) and events[-1] == finished
    run = runs.list_runs(folder)[0]
    assert runs.read_events(run.folder) == events and run.status == "finished"
    steps = [event.step for event in events if isinstance(event, StepEvent)]
    assert steps == list(range(1, events[0].total_steps + 1))
    assert run.spec.threads == 1
    trainer.prepare()


@pytest.mark.shared_children
def test_a_run_that_cannot_start_is_a_typed_error(trainer, folder, tmp_path):
    events = []
    with pytest.raises(ModelProblem, match=str(tmp_path)):
        trainer.run(folder, None, {"base_model": str(tmp_path)}, events.append)
    assert not [event for event in events if isinstance(event, FinishedEvent)]
    trainer.prepare()


@pytest.mark.shared_children
def test_stop_keeps_the_model(trainer, folder):
    with Running(trainer, folder) as running:
        with pytest.raises(TrainingProblem, match="going on already"):
            trainer.run(folder, None, {}, lambda event: None)
        pid = trainer.pid
        trainer.stop()
        before = len(running.events)
    finished = running.outcome["result"]
    assert finished.stopped and running.run.status == "stopped" and running.run.model is not None
    assert len([event for event in running.events[before:] if isinstance(event, StepEvent)]) < 100
    assert not _alive(pid)
    trainer.prepare()


@pytest.mark.shared_children
def test_discard_leaves_no_model(trainer, folder):
    with Running(trainer, folder) as running:
        trainer.discard()
    assert isinstance(running.outcome["error"], Cancelled)
    assert isinstance(running.events[-1], FailedEvent) and running.events[-1].discarded
    assert running.run.model is None
    trainer.prepare()


@posix
@pytest.mark.shared_children
def test_interrupt_does_not_reach_it_and_terminate_means_stop(trainer, folder):
    with Running(trainer, folder) as running:
        os.kill(trainer.pid, signal.SIGINT)
        before = len(running.events)
        time.sleep(0.3)
        assert len(running.events) > before
        os.kill(trainer.pid, signal.SIGTERM)
    assert running.outcome["result"].stopped
    trainer.prepare()


@pytest.mark.shared_children
def test_killed_the_run_is_interrupted_and_complete_so_far(trainer, folder):
    with Running(trainer, folder) as running:
        trainer.kill()
    error = running.outcome["error"]
    assert (
        isinstance(error, TrainingProblem)
        and "ended unexpectedly" in str(error)
        and "interrupted" in str(error)
    )
    assert running.run.status == "interrupted"
    stored = runs.read_events(running.run.folder)
    assert stored[: len(running.events)] == running.events
    trainer.prepare()


class _Told:
    """A trainer that said these messages."""

    def __init__(self, *messages):
        self.child, self.inbox = (
            SimpleNamespace(exit_status=-11, log="Fatal Python error"),
            queue.SimpleQueue(),
        )
        for message in messages:
            self.inbox.put(message)


def test_an_error_in_the_listener_does_not_end_the_run():
    heard = []

    def listener(event):
        heard.append(event)
        raise RuntimeError("a bug in the window")

    finished = {"type": "event", "event": as_record(FinishedEvent("0001-a", "model", {}))}
    trainer = _Told({"type": "event", "event": {"event": "notice", "text": "a"}}, finished, {"type": "done"})
    with pytest.raises(RuntimeError, match="a bug in the window"):
        _follow(trainer, listener, _trained)
    assert len(heard) == 1 and trainer.inbox.empty()


def test_a_crash_is_told_with_the_last_words_and_unknown_events_are_passed_over():
    heard = []
    with pytest.raises(TrainingProblem, match=r"ended unexpectedly \(exit status -11\)") as caught:
        _follow(
            _Told({"type": "event", "event": {"event": "of a newer program"}}, {"type": "ended"}),
            heard.append,
            _trained,
        )
    assert caught.value.details == "Fatal Python error" and not heard


@pytest.mark.shared_children
def test_closing_during_a_run_stops_and_keeps(folder):
    process = TrainerProcess(threads=1)
    with Running(process, folder) as running:
        pid = process.pid
        process.close()
        assert not _alive(pid)
    assert running.run.status == "stopped" and running.run.model is not None
    with pytest.raises(Cancelled):
        process.prepare()


def test_closing_a_standby_in_the_middle_of_its_imports():
    process = TrainerProcess(threads=1)
    process.prepare()
    pid = process.pid
    time.sleep(0.3)
    began = time.monotonic()
    process.close()
    assert time.monotonic() - began < 4 and not _alive(pid)


@posix
def test_when_the_window_dies_the_run_stops_and_is_kept(folder):
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from core.engine.trainer_client import TrainerProcess\n"
        "process = TrainerProcess(threads=1)\n"
        "other = TrainerProcess(threads=1)\n"
        "other.prepare()\n"
        "def tell(event):\n"
        "    if event.name == 'step' and event.step == 3:\n"
        "        print(process.pid, other.pid, flush=True)\n"
        f"process.run(Path(sys.argv[1]), None, {{'epochs': {ENDLESS}}}, tell)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=ROOT, stdout=subprocess.PIPE)
    with parent:
        pids = [int(word) for word in parent.stdout.readline().split()]
        alive = [_alive(pid) for pid in pids]
        parent.kill()
    assert alive == [True, True]
    assert _gone(pids[1], 3)
    assert _gone(pids[0], 15)
    run = runs.list_runs(folder)[0]
    assert run.status == "stopped" and run.model is not None


def _until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _said(running, words):
    return any(isinstance(event, NoticeEvent) and words in event.text for event in running.events)


@pytest.mark.shared_children
def test_a_paused_run_waits_without_working_goes_on_and_stops_while_paused(trainer, folder):
    with Running(trainer, folder) as running:
        trainer.pause()
        _until(lambda: _said(running, "is paused"))
        count, process = len(running.events), psutil.Process(trainer.pid)
        before = process.cpu_times()
        time.sleep(0.5)
        after = process.cpu_times()
        assert after.user + after.system - before.user - before.system < 0.1
        assert len(running.events) == count
        assert checkpoints.newest(runs.list_runs(folder)[0].folder) is not None, (
            "killed now, it would go on from here"
        )
        trainer.unpause()
        _until(lambda: len(running.events) > count + 20)
        assert _said(running, "goes on")
        trainer.pause()
        _until(lambda: sum(_paused(event) for event in running.events) == 2)
        trainer.stop()
    finished = running.outcome["result"]
    steps = [event for event in running.events if isinstance(event, StepEvent)]
    assert finished.stopped and finished.steps == len(steps) and running.run.model is not None
    rates = [event.elapsed for event in steps]
    assert max(b - a for a, b in itertools.pairwise(rates)) < 0.45, "waiting is no training time"
    trainer.prepare()


def _paused(event):
    return isinstance(event, NoticeEvent) and "is paused" in event.text


@pytest.mark.shared_children
@pytest.mark.parametrize("end", ["discard", "window gone"])
def test_a_paused_run_hears_discard_and_the_end_of_the_window(trainer, folder, end):
    with Running(trainer, folder) as running:
        trainer.pause()
        _until(lambda: _said(running, "is paused"))
        if end == "discard":
            trainer.discard()
        else:
            trainer._running.child.close_input()
    if end == "discard":
        assert isinstance(running.outcome["error"], Cancelled) and running.run.failed.discarded
    else:
        assert running.outcome["result"].stopped and running.run.model is not None
    trainer.prepare()


@pytest.mark.shared_children
def test_a_killed_run_is_resumed_in_its_folder(trainer, folder):
    with Running(trainer, folder) as running:
        trainer.pause()
        _until(lambda: _said(running, "is paused"))
        trainer.kill()
    assert running.run.status == "interrupted" and running.run.resumable
    at = running.run.steps
    trainer.prepare()
    events = []

    def note(event):
        events.append(event)
        if isinstance(event, StepEvent) and event.step == at + 5:
            trainer.stop()

    finished = trainer.resume(running.run.folder, note)
    assert finished.stopped and runs.read_events(running.run.folder) == events
    steps = [event.step for event in events if isinstance(event, StepEvent)]
    assert steps == list(range(1, finished.steps + 1)) and len(steps) >= at + 5
    assert f"goes on after step {at:,}" in " ".join(getattr(event, "text", "") for event in events)
    trainer.prepare()


@pytest.mark.thorough
def test_a_learning_curve_is_stopped_and_goes_on(trainer, folder):
    events, overrides = [], {"holdout": 0.25, "folds": 0}

    def stop(event):
        events.append(event)
        if isinstance(event, LearningCurveEvent):
            trainer.stop()

    with pytest.raises(Cancelled, match="kept"):
        trainer.learning_curve(folder, None, overrides, stop)
    trained = [event.trainings for event in events if isinstance(event, LearningCurveEvent)]
    assert trained in ([1], [1, 2]) and not trainer.running
    more = []
    found = trainer.learning_curve(folder, None, overrides, more.append)
    curves = [event for event in more if isinstance(event, LearningCurveEvent)]
    assert found.done and curves[0].trainings == trained[-1] + 1 and curves[-1] == found
