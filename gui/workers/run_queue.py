"""The queue of runs in the window: starts one run after another, and keeps the list that core keeps with the project.

`going`: the next one starts by itself when nothing trains. The list outlives the window; a new window asks before it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import AnchorLabError, Cancelled
from core.training.events import Event, FinishedEvent, RecipeEvent
from core.training.queue import DISCARDED, FAILED, FINISHED, Queue, Waiting
from core.training.runs import RUNS, Run, read_run
from gui.context import Context
from gui.workers.job import Job


class RunQueue(QObject):
    changed = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.going = False
        self._queues: dict[Path, Queue] = {}
        self._queue: Queue | None = None
        self._mine: tuple[Queue, int] | None = None  # the entry that trains now
        # One turn of the event loop after a run has ended: everyone has heard of its end by then.
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._next)
        context.project_changed.connect(self._open)
        context.training.events.connect(self._events)
        context.training.finished.connect(self._finished)
        context.training.failed.connect(self._failed)
        context.training.state_changed.connect(self._go_on)
        self._open()

    # -- the list -----------------------------------------------------------------------------------------------

    @property
    def entries(self) -> tuple[Waiting, ...]:
        return self._queue.entries if self._queue is not None else ()

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        return self._queue.waiting if self._queue is not None else ()

    @property
    def can_start(self) -> bool:
        return self._context.editable and bool(self.waiting) and not self.going

    def add(self, dataset_id: int, preset: str, settings: Mapping[str, Any], title: str) -> Waiting | None:
        """Put a run at the end; behind a run that is on, it starts by itself. None when that could not be written."""
        added: list[Waiting] = []

        def put(queue: Queue) -> None:
            added.append(queue.add(dataset_id, {}, preset, title, settings))

        if not self._change(put):
            return None
        if self._context.training.active:
            self.going = True
            self.changed.emit()
        return added[0]

    def remove(self, number: int) -> None:
        self._change(lambda queue: queue.remove(number))

    def move(self, number: int, by: int) -> None:
        """Earlier (-1) or later (+1)."""
        places = [entry.number for entry in self.waiting]
        if number in places:
            self._change(lambda queue: queue.move(number, places.index(number) + by))

    def clear_ended(self) -> None:
        self._change(lambda queue: queue.clear_ended())

    def _change(self, do: Callable[[Queue], object]) -> bool:
        if self._queue is None or not self._context.editable:
            return False
        return self._write(self._queue, do)

    def _write(self, queue: Queue, do: Callable[[Queue], object]) -> bool:
        try:
            do(queue)
        except AnchorLabError as error:
            self.going = False
            self._context.messages.error(error)
            return False
        finally:
            self.changed.emit()
        return True

    # -- one after another --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Let one run after another go; the first at once, or when the run that is on has ended."""
        if self.can_start:
            self.going = True
            self.changed.emit()
            self._next()

    def stop(self) -> None:
        """The run that is on goes to its end, and no other starts after it."""
        if self.going:
            self.going = False
            self.changed.emit()

    def _go_on(self) -> None:
        if self.going and not self._context.training.active:
            self._turn.start()

    def _next(self) -> None:
        context, queue = self._context, self._queue
        if not self.going or context.training.active or queue is None or context.folder is None:
            return
        if not queue.waiting:
            self.going = False
            self.changed.emit()
            return
        taken: list[Waiting | None] = []
        if not self._write(queue, lambda queue: taken.append(queue.take())):
            return
        entry = taken[0]
        if entry is None:
            return
        self._mine = (queue, entry.number)
        context.training.start(
            context.folder, entry.dataset_id, entry.overrides, entry.preset, entry.settings
        )

    def _events(self, batch: list[Event]) -> None:
        names = [event.run for event in batch if isinstance(event, RecipeEvent)]
        if self._mine is not None and names:
            queue, number = self._mine
            self._write(queue, lambda queue: queue.name(number, names[-1]))

    def _finished(self, _event: FinishedEvent) -> None:
        self._settle(FINISHED)

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, Cancelled):
            self._settle(DISCARDED)
        else:
            self._settle(FAILED, str(error) or type(error).__name__)

    def _settle(self, state: str, message: str = "") -> None:
        if self._mine is not None:
            (queue, number), self._mine = self._mine, None
            self._write(queue, lambda queue: queue.settle(number, state, message))
        self._go_on()

    # -- another project, another start -------------------------------------------------------------------------

    def _open(self) -> None:
        self._turn.stop()
        self.going = False
        folder = self._context.folder
        # While a run is on its queue may be open already: two of the same file would write over one another.
        self._queue = self._queues.setdefault(folder, Queue(folder)) if folder is not None else None
        self.changed.emit()
        if self._queue is None or not self._context.editable:
            return
        current = self._queue.current
        if current is not None and (self._queue, current.number) != self._mine:
            self._look_after(self._queue, current)
        else:
            self._forget_good_ends()
            self._ask()

    def _forget_good_ends(self) -> None:
        """Nothing waits any more and nothing went wrong: what the last window did is among the runs, not here."""
        entries = self.entries
        if entries and all(entry.state in (FINISHED, DISCARDED) for entry in entries):
            self.clear_ended()

    def _look_after(self, queue: Queue, entry: Waiting) -> None:
        """A run that was on when the program ended: see in its folder what became of it."""
        folder = self._context.folder
        assert folder is not None
        if not entry.run:
            self._write(queue, lambda queue: queue.put_back())
            self._ask()
            return
        place = folder / RUNS / Path(entry.run).name

        def work(_job: Job) -> Run | None:
            return read_run(place) if place.is_dir() and not place.is_symlink() else None

        def done(run: Run | None) -> None:
            if run is not None and run.status == "running":
                return  # another process still saves it
            ended = run is not None and run.finished is not None
            words = "" if ended else "It was interrupted. Continue it from the list of runs."
            state = FINISHED if ended else FAILED
            self._write(queue, lambda queue: queue.settle(entry.number, state, words))
            if self._queue is queue:
                self._forget_good_ends()
                self._ask()

        self._context.run("", work, on_done=done)

    def _ask(self) -> None:
        count = len(self.waiting)
        if count and not self.going:
            words = "1 run waits" if count == 1 else f"{count} runs wait"
            self._context.messages.note(f"{words} in the queue.", action="Start the queue", do=self.start)
