"""The window's side of a trainer: keep one ready, let it train, pass its events on, stop it. Never imports torch."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from core.engine import protocol
from core.engine.launch import Child
from core.errors import Cancelled, TrainingProblem
from core.training import events
from core.training.events import Event, FinishedEvent, LearningCurveEvent

_ENDED = {"type": "ended"}
Result = TypeVar("Result")
_EXIT_SECONDS = 5.0


class _Trainer:
    """One child: a standby first, then a run."""

    def __init__(self, threads: int) -> None:
        self.ready = threading.Event()
        self.ended = threading.Event()
        self.inbox: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.child = Child(
            "core.engine.trainer_server", self._receive, self._end, threads=threads, low_priority=True
        )

    def _receive(self, message: dict[str, Any]) -> None:
        if message.get("type") == "ready":
            self.ready.set()
        else:
            self.inbox.put(message)

    def _end(self) -> None:
        self.ended.set()
        self.ready.set()  # whoever waits for it shall look
        self.inbox.put(_ENDED)


class TrainerProcess:
    """One run at a time, each in a process of its own. `threads`: torch threads of the trainer, 0 for torch's own choice."""

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads
        self._standby: _Trainer | None = None
        self._running: _Trainer | None = None
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> TrainerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prepare(self) -> None:
        """Start a standby when there is none; returns at once, while it imports by itself. Afterwards it only waits.

        Raises:
            EngineProblem: no process can be started.
            Cancelled: this trainer is closed.
        """
        with self._lock:
            self._prepared()

    @property
    def ready(self) -> bool:
        """Whether a run would start at once."""
        standby = self._standby
        return standby is not None and standby.ready.is_set() and not standby.ended.is_set()

    def wait_ready(self, timeout: float | None = None) -> bool:
        """Wait until the standby is ready. False: it is not within `timeout` seconds, or it ended."""
        standby = self._standby
        return standby is not None and standby.ready.wait(timeout) and not standby.ended.is_set()

    @property
    def running(self) -> bool:
        return self._running is not None

    @property
    def pid(self) -> int | None:
        """The process of the run, or of the standby while there is no run."""
        trainer = self._running or self._standby
        return trainer.child.pid if trainer is not None and not trainer.ended.is_set() else None

    def run(
        self,
        project_folder: Path,
        dataset_id: int | None,
        overrides: Mapping[str, Any],
        on_event: Callable[[Event], None],
        *,
        preset: str | None = None,
        settings: Mapping[str, Any] | None = None,
        allow_download: bool = False,
    ) -> FinishedEvent:
        """Train and wait; for a worker thread, in which `on_event` is called for every event of the run.

        Without `preset` and `settings` they are the project's own. With `allow_download` a base model that is not on this computer is fetched from the Hub. An error in `on_event` does not end the run; it is raised when the run has ended.

        Raises:
            Cancelled: the run was discarded.
            TrainingProblem: the process ended unexpectedly, or a run is going on already.
            AnchorLabError: why the run failed, e.g. DataProblem, ModelProblem, DiskFull.
        """
        params = {
            "project": str(project_folder),
            "dataset_id": dataset_id,
            "overrides": dict(overrides),
            "preset": preset,
            "settings": None if settings is None else dict(settings),
            "allow_download": allow_download,
        }
        return self._drive({"op": "run", "params": params}, on_event, _trained)

    def resume(
        self, run_folder: Path, on_event: Callable[[Event], None], *, allow_download: bool = False
    ) -> FinishedEvent:
        """Go on with an interrupted run in its own folder and wait, as `run` does.

        `on_event` first hears again what the run had told up to the checkpoint from which it goes on.

        Raises:
            TrainingProblem: the run is going on or has ended for good; and what `run` raises.
        """
        params = {"run": str(run_folder), "allow_download": allow_download}
        return self._drive({"op": "resume", "params": params}, on_event, _trained)

    def learning_curve(
        self,
        project_folder: Path,
        dataset_id: int | None,
        overrides: Mapping[str, Any],
        on_event: Callable[[Event], None],
        *,
        preset: str | None = None,
    ) -> LearningCurveEvent:
        """Draw a learning curve and wait, see `core.training.curve_job`; `stop` ends it and keeps what is trained.

        Raises:
            Cancelled: it was stopped.
            AnchorLabError: why it failed; and what `run` raises.
        """
        params = {
            "project": str(project_folder),
            "dataset_id": dataset_id,
            "overrides": dict(overrides),
            "preset": preset,
        }
        return self._drive({"op": "learning_curve", "params": params}, on_event, _drawn)

    def _drive(
        self,
        message: dict[str, Any],
        on_event: Callable[[Event], None],
        wanted: Callable[[Event], Result | None],
    ) -> Result:
        with self._lock:
            if self._running is not None:
                raise TrainingProblem("A run is going on already.", "Wait for it, or stop it first.")
            trainer = self._running = self._prepared()
            self._standby = None
        try:
            trainer.child.send(message)
            return _follow(trainer, on_event, wanted)
        finally:
            trainer.child.wait(_EXIT_SECONDS)
            trainer.child.end()
            with self._lock:
                self._running = None

    def stop(self) -> None:
        """Stop the run after its current step and keep its model; `run` returns as usual. Nothing happens without a run."""
        self._tell("stop")

    def discard(self) -> None:
        """Stop the run after its current step and throw it away; `run` raises `Cancelled`."""
        self._tell("discard")

    def pause(self) -> None:
        """Let the run wait after its current step: it keeps its memory and uses no processor. A paused run can be stopped,
        discarded and left alone: it has written a checkpoint."""
        self._tell("pause")

    def unpause(self) -> None:
        """Let a paused run go on."""
        self._tell("unpause")

    def kill(self) -> None:
        """End the run's process at once; what it wrote stays, the run is listed as interrupted."""
        running = self._running
        if running is not None:
            running.child.kill()

    def close(self, grace: float = 30.0) -> None:
        """End the standby. A run stops and is kept, for which it has `grace` seconds; after that its process is killed."""
        self._closed = True
        with self._lock:
            standby, self._standby = self._standby, None
            running = self._running
        if running is not None:
            running.child.close_input()
        if standby is not None:
            standby.child.end()
        if running is not None and not running.child.wait(grace):
            running.child.kill()
            running.child.wait(_EXIT_SECONDS)

    def _prepared(self) -> _Trainer:
        if self._closed:
            raise Cancelled("The trainer was closed.")
        if self._standby is None or self._standby.ended.is_set():
            if self._standby is not None:
                self._standby.child.end()
            self._standby = _Trainer(self._threads)
        return self._standby

    def _tell(self, op: str) -> None:
        running = self._running
        if running is not None:
            running.child.send({"op": op})


