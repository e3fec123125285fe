"""After every training the project's probes are run on the new model, and what got worse is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from core.errors import AnchorLabError, Cancelled
from core.training.events import FinishedEvent
from core.training.probe_table import summary, title
from core.training.run_probes import RunProbes, from_record
from gui.context import Context
from gui.widgets.basic import brief
from gui.widgets.messages import Message

MOST_ROWS = 300_000  # whose texts are embedded without asking
_NAMED = 3


class ProbeRuns(QObject):
    """`show` opens the probes of a run."""

    def __init__(self, context: Context, show: Callable[[str], object], parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._show = context, show
        context.training.finished.connect(self._finished)

    def _finished(self, event: FinishedEvent) -> None:
        project = self._context.project
        if project is None or self._context.folder != self._context.training.project_folder:
            return
        try:
            probes = project.probes()
            rows = sum(info.rows for info in project.datasets()) + project.corpus_count()
        except AnchorLabError as error:
            self._context.messages.error(error)
            return
        folder = project.folder
        if rows > MOST_ROWS and any(probe.kind == "query" for probe in probes):
            self._context.messages.note(
                f"{_run(event.run)} is finished. Its probes look through the texts of {rows:,} rows, which takes a while.",
                action="Run the probes",
                do=lambda: self.run(folder, event.run),
            )
        elif probes:
            self.run(folder, event.run)

    def run(self, folder: Path, run: str) -> None:
        """Ask the engine, which keeps the answer with the run."""

        def done(found: RunProbes) -> None:
            if self._context.folder == folder:
                self._context.probes_run.emit(run)
                self._tell(run, found)

        self._context.engine.ask_in_slices(
            "run_probes",
            {"project": str(folder), "run": run},
            title="Running the probes",
            group="run-probes",
            read=_read,
            on_done=done,
            on_error=lambda error: self._failed(folder, run, error),
        )

    def _tell(self, run: str, found: RunProbes) -> None:
        worse = found.regressions
        named = ", ".join(f"“{brief(title(found.probes[one.place]), 40)}”" for one in worse[:_NAMED])
        more = f" and {len(worse) - _NAMED:,} more" if len(worse) > _NAMED else ""
        self._context.messages.post(
            Message(
                f"{_run(run)} is finished: {summary(found)}.",
                f"{named}{more}." if worse else "",
                "warning" if worse else "positive",
                action="Show the probes",
                do=lambda: self._show(run),
            )
        )

    def _failed(self, folder: Path, run: str, error: BaseException) -> None:
        if isinstance(error, Cancelled) or self._context.folder != folder:
            return
        self._context.messages.error(error, action="Run them again", do=lambda: self.run(folder, run))


def _read(answer: dict[str, Any]) -> RunProbes:
    return from_record(answer["result"])


def _run(name: str) -> str:
    head = name.split("-", 1)[0]
    return f"Run {int(head)}" if head.isdigit() else "The run"
