"""What the explore page looks at, and through which two models; its tabs share one."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from core.models.catalogue import EMBEDDED, title
from core.training.runs import Run, list_runs, runs_of_open
from gui.context import Context
from gui.workers.job import Job

BASE = "base"


@dataclass(frozen=True)
class Model:
    """`ref` is what the engine resolves: "base" or a run's name."""

    ref: str
    title: str  # for headings: "Base", "Run 7"
    about: str  # the base model's or the run's own name


class Lens(QObject):
    """The two models that are compared: `first` is the base or an earlier run, `second` the run that the window's model pill shows
    (None before the first one)."""

    models_changed = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._reading: Job | None = None
        self._first = BASE
        self.runs: list[Run] = []  # those that have a model, newest first
        self._known: tuple[Model | None, ...] = ()
        context.runs_changed.connect(self.refresh)
        context.run_chosen.connect(self._check)
        context.project_changed.connect(self._forget)
        context.data_changed.connect(lambda change: self._check() if "meta" in change.kinds else None)

    @property
    def base(self) -> Model:
        project = self._context.project
        name = title(str(project.recipe().get("base_model", EMBEDDED))) if project is not None else ""
        return Model(BASE, "Base", name)

    @property
    def first(self) -> Model:
        """Never the second one: a model beside itself tells nothing."""
        chosen, second = self._run(self._first), self.second
        return self.base if chosen is None or (second is not None and chosen.ref == second.ref) else chosen

    @property
    def second(self) -> Model | None:
        name = self._context.run_name
        if not name:
            return None
        return self._run(name) or Model(name, _number(name), "")

    @property
    def refs(self) -> list[str]:
        """The models as the engine is asked for them: one or two."""
        return [model.ref for model in (self.first, self.second) if model is not None]

    @property
    def told(self) -> str:
        """Which models they are, in a line for whoever sees a picture only."""
        models = [model for model in (self.first, self.second) if model is not None]
        return ", ".join(f"{model.title} ({model.about})" if model.about else model.title for model in models)

    def choices(self) -> list[Model]:
        """What either side may be; the base only the first."""
        return [self.base, *(_of(run) for run in self.runs)]

    def choose_first(self, ref: str) -> None:
        if ref != self._first:
            self._first = ref
            self._check()

    def choose_second(self, ref: str) -> None:
        self._context.choose_run(ref)

    def refresh(self) -> None:
        """Read the run folders again, in the background."""
        folder = self._context.folder
        if folder is None:
            return

        def done(runs: list[Run]) -> None:
            self._reading = None
            if self._context.folder == folder:
                self.runs = [run for run in runs if run.model is not None]
                self._check()

        if self._reading is not None:
            self._reading.cancel()

        def failed(_error: BaseException) -> None:  # the window tells it; what was known stays
            self._reading = None

        self._reading = self._context.run(
            "", lambda _job: runs_of_open(folder), on_done=done, on_error=failed
        )

    def look_again(self) -> None:
        """Whether a run's folder was deleted, renamed or brought along outside of the window; then everyone is told."""
        folder, context = self._context.folder, self._context
        if folder is None or self._reading is not None:
            return

        def done(runs: list[Run]) -> None:
            now = [run.folder.name for run in runs if run.model is not None]
            known = [run.folder.name for run in self.runs]
            if context.folder == folder and self._reading is None and now != known and folder.is_dir():
                context.runs_changed.emit()

        context.run("", lambda _job: list_runs(folder), on_done=done)

    def _run(self, ref: str) -> Model | None:
        return next((_of(run) for run in self.runs if run.folder.name == ref), None)

    def _forget(self) -> None:
        self.runs, self._first = [], BASE
        self.refresh()
        self._check()

    def _check(self) -> None:
        known = (self.first, self.second, *self.choices())
        if known != self._known:
            self._known = known
            self.models_changed.emit()


def _of(run: Run) -> Model:
    return Model(run.folder.name, f"Run {run.number}", run.name)


def _number(name: str) -> str:
    head = name.split("-", 1)[0]
    return f"Run {int(head)}" if head.isdigit() else "Tuned"
