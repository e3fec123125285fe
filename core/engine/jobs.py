"""Requests on their way through the engine: queued, cancelled by hand or by a newer one, answered once."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any

from core.engine import protocol
from core.engine.protocol import Channel
from core.errors import AnchorLabError, Cancelled

_PROGRESS_SECONDS = 0.05


class Job:
    """One request. The reading thread may cancel it while the working thread serves it."""

    def __init__(self, message: dict[str, Any], channel: Channel) -> None:
        self.id = message.get("id")
        self.op = str(message.get("op", ""))
        self.group = str(message.get("group") or "")
        params = message.get("params")
        self.params: dict[str, Any] = params if isinstance(params, dict) else {}
        self._cancelled = threading.Event()
        self._channel = channel
        self._told = 0.0

    def cancel(self) -> None:
        self._cancelled.set()

    def should_stop(self) -> bool:
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raises: Cancelled, when somebody said so."""
        if self.should_stop():
            raise Cancelled

    def progress(self, done: int, total: int, seconds_left: float | None) -> None:
        """Tell how far the work is, at most twenty times a second."""
        now = time.monotonic()
        if now - self._told < _PROGRESS_SECONDS and done < total:
            return
        self._told = now
        self._channel.send(
            {"id": self.id, "type": "progress", "done": done, "total": total, "seconds_left": seconds_left}
        )

    def answer(self, result: dict[str, Any]) -> None:
        self._channel.send({"id": self.id, "type": "result", "result": result})

    def fail(self, error: AnchorLabError) -> None:
        self._channel.send({"id": self.id, "type": "error", **protocol.error_record(error)})


class JobQueue:
    """Waiting jobs in their order and the one being served."""

    def __init__(self) -> None:
        self._waiting: deque[Job] = deque()
        self._current: Job | None = None
        self._changed = threading.Condition()

    def add(self, job: Job) -> None:
        """Queue `job`; older ones of the same group are cancelled, because nobody waits for them any more."""
        with self._changed:
            if job.group:
                for older in self._all():
                    if older.group == job.group:
                        older.cancel()
            self._waiting.append(job)
            self._changed.notify()

    def cancel(self, target: object) -> None:
        """Cancel the job with the id `target`; one that is answered already is none of ours."""
        with self._changed:
            for job in self._all():
                if job.id == target:
                    job.cancel()

    def next(self) -> Job:
        """Wait for the next job."""
        with self._changed:
            self._current = None
            while not self._waiting:
                self._changed.wait()
            self._current = self._waiting.popleft()
            return self._current

    def _all(self) -> list[Job]:
        return [*self._waiting, *([self._current] if self._current else [])]
