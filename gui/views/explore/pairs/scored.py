"""Reads the labelled rows and asks both models for their scores, once for every tab that shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from core.dataset.formats import Format
from core.engine import kept_scores
from core.engine.kept_scores import NOTHING, Told
from core.errors import AnchorLabError, Cancelled
from core.project import Change
from core.similarity.labelled import RANDOM_PAIR, Comparison
from gui.context import Context
from gui.models import score_table
from gui.views.explore.lens import Lens, Model
from gui.views.explore.pairs import reading
from gui.views.explore.pairs.reading import Read
from gui.workers.job import Job

_QUIET_MS = 600


class ScoredRows(QObject):
    """`state`: "" (nothing asked), reading, ready, failed. One for all tabs of a lens: `shared`."""

    changed = Signal()
    progressed = Signal(str, int, int)  # what is done, how far, of how many

    def __init__(self, context: Context, lens: Lens) -> None:
        super().__init__(lens)
        self._context, self._lens = context, lens
        self._job: Job | None = None
        self._key: tuple[Any, ...] = ()
        self._wanted: set[object] = set()
        self._turn = 0  # answers of an earlier turn are nobody's
        self.state = ""
        self.comparison: Comparison | None = None
        self.by_run = False
        self.elsewhere = False  # the run was trained on another dataset
        self.learned = 0  # see `Read`
        self.unlabelled = 0  # a row that could be labelled
        self.problem = ""  # why it failed
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_QUIET_MS)
        self._timer.timeout.connect(self._ask)
        lens.models_changed.connect(self._ask)
        context.dataset_changed.connect(self._forget)
        context.project_changed.connect(self._forget)
        context.project_closing.connect(self._stop)
        context.data_changed.connect(self._data_changed)

    def want(self, who: object) -> None:
        """A tab came to the front."""
        self._wanted.add(who)
        self._ask()

    def leave(self, who: object) -> None:
        self._wanted.discard(who)
        if not self._wanted:
            self._timer.stop()
            self._stop()

    @property
    def bare(self) -> bool:
        """There is no row to label yet."""
        info = self._context.dataset
        return info is None or not info.rows

    def again(self) -> None:
        self._key = ()
        self._ask()

    def cancel(self) -> None:
        """Stop asking; what was shown before stays gone until somebody asks again."""
        self._stop()
        self.state = "cancelled"
        self.changed.emit()

    # -- asking ---------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        context, second, info = self._context, self._lens.second, self._context.dataset
        if not self._wanted or context.project is None or context.folder is None:
            return
        if second is None or info is None:
            self._stop()
            self._key, self.comparison, self.state = (), None, ""
            self.changed.emit()
            return
        first = self._lens.first
        key = (context.folder, info.id, context.project.revision, first, second)
        if key == self._key:
            return
        self._stop()
        self._key, self.state, self.comparison = key, "reading", None
        self.changed.emit()
        folder = context.folder
        self._job = context.run(
            "",
            lambda _job: reading.read(folder, info, (first, second)),
            on_done=lambda found: self._score(found, (first, second), []),
            on_error=self._failing(),
        )

    def _score(self, found: Read, models: tuple[Model, Model], told: list[Told]) -> None:
        """The next model, or in the end both beside each other. What the cache knows nobody is asked for."""
        self._job = None
        context, info = self._context, self._context.dataset
        if info is None:
            return
        self.by_run, self.unlabelled = found.by_run, found.unlabelled
        self.elsewhere, self.learned = found.elsewhere, found.learned
        while len(found.rows) and len(told) < len(models) and (known := found.told[len(told)]) is not None:
            told = [*told, known]
        if not len(found.rows) or len(told) == len(models):
            self._compare(found, models, told)
            return
        model = models[len(told)]
        params = {
            "project": str(context.folder),
            "dataset_id": info.id,
            "model": model.ref,
            "changed": None,
            "background": info.format is Format.PAIRS,
            "parts": found.rows.apart(),
        }
        self._job = context.engine.ask_in_slices(
            "score_rows",
            params,
            read=_load,
            on_done=lambda answer: self._score(found, models, [*told, answer]),
            on_error=self._failing(),
            on_progress=lambda done, total: self.progressed.emit(
                f"{model.title} scores the rows", done, total
            ),
        )

    def _compare(self, found: Read, models: tuple[Model, Model], told: list[Told]) -> None:
        folder = self._context.folder

        def work(_job: Job) -> Comparison:
            given = told or [NOTHING, NOTHING]
            sides = [one.scored(model.title, found.rows) for model, one in zip(models, given, strict=True)]
            made = Comparison(found.rows, sides[0], sides[1])
            _ = made.outcomes, made.change  # worked out here, not while the window waits
            return made

        def done(made: Comparison) -> None:
            self._job = None
            self.comparison, self.state = made, "ready"
            self.changed.emit()
            if folder is not None:
                self._keep(folder, found, told)

        self._job = self._context.run("", work, on_done=done, on_error=self._failing())

    def _keep(self, folder: Path, found: Read, told: list[Told]) -> None:
        """The next time nobody has to be asked. A full disk is no reason to say anything here."""
        new = [
            (key, one)
            for key, one, known in zip(found.keys, told, found.told, strict=False)
            if one is not known
        ]
        if new:
            self._context.run(
                "",
                lambda _job: kept_scores.keep(folder, new),
                on_error=lambda _error: None,
            )

    def _failing(self) -> Callable[[BaseException], None]:
        turn = self._turn
        return lambda error: self._failed(error) if turn == self._turn else None

    def _failed(self, error: BaseException) -> None:
        self._job, self._key = None, ()
        self.problem = "" if isinstance(error, Cancelled) else str(error)
        self.state = "cancelled" if isinstance(error, Cancelled) else "failed"
        if not isinstance(error, Cancelled):
            words = error if isinstance(error, AnchorLabError) else AnchorLabError(str(error))
            self._context.messages.error(words, action="Try again", do=self.again)
        self.changed.emit()

    def unfair(self) -> str:
        """Where the earlier model knows rows that the later one has not seen; "" where it does not."""
        if not self.learned or self.comparison is None:
            return ""
        title, many = self.comparison.first.title, self.learned
        rows = "one of these held-out rows" if many == 1 else f"{many:,} of these held-out rows"
        return f"{title} was trained on {rows}, so it looks better there than it is."

    # -- news -----------------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        job, self._job = self._job, None
        self._turn += 1
        if job is not None:
            job.cancel()
            self._key, self.state = (), ""

    def _forget(self) -> None:
        self._stop()
        self._key, self.comparison, self.state = (), None, ""
        self.changed.emit()
        self._ask()

    def _data_changed(self, change: Change) -> None:
        if change.kinds & {"cells", "rows", "datasets", "meta"} and self._wanted:
            self._timer.start()


def shared(context: Context, lens: Lens) -> ScoredRows:
    """The one of this lens, made by whoever asks first."""
    return lens.findChild(ScoredRows) or ScoredRows(context, lens)


def _load(answer: dict[str, Any]) -> Told:
    background: Any = np.empty(0, RANDOM_PAIR)
    if "background" in answer:
        path = Path(answer["background"])
        background = np.load(path, allow_pickle=False)
        path.unlink(missing_ok=True)
    table = score_table.load(answer)
    similarity, margin, nearest = (table.numbers[name] for name in ("similarity", "margin", "nearest"))
    return Told(table.ids, similarity, margin, nearest, background)