def _trained(event: Event) -> FinishedEvent | None:
    return event if isinstance(event, FinishedEvent) else None


def _drawn(event: Event) -> LearningCurveEvent | None:
    return event if isinstance(event, LearningCurveEvent) and event.done else None


def _follow(
    trainer: _Trainer, on_event: Callable[[Event], None], wanted: Callable[[Event], Result | None]
) -> Result:
    """Pass events on until the end; the last of them that is `wanted` is the result."""
    finished: Result | None = None
    refused: Exception | None = None
    while True:
        message = trainer.inbox.get()
        if message["type"] == "event":
            event = events.from_record(message["event"])
            finished = finished if event is None else wanted(event) or finished
            if event is not None and refused is None:
                try:
                    on_event(event)
                except Exception as error:  # noqa: BLE001 - raised below, when the run is safe
                    refused = error
            continue
        if message["type"] == "error":
            raise protocol.error_from_record(message) from refused
        if refused is not None:
            raise refused
        if finished is not None:
            return finished
        raise _ended_unexpectedly(trainer)


def _ended_unexpectedly(trainer: _Trainer) -> TrainingProblem:
    status = trainer.child.exit_status
    reason = "it was killed, perhaps for lack of memory" if status == -9 else f"exit status {status}"
    return TrainingProblem(
        f"The training process ended unexpectedly ({reason}); the run is listed as interrupted.",
        "Resume the run; with a lack of memory start a new one with a smaller batch size.",
        details=trainer.child.log,
    )
