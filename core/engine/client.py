"""The window's side of the engine: start it, ask it, cancel, and start it again when it died. Never imports torch."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from core.engine import protocol
from core.engine.launch import Child
from core.engine.protocol import VERSION
from core.errors import Cancelled, EngineProblem

Progress = Callable[[int, int, "float | None"], None]

_POLL_SECONDS = 0.03
_DIED = {"type": "died"}


class _Process:
    """One life of the engine: its child, who waits for which answer, and whether it is warm."""

    def __init__(self, threads: int) -> None:
        self.warm = threading.Event()
        self.ended = threading.Event()
        self.info: dict[str, Any] = {}
        self._waiting: dict[int, queue.SimpleQueue[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self.child = Child("core.engine.server", self._receive, self._end, threads=threads)

    def expect(self, number: int) -> queue.SimpleQueue[dict[str, Any]]:
        """The place where the answers to request `number` will arrive."""
        inbox: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        with self._lock:
            self._waiting[number] = inbox
            if self.ended.is_set():
                inbox.put(_DIED)
        return inbox

    def forget(self, number: int) -> None:
        with self._lock:
            self._waiting.pop(number, None)

    def _receive(self, message: dict[str, Any]) -> None:
        if message.get("type") == "warm":
            self.info = message
            self.warm.set()
            return
        with self._lock:
            inbox = self._waiting.get(message.get("id", -1))
        if inbox is not None:
            inbox.put(message)

    def _end(self) -> None:
        with self._lock:
            self.ended.set()
            for inbox in self._waiting.values():
                inbox.put(_DIED)
        self.warm.set()  # whoever waits for it shall look


class EngineClient:
    """For several threads. `threads`: torch threads of the engine, 0 for `ANCHORLAB_THREADS` or torch's own choice."""

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads
        self._process: _Process | None = None
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._turns = itertools.count(1)
        self._newest: dict[str, int] = {}  # the last turn of each group that was sent
        self._sending = threading.Lock()
        self._closed = False

    def __enter__(self) -> EngineClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the process when there is none; returns at once, while it warms up by itself.

        Raises:
            EngineProblem: it cannot be started.
            Cancelled: the client is closed.
        """
        self._living()

    @property
    def warm(self) -> bool:
        """Whether a request would be served at once."""
        process = self._process
        return process is not None and process.warm.is_set() and not process.ended.is_set()

    @property
    def info(self) -> dict[str, Any]:
        """What the engine said when it was warm: device, threads, seconds, problem ("" or why the base model is missing)."""
        process = self._process
        return dict(process.info) if process is not None else {}

    @property
    def pid(self) -> int | None:
        """The process, for tests and for a person who looks at the system's list."""
        process = self._process
        return process.child.pid if process is not None and not process.ended.is_set() else None

    def wait_warm(self, timeout: float | None = None) -> bool:
        """Wait until the engine is warm. False: it is not within `timeout` seconds, or it ended."""
        process = self._process
        return process is not None and process.warm.wait(timeout) and not process.ended.is_set()

    def request(
        self,
        op: str,
        params: dict[str, Any] | None = None,
        on_progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
        timeout: float | None = None,
        *,
        group: str = "",
        turn: int = 0,
    ) -> dict[str, Any]:
        """Ask and wait for the answer; for a worker thread. `on_progress(done, total, seconds_left)` is called in this thread.

        A newer request of the same `group` (also taken from `params["group"]`) cancels this one. `turn`: which one is newer, where that
        was settled before the worker thread began (see `turn`); else the one that comes later. After a crash of the engine the request is
        repeated once in a new process.

        Raises:
            Cancelled: by `should_stop`, a newer request of the group, or `close`.
            EngineProblem: the engine died twice, cannot be started, or did not answer within `timeout` seconds.
            AnchorLabError: what the operation itself raises, e.g. ModelProblem.
        """
        params = dict(params or {})
        group = group or str(params.pop("group", "") or "")
        message = {"op": op, "group": group, "params": params}
        turn = turn or self.turn()
        deadline = None if timeout is None else time.monotonic() + timeout
        for attempt in (1, 2):
            process = self._living()
            number = next(self._numbers)
            inbox = process.expect(number)
            try:
                self._send(process, {"id": number, **message}, group, turn)
                answer = self._wait(process, number, inbox, on_progress, should_stop, deadline)
            finally:
                process.forget(number)
            if answer["type"] == "result":
                return dict(answer["result"])
            if answer["type"] == "error":
                raise protocol.error_from_record(answer)
            if self._closed:
                raise Cancelled("The engine was closed.")
            if attempt == 2:
                raise _crashed(process)
        raise AssertionError("unreachable")

    def turn(self) -> int:
        """A place in the order of requests. Threads that were started one after the other may come here in another order, and the
        older question must not cancel the newer one."""
        return next(self._turns)

    def _send(self, process: _Process, message: dict[str, Any], group: str, turn: int) -> None:
        if not group:
            process.child.send(message)
            return
        with self._sending:
            if turn < self._newest.get(group, 0):
                raise Cancelled("A newer question was asked.")
            self._newest[group] = turn
            process.child.send(message)

    def close(self) -> None:
        """End the process; requests that wait raise `Cancelled`. Takes a few seconds at most, whatever the engine is doing."""
        self._closed = True
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.child.end()

    def _living(self) -> _Process:
        with self._lock:
            if self._closed:
                raise Cancelled("The engine was closed.")
            if self._process is None or self._process.ended.is_set():
                if self._process is not None:
                    self._process.child.end()
                self._process = _Process(self._threads)
            return self._process

    def _wait(
        self,
        process: _Process,
        number: int,
        inbox: queue.SimpleQueue[dict[str, Any]],
        on_progress: Progress | None,
        should_stop: Callable[[], bool] | None,
        deadline: float | None,
    ) -> dict[str, Any]:
        """The final answer to request `number`, or `_DIED`."""
        while True:
            if should_stop is not None and should_stop():
                process.child.send({"op": "cancel", "target": number})
                raise Cancelled
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                process.child.send({"op": "cancel", "target": number})
                raise EngineProblem(
                    "The engine did not answer in time.", "Try again, or restart the program."
                )
            pauses = [
                seconds for seconds in (left, _POLL_SECONDS if should_stop else None) if seconds is not None
            ]
            try:
                message = inbox.get(timeout=min(pauses) if pauses else None)
            except queue.Empty:
                continue
            if message.get("type") != "progress":
                return message
            if on_progress is not None:
                on_progress(message["done"], message["total"], message["seconds_left"])


def _crashed(process: _Process) -> EngineProblem:
    version = f"protocol version {VERSION}, exit status {process.child.exit_status}"
    return EngineProblem(
        "The engine ended unexpectedly, twice.",
        "Try again; if it happens again, copy the details and report it.",
        details=f"{version}\n{process.child.log}",
    )
