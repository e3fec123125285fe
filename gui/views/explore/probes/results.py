"""Asks the models of the lens for the probes, and keeps the answer in the project's cache, so that it is there at once the next time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from core import atomic, cached, jsonlines
from core.errors import AnchorLabError, Cancelled
from core.project import Change
from core.project.probes import Probe
from core.training.probe_table import Line, lines
from core.training.run_probes import RunProbes, as_record, from_record, history
from core.training.run_threshold import read_threshold
from core.training.runs import runs_folder
from gui.context import Context
from gui.views.explore.lens import BASE, Lens, Model
from gui.workers.job import Job

_QUIET_MS = 400
_CACHE = "probes.json"
_MOST_BYTES = 32_000_000


@dataclass(frozen=True)
class _Read:
    result: RunProbes | None  # from the cache, where it is still true
    history: list[RunProbes]
    key: list[Any]


class ProbeResults(QObject):
    """`state`: "" (nothing to ask), reading, ready, stopped. `lines` are the probes with what is known of them."""

    changed = Signal()
    progressed = Signal(int, int)

    def __init__(self, context: Context, lens: Lens, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._lens = context, lens
        self._wanted = False
        self._job: Job | None = None
        self._key: tuple[Any, ...] = ()
        self._result: RunProbes | None = None
        self._history: list[RunProbes] = []
        self.state = ""
        self.lines: list[Line] = []
        self.models: list[Model] = []  # whose results these are: looked at, compared with, one more
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_QUIET_MS)
        self._timer.timeout.connect(self.ask)
        lens.models_changed.connect(self.ask)
        context.project_changed.connect(self._forget)
        context.project_closing.connect(self._stop)
        context.data_changed.connect(self._data_changed)
        context.probes_run.connect(lambda _run: self.again())

    @property
    def titles(self) -> list[str]:
        """Of the columns: compared with, looked at, one more."""
        names = [model.title for model in self.models]
        return [names[1], names[0], *names[2:]] if len(names) > 1 else names

    def want(self, wanted: bool) -> None:
        """The tab came to the front, or went away."""
        self._wanted = wanted
        if wanted:
            self.ask()
        else:
            self._timer.stop()
            self._stop()

    def again(self) -> None:
        self._key = ()
        self.ask()

    def cancel(self) -> None:
        self._stop()
        self.state = "stopped"
        self.changed.emit()

    def show_probes(self) -> None:
        """What the project says now, with the results that are known."""
        project = self._context.project
        try:
            probes: list[Probe] = project.probes() if project is not None else []
        except AnchorLabError as error:
            self._context.messages.error(error)
            probes = []
        self.lines = lines(probes, self._result, self._history)
        self.changed.emit()

    # -- asking ---------------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        context = self._context
        if not self._wanted or context.project is None or context.folder is None:
            return
        models = self._models()
        key = (context.folder, context.project.revision, *models)
        if key == self._key:
            return
        self._stop()
        if models != self.models:
            self._result = None
        self._key, self.models = key, models
        self.show_probes()
        folder, refs = context.folder, [model.ref for model in models]
        marks: list[Any] = [context.project.revision, refs]
        self.state = "reading" if self.lines else ""
        self.changed.emit()

        def read(_job: Job) -> _Read:
            marks.append([_threshold(folder, ref) for ref in refs])
            return _Read(_cached(folder, marks), history(folder), marks)

        self._job = context.run("", read, on_done=lambda found: self._read(folder, found))

    def _models(self) -> list[Model]:
        """The model that is looked at, the one it is compared with, and a third that it should not fall behind: the run before, or the
        base model."""
        first, second = self._lens.first, self._lens.second
        if second is None:
            return [first]
        others = [run for run in self._lens.choices() if run.ref not in (BASE, second.ref, first.ref)]
        third = self._lens.base if first.ref != BASE else _before(others, second)
        return [second, first, *([third] if third is not None else [])]

    def _read(self, folder: Path, found: _Read) -> None:
        self._job = None
        self._history = found.history
        if found.result is not None:
            self._take(found.result)
            return
        self.show_probes()
        if not self.lines:
            return
        params = {"project": str(folder), "models": [model.ref for model in self.models]}

        def take(answer: dict[str, Any]) -> RunProbes:
            result = from_record(answer["result"])
            _keep(folder, found.key, result)
            return result

        self._job = self._context.engine.ask_in_slices(
            "probes",
            params,
            group="explore-probes",
            read=take,
            on_done=self._take,
            on_error=self._failed,
            on_progress=self.progressed.emit,
        )

    def _take(self, result: RunProbes) -> None:
        self._job, self._result, self.state = None, result, "ready"
        self.show_probes()

    def _failed(self, error: BaseException) -> None:
        self._job, self._key, self.state = None, (), "stopped"
        if not isinstance(error, Cancelled):
            self._context.messages.error(error, action="Try again", do=self.again)
        self.changed.emit()

    # -- news -----------------------------------------------------------------------------------------------------------

    @property
    def texts(self) -> int:
        return self._result.texts if self._result is not None else 0

    def _stop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self._key = ()

    def _forget(self) -> None:
        self._stop()
        self._key, self._result, self._history, self.state = (), None, [], ""
        self.show_probes()
        self.ask()

    def _data_changed(self, change: Change) -> None:
        if change.kinds & {"probes", "meta"}:
            self.show_probes()
        if self._wanted and change.kinds & {"probes", "meta", "cells", "rows", "datasets", "texts"}:
            self._timer.start()


def _before(runs: list[Model], second: Model) -> Model | None:
    """The run before; `runs` are newest first, and their names begin with their numbers."""
    return next((run for run in runs if run.ref < second.ref), None)


def _threshold(folder: Path, ref: str) -> float | None:
    found = read_threshold(runs_folder(folder) / ref) if ref != BASE else None
    return found.threshold if found is not None else None


def _cached(folder: Path, key: list[Any]) -> RunProbes | None:
    path = folder / "cache" / _CACHE
    try:
        record = json.loads(cached.text(path, _MOST_BYTES) or "")
        return from_record(record["result"]) if record["key"] == key else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return None


def _keep(folder: Path, key: list[Any], result: RunProbes) -> None:
    """A cache that cannot be written is asked again the next time."""
    path = folder / "cache" / _CACHE
    try:
        path.parent.mkdir(exist_ok=True)
        atomic.write_text(path, jsonlines.dumps({"key": key, "result": as_record(result)}))
    except (AnchorLabError, OSError):
        return
