"""The thread that arranges a map: what it tells, how it fails, that it rests and ends when nobody asks."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from core.engine import map_worker
from core.engine.map_steps import Step
from core.engine.map_worker import Worker
from core.errors import Cancelled


def test_it_tells_the_last_step_with_the_last_picture() -> None:
    told = threading.Event()

    def work(tell, stop) -> str:
        tell(Step("map", 1, 9, np.zeros((1, 2, 2), np.float32)))
        tell(Step("map", 2, 9, np.ones((1, 2, 2), np.float32)))
        tell(Step("quality", 3, 9))
        told.set()
        return "made"

    worker = Worker(work)
    assert told.wait(5)
    step = worker.news(1)
    assert step is not None and (step.stage, step.done) == ("quality", 3)
    assert step.picture is not None and (step.picture == 1).all()
    assert worker.news(1) is None and worker.finished and worker.result == "made"


def test_an_error_reaches_whoever_asks() -> None:
    def work(tell, stop) -> None:
        raise ValueError("odd")

    worker = Worker(work)
    with pytest.raises(ValueError, match="odd"):
        worker.news(5)


def test_it_rests_while_nobody_asks_and_ends_when_nobody_will(monkeypatch) -> None:
    monkeypatch.setattr(map_worker, "PATIENCE", 0.1)
    monkeypatch.setattr(map_worker, "LEASE", 0.6)
    count = [0]

    def work(tell, stop) -> None:
        while True:
            count[0] += 1
            tell(Step("map", count[0], 0))
            time.sleep(0.005)

    worker = Worker(work)
    time.sleep(0.25)
    before = count[0]
    time.sleep(0.1)
    assert count[0] == before, "resting"
    assert 0.2 < worker.unasked < 5
    worker.news(0)
    deadline = time.monotonic() + 5
    while count[0] <= before + 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert count[0] > before + 1, "going on"
    worker._thread.join(5)
    assert not worker._thread.is_alive(), "nobody asked for too long"
    with pytest.raises(Cancelled):
        worker.news(0)


def test_ended_by_hand() -> None:
    started = threading.Event()

    def work(tell, stop) -> None:
        started.set()
        while not stop():
            time.sleep(0.005)
        raise Cancelled

    worker = Worker(work)
    assert started.wait(5) and not worker.finished
    worker.end(wait=5)
    assert not worker._thread.is_alive()
