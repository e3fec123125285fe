"""Keeps what the chosen model says about the rows of the current dataset up to date, in the background."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from core.dataset.formats import DatasetInfo
from core.errors import AnchorLabError, Cancelled
from core.models.catalogue import EMBEDDED, title
from core.project import Change
from gui.context import Context
from gui.models import score_table
from gui.models.score_table import ScoreTable
from gui.workers.job import Job

# Larger datasets are scored when somebody asks, not because the columns were on show the last time.
BY_ITSELF = 50_000
_QUIET_MS = 350


class ModelScores(QObject):
    """`state`: off, scoring (nothing known yet), ready, failed. While `busy` in the state ready, `stale` rows are being scored again."""

    changed = Signal()  # state, progress or scores
    scored = Signal()  # a newer table
    model_changed = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None
        self._wanted = False
        self._asked: set[int] | None = set()  # the rows that the request on its way looks at; None: all
        self._waiting: set[int] | None = set()  # those that changed since
        self.table: ScoreTable | None = None
        self.problem = ""
        self.by_base = False  # the base model's scores, whichever run is chosen
        self.done = self.total = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_QUIET_MS)
        self._timer.timeout.connect(self._ask)
        context.data_changed.connect(self._data_changed)
        context.run_chosen.connect(self._run_chosen)
        context.project_closing.connect(self.stop)

    # -- what is known ------------------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        if not self._wanted:
            return "off"
        if self.table is not None:
            return "ready"
        return "failed" if self.problem else "scoring"

    @property
    def busy(self) -> bool:
        return self._job is not None or self._timer.isActive()

    @property
    def info(self) -> DatasetInfo | None:
        """The dataset that the scores are about."""
        return self._context.dataset

    def stale(self, id: int) -> bool:
        """Whether the row changed since it was scored."""
        sets = (self._asked if self._job is not None else set(), self._waiting)
        return any(ids is None or id in ids for ids in sets)

    @property
    def model(self) -> str:
        """The reference of the chosen model: a run's name, or base."""
        return "base" if self.by_base else self._context.run_name or "base"

    @property
    def model_title(self) -> str:
        """ "run 7", or the base model's name."""
        run = self._context.run_name
        if run:
            number = run.split("-", 1)[0]
            return f"run {int(number)}" if number.isdecimal() else run
        project = self._context.project
        if project is None:
            return ""
        try:
            return title(str(project.recipe().get("base_model", EMBEDDED)))
        except AnchorLabError:  # damaged settings: the Train page says so
            return "the base model"

    def use_base(self, on: bool) -> None:
        """Score with the base model although a run is chosen, or with the run again."""
        if on != self.by_base:
            self.by_base = on
            self._model_changed()
            self.want()

    # -- asking -------------------------------------------------------------------------------------------------

    def want(self) -> None:
        """Somebody wants to see scores: start, whatever the size of the dataset."""
        if self._wanted and not self.problem:
            return
        self._wanted = True
        self.problem = ""
        self._waiting = None
        self._ask()
        self.changed.emit()

    def restart(self, wanted: bool) -> None:
        """Another dataset. `wanted`: it may be scored by itself, unless it is large."""
        self.stop()
        info = self._context.dataset
        if wanted and info is not None and 0 < info.rows <= BY_ITSELF:
            self.want()

    def stop(self) -> None:
        """Nothing is scored any more, and nothing is known. What was embedded stays in the cache."""
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self._wanted, self.table, self.problem = False, None, ""
        self._asked, self._waiting = set(), set()
        self.done = self.total = 0
        self.changed.emit()

    def _ask(self) -> None:
        context, info = self._context, self._context.dataset
        self._timer.stop()
        if self._job is not None or not self._wanted or context.project is None or info is None:
            return
        self._asked, self._waiting = self._waiting, set()
        first = self.table is None
        self.done, self.total = 0, info.rows if first else 0
        params = {
            "project": str(context.project.folder),
            "dataset_id": info.id,
            "model": self.model,
            "changed": None if self._asked is None else sorted(self._asked),
        }
        self._job = context.engine.ask_in_slices(
            "score_rows",
            params,
            title=f"Scoring {info.rows:,} rows" if first else "",
            read=score_table.load,
            on_done=self._answered,
            on_error=self._failed,
            on_progress=self._progressed,
        )
        self._job.finished.connect(self._ended)

    def _answered(self, table: ScoreTable) -> None:
        self._job = None
        self.table, self.problem = table, ""
        self._asked = set()
        self.scored.emit()
        self.changed.emit()
        if self._waiting is None or self._waiting:
            self._timer.start()

    def _progressed(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        self.changed.emit()

    def _failed(self, error: BaseException) -> None:
        self._job = None
        if isinstance(error, Cancelled):
            self.stop()
            return
        self.problem = str(error)
        self.table = None
        self.changed.emit()
        self._context.messages.error(error, action="Try again", do=self.want)

    def _ended(self) -> None:
        """A job that somebody cancelled in the status bar says nothing any more."""
        job = self._job
        if job is not None and job.stopped():
            self.stop()

    # -- news ---------------------------------------------------------------------------------------------------

    def _data_changed(self, change: Change) -> None:
        if not self._wanted:
            return
        if "meta" in change.kinds and self.model == "base":
            self._model_changed()
            return
        if self._context.dataset_id not in change.dataset_ids or not change.kinds & {"cells", "rows"}:
            return
        if not change.ids and "cells" in change.kinds:
            self._waiting = None  # more rows than a change names
        elif self._waiting is not None:
            self._waiting.update(change.ids)
        self._timer.start()
        self.changed.emit()

    def _run_chosen(self) -> None:
        if not self.by_base:
            self._model_changed()

    def _model_changed(self) -> None:
        """Rows are scored anew, large datasets only when somebody asks for it again."""
        if self._wanted:
            self.stop()
            info = self._context.dataset
            if info is not None and info.rows <= BY_ITSELF:
                self.want()
        self.model_changed.emit()


def run_title(name: str) -> str:
    """ "run 7" for the run called 0007-…"""
    number = name.split("-", 1)[0]
    return f"run {int(number)}" if number.isdecimal() else name
