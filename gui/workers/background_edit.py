"""Edits too large to wait for: a worker carries them out, the window goes on showing, and other edits wait until it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.errors import AnchorLabError
from core.project import Change, Project
from gui.workers.job import Job

if TYPE_CHECKING:
    from gui.context import Context

# Rows or cells that are changed within a frame or two; more are left to a worker.
AT_ONCE = 2_000

Call = Callable[[Project], Change | None]


class BackgroundEdits(QObject):
    """One at a time. `changed` tells that one began or ended: whoever offers edits asks `Context.editable` again."""

    starting = Signal()  # the last moment to keep what is being typed
    changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._context = context
        self.job: Job | None = None
        self._work: _Work | None = None

    @property
    def title(self) -> str:
        """What is being done; "" for nothing."""
        return self.job.title if self.job is not None else ""

    def start(self, title: str, call: Call, on_done: Callable[[Change | None], object] | None = None) -> bool:
        """Have `call` edit the project in a worker. `on_done` gets the change, if any, after everybody heard of it.

        False when it could not begin; the reason is in the message bar.
        """
        context, project = self._context, self._context.project
        if project is None:
            return False
        self.starting.emit()
        try:
            context.require_folder(project)
            detached = project.detach(title[:1].lower() + title[1:])
        except AnchorLabError as error:
            context.messages.error(error)
            return False
        work = _Work(project)

        def edit(job: Job) -> None:
            work.change = detached.run(call, job.stopped)

        self._work = work
        self.job = context.run(
            title, edit, on_done=lambda _none: self._done(work, on_done), on_error=self._failed
        )
        self.job.finished.connect(self._finished)
        self.changed.emit()
        return True

    def cancel(self) -> None:
        if self.job is not None:
            self.job.cancel()

    def _end(self, work: _Work) -> None:
        """Give the project back and tell what was changed in it."""
        self._work = self.job = None
        if work.project.detached is not None:
            work.project.detached.end()
        if work.change is not None and self._context.project is work.project:
            self._context.announce(work.change)
        self.changed.emit()

    def _done(self, work: _Work, on_done: Callable[[Change | None], object] | None) -> None:
        self._end(work)
        if on_done is not None and self._context.project is work.project:
            on_done(work.change)

    def _failed(self, error: BaseException) -> None:
        if self._work is not None:
            self._end(self._work)
        self._context.messages.error(error)

    def _finished(self) -> None:
        """The thread has ended. A cancelled job says nothing more, and may have been done in the same moment."""
        work = self._work
        if work is None or self.job is None or self.sender() is not self.job:
            return
        stopped = self.job.stopped()
        self._end(work)
        if stopped and work.change is not None and self._context.project is work.project:
            self._context.messages.note(
                f"“{work.change.label}” was done before it could be cancelled.",
                action="Undo",
                do=self._context.undo,
            )


class _Work:
    """What one edit needs until its end."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.change: Change | None = None
