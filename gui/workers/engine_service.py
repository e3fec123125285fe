"""The window's side of the engine process: its state, and its questions asked from worker threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.engine.client import EngineClient
from core.errors import EngineProblem
from gui.workers.job import Job, Jobs


class EngineService(QObject):
    """`state`: off (starts with the first question), starting, warm, failed."""

    state_changed = Signal()

    # Importing torch on a slow disk for the first time can take very long; a warm start takes a few seconds.
    WARM_TIMEOUT = 180.0

    def __init__(self, jobs: Jobs, threads: int = 0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._client = EngineClient(threads)
        self._busy = 0
        self._closed = False
        self.state = "off"

    @property
    def busy(self) -> bool:
        return self._busy > 0

    @property
    def device(self) -> str:
        """Where the engine computes, in words; "" while that is not known."""
        return str(self._client.info.get("device", ""))

    def start(self) -> None:
        """Start the process in the background; the window does not wait."""
        if self.state in ("starting", "warm"):
            return
        self._set("starting")

        def warm(job: Job) -> bool:
            self._client.start()
            waited = 0.0
            while not self._client.wait_warm(0.25):
                waited += 0.25
                if job.stopped():
                    return False
                if waited > self.WARM_TIMEOUT:
                    raise EngineProblem(
                        "The similarity engine did not start.",
                        "Restart AnchorLab; labelling works without it.",
                    )
            return True

        self._jobs.start(
            "",
            warm,
            on_done=lambda _ok: self._set("warm"),
            on_error=lambda _e: self._set("failed"),
            lasting=True,
        )

    def ask(
        self,
        op: str,
        params: dict[str, Any],
        *,
        title: str = "",
        group: str = "",
        on_done: Callable[[dict[str, Any]], object],
        on_error: Callable[[BaseException], object],
        on_progress: Callable[[int, int], object] | None = None,
    ) -> Job:
        """Ask the engine; the answer comes back in the window's thread. Cancel the job to cancel the question.

        A newer question of the same `group` replaces an older one.
        """
        if self.state in ("off", "failed"):
            self.start()
        turn = self._client.turn()

        def work(job: Job) -> dict[str, Any]:
            return self._client.request(
                op,
                params,
                on_progress=lambda done, total, _left: job.report(done, total),
                should_stop=job.stopped,
                group=group,
                turn=turn,
            )

        def done(answer: dict[str, Any]) -> None:
            if self.state != "warm":
                self._set("warm")
            on_done(answer)

        job = self._jobs.start(title, work, on_done=done, on_error=on_error, on_progress=on_progress)
        self._busy += 1
        job.finished.connect(self._less_busy)
        self.state_changed.emit()
        return job

    def ask_in_slices(
        self,
        op: str,
        params: dict[str, Any],
        *,
        title: str = "",
        group: str = "",
        read: Callable[[dict[str, Any]], Any] = lambda answer: answer,
        on_done: Callable[[Any], object],
        on_error: Callable[[BaseException], object],
        on_progress: Callable[[int, int], object] | None = None,
    ) -> Job:
        """Ask an operation that answers in slices, again and again until its last one: other questions get their turn in between.

        `read` makes something of the last answer on the worker's thread, e.g. loads the file it names.
        """
        if self.state in ("off", "failed"):
            self.start()
        turn = self._client.turn()

        def work(job: Job) -> Any:
            asked = dict(params)
            while True:
                answer = self._client.request(op, asked, should_stop=job.stopped, group=group, turn=turn)
                if not answer.get("more"):
                    return read(answer)
                job.report(int(answer["done"]), int(answer["total"]))
                asked.update(answer["next"])

        return self._jobs.start(title, work, on_done=on_done, on_error=on_error, on_progress=on_progress)

    def request(self, op: str, params: dict[str, Any], *, should_stop: Callable[[], bool]) -> dict[str, Any]:
        """Ask and wait for the answer, on a worker's own thread.

        Raises:
            Cancelled, AnchorLabError: as `EngineClient.request`.
        """
        return self._client.request(op, params, should_stop=should_stop)

    def close(self) -> None:
        self._closed = True
        self._client.close()

    def _less_busy(self) -> None:
        self._busy = max(0, self._busy - 1)
        if not self._closed:
            self.state_changed.emit()

    def _set(self, state: str) -> None:
        self.state = state
        if not self._closed:
            self.state_changed.emit()
