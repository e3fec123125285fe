"""Edits too large to wait for: carried out by a worker through a connection of its own, while the window goes on reading."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

from core.errors import Cancelled, ProjectProblem
from core.locks import FileLock
from core.project import layout
from core.project.connection import explained, make_durable, open_writer
from core.project.project import Project

T = TypeVar("T")


@contextmanager
def _without_collector() -> Iterator[None]:
    """A million new tuples make the garbage collector look at all of them, and every thread of Python waits for it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Detached:
    """From its making until `end`, every other edit of `project` is refused with a sentence that names this one."""

    def __init__(self, project: Project, doing: str, lock: FileLock | None) -> None:
        self.doing = doing
        self._project = project
        self._lock = lock
        self._running = threading.Lock()
        self._stopped = False

    def run(self, call: Callable[[Project], T], should_stop: Callable[[], bool]) -> T:
        """In the worker: `call` edits the project it is given. All of its edits are durable when this returns.

        Raises:
            Cancelled: `should_stop` answered True; of the edit that was being done nothing is left.
            What `call` raises.
        """
        folder = self._project.folder

        def stopped() -> bool:
            return self._stopped or should_stop()

        with self._running:
            if stopped():
                raise Cancelled
            with explained(folder), closing(open_writer(folder / layout.DATABASE)) as connection:
                make_durable(connection)
                with _without_collector():
                    return call(Project(folder, connection, self._lock, should_stop=stopped))

    def end(self) -> None:
        """Let the project be edited again. Waits for an edit that is still being taken back."""
        self._stopped = True
        with self._running:
            self._project.attach(self)

    def refusal(self) -> ProjectProblem:
        return ProjectProblem(
            f"This was not saved: {self.doing} is not finished yet.",
            "Do it again when it is, or cancel it first.",
        )
