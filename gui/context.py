"""What the parts of the window share: the open project, the chosen dataset and model, the services, and the news about them.

There is one `Context` a window, handed to every page; nothing is global. Pages change data only through it, and hear of every
change, their own included, through its signals (a `Change` names its origin, so a page can ignore its echo).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from core.dataset.formats import DatasetInfo, Example, Format
from core.errors import AnchorLabError, DataProblem, ProjectProblem
from core.project import Change, Project
from core.settings import Settings
from gui.theme.manager import ThemeManager
from gui.unsaved import Unsaved
from gui.widgets.messages import MessageCentre
from gui.workers.background_edit import AT_ONCE, BackgroundEdits
from gui.workers.job import Job, Jobs

if TYPE_CHECKING:
    from gui.workers.engine_service import EngineService
    from gui.workers.training_service import TrainingService


class Context(QObject):
    """The window's shared state."""

    project_closing = Signal()  # the last moment to keep what is being typed
    project_changed = Signal()  # another project, or none
    dataset_changed = Signal()  # another dataset of the project is current
    data_changed = Signal(object)  # Change
    runs_changed = Signal()  # a run was added, ended, deleted or annotated
    probes_run = Signal(str)  # the probes were run on the model of this run
    run_chosen = Signal()  # the tuned model that pages compare with the base
    saved = Signal()
    stepped = Signal(str, object)  # "Undone" or "Done again", and the Change

    def __init__(self, settings: Settings, theme: ThemeManager, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.theme = theme
        self.messages = MessageCentre(self)
        self.jobs = Jobs(self)
        self.background = BackgroundEdits(self)
        self.project: Project | None = None
        self.dataset_id: int | None = None
        self.run_name: str = ""  # the chosen tuned run; "" before the first one
        self.unsaved = Unsaved()
        self.engine: EngineService
        self.training: TrainingService

    # -- project and dataset ------------------------------------------------------------------------------------

    def adopt(self, project: Project) -> None:
        """Make an opened project the current one, closing the one before."""
        self.release()
        self.project = project
        datasets = project.datasets()
        self.dataset_id = datasets[0].id if datasets else None
        self.settings.remember(project.folder)
        self.save_settings()
        self.project_changed.emit()
        self.dataset_changed.emit()

    def release(self) -> None:
        """Close the current project, if any."""
        if self.project is None:
            return
        self.project_closing.emit()
        self.jobs.cancel_all()
        project, self.project = self.project, None
        self.unsaved.clear()
        self.dataset_id = None
        self.run_name = ""
        self.project_changed.emit()
        self.dataset_changed.emit()
        project.close()

    @property
    def folder(self) -> Path | None:
        return self.project.folder if self.project is not None else None

    @property
    def dataset(self) -> DatasetInfo | None:
        if self.project is None or self.dataset_id is None:
            return None
        try:
            return self.project.dataset(self.dataset_id)
        except DataProblem:  # taken back a moment ago, and not everybody has heard of it
            return None

    @property
    def editable(self) -> bool:
        """Whether edits are possible now: not in a read-only project, and not while a worker carries one out."""
        return self.project is not None and not self.project.read_only and self.project.detached is None

    def choose_dataset(self, dataset_id: int) -> None:
        if dataset_id != self.dataset_id:
            self.dataset_id = dataset_id
            self.dataset_changed.emit()

    def choose_run(self, name: str) -> None:
        if name != self.run_name:
            self.run_name = name
            self.run_chosen.emit()

    # -- edits: each is durable when the call returns -----------------------------------------------------------

    def edit(
        self,
        call: Callable[[Project], Change | None],
        *,
        on_error: Callable[[AnchorLabError], object] | None = None,
    ) -> Change | None:
        """Run one edit on the project; errors go to the message bar. None when nothing was changed."""
        if self.project is None:
            return None
        try:
            self.require_folder(self.project)
            change = call(self.project)
        except AnchorLabError as error:
            (on_error or self.messages.error)(error)
            return None
        if change is not None:
            self.announce(change)
        return change

    @staticmethod
    def require_folder(project: Project) -> None:
        """A file that was deleted while it is open can still be written on some systems, into nowhere: never call that saved."""
        if not (project.folder / "project.db").exists():
            raise ProjectProblem(
                f"The project is no longer in {project.folder}, so this was not saved.",
                "Put the folder back where it was, or close the project.",
            )

    def announce(self, change: Change) -> None:
        """Tell everyone about a change that is already on disk."""
        project = self.project
        if project is not None and "datasets" in change.kinds:
            known = [info.id for info in project.datasets()]
            if self.dataset_id not in known:
                self.dataset_id = known[0] if known else None
                self.dataset_changed.emit()
        self.data_changed.emit(change)
        self.saved.emit()

    def set_cells(self, cells: Sequence[tuple[int, str, Any]], *, origin: str = "") -> Change | None:
        """Change cells. What a full disk or a folder that is away keeps from being written waits for another try."""

        def keep(error: AnchorLabError) -> None:
            kept = self.unsaved.keep(cells, error)
            self.messages.error(error, action="Try again" if kept else "", do=self.save_again)

        change = self.edit(lambda project: project.set_cells(cells, origin=origin), on_error=keep)
        if change is not None:
            self.unsaved.forget(cells)
        return change

    def save_again(self) -> None:
        """Write what could not be written before, as one step."""
        if cells := self.unsaved.cells:
            self.set_cells(cells)

    def add_examples(
        self, examples: Sequence[Example], *, label: str = "", origin: str = ""
    ) -> Change | None:
        dataset_id = self.dataset_id
        if dataset_id is None:
            return None
        words = label or ("Add example" if len(examples) == 1 else f"Add {len(examples):,} examples")
        return self.edit(
            lambda project: project.add_examples(dataset_id, examples, label=words, origin=origin)
        )

    def delete_examples(self, ids: Sequence[int], *, origin: str = "") -> Change | None:
        return self.edit(lambda project: project.delete_examples(ids, origin=origin))

    def create_dataset(self, name: str, format: Format, *, negatives: int = 1) -> None:
        change = self.edit(lambda project: project.create_dataset(name, format, negatives=negatives))
        if change is not None and change.dataset_ids:
            self.choose_dataset(next(iter(change.dataset_ids)))

    def undo(self) -> None:
        """Take back the last step; one of many rows in the background."""
        project = self.project
        weight = project.undo_weight if project is not None and self.editable else 0
        doing = f"Undoing “{project.undo_label}”" if project is not None else ""
        self._step(weight, doing, "Undone", lambda project: project.undo())

    def redo(self) -> None:
        project = self.project
        weight = project.redo_weight if project is not None and self.editable else 0
        doing = f"Redoing “{project.redo_label}”" if project is not None else ""
        self._step(weight, doing, "Done again", lambda project: project.redo())

    def _step(self, weight: int, doing: str, words: str, call: Callable[[Project], Change | None]) -> None:
        def tell(change: Change | None) -> None:
            if change is not None:
                self.stepped.emit(words, change)

        if weight > AT_ONCE:
            self.background.start(doing, call, tell)
        else:
            tell(self.edit(call))

    # -- work in the background ---------------------------------------------------------------------------------

    def run(
        self,
        title: str,
        work: Callable[[Job], Any],
        *,
        on_done: Callable[[Any], object] | None = None,
        on_error: Callable[[BaseException], object] | None = None,
        on_progress: Callable[[int, int], object] | None = None,
        on_partial: Callable[[Any], object] | None = None,
    ) -> Job:
        """`Jobs.start` whose errors reach the message bar unless the caller takes them."""
        return self.jobs.start(
            title,
            work,
            on_done=on_done,
            on_error=on_error or self.messages.error,
            on_progress=on_progress,
            on_partial=on_partial,
        )

    def save_settings(self) -> None:
        try:
            self.settings.save()
        except AnchorLabError as error:
            self.messages.error(error)

    def close(self) -> None:
        """The window goes: end the children, the threads and the project, in this order."""
        self.training.close()
        self.engine.close()
        self.jobs.close()
        self.release()
