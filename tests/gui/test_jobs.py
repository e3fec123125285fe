"""Jobs on threads: what comes back, what must not come back any more, and that nothing outlives the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication

from core.errors import Cancelled, DataProblem
from gui.widgets.statusbar import StatusBar
from gui.workers.job import Job, Jobs, left_behind


@pytest.fixture
def jobs(qapp) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()
    QApplication.processEvents()


class Heard:
    """The callbacks of one job, and whether each came in the window's thread."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.threads: set[bool] = set()

    def _note(self, kind: str, value: Any) -> None:
        self.told.append((kind, value))
        self.threads.add(QThread.currentThread() is QApplication.instance().thread())

    def all(self) -> dict[str, Any]:
        return {
            "on_done": lambda value: self._note("done", value),
            "on_error": lambda error: self._note("error", error),
            "on_progress": lambda done, total: self._note("progress", (done, total)),
            "on_partial": lambda value: self._note("part", value),
        }

    def of(self, kind: str) -> list[Any]:
        return [value for told, value in self.told if told == kind]


def ended(qtbot, jobs: Jobs) -> None:
    qtbot.waitUntil(lambda: not jobs.running, timeout=20_000)
    QApplication.processEvents()


def test_the_result_comes_back_in_the_windows_thread(qtbot, jobs: Jobs) -> None:
    heard = Heard()
    threads = []

    def work(job: Job) -> str:
        threads.append(QThread.currentThread())
        job.partial.emit("half")
        return "whole"

    jobs.start("Work", work, **heard.all())
    ended(qtbot, jobs)
    assert heard.told == [("part", "half"), ("done", "whole")]
    assert heard.threads == {True} and threads[0] is not QApplication.instance().thread()


@pytest.mark.parametrize("error", [DataProblem("Too few."), Cancelled(), KeyError("x"), SystemExit(3)])
def test_every_error_comes_back(qtbot, jobs: Jobs, error: BaseException) -> None:
    heard = Heard()

    def work(_job: Job) -> None:
        raise error

    jobs.start("Work", work, **heard.all())
    ended(qtbot, jobs)
    assert heard.told == [("error", error)] and heard.threads == {True}


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_is_delivered_after_a_cancellation(qtbot, jobs: Jobs, fails: bool) -> None:
    heard, begun, go = Heard(), threading.Event(), threading.Event()
    interrupted = []

    def work(job: Job) -> str:
        begun.set()
        go.wait(20)
        job.report(1, 2)
        job.partial.emit("late")
        if fails:
            raise DataProblem("late")
        return "late"

    job = jobs.start("Work", work, **heard.all())
    job.on_cancel(lambda: interrupted.append(True))
    assert begun.wait(20) and not job.stopped()
    job.cancel()
    go.set()
    ended(qtbot, jobs)
    assert heard.told == [] and interrupted == [True]


def test_a_result_that_is_on_its_way_is_not_delivered_either(qtbot, jobs: Jobs) -> None:
    heard = Heard()
    job = jobs.start("Work", lambda _job: "late", **heard.all())
    assert job.wait(20_000)  # the thread is over, its signal lies in the queue
    job.cancel()
    ended(qtbot, jobs)
    assert heard.told == []


def test_closing_cancels_and_waits(qtbot, jobs: Jobs) -> None:
    finished = []

    def work(job: Job) -> None:
        while not job.stopped():
            QThread.msleep(1)
        finished.append(True)

    running = [jobs.start("", work, lasting=lasting) for lasting in (False, True)]
    jobs.close()
    assert finished == [True, True] and not any(job.isRunning() for job in running)


def test_closing_leaves_behind_what_does_not_hear(qtbot, jobs: Jobs) -> None:
    go = threading.Event()
    deaf = jobs.start("Deaf", lambda _job: go.wait(20))
    jobs.close(20)
    assert deaf.isRunning() and left_behind()
    go.set()
    qtbot.waitUntil(lambda: not left_behind())


def test_nothing_starts_once_closed(qtbot, jobs: Jobs) -> None:
    heard = Heard()
    jobs.close()
    job = jobs.start("Work", lambda _job: "late", **heard.all())
    QApplication.processEvents()
    assert job.stopped() and not job.isRunning() and heard.told == []


def test_a_projects_jobs_end_with_it_but_lasting_ones_go_on(qtbot, jobs: Jobs) -> None:
    heard, go = Heard(), threading.Event()

    def work(_job: Job) -> str:
        go.wait(20)
        return "kept"

    lasting = jobs.start("", work, lasting=True, **heard.all())
    other = jobs.start("", work, **heard.all())
    jobs.cancel_all()
    assert other.stopped() and not lasting.stopped()
    go.set()
    ended(qtbot, jobs)
    assert heard.told == [("done", "kept")]


@pytest.mark.parametrize(("total", "delivered"), [(1000, 2), (0, 1)])
def test_progress_is_throttled(qtbot, jobs: Jobs, monkeypatch, total: int, delivered: int) -> None:
    monkeypatch.setattr(Job, "_SECONDS_BETWEEN_REPORTS", 3600.0)
    heard = Heard()

    def work(job: Job) -> None:
        for done in range(1, 1001):
            job.report(done, total)

    jobs.start("Work", work, **heard.all())
    ended(qtbot, jobs)
    told = heard.of("progress")
    # The first, and the end, which must never be missing; an unknown total has no end.
    assert len(told) == delivered and told[0] == (1, total)
    assert told[-1] == ((1000, 1000) if total else (1, 0))


def test_many_jobs_leave_nothing(qtbot, jobs: Jobs) -> None:
    heard = Heard()
    for number in range(50):
        jobs.start(f"Job {number}", lambda _job, number=number: number, **heard.all())
    ended(qtbot, jobs)
    assert sorted(heard.of("done")) == list(range(50))
    qtbot.waitUntil(lambda: jobs._ended == [])


def test_the_status_bar_shows_the_newest_job_and_cancels_it(qtbot, jobs: Jobs) -> None:
    bar = StatusBar(jobs)
    qtbot.addWidget(bar)
    bar.show()
    go = threading.Event()
    reported = []

    def work(job: Job) -> None:
        job.report(1, 4)
        reported.append(job)
        while not (go.is_set() or job.stopped()):
            QThread.msleep(1)

    assert not bar.work.isVisible()
    jobs.start("", work)
    QApplication.processEvents()
    assert not bar.work.isVisible()  # quiet work
    first = jobs.start("Reading <b>a</b>", work)
    second = jobs.start("Saving b", lambda job: (job.report(3, 4), work(job)))
    qtbot.waitUntil(lambda: len(reported) == 3)
    QApplication.processEvents()
    assert bar.work.text() == "Saving b"
    second.done, second.total = 3, 4
    first.progressed.emit(1, 4)  # the one that is not shown tells something
    QApplication.processEvents()
    assert bar.bar.value() == 750
    bar.cancel.click()
    assert second.stopped() and not first.stopped()
    assert bar.work.text() == "Reading <b>a</b>"
    go.set()
    ended(qtbot, jobs)
    assert not bar.work.isVisible() and not bar.cancel.isVisible()
