"""Hard negatives for many rows: the engine is asked slice by slice, so that proposals come while it works and it can stop at any time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.errors import Cancelled
from core.similarity.negatives import Bounds
from gui.context import Context
from gui.workers.job import Job

_FIRST, _LEAST, _MOST = 40, 10, 2000  # rows in one question
_SECONDS = 0.4  # that one question should take


@dataclass(frozen=True)
class MiningSettings:
    """`model` is the engine's name for it, `among` all, others or auto, `k` how many proposals a row."""

    model: str = "base"
    among: str = "auto"
    bounds: Bounds = field(default_factory=Bounds)
    k: int = 1


class Mining(QObject):
    """One search at a time; `group` keeps searches of different places apart."""

    found = Signal(list)  # rows as the engine's operation `negatives` answers
    progressed = Signal(int, int)  # rows done, rows in all
    embedding = Signal(int, int)  # texts done, texts in all: the first question about new texts
    answered = Signal(dict)  # the last answer without its rows: count, among …
    finished = Signal()
    failed = Signal(object)

    def __init__(self, context: Context, group: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._group = context, group
        self._ids: Sequence[int] = ()
        self._settings = MiningSettings()
        self._done = 0
        self._slice = _FIRST
        self._asked_at = 0.0
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        return self._job is not None

    @property
    def job(self) -> Job | None:
        return self._job

    def start(self, ids: Sequence[int], settings: MiningSettings) -> None:
        self.cancel()
        self._ids, self._settings, self._done, self._slice = ids, settings, 0, _FIRST
        self._ask()

    def cancel(self) -> None:
        """Stop; nothing more is told."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _ask(self) -> None:
        project = self._context.project
        if project is None or self._done >= len(self._ids):
            self._job = None
            self.finished.emit()
            return
        settings = self._settings
        params = {
            "project": str(project.folder),
            "model": settings.model,
            "among": settings.among,
            "bounds": asdict(settings.bounds),
            "k": settings.k,
            "ids": list(self._ids[self._done : self._done + self._slice]),
        }
        self._asked_at = time.monotonic()
        self._job = self._context.engine.ask(
            "negatives",
            params,
            group=self._group,
            on_done=self._answered,
            on_error=self._failed,
            on_progress=lambda done, total: self.embedding.emit(done, total),
        )

    def _answered(self, answer: dict[str, Any]) -> None:
        rows = answer.pop("rows")
        self._done = min(len(self._ids), self._done + self._slice)
        seconds = max(time.monotonic() - self._asked_at, 1e-3)
        wanted = min(4.0, max(0.25, _SECONDS / seconds))
        self._slice = int(max(_LEAST, min(_MOST, self._slice * wanted)))
        job = self._job
        self.answered.emit(answer)
        self.found.emit(rows)
        self.progressed.emit(self._done, len(self._ids))
        if self._job is job:  # nobody cancelled, nobody started anew
            self._ask()

    def _failed(self, error: BaseException) -> None:
        self._job = None
        if not isinstance(error, Cancelled):
            self.failed.emit(error)
