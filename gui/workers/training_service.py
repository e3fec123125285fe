"""The window's side of a training run: one trainer process, driven from a thread, its events in small batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from core.engine.trainer_client import TrainerProcess
from core.training.events import Event, FinishedEvent, RecipeEvent, StepEvent
from gui.workers.job import Job, Jobs


class TrainingService(QObject):
    """`state`: idle, starting (before the first event), running, paused, stopping."""

    state_changed = Signal()
    events = Signal(object)  # list[Event], in order; never more often than every 40 ms
    finished = Signal(object)  # FinishedEvent
    failed = Signal(object)  # BaseException

    # A fast run emits hundreds of steps a second; the eye needs twenty-five.
    _FLUSH_MS = 40

    def __init__(self, jobs: Jobs, threads: int = 0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._trainer = TrainerProcess(threads)
        self._queue: deque[Event] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(self._FLUSH_MS)
        self._timer.timeout.connect(self._flush)
        self._preparing = False
        self._wish: Callable[[], None] | None = None
        self.state = "idle"
        self.project_folder: Path | None = None
        self.run_name = ""
        self.history: list[Event] = []
        self.total_steps = 0
        self.last_step: StepEvent | None = None

    @property
    def active(self) -> bool:
        return self.state != "idle"

    @property
    def share(self) -> float:
        """How much of the run is done, 0 to 1."""
        if self.last_step is None or not self.total_steps:
            return 0.0
        return min(1.0, self.last_step.step / self.total_steps)

    def prepare(self) -> None:
        """Have a trainer process stand by with everything imported, so that *Train* answers at once."""
        if self._preparing or self.active or self._trainer.ready:
            return
        self._preparing = True

        def work(_job: Job) -> None:
            self._trainer.prepare()

        def over(_result: object) -> None:
            self._preparing = False

        self._jobs.start("", work, on_done=over, on_error=over, lasting=True)

    def start(
        self,
        project_folder: Path,
        dataset_id: int | None,
        overrides: Mapping[str, Any],
        preset: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Begin a run, with `preset` and `settings` in place of what the project sets. One at a time: the call does nothing
        while another is on."""
        self._begin(
            project_folder,
            lambda: self._trainer.run(
                project_folder,
                dataset_id,
                dict(overrides),
                self._queue.append,
                preset=preset,
                settings=settings,
            ),
        )

    def continue_run(self, project_folder: Path, run_folder: Path) -> None:
        """Go on with an interrupted run; the events of its first part come again. Does nothing while another is on."""
        self._begin(project_folder, lambda: self._trainer.resume(run_folder, self._queue.append))

    def _begin(self, project_folder: Path, train: Callable[[], FinishedEvent]) -> None:
        if self.active:
            return
        self.project_folder = project_folder
        self.run_name = ""
        self.history = []
        self.total_steps = 0
        self.last_step = None
        self._wish = None
        self._queue.clear()
        self._set("starting")
        self._timer.start()

        def work(_job: Job) -> FinishedEvent:
            return train()

        self._jobs.start("", work, on_done=self._done, on_error=self._error, lasting=True)

    def pause(self) -> None:
        """Wait after the current step, until `resume`."""
        if self.state in ("starting", "running"):
            self._set("paused")
            self._wish = self._trainer.pause
            self._tell()

    def resume(self) -> None:
        """Go on after `pause`."""
        if self.state == "paused":
            self._set("running" if self.history else "starting")
            self._wish = self._trainer.unpause
            self._tell()

    def stop(self) -> None:
        """Stop and keep: the model so far becomes the run's model. A paused run stops as well."""
        if self.state in ("starting", "running", "paused"):
            self._set("stopping")
            self._wish = self._trainer.stop
            self._tell()

    def discard(self) -> None:
        """Stop and throw the run's model away."""
        if self.active:
            self._set("stopping")
            self._wish = self._trainer.discard
            self._tell()

    def _tell(self) -> None:
        """Hand the wish over once there is a process to hear it: a click can come before the thread has begun."""
        if self._wish is not None and self._trainer.running:
            wish, self._wish = self._wish, None
            wish()

    def close(self) -> None:
        """The window goes: a run that is on stops, keeps its model and ends by itself."""
        self._timer.stop()
        self._trainer.close()

    def _flush(self) -> None:
        self._tell()
        batch: list[Event] = []
        while self._queue:
            batch.append(self._queue.popleft())
        if not batch:
            return
        for event in batch:
            if isinstance(event, RecipeEvent):
                if self.run_name and self.state == "stopping":
                    self._set("running")  # the stop ended the search; the training itself begins
                self.run_name = event.run
                self.total_steps = event.total_steps
            elif isinstance(event, StepEvent):
                self.last_step = event
        self.history.extend(batch)
        if self.state == "starting":
            self._set("running")
        self.events.emit(batch)

    def _done(self, finished: FinishedEvent) -> None:
        self._end()
        self.finished.emit(finished)

    def _error(self, error: BaseException) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._flush()
        self._timer.stop()
        self._set("idle")

    def _set(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit()
