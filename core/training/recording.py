"""The log of a run while it is written, and how every way to end is told in it. Torch-free."""

from __future__ import annotations

import contextlib
import errno
import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from core import atomic, jsonlines
from core.errors import AnchorLabError, Cancelled, FileProblem, TrainingProblem
from core.locks import FileLock
from core.training import checkpoints, runs
from core.training.events import Event, FailedEvent, FinishedEvent, as_record
from core.training.pausing import Pause, until_there_is_room

LOCK_ATTEMPTS = 50  # somebody who looks at the list of runs holds the lock for a moment


def acquire(lock: FileLock) -> None:
    """Raises: TrainingProblem, where another process holds the run."""
    for _ in range(LOCK_ATTEMPTS):
        if lock.acquire():
            return
        time.sleep(0.02)
    raise TrainingProblem(f"Another process is writing the run {lock.path.parent}.", "Start a new run.")


class Recorder:
    """Writes each event to the file and then passes it on. A line is there whole or not at all, also on a full disk."""

    def __init__(
        self,
        run_dir: Path,
        on_event: Callable[[Event], None],
        pause: Pause | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._path = run_dir / runs.EVENTS
        self._on_event = on_event
        self._pause = pause
        self._should_stop = should_stop

    def __enter__(self) -> Recorder:
        with atomic.explained(self._path):
            self._stream = self._path.open("ab", buffering=0)
        return self

    def __exit__(self, *exception: object) -> None:
        self._stream.close()

    def __call__(self, event: Event) -> None:
        """Raises: DiskFull, FileProblem. With a `pause` it waits while the disk is full; the notice goes to the listener only."""
        until_there_is_room(lambda: self._write(event), self._pause, self._on_event, self._should_stop)
        self._on_event(event)

    def again(self, event: Event) -> None:
        """Tell an event that is in the file already."""
        self._on_event(event)

    def last(self, event: FailedEvent) -> None:
        """The end of a run that failed. A full disk may be the very reason, so the file is not insisted on."""
        with contextlib.suppress(AnchorLabError):
            self._write(event)
        self._on_event(event)

    def _write(self, event: Event) -> None:
        if not self._path.exists():  # the open file could still be written on some systems, into nowhere
            raise FileProblem(
                f"The folder of the run is no longer in {self._path.parent}.",
                "Put it back where it was; the run can then go on from its last checkpoint.",
            )
        line = (jsonlines.dumps(as_record(event)) + "\n").encode("utf-8", "backslashreplace")
        with atomic.explained(self._path):
            before = self._stream.seek(0, os.SEEK_END)
            try:
                if self._stream.write(line) != len(line):
                    raise OSError(errno.ENOSPC, "No space left on device")
            except OSError:
                with contextlib.suppress(OSError):
                    self._stream.truncate(before)
                raise


def recorded(run_dir: Path, record: Recorder, work: Callable[[], FinishedEvent]) -> FinishedEvent:
    """Do `work`; whatever goes wrong is the log's last event.

    Raises:
        AnchorLabError
    """
    try:
        return work()
    except Cancelled as error:
        checkpoints.clear(run_dir)
        record.last(FailedEvent(run_dir.name, "The run was discarded.", discarded=True))
        raise error
    except AnchorLabError as error:
        record.last(FailedEvent(run_dir.name, error.message, error.hint, error.details))
        raise
    except MemoryError as error:
        problem = TrainingProblem(
            "The computer's memory is too small for this run.", "Use a smaller batch size."
        )
        record.last(FailedEvent(run_dir.name, problem.message, problem.hint))
        raise problem from error
    except Exception as error:
        # Whatever went wrong inside the libraries, the run's own record must say that it ended, and why.
        words = str(error).strip().splitlines()
        problem = TrainingProblem(
            f"Training failed: {words[0] if words else type(error).__name__}",
            "The run's details have the full report.",
            details="".join(traceback.format_exception(error))[-8_000:],
        )
        record.last(FailedEvent(run_dir.name, problem.message, problem.hint, problem.details))
        raise problem from error
