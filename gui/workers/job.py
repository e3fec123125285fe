"""One task protocol for everything that takes longer than a frame: a function on a thread of its own.

The function gets a `Job` to report progress to and to ask whether it should stop. Its result or its error comes back to the
window's thread as a signal. A job that was cancelled delivers nothing any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QDeadlineTimer, QObject, Qt, QThread, Signal

from core.errors import Cancelled


class Job(QThread):
    """`work(job)` runs on this thread. Use `Jobs.start`, which keeps the thread alive until it ended."""

    progressed = Signal(int, int)  # done, total (0: unknown)
    partial = Signal(object)  # anything the work hands over before it ends
    succeeded = Signal(object)
    failed = Signal(object)  # BaseException

    # Progress is for eyes: more often than this only costs the window time.
    _SECONDS_BETWEEN_REPORTS = 0.05

    def __init__(self, title: str, work: Callable[[Job], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.done = 0
        self.total = 0
        self.lasting = False
        self.started_at = time.monotonic()
        self._work = work
        self._last_report = 0.0
        self._on_cancel: list[Callable[[], None]] = []
        # Our own mark: QThread forgets that it was interrupted as soon as it has ended, while its last signals are on their way.
        self._cancelled = False

    def run(self) -> None:
        try:
            result = self._work(self)
        except Cancelled as error:
            if not self.stopped():
                self.failed.emit(error)
        except BaseException as error:  # noqa: BLE001 - every failure must reach the message funnel
            if not self.stopped():
                self.failed.emit(error)
        else:
            if not self.stopped():
                self.succeeded.emit(result)

    def report(self, done: int, total: int) -> None:
        """Called by the work, from its thread."""
        self.done, self.total = done, total
        now = time.monotonic()
        if 0 < total <= done or now - self._last_report >= self._SECONDS_BETWEEN_REPORTS:
            self._last_report = now
            self.progressed.emit(done, total)

    def stopped(self) -> bool:
        """Whether the work should end; long loops ask every few milliseconds."""
        return self._cancelled

    def on_cancel(self, call: Callable[[], None]) -> None:
        """Have `call` run (in the window's thread) when the job is cancelled, e.g. to interrupt a database query."""
        self._on_cancel.append(call)

    def cancel(self) -> None:
        self._cancelled = True
        self.requestInterruption()
        for call in self._on_cancel:
            call()

    def seconds_left(self) -> float | None:
        """An estimate from the pace so far; None before there is any."""
        spent = time.monotonic() - self.started_at
        if self.total <= 0 or self.done <= 0 or spent < 0.5:
            return None
        return spent * (self.total - self.done) / self.done


class Jobs(QObject):
    """All running jobs: starts them, keeps them referenced, ends them with the window."""

    changed = Signal()
    _bury = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.running: list[Job] = []
        # Ended jobs are let go one turn of the event loop later: not while their own signal is being delivered.
        self._ended: list[Job] = []
        self._closed = False
        self._bury.connect(self._let_go, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        title: str,
        work: Callable[[Job], Any],
        *,
        on_done: Callable[[Any], object] | None = None,
        on_error: Callable[[BaseException], object] | None = None,
        on_progress: Callable[[int, int], object] | None = None,
        on_partial: Callable[[Any], object] | None = None,
        lasting: bool = False,
    ) -> Job:
        """Run `work` on a thread. The callbacks run in the window's thread.

        An empty title keeps the job out of the status bar; a `lasting` job outlives the project it was started in.
        Once the window is closing nothing starts any more: the job comes back cancelled.
        """
        job = Job(title, work)
        job.lasting = lasting
        relay = _Relay(self, job, on_done, on_error, on_progress, on_partial)
        job.succeeded.connect(relay.done)
        job.failed.connect(relay.error)
        job.progressed.connect(relay.progress)
        job.partial.connect(relay.part)
        job.finished.connect(relay.ended)
        if self._closed:
            job.cancel()
            return job
        self.running.append(job)
        job.start()
        self.changed.emit()
        return job

    def forget(self, job: Job) -> None:
        # `finished` is told a moment before the thread is really over, and only Python keeps the job alive now.
        job.wait()
        if job in self.running:
            self.running.remove(job)
            self._ended.append(job)
            self._bury.emit()
            self.changed.emit()

    def _let_go(self) -> None:
        self._ended.clear()

    def cancel_all(self, *, lasting: bool = False) -> None:
        """Cancel the jobs that belong to the open project; with `lasting`, really all."""
        for job in list(self.running):
            if lasting or not job.lasting:
                job.cancel()

    def close(self, milliseconds: int = 10_000) -> None:
        """Cancel every job and wait for its thread: a QThread must not outlive its owner.

        One that does not hear within `milliseconds` is left behind (see `left_behind`).
        """
        self._closed = True
        self.cancel_all(lasting=True)
        patience = QDeadlineTimer(milliseconds)
        for job in list(self.running):
            if not job.wait(patience):
                _left_behind.append(job)


# Threads that did not end with their window. Whoever destroys one of them takes the process down with it.
_left_behind: list[Job] = []


def left_behind() -> bool:
    """Whether a thread still runs that nobody waits for: the process has to end without tidying up."""
    return any(job.isRunning() for job in _left_behind)


class _Relay(QObject):
    """Lives in the window's thread, so that queued signals arrive there and nowhere else."""

    def __init__(
        self,
        jobs: Jobs,
        job: Job,
        on_done: Callable[[Any], object] | None,
        on_error: Callable[[BaseException], object] | None,
        on_progress: Callable[[int, int], object] | None,
        on_partial: Callable[[Any], object] | None,
    ) -> None:
        super().__init__(job)
        self._jobs = jobs
        self._job = job
        self._done = on_done
        self._error = on_error
        self._progress = on_progress
        self._partial = on_partial

    def done(self, result: object) -> None:
        if self._done is not None and not self._job.stopped():
            self._done(result)

    def error(self, error: BaseException) -> None:
        if self._error is not None and not self._job.stopped():
            self._error(error)

    def progress(self, done: int, total: int) -> None:
        if self._progress is not None and not self._job.stopped():
            self._progress(done, total)

    def part(self, value: object) -> None:
        if self._partial is not None and not self._job.stopped():
            self._partial(value)

    def ended(self) -> None:
        self._jobs.forget(self._job)
